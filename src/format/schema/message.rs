//! What is said of a mismatch: the words of the schema, the names of keys, never the value.

use serde_json::{Number, Value};

use super::keyword::{Bound, Counted};
use super::pointer::without_controls;
use super::types::Types;

pub(super) const INVALID: &str = "does not match the schema";
pub(super) const NOT_ALLOWED: &str = "is not allowed";
pub(super) const NO_ALTERNATIVE: &str = "matches none of the alternatives";
pub(super) const MORE_THAN_ONE: &str = "matches more than one alternative";
pub(super) const FORBIDDEN: &str = "matches the schema in `not`";
pub(super) const NESTED: &str = "is nested deeper than 128 levels";
pub(super) const TOO_DEEP: &str = "needs too many schemas within each other to be judged";
pub(super) const TOO_LONG: &str = "takes too many steps to be judged with this schema";

/// Values of an `enum` that are told.
const MOST_CHOICES: usize = 20;
/// Characters of a key or a value of the schema that are told.
const LONGEST: usize = 80;

pub(super) fn of_type(types: Types) -> String {
    format!("is not of the type {}", types.names().collect::<Vec<_>>().join(" or "))
}

pub(super) fn none_of(allowed: &[Value]) -> String {
    let told: Vec<String> = allowed.iter().take(MOST_CHOICES).map(told).collect();
    match (allowed.len(), allowed.len().saturating_sub(MOST_CHOICES)) {
        (0, _) => NOT_ALLOWED.to_owned(),
        (1, _) => format!("is not {}", told.join(", ")),
        (_, 0) => format!("is none of {}", told.join(", ")),
        (_, more) => format!("is none of {} and {more} more", told.join(", ")),
    }
}

pub(super) fn constant(wanted: &Value) -> String {
    format!("is not {}", told(wanted))
}

pub(super) fn multiple(divisor: &Number) -> String {
    format!("is not a multiple of {divisor}")
}

pub(super) fn bound(bound: &Bound) -> String {
    let limit = bound.limit;
    match (bound.is_maximum, bound.is_exclusive) {
        (true, false) => format!("is greater than the maximum {limit}"),
        (false, false) => format!("is less than the minimum {limit}"),
        (true, true) => format!("is not less than the exclusive maximum {limit}"),
        (false, true) => format!("is not greater than the exclusive minimum {limit}"),
    }
}

pub(super) fn pattern(source: &str) -> String {
    format!("does not match the pattern `{}`", clipped(source))
}

pub(super) fn too_few(what: Counted, least: u64) -> String {
    format!("has fewer than {least} {}", unit(what, least))
}

pub(super) fn too_many(what: Counted, most: u64) -> String {
    format!("has more than {most} {}", unit(what, most))
}

fn unit(what: Counted, count: u64) -> &'static str {
    match (what, count) {
        (Counted::Characters, 1) => "character",
        (Counted::Characters, _) => "characters",
        (Counted::Items, 1) => "item",
        (Counted::Items, _) => "items",
        (Counted::Keys, 1) => "key",
        (Counted::Keys, _) => "keys",
    }
}

pub(super) fn repeated((first, second): (usize, usize)) -> String {
    format!("has equal items at {first} and {second}")
}

pub(super) fn contains_too_few(least: u64) -> String {
    format!("has fewer than {least} {} that match `contains`", unit(Counted::Items, least))
}

pub(super) fn contains_too_many(most: u64) -> String {
    format!("has more than {most} {} that match `contains`", unit(Counted::Items, most))
}

pub(super) fn missing(key: &str, because: Option<&str>) -> String {
    match because {
        None => format!("has no key `{}`, which is required", clipped(key)),
        Some(other) => format!("has no key `{}`, which is required beside `{}`", clipped(key), clipped(other)),
    }
}

pub(super) fn unknown_key(key: &str, near: Option<&str>) -> String {
    let hint = near.map(|near| format!("; did you mean `{}`?", clipped(near))).unwrap_or_default();
    format!("has the key `{}`, which is not allowed{hint}", clipped(key))
}

/// `problem` is that of the key by itself.
pub(super) fn wrong_key(key: &str, problem: &str) -> String {
    format!("has the key `{}`, which {problem}", clipped(key))
}

/// A value of the schema: text as it is, everything else as JSON.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "``".to_owned(),
        Value::String(text) => clipped(text),
        other => clipped(&other.to_string()),
    }
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", without_controls(text.get(..end).unwrap_or_default())),
        None => without_controls(text),
    }
}
