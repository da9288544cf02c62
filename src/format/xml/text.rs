//! Characters of XML written as references, and back.

use std::fmt::Write as _;

use super::scan::{Kind, Scanner, attributes};

/// The entities that need no declaration.
pub(super) const PREDEFINED: [(&str, char); 5] =
    [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];

/// How whoever reads the file turns its bytes into characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// Another one in which only ASCII can be written: the rest needs references.
    Other,
}

impl Encoding {
    /// What the declaration at the beginning of the text says.
    pub(super) fn of(text: &str) -> Self {
        let Ok(Some(token)) = Scanner::new(text, 0).next() else { return Self::Utf8 };
        if token.kind != Kind::Declaration {
            return Self::Utf8;
        }
        let encoding = attributes(text, &token).find(|attribute| &text[attribute.name.clone()] == "encoding");
        match encoding.map(|attribute| &text[attribute.value]) {
            Some(name) if !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("utf8") => Self::Other,
            _ => Self::Utf8,
        }
    }
}

/// Where a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Content,
    /// Between these quotes.
    Attribute(char),
}

/// Writes a text so that it is read as it is. The text holds only characters that XML allows.
pub(super) fn push_text(text: &str, context: Context, encoding: Encoding, out: &mut String) {
    let mut copied = 0;
    for (at, character) in text.char_indices().filter(|(_, character)| may_need_reference(*character)) {
        let before = out.len();
        push_reference(character, context, encoding, &text[copied..at], out);
        if out.len() > before {
            copied = at + character.len_utf8();
        }
    }
    out.push_str(&text[copied..]);
}

fn may_need_reference(character: char) -> bool {
    !character.is_ascii() || matches!(character, '&' | '<' | '>' | '"' | '\'' | '\t' | '\n' | '\r' | '\u{7f}')
}

/// Writes what stands before and the character as a reference, or nothing if the character can stay.
fn push_reference(character: char, context: Context, encoding: Encoding, before: &str, out: &mut String) {
    let in_attribute = matches!(context, Context::Attribute(_));
    let name = match character {
        '&' => Some("amp"),
        '<' => Some("lt"),
        '>' => Some("gt"),
        '"' if context == Context::Attribute('"') => Some("quot"),
        '\'' if context == Context::Attribute('\'') => Some("apos"),
        _ => None,
    };
    if let Some(name) = name {
        out.extend([before, "&", name, ";"]);
        return;
    }
    let numbered = match character {
        // Line ends are normalized everywhere, all white space in attributes; XML 1.1 takes two more for line ends.
        '\r' | '\u{7f}'..='\u{9f}' | '\u{2028}' => true,
        '\t' | '\n' => in_attribute,
        '"' | '\'' => false,
        other => encoding == Encoding::Other && !other.is_ascii(),
    };
    if numbered {
        out.push_str(before);
        push_number(character, out);
    }
}

/// Writes a character by its number.
pub(super) fn push_number(character: char, out: &mut String) {
    // Writing to a string cannot fail.
    _ = write!(out, "&#{};", u32::from(character));
}

/// The character of `&#...;`, by what stands between `#` and `;`.
pub(super) fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, radix).ok().filter(|_| plain).and_then(char::from_u32)
}

/// What is read from text or from the value of an attribute. None if a reference in it cannot be resolved here.
pub(super) fn resolve(text: &str, context: Context) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        push_normalized(&rest[..at], context, &mut out);
        let (name, behind) = rest[at + 1..].split_once(';')?;
        out.push(match name.strip_prefix('#') {
            Some(number) => numbered(number)?,
            None => PREDEFINED.iter().find(|(entity, _)| *entity == name)?.1,
        });
        rest = behind;
    }
    push_normalized(rest, context, &mut out);
    Some(out)
}

/// Writes text without references as it is read: with one kind of line breaks, with blanks for them in attributes.
pub(super) fn push_normalized(text: &str, context: Context, out: &mut String) {
    let in_attribute = matches!(context, Context::Attribute(_));
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let character = match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                '\n'
            }
            other => other,
        };
        out.push(if in_attribute && matches!(character, '\n' | '\t') { ' ' } else { character });
    }
}
