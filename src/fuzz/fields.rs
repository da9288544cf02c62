//! Taking apart what the fuzzer made: lines first, and the rest is the text.

use serde_json::Value;

use crate::failure::{Failure, Source};

/// The first lines, without their ends, and what stands behind them.
pub(super) fn lines<const COUNT: usize>(data: &[u8]) -> Option<([&str; COUNT], &str)> {
    let mut rest = std::str::from_utf8(data).ok()?;
    let mut lines = [""; COUNT];
    for line in &mut lines {
        (*line, rest) = rest.split_once('\n')?;
    }
    Some((lines, rest))
}

/// A value as JSON, or else the text itself.
pub(super) fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// The same, when a text is needed.
pub(super) fn text(line: &str) -> String {
    serde_json::from_str(line).unwrap_or_else(|_| line.to_owned())
}

/// The place of a finding is in its text, and it can be told.
pub(super) fn check_finding(failure: &Failure) {
    let _ = (failure.to_text(), failure.to_line());
    let Some(place) = failure.place() else { return };
    check_line(&place.source, place.span.line);
}

/// The line is there; the end of a text that ends with a line break is the line behind it.
pub(super) fn check_line(source: &Source, line: u32) {
    let last = source.text.matches('\n').count() + 1;
    assert!(line as usize <= last, "line {line} of {last}");
}
