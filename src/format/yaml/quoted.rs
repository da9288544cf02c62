//! Scalars in quotes.

use std::fmt::Write as _;

use super::plain::is_kept;

/// Writes what stands between double quotes.
pub(crate) fn push_escaped(output: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '"' => output.push_str("\\\""),
            '\\' => output.push_str("\\\\"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            '\t' => output.push_str("\\t"),
            kept if is_kept(kept) => output.push(kept),
            other => {
                // Writing to a string cannot fail.
                _ = match u32::from(other) {
                    code @ 0..=0xff => write!(output, "\\x{code:02x}"),
                    code @ 0x100..=0xffff => write!(output, "\\u{code:04x}"),
                    code => write!(output, "\\U{code:08x}"),
                };
            }
        }
    }
}

/// A scalar in double quotes on one line.
pub(crate) fn double_quoted(value: &str) -> String {
    let mut output = String::with_capacity(value.len() + 2);
    output.push('"');
    push_escaped(&mut output, value);
    output.push('"');
    output
}

/// Whether a value may stand in single quotes.
pub(crate) fn fits_single_quotes(value: &str) -> bool {
    value.chars().all(|character| is_kept(character) || character == '\t')
}

/// Writes what stands between single quotes.
pub(crate) fn push_doubled(output: &mut String, value: &str) {
    for (index, part) in value.split('\'').enumerate() {
        output.push_str(if index == 0 { "" } else { "''" });
        output.push_str(part);
    }
}

/// The character of a one-letter escape.
pub(crate) fn named_escape(letter: u8) -> Option<char> {
    Some(match letter {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' | b'"' | b'/' | b'\\' => char::from(letter),
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}

/// How many digits stand behind the letter of an escape.
pub(crate) fn escape_digits(letter: u8) -> usize {
    match letter {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => 0,
    }
}
