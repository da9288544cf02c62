//! Escape sequences of properties: writing and reading them.

use std::borrow::Cow;

use super::super::Problem;

/// Where a character is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Key,
    /// Blanks in front are skipped by the reader.
    ValueStart {
        /// Whether `=` or `:` stands before; if not, one at this place would be taken for it.
        separated: bool,
    },
    Value,
}

/// White space, which separates and is skipped.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0C')
}

/// Appends the value. Returns whether something was written.
pub(super) fn write(value: &str, mut place: Place, output: &mut String) {
    for character in value.chars() {
        write_character(character, place, output);
        if place != Place::Key {
            place = Place::Value;
        }
    }
}

fn write_character(character: char, place: Place, output: &mut String) {
    match character {
        '\\' => output.push_str("\\\\"),
        '\t' => output.push_str("\\t"),
        '\n' => output.push_str("\\n"),
        '\r' => output.push_str("\\r"),
        '\x0C' => output.push_str("\\f"),
        ' '..='~' => {
            if is_special(character, place) {
                output.push('\\');
            }
            output.push(character);
        }
        other => {
            for unit in other.encode_utf16(&mut [0; 2]) {
                write_unit(*unit, output);
            }
        }
    }
}

/// Without a backslash the character would mean something at this place.
pub(super) fn is_special(character: char, place: Place) -> bool {
    match place {
        Place::Key => matches!(character, ' ' | '=' | ':' | '#' | '!'),
        Place::ValueStart { separated } => character == ' ' || !separated && matches!(character, '=' | ':'),
        Place::Value => false,
    }
}

fn write_unit(unit: u16, output: &mut String) {
    output.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = char::from_digit(u32::from(unit >> shift & 0xF), 16).unwrap_or('0');
        output.push(digit.to_ascii_uppercase());
    }
}

/// The text that a key or value, with its continuation lines, stands for.
pub(super) fn unescape(raw: &str) -> Result<Cow<'_, str>, Problem> {
    if !raw.contains('\\') {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let offset = raw.len() - rest.len() + at;
        rest = &rest[at + 1..];
        let mut characters = rest.chars();
        match characters.next() {
            // A backslash at the end of the file is dropped.
            None => return Ok(Cow::Owned(text)),
            Some('u') => {
                let (character, after) = unicode(rest).map_err(|message| Problem::new(offset, message))?;
                text.push(character);
                rest = after;
                continue;
            }
            Some('\n') => {
                rest = continued(characters.as_str());
                continue;
            }
            Some('\r') => {
                let after = characters.as_str();
                rest = continued(after.strip_prefix('\n').unwrap_or(after));
                continue;
            }
            Some('t') => text.push('\t'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('f') => text.push('\x0C'),
            Some(other) => text.push(other),
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    Ok(Cow::Owned(text))
}

fn continued(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '\x0C'])
}

/// Reads what is behind a backslash: `uHHHH`, or two of them for a character beyond U+FFFF.
fn unicode(text: &str) -> Result<(char, &str), &'static str> {
    let (first, after) = unit(text)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Ok((character, after));
    }
    let (second, after) = after.strip_prefix('\\').ok_or(HALF).and_then(|text| unit(text).map_err(|_| HALF))?;
    let mut pair = char::decode_utf16([first, second]);
    match (pair.next(), pair.next()) {
        (Some(Ok(character)), None) => Ok((character, after)),
        _ => Err(HALF),
    }
}

const HALF: &str = "`\\u` names one half of a surrogate pair";

fn unit(text: &str) -> Result<(u16, &str), &'static str> {
    let problem = "`\\u` needs four hexadecimal digits";
    let digits = text.strip_prefix('u').and_then(|digits| digits.get(..4)).ok_or(problem)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(problem);
    }
    let unit = u16::from_str_radix(digits, 16).map_err(|_| problem)?;
    Ok((unit, &text[5..]))
}
