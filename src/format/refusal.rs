//! What all languages have in common when a path is walked.

use serde_json::{Map, Value};

use super::agreement::has_text;
use super::{Operation, Segment};

/// What is said of a key that is on the way, and not alone in its mapping.
pub(crate) const STANDS_TWICE: &str = "the key stands twice";
pub(crate) const ONE_GOES: &str = "take one of them out of the file: programs differ in which one they read";

/// Why an operation cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Refusal {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Operation {
    pub(crate) fn path(&self) -> &[Segment] {
        match self {
            Self::Set { path, .. } | Self::Unset { path, .. } => path,
        }
    }

    /// Whether the place that was reached shall not be there, when this is left of the path.
    pub(crate) fn takes_out(&self, rest: &[Segment]) -> bool {
        rest.is_empty() && matches!(self, Self::Unset { .. })
    }
}

/// The value with a mapping or list around it for every segment of the path that is missing.
pub(crate) fn wrapped(path: &[Segment], value: &Value) -> Result<Value, Refusal> {
    path.iter().rev().try_fold(value.clone(), |inner, segment| match segment {
        Segment::Name(name) => Ok(Value::Object(Map::from_iter([(name.clone(), inner)]))),
        Segment::Append => Ok(Value::Array(vec![inner])),
        Segment::Where { name, value } => Ok(Value::Array(vec![element(name, value, inner)?])),
        Segment::Index(_) => Err(missing(segment)),
    })
}

/// The element that such a path makes: what it is chosen by stands first in it.
pub(crate) fn element(name: &str, text: &str, inner: Value) -> Result<Value, Refusal> {
    let Value::Object(entries) = inner else { return Err(only_a_mapping(name)) };
    match entries.get(name) {
        None => Ok(Value::Object([(name.to_owned(), Value::from(text))].into_iter().chain(entries).collect())),
        Some(known) if has_text(known, text) => Ok(Value::Object(entries)),
        Some(_) => Err(Refusal::new(format!(
            "the element is chosen by its `{name}`, which is something else in the new element"
        ))),
    }
}

/// The refusal for an element that is chosen by a key, and would have none.
pub(crate) fn only_a_mapping(name: &str) -> Refusal {
    Refusal::new(format!("the element with this `{name}` can only be a mapping"))
}

/// What is said of an operation whose place is not there, when it is not made: nothing if it shall not be there.
pub(crate) fn absent(operation: &Operation, segment: &Segment) -> Result<(), Refusal> {
    match operation {
        Operation::Set { .. } => Err(missing(segment)),
        Operation::Unset { must_exist, .. } => not_there(segment, *must_exist),
    }
}

/// The same for what shall be taken out.
pub(crate) fn not_there(segment: &Segment, must_exist: bool) -> Result<(), Refusal> {
    match segment {
        Segment::Append => Err(Refusal::new("`[+]` names no element that could be taken out")),
        _ if must_exist => Err(Refusal { hint: None, ..missing(segment) }),
        _ => Ok(()),
    }
}

/// The refusal for a place that is not there and is not made.
pub(crate) fn missing(segment: &Segment) -> Refusal {
    match segment {
        Segment::Name(name) => Refusal::new(format!("there is no key `{name}`")),
        Segment::Index(index) => {
            Refusal::new(format!("the list has no element `{index}`")).hint("`[+]` adds an element")
        }
        Segment::Append => Refusal::new("there is no list to add to"),
        Segment::Where { name, value } => {
            Refusal::new(format!("no element of the list has `{name}` = `{value}`")).hint("`[+]` adds an element")
        }
    }
}

/// The refusal for a segment that does not fit what stands in its place.
pub(crate) fn misfit(segment: &Segment, found: &str) -> Refusal {
    match segment {
        Segment::Name(name) => Refusal::new(format!("`{name}` is looked for in {found}, not in a mapping")),
        Segment::Index(index) => Refusal::new(format!("element `{index}` is looked for in {found}, not in a list")),
        Segment::Append => Refusal::new(format!("`[+]` adds to a list, here is {found}")),
        Segment::Where { name, .. } => {
            Refusal::new(format!("an element with `{name}` is looked for in {found}, not in a list"))
        }
    }
}

/// The place of an index in a list of this length, counted from the end when it is negative.
pub(crate) fn position(index: i64, length: usize) -> Option<usize> {
    let place = if index < 0 {
        length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(index).ok()?
    };
    (place < length).then_some(place)
}
