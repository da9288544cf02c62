//! Strings of JSON.

use std::fmt::Write as _;

/// Writes what stands between the quotes.
pub(crate) fn push_escaped(output: &mut String, value: &str) {
    let mut copied = 0;
    for (at, byte) in value.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        output.push_str(&value[copied..at]);
        copied = at + 1;
        match byte {
            b'"' => output.push_str("\\\""),
            b'\\' => output.push_str("\\\\"),
            b'\n' => output.push_str("\\n"),
            b'\r' => output.push_str("\\r"),
            b'\t' => output.push_str("\\t"),
            // Writing to a string cannot fail.
            control => _ = write!(output, "\\u{control:04x}"),
        }
    }
    output.push_str(&value[copied..]);
}

/// Writes a string with its quotes.
pub(crate) fn push_quoted(output: &mut String, value: &str) {
    output.push('"');
    push_escaped(output, value);
    output.push('"');
}
