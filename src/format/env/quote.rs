//! Values in quotes: writing and reading them.

use std::borrow::Cow;

/// Characters that no reader takes for anything but themselves.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:@%+,-".contains(&byte)
}

/// No reader needs quotes around this value.
pub(super) fn is_plain_text(text: &str) -> bool {
    text.bytes().all(is_plain)
}

/// Appends the value in the form that most readers understand.
pub(super) fn write(value: &str, output: &mut String) {
    if is_plain_text(value) {
        output.push_str(value);
    } else if value.contains(['\'', '\n', '\r']) {
        output.push('"');
        write_double(value, output);
        output.push('"');
    } else {
        output.push('\'');
        output.push_str(value);
        output.push('\'');
    }
}

/// Appends the value for a place inside double quotes.
pub(super) fn write_double(value: &str, output: &mut String) {
    for character in value.chars() {
        if matches!(character, '\\' | '"' | '$' | '`') {
            output.push('\\');
        }
        output.push(character);
    }
}

/// What the value, as it stands in the file, is for whoever reads it.
pub(super) fn unquote(raw: &str) -> Cow<'_, str> {
    let single = raw.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\''));
    let double = raw.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
    match (single, double) {
        (None, Some(inner)) if inner.contains('\\') => Cow::Owned(unescape(inner)),
        (inner, other) => Cow::Borrowed(inner.or(other).unwrap_or(raw)),
    }
}

/// A shell reads the value, as it stands in the file, as [`unquote`] does: it expands nothing, and it keeps all of it.
pub(super) fn is_shell_text(raw: &str) -> bool {
    if raw.starts_with('\'') {
        return true;
    }
    if let Some(inner) = raw.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        return is_shell_text_in_double(inner);
    }
    let is_special = |character: char| character.is_ascii_whitespace() || "$`\\'\";&|<>()".contains(character);
    !raw.contains(is_special) && !raw.starts_with('~') && !raw.contains(":~")
}

fn is_shell_text_in_double(inner: &str) -> bool {
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let is_read_otherwise = match character {
            '$' | '`' => true,
            // A shell keeps the backslash before these.
            '\\' => matches!(characters.next(), Some('n' | 'r' | 't')),
            _ => false,
        };
        if is_read_otherwise {
            return false;
        }
    }
    true
}

fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(escaped @ ('\\' | '"' | '$' | '`')) => text.push(escaped),
            // As in a shell, the line goes on.
            Some('\n') => {}
            other => {
                text.push('\\');
                text.extend(other);
            }
        }
    }
    text
}
