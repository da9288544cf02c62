//! Which characters XML 1.0 allows where.

use super::super::search::end_of_text;

/// Whether a document can hold the character at all.
pub(super) fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The place of the first character that no document can hold.
pub(super) fn first_forbidden(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at = end_of_text(text.as_bytes(), at, [0xef]);
        if at >= text.len() {
            return None;
        }
        let character = text[at..].chars().next()?;
        if !is_allowed(character) {
            return Some(at);
        }
        at += character.len_utf8();
    }
}

/// Whether the byte is white space of XML.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_name_start(character: char) -> bool {
    matches!(character,
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name_part(character: char) -> bool {
    is_name_start(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Whether the text is the name of an element or attribute.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

/// The length of the name at the beginning of the text, 0 if there is none.
pub(super) fn name_length(text: &str) -> usize {
    let is_ascii_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.');
    let ascii = text.bytes().take_while(is_ascii_part).count();
    if !text.starts_with(is_name_start) {
        return 0;
    }
    if text.as_bytes().get(ascii).is_none_or(u8::is_ascii) {
        return ascii;
    }
    text.find(|character| !is_name_part(character)).unwrap_or(text.len())
}

/// The length of the white space at the beginning of the text.
pub(super) fn space_length(text: &str) -> usize {
    text.bytes().take_while(|byte| is_space(*byte)).count()
}
