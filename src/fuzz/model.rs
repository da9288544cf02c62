//! What an edit has to do to the data: the plain way, without a text.

use serde_json::{Map, Value};

use crate::format::Segment;

/// Sets the place. None if nothing is known of what shall happen.
pub(super) fn set(tree: &mut Value, path: &[Segment], value: &Value) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        *tree = value.clone();
        return Some(());
    };
    match (first, &mut *tree) {
        (Segment::Name(_), Value::Null) => *tree = Value::Object(Map::new()),
        (Segment::Append, Value::Null) => *tree = Value::Array(Vec::new()),
        _ => {}
    }
    match first {
        Segment::Append => {
            let mut added = Value::Null;
            set(&mut added, rest, value)?;
            let items = tree.as_array_mut()?;
            if !items.iter().any(|item| is_same(item, &added)) {
                items.push(added);
            }
            Some(())
        }
        Segment::Name(name) => set(tree.as_object_mut()?.entry(name.as_str()).or_insert(Value::Null), rest, value),
        other => set(found(tree, other)?, rest, value),
    }
}

/// Takes the place out, if it is there. None if nothing is known of what shall happen.
pub(super) fn unset(tree: &mut Value, path: &[Segment]) -> Option<()> {
    match path {
        [Segment::Name(name)] => {
            if let Some(entries) = tree.as_object_mut() {
                entries.shift_remove(name);
            }
            Some(())
        }
        [_] | [] => None,
        [Segment::Name(name), rest @ ..] => tree.get_mut(name).map_or(Some(()), |inner| unset(inner, rest)),
        [first, rest @ ..] => unset(found(tree, first)?, rest),
    }
}

fn found<'a>(tree: &'a mut Value, segment: &Segment) -> Option<&'a mut Value> {
    let items = tree.as_array_mut()?;
    match segment {
        Segment::Index(index) => {
            let at = if *index < 0 {
                items.len().checked_sub(usize::try_from(-*index).ok()?)?
            } else {
                usize::try_from(*index).ok()?
            };
            items.get_mut(at)
        }
        _ => None,
    }
}

/// The same data, whatever a format makes of numbers.
pub(super) fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        // Beyond 64 bits, and for infinities, YAML's reader gives text.
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            *text == number.to_string()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| is_same(left, right)))
        }
        _ => left == right,
    }
}

/// Takes out mappings and lists that are empty: whether they stay when their last entry goes is up to the format.
pub(super) fn without_empty(tree: &Value) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    };
    match tree {
        Value::Array(items) => items.iter().map(without_empty).filter(|item| !is_empty(item)).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), without_empty(value)))
            .filter(|(_, value)| !is_empty(value))
            .collect(),
        other => other.clone(),
    }
}
