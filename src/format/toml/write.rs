//! Data as new TOML text.

use serde_json::{Map, Value};

use super::text::{push_basic, push_key};

/// Refuses what TOML cannot hold.
pub(super) fn refuse_unwritable(value: &Value) -> Result<(), (String, Option<String>)> {
    match value {
        Value::Null => {
            let hint = "unset the key instead, or leave it out of the mapping".to_owned();
            Err(("TOML has no null".to_owned(), Some(hint)))
        }
        Value::Number(number) if number.is_u64() && !number.is_i64() => {
            Err(("a TOML integer has 64 bits with a sign".to_owned(), Some("write it as text".to_owned())))
        }
        Value::Array(items) => items.iter().try_for_each(refuse_unwritable),
        Value::Object(entries) => entries.values().try_for_each(refuse_unwritable),
        Value::Number(_) | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// Writes a value in one line.
pub(super) fn push_value(value: &Value, out: &mut String) {
    match value {
        // Refused before anything is written.
        Value::Null => {}
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        // With a point or an exponent where it is none of the whole ones, as TOML wants it.
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => push_basic(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push_value(item, out);
            }
            out.push(']');
        }
        Value::Object(entries) => push_inline_table(entries, out),
    }
}

fn push_inline_table(entries: &Map<String, Value>, out: &mut String) {
    if entries.is_empty() {
        out.push_str("{}");
        return;
    }
    let mut before = "{ ";
    for (key, value) in entries {
        out.push_str(before);
        push_key(key, out);
        out.push_str(" = ");
        push_value(value, out);
        before = ", ";
    }
    out.push_str(" }");
}

/// Whether a value is written as tables with headers.
pub(super) fn has_sections(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_object),
        _ => false,
    }
}

/// How new lines look.
#[derive(Debug, Clone)]
pub(super) struct Style {
    pub(super) indent: String,
    pub(super) equals: &'static str,
    pub(super) line_break: &'static str,
}

/// A key with dots between its parts.
pub(super) fn dotted_key<'a>(path: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for name in path {
        if !out.is_empty() {
            out.push('.');
        }
        push_key(name, &mut out);
    }
    out
}

/// Writes `key = value` and a line break.
pub(super) fn push_line(key: &str, value: &Value, style: &Style, out: &mut String) {
    for part in [style.indent.as_str(), key, style.equals] {
        out.push_str(part);
    }
    push_value(value, out);
    out.push_str(style.line_break);
}

/// Writes a mapping, or a list of mappings, as sections; `key` is the whole of its header. A blank line stands before each
/// section but the first.
pub(super) fn push_sections(key: &str, value: &Value, style: &Style, out: &mut String) {
    match value {
        Value::Object(entries) => push_section(["[", key, "]"], entries, style, out),
        Value::Array(items) => {
            for item in items.iter().filter_map(Value::as_object) {
                push_section(["[[", key, "]]"], item, style, out);
            }
        }
        _ => {}
    }
}

/// Writes one element of an array of tables.
pub(super) fn push_element(key: &str, entries: &Map<String, Value>, style: &Style, out: &mut String) {
    push_section(["[[", key, "]]"], entries, style, out);
}

fn push_section(header: [&str; 3], entries: &Map<String, Value>, style: &Style, out: &mut String) {
    let (sections, lines): (Vec<_>, Vec<_>) = entries.iter().partition(|(_, value)| has_sections(value));
    // A table that only holds tables needs no header of its own.
    if header[0] == "[[" || !lines.is_empty() || sections.is_empty() {
        if !out.is_empty() {
            out.push_str(style.line_break);
        }
        out.push_str(&style.indent);
        out.extend(header);
        out.push_str(style.line_break);
    }
    for (name, value) in lines {
        push_line(&dotted_key([name.as_str()]), value, style, out);
    }
    for (name, value) in sections {
        push_sections(&format!("{}.{}", header[1], dotted_key([name.as_str()])), value, style, out);
    }
}
