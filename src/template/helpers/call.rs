//! One call of a helper: its parameters, read as what the helper needs. A wrong type is always an error.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Surroundings;
use super::number::Number;

/// A value, or what is wrong: the caller puts the name of the helper before it.
pub(super) type Outcome = Result<Value, String>;

/// Bytes that a helper may make of a few: more is a mistake, and would take the memory of the machine.
pub(super) const LARGEST_TEXT: usize = 16 * 1024 * 1024;
/// The same for items of a list.
pub(super) const LONGEST_LIST: usize = 1_000_000;

pub(super) const TOO_LONG: &str = "the list would be longer than 1000000 items";

pub(super) struct Call<'a> {
    pub(super) values: Vec<&'a Value>,
    /// How the parameters are named, where they are names: `values.site`.
    pub(super) paths: Vec<Option<&'a str>>,
    /// Which parameters stand in the template as they are.
    pub(super) literal: Vec<bool>,
    pub(super) named: Vec<(&'a str, &'a Value)>,
    pub(super) surroundings: &'a Surroundings,
}

impl<'a> Call<'a> {
    /// The parameter, or null where it was left out.
    pub(super) fn value(&self, index: usize) -> &'a Value {
        self.values.get(index).copied().unwrap_or(&Value::Null)
    }

    pub(super) fn has(&self, index: usize) -> bool {
        index < self.values.len()
    }

    /// The name of the parameter in backticks, or what it is.
    pub(super) fn name_or(&self, index: usize, what: &str) -> String {
        self.paths.get(index).copied().flatten().map_or_else(|| what.to_owned(), |path| format!("`{path}`"))
    }

    /// A key that is not there, in backticks where it stands in the template: what was computed may be part of a secret.
    pub(super) fn key(&self, index: usize) -> String {
        match self.text(index) {
            Ok(key) if self.literal.get(index) == Some(&true) => format!("`{key}`"),
            _ => format!("key as parameter {} says", index + 1),
        }
    }

    /// Text; numbers and booleans as they are printed.
    pub(super) fn text(&self, index: usize) -> Result<Cow<'a, str>, String> {
        text_of(self.value(index)).ok_or_else(|| self.wrong(index, "text"))
    }

    /// The text of an optional parameter.
    pub(super) fn text_or(&self, index: usize, other: &'static str) -> Result<Cow<'a, str>, String> {
        if self.has(index) { self.text(index) } else { Ok(Cow::Borrowed(other)) }
    }

    /// A number, or text that is written like one.
    pub(super) fn number(&self, index: usize) -> Result<Number, String> {
        Number::of(self.value(index)).ok_or_else(|| match self.value(index) {
            Value::String(_) => format!("parameter {} is not a number", index + 1),
            _ => self.wrong(index, "a number"),
        })
    }

    pub(super) fn whole(&self, index: usize) -> Result<i128, String> {
        match self.number(index)? {
            Number::Whole(number) => Ok(number),
            Number::Fraction(_) => Err(format!("parameter {} is not a whole number", index + 1)),
        }
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, index: usize) -> Result<usize, String> {
        let number = self.whole(index)?;
        usize::try_from(number).map_err(|_| format!("parameter {} is negative or too large", index + 1))
    }

    pub(super) fn list(&self, index: usize) -> Result<&'a [Value], String> {
        self.value(index).as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(index, "a list"))
    }

    pub(super) fn map(&self, index: usize) -> Result<&'a Map<String, Value>, String> {
        self.value(index).as_object().ok_or_else(|| self.wrong(index, "a mapping"))
    }

    /// Whether a condition holds: what `if` takes for true.
    pub(super) fn truth(&self, index: usize) -> Result<bool, String> {
        truth_of(self.value(index)).ok_or_else(|| format!("parameter {} {SAYS_NO}", index + 1))
    }

    pub(super) fn wrong(&self, index: usize, wanted: &str) -> String {
        format!("parameter {} is {}, not {wanted}", index + 1, kind_of(self.value(index)))
    }
}

/// Why a text is no condition: Handlebars takes every text for true, whoever wrote `false` did not mean that.
pub(super) const SAYS_NO: &str = "is text that says no, which would count as true: use `boolean`, or declare its type";

/// None for text that says no.
pub(super) fn truth_of(value: &Value) -> Option<bool> {
    match value {
        Value::Null => Some(false),
        Value::Bool(value) => Some(*value),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(text) if text == "0" || text.eq_ignore_ascii_case("false") => None,
        Value::String(text) => Some(!text.is_empty()),
        Value::Array(items) => Some(!items.is_empty()),
        Value::Object(entries) => Some(!entries.is_empty()),
    }
}

pub(super) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// Refuses what would be too large before it is made.
pub(super) fn affordable(bytes: Option<usize>) -> Result<usize, String> {
    bytes.filter(|bytes| *bytes <= LARGEST_TEXT).ok_or_else(|| "the result would be larger than 16 MiB".to_owned())
}

/// The list of all items, unless there are too many.
pub(super) fn collected(items: impl Iterator<Item = Value>) -> Outcome {
    let items: Vec<Value> = items.take(LONGEST_LIST + 1).collect();
    if items.len() > LONGEST_LIST {
        return Err(TOO_LONG.to_owned());
    }
    Ok(Value::Array(items))
}
