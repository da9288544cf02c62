//! A value as the different places of a script take it.

use crate::format::walk::push_escaped;

/// Words that are syntax where a command can stand.
const RESERVED: [&str; 18] = [
    "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "function",
    "select", "time", "coproc", "repeat",
];

/// Nothing in it means anything to a shell, wherever it stands in a word.
pub(super) fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:,@%+-".contains(&byte))
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(super) fn is_name(value: &str) -> bool {
    value.bytes().all(is_name_byte)
}

/// Whether a text begins with a keyword.
pub(super) fn begins_with_reserved(text: impl Iterator<Item = u8>) -> bool {
    let word = text.take(10).take_while(u8::is_ascii_lowercase).collect::<Vec<_>>();
    RESERVED.iter().any(|reserved| reserved.as_bytes() == word)
}

/// A number that arithmetic takes as it is: an octal one would be read as another.
pub(super) fn is_decimal_integer(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
        && !digits.is_empty()
}

pub(super) fn push_single_quoted(out: &mut String, value: &str) {
    out.push('\'');
    push_in_single_quotes(out, value);
    out.push('\'');
}

pub(super) fn push_in_single_quotes(out: &mut String, value: &str) {
    let mut parts = value.split('\'');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str("'\\''");
        out.push_str(part);
    }
}

pub(super) fn push_in_double_quotes(out: &mut String, value: &str) {
    push_escaped(out, value, b"\\\"$`", "\\");
}

/// For `"${name:-value}"`, also in a here-document.
pub(super) fn push_in_quoted_parameter(out: &mut String, value: &str) {
    push_escaped(out, value, b"\\\"$`}", "\\");
}

/// For `"${name#value}"`, also in a here-document. The value holds no apostrophe. There `bash` looks for
/// commands also between apostrophes, and in a here-document a backslash there hides a line break.
pub(super) fn push_in_quoted_pattern(out: &mut String, value: &str) {
    let mut copied = 0;
    out.push('\'');
    for (at, special) in value.match_indices(['$', '`', '<', '>', '\\']) {
        out.push_str(value.get(copied..at).unwrap_or_default());
        out.extend(["'\\", special, "'"]);
        copied = at + 1;
    }
    out.push_str(value.get(copied..).unwrap_or_default());
    out.push('\'');
}

pub(super) fn push_in_document(out: &mut String, value: &str) {
    push_escaped(out, value, b"\\$`", "\\");
}
