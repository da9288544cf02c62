//! Paths as text that cannot steer a terminal or split a log line.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The path with everything escaped that is not printable, and bytes that are not UTF-8 as `\xNN`.
pub(crate) fn shown(path: impl AsRef<Path>) -> String {
    let mut text = String::new();
    for chunk in path.as_ref().as_os_str().as_bytes().utf8_chunks() {
        text.push_str(&escaped(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// The text with characters escaped that are not printable; quotes and backslashes stay.
pub(super) fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\'' | '"' | '\\') {
            result.push(character);
        } else {
            result.extend(character.escape_debug());
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::shown;

    #[test]
    fn what_is_not_printable_is_escaped() {
        for (bytes, wanted) in [
            (&b"/etc/app.conf"[..], "/etc/app.conf"),
            ("/gr\u{fc}n".as_bytes(), "/gr\u{fc}n"),
            (b"a\nb\x1b[31m", "a\\nb\\u{1b}[31m"),
            (b"a\xffb", "a\\xffb"),
            ("a\u{202e}b".as_bytes(), "a\\u{202e}b"),
            (b"it's", "it's"),
        ] {
            assert_eq!(shown(OsStr::from_bytes(bytes)), wanted);
        }
    }
}
