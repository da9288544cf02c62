//! Changes of single places in a TOML text. The library finds the places; the text is only ever changed there, because
//! the library's own output would change line breaks and the order of dotted keys elsewhere.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};
use toml_edit::Value as TomlValue;

use super::super::agreement::agreeing;
use super::super::encoding::check_marks;
use super::super::refusal::{missing, not_there};
use super::super::{EditError, Operation, Segment};
use super::focus::focused;
use super::place::{Node, Place, Step};
use super::read::parse;
use super::text::fits_literal;
use super::write::{has_sections, push_value, refuse_unwritable};
use super::{insert, remove};

/// What cannot be done, and what can be done instead.
pub(super) type Refusal = (String, Option<String>);

/// The text with the operations carried out.
pub(crate) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    edit_by(text, operations, focused)
}

/// The same with the library reading the whole text each time.
#[cfg(test)]
pub(super) fn edit_whole(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    edit_by(text, operations, |_, _| None)
}

/// Leaves out of a text what does not concern a path.
type Focus = fn(&str, &[Segment]) -> Option<String>;

fn edit_by(text: &str, operations: &[Operation], focus: Focus) -> Result<String, EditError> {
    check_marks(text).map_err(EditError::Text)?;
    let mut edited = text.to_owned();
    if operations.is_empty() {
        parse(text).map_err(EditError::Text)?;
    }
    for (index, operation) in operations.iter().enumerate() {
        let change = match operation {
            Operation::Set { path, value, must_exist } => {
                Change::Set { path: path.clone(), value: value.clone(), must: *must_exist }
            }
            Operation::Unset { path, must_exist } => Change::Unset { path: path.clone(), must: *must_exist },
        };
        carry_out(&mut edited, &change, focus).map_err(|error| match error {
            Failed::Text(problem) => EditError::Text(problem),
            Failed::Refused((message, hint)) => EditError::Operation { index, message, hint },
        })?;
    }
    Ok(edited)
}

/// A change of one place.
pub(super) enum Change {
    Set {
        path: Vec<Segment>,
        value: Value,
        must: bool,
    },
    /// A further element of a list, also if an equal one is there.
    Push {
        path: Vec<Segment>,
        value: Value,
    },
    Unset {
        path: Vec<Segment>,
        must: bool,
    },
    /// What was found out already.
    Splices(Vec<Splice>),
}

/// New text for a stretch of the old one.
#[derive(Debug, Clone)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// How a change is made.
pub(super) enum Method {
    Splices(Vec<Splice>),
    Steps(Vec<Change>),
}

enum Failed {
    Text(super::super::Problem),
    Refused(Refusal),
}

fn carry_out(text: &mut String, change: &Change, focus: Focus) -> Result<(), Failed> {
    let focused = match change {
        Change::Set { path, .. } | Change::Push { path, .. } | Change::Unset { path, .. } => focus(text, path),
        Change::Splices(splices) => {
            apply(text, splices.clone());
            return Ok(());
        }
    };
    let document = focused.as_deref().and_then(|focused| parse(focused).ok());
    let document = document.map_or_else(|| parse(text), Ok).map_err(Failed::Text)?;
    let root = document.as_table();
    let method = match change {
        Change::Set { path, value, must } => {
            let value = &*wished(path, value).map_err(Failed::Refused)?;
            let place = Place::of(root, path).map_err(plain)?;
            if place.found == path.len() {
                replace(text, &place, path, value)
            } else if *must && path[place.found] != Segment::Append {
                Err(absent(&path[place.found]))
            } else {
                insert::insert(text, &place, &path[place.found..], value)
            }
        }
        Change::Splices(splices) => Ok(Method::Splices(splices.clone())),
        Change::Push { path, value } => {
            let place = Place::of(root, path).map_err(plain)?;
            insert::push(text, &place, value)
        }
        Change::Unset { path, must } => {
            let place = Place::of(root, path).map_err(plain)?;
            match (place.found == path.len(), must) {
                (true, _) => remove::remove(text, &place, path).map(|method| match path.last() {
                    Some(Segment::Where { .. }) => repeated(method, path),
                    _ => method,
                }),
                (false, must) => not_there(&path[place.found], *must)
                    .map(|()| Method::Splices(Vec::new()))
                    .map_err(|refusal| (refusal.message, refusal.hint)),
            }
        }
    };
    match method.map_err(Failed::Refused)? {
        Method::Splices(splices) => {
            apply(text, splices);
            Ok(())
        }
        Method::Steps(steps) => steps.iter().try_for_each(|step| carry_out(text, step, focus)),
    }
}

/// The change, and after it the same for further elements that fit the path.
fn repeated(method: Method, path: &[Segment]) -> Method {
    let further = Change::Unset { path: path.to_vec(), must: false };
    match method {
        Method::Splices(splices) => Method::Steps(vec![Change::Splices(splices), further]),
        Method::Steps(steps) => Method::Steps(steps.into_iter().chain([further]).collect()),
    }
}

fn apply(text: &mut String, mut splices: Vec<Splice>) {
    splices.sort_by_key(|splice| splice.range.start);
    for splice in splices.into_iter().rev() {
        text.replace_range(splice.range, &splice.text);
    }
}

/// What the place gets, if the path and TOML allow it.
fn wished<'a>(path: &[Segment], value: &'a Value) -> Result<Cow<'a, Value>, Refusal> {
    refuse_unwritable(value)?;
    match path.last() {
        Some(Segment::Where { name, .. }) if !value.is_object() => {
            Err((format!("the element with this `{name}` can only be a table"), None))
        }
        _ => agreeing(path, value),
    }
}

/// The refusal for what is not there and is not made.
pub(super) fn absent(segment: &Segment) -> Refusal {
    let refusal = missing(segment);
    (refusal.message, refusal.hint)
}

/// The parser knows the place of all that it read from the text, so nobody should ever see this.
pub(super) fn lost() -> Refusal {
    ("the place cannot be found in the text".to_owned(), None)
}

fn plain(message: String) -> Failed {
    Failed::Refused((message, None))
}

fn replace(text: &str, place: &Place, path: &[Segment], value: &Value) -> Result<Method, Refusal> {
    if place.node.data().as_ref() == Some(value) {
        return Ok(Method::Splices(Vec::new()));
    }
    match (place.node, value) {
        (Node::Value(old), value) if !place.node.is_dotted() => {
            let range = old.span().ok_or_else(lost)?;
            Ok(Method::Splices(vec![Splice { text: in_same_notation(&text[range.clone()], old, value), range }]))
        }
        (Node::Tables(_), Value::Array(items)) if has_sections(value) => Ok(replace_elements(place, path, items)),
        (Node::Table(_) | Node::Value(_), Value::Object(entries)) if !vanishes(place, entries) => {
            Ok(replace_entries(place, path, entries))
        }
        _ if matches!(place.way.last(), Some((Node::Tables(_), Step::Index(_)))) => {
            Err(("an element of an array of tables can only be a table".to_owned(), None))
        }
        _ => Ok(Method::Steps(vec![
            Change::Unset { path: path.to_vec(), must: true },
            Change::Set { path: path.to_vec(), value: value.clone(), must: false },
        ])),
    }
}

/// Whether the table has no notation of its own in which it could be empty.
fn vanishes(place: &Place, entries: &Map<String, Value>) -> bool {
    let implicit = matches!(place.node, Node::Table(table) if table.is_implicit());
    entries.is_empty() && (implicit || place.node.is_dotted())
}

/// A date stays a date, and a text in single quotes keeps them, if the new value allows it.
fn in_same_notation(old_text: &str, old: &TomlValue, value: &Value) -> String {
    if let Value::String(new) = value {
        if old.is_datetime() && new.parse::<toml_edit::Datetime>().is_ok_and(|moment| moment.to_string() == *new) {
            return new.clone();
        }
        if old_text.starts_with('\'') && !old_text.starts_with("'''") && fits_literal(new) {
            return format!("'{new}'");
        }
    }
    let mut out = String::new();
    push_value(value, &mut out);
    out
}

fn with(path: &[Segment], last: Segment) -> Vec<Segment> {
    path.iter().cloned().chain([last]).collect()
}

fn replace_entries(place: &Place, path: &[Segment], entries: &Map<String, Value>) -> Method {
    let fixed = fixed_path(place, path);
    let old = place.node.entries().into_iter().flat_map(|table| table.iter().map(|(key, _)| key));
    let gone = old.filter(|key| !entries.contains_key(*key));
    let unset = gone.map(|key| Change::Unset { path: with(&fixed, Segment::Name(key.to_owned())), must: true });
    let set = entries.iter().map(|(key, value)| Change::Set {
        path: with(&fixed, Segment::Name(key.clone())),
        value: value.clone(),
        must: false,
    });
    // New entries first: a table of dotted keys must not vanish in between.
    Method::Steps(set.chain(unset).collect())
}

fn replace_elements(place: &Place, path: &[Segment], items: &[Value]) -> Method {
    let fixed = fixed_path(place, path);
    let index = |index: usize| Segment::Index(i64::try_from(index).unwrap_or(i64::MAX));
    let length = place.node.elements().map_or(0, |elements| elements.len());
    let set = items.iter().take(length).enumerate();
    let set = set.map(|(at, value)| Change::Set { path: with(&fixed, index(at)), value: value.clone(), must: true });
    let push = items.iter().skip(length).map(|value| Change::Push { path: fixed.clone(), value: value.clone() });
    let unset = (items.len()..length).rev().map(|at| Change::Unset { path: with(&fixed, index(at)), must: true });
    Method::Steps(set.chain(push).chain(unset).collect())
}

/// The same path with numbers for conditions: those may change while the place is being changed.
fn fixed_path(place: &Place, path: &[Segment]) -> Vec<Segment> {
    let fixed = place.way.iter().zip(path).map(|((_, step), segment)| match step {
        Step::Index(index) => Segment::Index(i64::try_from(*index).unwrap_or(i64::MAX)),
        Step::Name(_) => segment.clone(),
    });
    fixed.collect()
}
