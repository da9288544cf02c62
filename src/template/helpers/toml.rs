//! A value as TOML: a mapping as a document with tables, anything else as a value.

use serde_json::{Map, Value};

pub(super) fn write(value: &Value) -> Result<String, String> {
    match value {
        Value::Object(entries) => {
            let mut lines = Vec::new();
            table(entries, "", &mut lines)?;
            Ok(lines.join("\n"))
        }
        other => inline(other),
    }
}

/// The plain entries first: behind the header of a table they would belong to it.
fn table(entries: &Map<String, Value>, path: &str, lines: &mut Vec<String>) -> Result<(), String> {
    for (name, value) in entries.iter().filter(|(_, value)| !is_table(value) && !is_tables(value)) {
        lines.push(format!("{} = {}", key(name), inline(value)?));
    }
    for (name, value) in entries {
        let path = if path.is_empty() { key(name) } else { format!("{path}.{}", key(name)) };
        match value {
            Value::Object(inner) => part(&format!("[{path}]"), inner, &path, lines)?,
            Value::Array(items) if is_tables(value) => {
                for inner in items.iter().filter_map(Value::as_object) {
                    part(&format!("[[{path}]]"), inner, &path, lines)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn part(header: &str, inner: &Map<String, Value>, path: &str, lines: &mut Vec<String>) -> Result<(), String> {
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(header.to_owned());
    table(inner, path, lines)
}

fn is_table(value: &Value) -> bool {
    value.is_object()
}

fn is_tables(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(is_table))
}

fn inline(value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Err("TOML has no null".to_owned()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) if number.is_u64() && !number.is_i64() => {
            Err("a number is too large for TOML".to_owned())
        }
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(quoted(text)),
        Value::Array(items) => {
            let items = items.iter().map(inline).collect::<Result<Vec<_>, _>>()?;
            Ok(format!("[{}]", items.join(", ")))
        }
        Value::Object(entries) if entries.is_empty() => Ok("{}".to_owned()),
        Value::Object(entries) => {
            let pair = |(name, value): (&String, &Value)| Ok(format!("{} = {}", key(name), inline(value)?));
            let pairs = entries.iter().map(pair).collect::<Result<Vec<_>, String>>()?;
            Ok(format!("{{ {} }}", pairs.join(", ")))
        }
    }
}

fn key(name: &str) -> String {
    let bare = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string: JSON's escapes are TOML's, but TOML wants U+007F escaped too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
