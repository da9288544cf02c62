//! Values written in the style of the file around them.

use serde_json::Value;

use super::scanner::Entry;
use super::string::push_quoted;
use crate::format::patch::line_break;

/// How a file is laid out.
pub(crate) struct Style {
    /// One step of indentation.
    unit: String,
    pub(crate) line_break: &'static str,
    /// The colon behind a key, with the blanks around it.
    colon: String,
    /// The blank behind a comma on one line.
    pub(crate) blank: &'static str,
}

impl Style {
    /// From the text, and from the entry beside the new one when there is one.
    pub(crate) fn of(text: &str, sibling: Option<&Entry>) -> Self {
        let colon = sibling.and_then(|entry| colon(text, entry)).unwrap_or_else(|| first_colon(text));
        let blank = if colon.ends_with(' ') { " " } else { "" };
        Self { unit: unit(text), line_break: line_break(text), colon, blank }
    }

    /// Writes a key and its colon.
    pub(crate) fn push_key(&self, output: &mut String, key: &str) {
        push_quoted(output, key);
        output.push_str(&self.colon);
    }

    /// Writes a value: on one line without an `indent`, else on lines of its own of which the last is indented so.
    pub(crate) fn push(&self, output: &mut String, value: &Value, indent: Option<&str>) {
        let (open, close) = match value {
            Value::Array(list) if !list.is_empty() => ('[', ']'),
            Value::Object(map) if !map.is_empty() => ('{', '}'),
            scalar => return push_scalar(output, scalar),
        };
        let inner = indent.map(|indent| format!("{indent}{}", self.unit));
        let lead = inner.as_ref().map_or_else(String::new, |inner| format!("{}{inner}", self.line_break));
        let separator = if inner.is_some() { format!(",{lead}") } else { format!(",{}", self.blank) };
        output.push(open);
        output.push_str(&lead);
        match value {
            Value::Array(list) => {
                for (index, element) in list.iter().enumerate() {
                    output.push_str(if index == 0 { "" } else { &separator });
                    self.push(output, element, inner.as_deref());
                }
            }
            Value::Object(map) => {
                for (index, (key, element)) in map.iter().enumerate() {
                    output.push_str(if index == 0 { "" } else { &separator });
                    self.push_key(output, key);
                    self.push(output, element, inner.as_deref());
                }
            }
            _ => {}
        }
        if let Some(indent) = indent {
            output.push_str(self.line_break);
            output.push_str(indent);
        }
        output.push(close);
    }

    /// The first line of a collection that had none, with its line break and indentation.
    pub(crate) fn first_line(&self, indent: &str) -> String {
        format!("{}{indent}{}", self.line_break, self.unit)
    }

    /// One step deeper.
    pub(crate) fn deeper(&self, indent: &str) -> String {
        format!("{indent}{}", self.unit)
    }
}

pub(crate) fn push_scalar(output: &mut String, value: &Value) {
    match value {
        Value::String(text) => push_quoted(output, text),
        other => output.push_str(&other.to_string()),
    }
}

fn colon(text: &str, entry: &Entry) -> Option<String> {
    let between = text.get(entry.key.end..entry.value.start)?;
    let plain = between.contains(':') && between.bytes().all(|byte| matches!(byte, b' ' | b':'));
    plain.then(|| between.to_owned())
}

/// The first colon behind a quote: good enough for the style of a file whose siblings do not tell.
fn first_colon(text: &str) -> String {
    match text.find("\":") {
        Some(at) if !text[at + 2..].starts_with([' ', '\t', '\r', '\n']) => ":".to_owned(),
        _ => ": ".to_owned(),
    }
}

fn unit(text: &str) -> String {
    let mut opened: Option<&str> = None;
    for line in text.lines() {
        if line.trim().is_empty() {
            continue;
        }
        let own = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(outer) = opened
            && let Some(unit) = own.strip_prefix(outer)
            && !unit.is_empty()
        {
            return unit.to_owned();
        }
        opened = line.trim_end().ends_with(['{', '[']).then_some(own);
    }
    "  ".to_owned()
}
