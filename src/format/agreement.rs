//! What a path says about the value at its end.

use std::borrow::Cow;

use serde_json::Value;

use super::Segment;

/// The value, with what the path says about it: a mapping that is found by a key has that key. A value that says otherwise
/// is refused, for its place would not be found the next time.
pub(super) fn agreeing<'a>(path: &[Segment], value: &'a Value) -> Result<Cow<'a, Value>, (String, Option<String>)> {
    let (name, wanted, found) = match path {
        [.., Segment::Where { name, value: wanted }] => (name, wanted, value.get(name)),
        [.., Segment::Where { name, value: wanted }, Segment::Name(last)] if last == name => {
            (name, wanted, Some(value))
        }
        _ => return Ok(Cow::Borrowed(value)),
    };
    match (found, value) {
        (Some(found), _) if has_text(found, wanted) => Ok(Cow::Borrowed(value)),
        (None, Value::Object(entries)) => {
            let chosen_by = [(name.clone(), Value::from(wanted.as_str()))];
            Ok(Cow::Owned(Value::Object(chosen_by.into_iter().chain(entries.clone()).collect())))
        }
        (None, _) => Ok(Cow::Borrowed(value)),
        (Some(_), _) => Err((
            format!("the element is chosen by its `{name}`, which the value would change"),
            Some("choose it by its number".to_owned()),
        )),
    }
}

/// Whether a value is this text, or is written like it.
pub(super) fn has_text(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Number(number) => number.to_string() == wanted,
        Value::Bool(truth) => wanted == if *truth { "true" } else { "false" },
        _ => false,
    }
}
