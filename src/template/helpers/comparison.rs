//! Comparing, and joining conditions.
//!
//! Variables are often text, numbers in templates are not, so text that is written like a number is compared as one. What can
//! never be meant, for instance a list beside a number, is an error.

use std::cmp::Ordering;

use serde_json::Value;

use super::call::{Call, Outcome, kind_of, text_of};
use super::number::Number;
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "eq",
        "A B...",
        "Whether A equals one of the others. Text equals a number or boolean that it is written like; null equals only null; \
         a list or mapping beside something else is an error.",
        ("{{#if (eq env.LEVEL \"debug\" \"trace\")}}loud{{else}}quiet{{/if}}", "loud"),
        |call| among(call).map(Value::from),
    ),
    Entry::new(
        "ne",
        "A B...",
        "Whether A equals none of the others, as `eq` compares.",
        ("{{ne env.PORT 80}}", "true"),
        |call| among(call).map(|equal| Value::from(!equal)),
    ),
    Entry::new(
        "lt",
        "A B",
        "Whether A is less than B: numbers, also when they are text, or two texts that are no numbers, by their characters.",
        ("{{lt env.PORT 1024}}", "false"),
        |call| ordered(call, Ordering::is_lt),
    ),
    Entry::new("lte", "A B", "Whether A is at most B.", ("{{lte 1 1.0}}", "true"), |call| {
        ordered(call, Ordering::is_le)
    }),
    Entry::new("gt", "A B", "Whether A is greater than B.", ("{{gt \"10\" 9}}", "true"), |call| {
        ordered(call, Ordering::is_gt)
    }),
    Entry::new("gte", "A B", "Whether A is at least B.", ("{{gte \"b\" \"a\"}}", "true"), |call| {
        ordered(call, Ordering::is_ge)
    }),
    Entry::new(
        "and",
        "CONDITION...",
        "Whether all hold. A condition holds as in `if`.",
        ("{{and values.tls (gt env.PORT 1024)}}", "true"),
        |call| truths(call).map(|truths| truths.into_iter().all(|truth| truth).into()),
    ),
    Entry::new("or", "CONDITION...", "Whether one holds.", ("{{or false values.tls}}", "true"), |call| {
        truths(call).map(|truths| truths.into_iter().any(|truth| truth).into())
    }),
    Entry::new("not", "CONDITION", "Whether it does not hold.", ("{{not values.tls}}", "false"), |call| {
        Ok((!call.truth(0)?).into())
    }),
    Entry::new(
        "boolean",
        "VALUE",
        "True of `true`, `yes`, `on` and `1`, false of `false`, `no`, `off`, `0` and empty text, in any case; else an error.",
        ("{{#if (boolean env.VERBOSE)}}on{{else}}off{{/if}}", "off"),
        boolean,
    ),
];

/// All are read, so that a mistake in the last one is found whatever the first one says.
fn truths(call: &Call<'_>) -> Result<Vec<bool>, String> {
    (0..call.values.len()).map(|index| call.truth(index)).collect()
}

fn among(call: &Call<'_>) -> Result<bool, String> {
    let others = call.values.iter().skip(1);
    let equal: Result<Vec<bool>, String> = others.map(|other| equal(call.value(0), other)).collect();
    Ok(equal?.into_iter().any(|equal| equal))
}

/// Whether two values say the same.
pub(super) fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    let numbers = (Number::of(a), Number::of(b));
    match (a, b) {
        (Value::Null, other) | (other, Value::Null) => Ok(other.is_null()),
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => Ok(a == b),
        (Value::String(a), Value::String(b)) => Ok(a == b),
        _ => match (numbers, text_of(a), text_of(b)) {
            ((Some(a), Some(b)), ..) => Ok(a.order(b).is_eq()),
            (_, Some(a), Some(b)) => Ok(a == b),
            _ => Err(cannot_compare(a, b)),
        },
    }
}

fn ordered(call: &Call<'_>, wanted: fn(Ordering) -> bool) -> Outcome {
    order(call.value(0), call.value(1)).map(|order| wanted(order).into())
}

/// The order of two numbers, or of two texts that are none.
pub(super) fn order(a: &Value, b: &Value) -> Result<Ordering, String> {
    match (Number::of(a), Number::of(b), a, b) {
        (Some(a), Some(b), ..) => Ok(a.order(b)),
        (None, None, Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        (_, _, Value::String(_), Value::String(_)) => Err("cannot compare a number with text".to_owned()),
        _ => Err(cannot_compare(a, b)),
    }
}

fn cannot_compare(a: &Value, b: &Value) -> String {
    format!("cannot compare {} with {}", kind_of(a), kind_of(b))
}

fn boolean(call: &Call<'_>) -> Outcome {
    match call.text(0)?.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true.into()),
        "false" | "no" | "off" | "0" | "" => Ok(false.into()),
        _ => Err("parameter 1 is no boolean, such as `true`, `yes`, `on` or `1`".to_owned()),
    }
}
