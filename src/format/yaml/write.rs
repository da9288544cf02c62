//! Values written as YAML.

use serde_json::Value;

use super::plain::is_plain_text;
use super::quoted::{double_quoted, fits_single_quotes, push_doubled};
use super::token::Kind;
use crate::format::patch::line_break;

/// Readers look no further than 1024 characters for the `:` behind a key; the rest is for what stands before the key.
pub(super) const LONGEST_KEY: usize = 1000;

/// How a file is laid out.
pub(crate) struct Style {
    /// How much deeper a mapping stands than the key that it belongs to.
    unit: usize,
    /// How much deeper a list stands than the key that it belongs to.
    list: usize,
    pub(crate) line_break: &'static str,
}

impl Style {
    /// As far as it concerns this value.
    pub(crate) fn of(text: &str, value: &Value) -> Self {
        let mut style = Self { unit: 0, list: usize::MAX, line_break: line_break(text) };
        let mut opened = None;
        for line in text.lines().take_while(|_| is_lines(value)) {
            let inner = line.trim_start_matches(' ');
            if inner.is_empty() || inner.starts_with('#') {
                continue;
            }
            let column = line.len() - inner.len();
            if let Some(outer) = opened.filter(|&outer| column >= outer) {
                let step = column - outer;
                if inner.starts_with("- ") {
                    style.list = style.list.min(step);
                } else if step > 0 && style.unit == 0 {
                    style.unit = step;
                }
            }
            if style.unit > 0 && style.list < usize::MAX {
                break;
            }
            let key = inner.strip_prefix("- ").unwrap_or(inner).trim_start();
            opened = line.trim_end().ends_with(':').then_some(line.len() - key.len());
        }
        style.unit = if style.unit == 0 { 2 } else { style.unit };
        style.list = if style.list == usize::MAX { 2 } else { style.list };
        style
    }

    /// Writes what stands behind a key in this column, or behind a dash: the blank or line break before it included.
    pub(crate) fn push_behind_key(&self, output: &mut String, value: &Value, column: usize) {
        if is_lines(value) {
            let inner = column + if value.is_array() { self.list } else { self.unit };
            output.push_str(self.line_break);
            push_blanks(output, inner);
            self.push_lines(output, value, inner);
        } else {
            output.push(' ');
            output.push_str(&inline(value, false));
        }
    }

    /// Writes an element with its dash, which stands in this column.
    pub(crate) fn push_element(&self, output: &mut String, value: &Value, column: usize) {
        output.push_str("- ");
        if is_lines(value) {
            self.push_lines(output, value, column + 2);
        } else {
            output.push_str(&inline(value, false));
        }
    }

    /// Writes a key in this column with its value.
    pub(crate) fn push_entry(&self, output: &mut String, key: &str, value: &Value, column: usize) {
        output.push_str(&text(key, false));
        output.push(':');
        self.push_behind_key(output, value, column);
    }

    /// Writes a collection line by line. The first line is indented already.
    pub(crate) fn push_lines(&self, output: &mut String, value: &Value, column: usize) {
        let mut first = true;
        let mut next_line = |output: &mut String| {
            if !std::mem::take(&mut first) {
                output.push_str(self.line_break);
                push_blanks(output, column);
            }
        };
        match value {
            Value::Array(list) => {
                for element in list {
                    next_line(output);
                    self.push_element(output, element, column);
                }
            }
            Value::Object(map) => {
                for (key, element) in map {
                    next_line(output);
                    self.push_entry(output, key, element, column);
                }
            }
            scalar => output.push_str(&inline(scalar, false)),
        }
    }
}

/// Whether a value is written on lines of its own.
pub(crate) fn is_lines(value: &Value) -> bool {
    match value {
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    }
}

/// Whether no reader finds the end of this key as it is written.
pub(super) fn is_too_long(key: &str) -> bool {
    // No character is written with more than four for each of its bytes.
    key.len() > LONGEST_KEY / 4 - 2 && text(key, false).chars().nth(LONGEST_KEY).is_some()
}

/// Whether a mapping in it has a key that is too long.
pub(super) fn has_too_long_key(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(has_too_long_key),
        Value::Object(map) => map.iter().any(|(key, element)| is_too_long(key) || has_too_long_key(element)),
        _ => false,
    }
}

pub(crate) fn push_blanks(output: &mut String, count: usize) {
    output.extend(std::iter::repeat_n(' ', count));
}

/// A value on one line.
pub(crate) fn inline(value: &Value, inside_flow: bool) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(boolean) => boolean.to_string(),
        Value::Number(digits) => number(&digits.to_string()),
        Value::String(string) => text(string, inside_flow),
        Value::Array(list) => {
            let elements: Vec<String> = list.iter().map(|element| inline(element, true)).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(key, element)| inline_entry(key, element)).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A key and its value on one line, in brackets.
pub(crate) fn inline_entry(key: &str, value: &Value) -> String {
    format!("{}: {}", text(key, true), inline(value, true))
}

/// A text in place of a scalar: in the same quotes where that is possible.
pub(crate) fn like(kind: Kind, string: &str, inside_flow: bool) -> String {
    match kind {
        Kind::Double => double_quoted(string),
        Kind::Single if fits_single_quotes(string) => {
            let mut output = "'".to_owned();
            push_doubled(&mut output, string);
            output.push('\'');
            output
        }
        _ => text(string, inside_flow),
    }
}

/// A text, in quotes where it needs them.
pub(crate) fn text(string: &str, inside_flow: bool) -> String {
    if is_plain_text(string, inside_flow) { string.to_owned() } else { double_quoted(string) }
}

/// A number that is one in YAML 1.1 as well: there an exponent needs a point before it and a sign.
pub(crate) fn number(written: &str) -> String {
    let Some((mantissa, exponent)) = written.split_once(['e', 'E']) else { return written.to_owned() };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}
