//! A value as YAML in block style.
//!
//! Text stands without quotes only where every reader of YAML 1.1 and 1.2 takes it for text: it begins with a letter, `_` or
//! `/`, holds nothing but such, digits, single spaces and `.-`, and is no word with a meaning. Everything else is quoted as
//! JSON does, which is YAML too.

use std::fmt::Write as _;

use serde_json::Value;

/// Words that some reader takes for a boolean or null.
const WORDS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];

/// YAML lets a key before `:` have 1024 characters; a longer one has to say that it is a key.
const LONGEST_KEY: usize = 1000;

pub(super) fn write(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

/// Writes the value; the first line is where the text ends, the others get the indent.
fn block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                new_line(index, indent, text);
                text.push_str("- ");
                block(item, indent + 2, text);
            }
        }
        Value::Object(entries) if !entries.is_empty() => {
            for (index, (key, item)) in entries.iter().enumerate() {
                new_line(index, indent, text);
                let key = scalar_text(key);
                if key.len() > LONGEST_KEY {
                    let _ = write!(text, "? {key}\n{}: ", " ".repeat(indent));
                    block(item, indent + 2, text);
                    continue;
                }
                text.push_str(&key);
                text.push(':');
                if is_nested(item) {
                    text.push('\n');
                    text.push_str(&" ".repeat(indent + 2));
                    block(item, indent + 2, text);
                } else {
                    text.push(' ');
                    block(item, indent, text);
                }
            }
        }
        scalar => text.push_str(&flat(scalar)),
    }
}

fn new_line(index: usize, indent: usize, text: &mut String) {
    if index > 0 {
        text.push('\n');
        text.push_str(&" ".repeat(indent));
    }
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        _ => false,
    }
}

fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => scalar_text(text),
        Value::Number(number) => number_text(&number.to_string()),
        other => other.to_string(),
    }
}

/// Readers of YAML 1.1 take `1e30` for text: they want a point and a sign.
fn number_text(text: &str) -> String {
    match text.split_once('e') {
        None => text.to_owned(),
        Some((digits, exponent)) => {
            let point = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
            format!("{digits}{point}e{sign}{exponent}")
        }
    }
}

fn scalar_text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    for character in Value::from(text).to_string().chars() {
        match character {
            // What YAML does not let stand as it is, although JSON does.
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            other => quoted.push(other),
        }
    }
    quoted
}

fn is_plain(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_' || first == '/');
    let safe = |character: char| character.is_ascii_alphanumeric() || "_/.- ".contains(character);
    starts
        && text.chars().all(safe)
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
