//! Keys of one edit that cannot all have their wish, as far as that is known without the file.

use serde_json::Value;

use super::EditFormat;
use crate::format::{Operation, Segment};

/// The first two changes that contradict each other, by their numbers. What is known only when values are expanded, or with the
/// file, is passed over.
pub(super) fn contradiction(format: EditFormat, keys: &[Operation]) -> Option<(usize, usize)> {
    // Elsewhere a name and a longer one beside it can both be there: a key and a section of INI, text and elements of XML.
    if !matches!(format, EditFormat::Json | EditFormat::Yaml | EditFormat::Toml) {
        return None;
    }
    let pairs = keys.iter().enumerate().flat_map(|(number, first)| {
        keys.iter().enumerate().skip(number + 1).map(move |(later, second)| (number, first, later, second))
    });
    pairs.into_iter().find(|(_, first, _, second)| exclude(first, second)).map(|(first, _, second, _)| (first, second))
}

/// Whether the second change undoes the first one, or stands in its way at the next run.
fn exclude(first: &Operation, second: &Operation) -> bool {
    match (first, second) {
        (_, Operation::Set { value, path, .. }) if begins(path, first.path()) => {
            let found = find(value, &first.path()[path.len()..]);
            match (first, found) {
                (_, Found::Unknown) | (Operation::Unset { .. }, Found::Missing) => false,
                (Operation::Set { value, .. }, Found::Value(found)) => may_differ(value, found),
                _ => true,
            }
        }
        (Operation::Set { value, path, .. }, _) if begins(path, second.path()) => {
            let found = find(value, &second.path()[path.len()..]);
            match second {
                Operation::Set { .. } => matches!(found, Found::Nowhere),
                Operation::Unset { .. } => matches!(found, Found::Nowhere | Found::Value(_)),
            }
        }
        _ => false,
    }
}

/// Whether one path leads to the other, by names alone: what a bracket means, only the file knows.
fn begins(path: &[Segment], longer: &[Segment]) -> bool {
    longer.starts_with(path) && longer.iter().all(|segment| matches!(segment, Segment::Name(_)))
}

/// What stands at a path in a value.
enum Found<'a> {
    Value(&'a Value),
    Missing,
    /// Something on the way holds no keys.
    Nowhere,
    /// A template is on the way, which can become anything.
    Unknown,
}

fn find<'a>(value: &'a Value, path: &[Segment]) -> Found<'a> {
    match (value, path) {
        (value, _) if is_template(value) => Found::Unknown,
        (value, []) => Found::Value(value),
        (Value::Object(entries), [Segment::Name(name), rest @ ..]) => {
            entries.get(name).map_or(Found::Missing, |value| find(value, rest))
        }
        // A mapping is made of it when there is something to put in.
        (Value::Null, _) => Found::Missing,
        _ => Found::Nowhere,
    }
}

fn may_differ(first: &Value, second: &Value) -> bool {
    !is_template(first) && first != second
}

/// Whether the value, or something in it, is known only when it is expanded.
fn is_template(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::Array(items) => items.iter().any(is_template),
        Value::Object(entries) => entries.values().any(is_template),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::contradiction;
    use crate::format::{Operation, parse_path};
    use crate::spec::EditFormat;

    #[test]
    fn what_is_set_twice_in_one_place_is_found() {
        let set = |path: &str, value: Value| Operation::Set {
            path: parse_path(path).unwrap_or_default(),
            value,
            must_exist: false,
        };
        let unset = |path: &str| Operation::Unset { path: parse_path(path).unwrap_or_default(), must_exist: false };
        for (first, second, wanted) in [
            (set("a.b", json!(1)), set("a", json!("x")), true),
            (set("a", json!("x")), set("a.b", json!(1)), true),
            (set("a", json!([1])), set("a.b", json!(1)), true),
            (set("a.b", json!(1)), set("a", json!({"b": 2})), true),
            (set("a.b", json!(1)), set("a", json!({"c": 2})), true),
            (set("a", json!(1)), set("\"a\"", json!(2)), true),
            (unset("a.b"), set("a", json!("x")), true),
            (unset("a.b"), set("a", json!({"b": 2})), true),
            (set("a", json!("x")), unset("a.b"), true),
            (set("a", json!({"b": 2})), unset("a.b"), true),
            (set("a.b", json!(1)), set("a", json!({"b": 1})), false),
            (set("a", json!({"c": 1})), set("a.b", json!(1)), false),
            (set("a", json!(null)), set("a.b", json!(1)), false),
            (set("a.b", json!(1)), set("a", json!("{{env.A}}")), false),
            (set("a", json!("{{env.A}}")), set("a.b", json!(1)), false),
            (set("a.b", json!(1)), set("ab", json!(1)), false),
            (set("a[0]", json!(1)), set("a", json!([1])), false),
            (unset("a.b"), set("a", json!({"c": 2})), false),
            (set("a", json!({"c": 2})), unset("a.b"), false),
            (unset("a"), unset("a.b"), false),
        ] {
            let keys = [first, second];
            assert_eq!(contradiction(EditFormat::Json, &keys).is_some(), wanted, "{keys:?}");
            assert!(contradiction(EditFormat::Ini, &keys).is_none());
        }
    }
}
