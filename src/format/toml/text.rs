//! Text and keys in TOML's notations.

use std::fmt::Write as _;

/// Whether a key needs no quotes.
pub(super) fn is_bare_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Writes one part of a key, in quotes when it needs them.
pub(super) fn push_key(key: &str, out: &mut String) {
    if is_bare_key(key) {
        out.push_str(key);
    } else {
        push_basic(key, out);
    }
}

/// Writes a text as a basic string, with its quotes.
pub(super) fn push_basic(text: &str, out: &mut String) {
    out.push('"');
    push_escaped(text, false, out);
    out.push('"');
}

/// Whether a text can stand between single quotes.
pub(super) fn fits_literal(text: &str) -> bool {
    !text.bytes().any(|byte| byte == b'\'' || is_control(byte))
}

/// What may stand nowhere unescaped, apart from line breaks in strings of several lines.
pub(super) fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

/// Writes the inside of a basic string. In one of several lines, line feeds stay what they are.
pub(super) fn push_escaped(text: &str, multiline: bool, out: &mut String) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        let needs_escape = byte == b'"' || byte == b'\\' || is_control(byte) && !(multiline && byte == b'\n');
        if needs_escape {
            out.push_str(&text[copied..at]);
            push_escape(byte, out);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

/// Writes one ASCII character as an escape sequence.
pub(super) fn push_escape(byte: u8, out: &mut String) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        // Writing to a string cannot fail.
        other => _ = write!(out, "\\u{other:04X}"),
    }
}
