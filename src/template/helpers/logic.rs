//! What to do about missing values, and choosing between values.

use serde_json::Value;

use super::call::{Call, Outcome, kind_of};
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "default",
        "VALUE OTHER...",
        "The first that is known, not null and not empty text; an error if none is.",
        ("{{default env.NICK \"nobody\"}}", "nobody"),
        default,
    )
    .tolerant(),
    Entry::new(
        "coalesce",
        "VALUE...",
        "The first that is known, not null and not empty text; null if none is.",
        ("{{coalesce env.NICK env.NAME}}", "Ann"),
        |call| Ok(coalesce(call)),
    )
    .tolerant(),
    Entry::new(
        "required",
        "VALUE MESSAGE",
        "The value; an error with the message if it is unknown, null or empty text.",
        ("{{required env.NAME \"set NAME to who you are\"}}", "Ann"),
        required,
    )
    .tolerant(),
    Entry::new(
        "fail",
        "MESSAGE",
        "An error with the message.",
        ("{{#if (eq env.PORT 0)}}{{fail \"0 is no port\"}}{{/if}}", ""),
        fail,
    ),
    Entry::new(
        "type_of",
        "VALUE",
        "`text`, `number`, `boolean`, `list`, `mapping` or `null`; an unknown name is null.",
        ("{{type_of env.PORT}}", "number"),
        |call| Ok(kind_of(call.value(0)).trim_start_matches("a ").into()),
    )
    .tolerant(),
    Entry::new(
        "ternary",
        "CONDITION YES NO",
        "The second if the condition holds, else the third.",
        ("{{ternary values.tls \"https\" \"http\"}}", "https"),
        |call| Ok(call.value(if call.truth(0)? { 1 } else { 2 }).clone()),
    ),
];

fn is_there(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

/// The last value is the one to fall back to: it may be empty, but not null.
fn default(call: &Call<'_>) -> Outcome {
    let found = call.values.iter().copied().find(|value| is_there(value));
    let last = call.values.last().copied().filter(|value| !value.is_null());
    found.or(last).cloned().ok_or_else(|| "there is no value to fall back to".to_owned())
}

fn coalesce(call: &Call<'_>) -> Value {
    call.values.iter().find(|value| is_there(value)).map_or(Value::Null, |value| (*value).clone())
}

fn required(call: &Call<'_>) -> Outcome {
    let message = call.text(1)?;
    Some(call.value(0)).filter(|value| is_there(value)).cloned().ok_or_else(|| message.into_owned())
}

fn fail(call: &Call<'_>) -> Outcome {
    Err(call.text(0)?.into_owned())
}
