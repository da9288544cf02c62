//! Changes of one key of a structured text.

use serde_json::Value;

use super::escape::is_ini_blank;
use super::fields::{lines, value as value_of};
use super::model::{is_same, set, unset, without_empty};
use crate::document;
use crate::failure::Source;
use crate::format::{self, EditError, Operation, Segment, parse_path};

/// The keys of the data, and what may stand there.
type Entry = (Vec<Segment>, Vec<Value>);

/// A format, as far as its promises differ.
struct Editor {
    edit: fn(&str, &[Operation]) -> Result<String, EditError>,
    /// The text as data; none if it is not of the format, or if the format has no data.
    read: fn(&str) -> Option<Value>,
    /// The path as the keys of the data; the value as the data has it.
    model: fn(&[Segment], &Value) -> Option<Entry>,
    /// The whole line is one name.
    is_flat: bool,
    /// All of a path can be the name of a section.
    names_sections: bool,
}

#[allow(clippy::unnecessary_wraps, reason = "other formats have places of which nothing is known")]
fn as_it_is(path: &[Segment], value: &Value) -> Option<Entry> {
    Some((path.to_vec(), vec![value.clone()]))
}

/// Two lines: the path, and the value as JSON or else as text. Behind them the text.
pub fn json(data: &[u8]) {
    let read = |text: &str| format::json::read(text).ok();
    check(data, &Editor { edit: format::json::edit, read, model: as_it_is, is_flat: false, names_sections: false });
}

/// See [`json()`].
pub fn yaml(data: &[u8]) {
    if let Some((_, text)) = lines::<2>(data) {
        let is_sound = !format::yaml::is_surely_sound(text) || document::check_syntax(text).is_ok();
        assert!(is_sound, "{text:?} is taken for YAML");
    }
    let read = |text: &str| document::parse(&Source::new("", text)).ok().map(|node| node.to_json());
    check(data, &Editor { edit: format::yaml::edit, read, model: as_it_is, is_flat: false, names_sections: false });
}

/// See [`json()`].
pub fn toml(data: &[u8]) {
    let read = |text: &str| format::toml::read(text).ok();
    check(data, &Editor { edit: format::toml::edit, read, model: as_it_is, is_flat: false, names_sections: false });
}

/// See [`json()`].
pub fn ini(data: &[u8]) {
    let read = |text: &str| format::ini::read(text).ok();
    check(data, &Editor { edit: format::ini::edit, read, model: of_ini, is_flat: false, names_sections: true });
}

/// See [`json()`].
pub fn properties(data: &[u8]) {
    let read = |text: &str| format::properties::read(text).ok();
    check(data, &Editor { edit: format::properties::edit, read, model: of_flat, is_flat: true, names_sections: false });
}

/// See [`json()`].
pub fn env(data: &[u8]) {
    let read = |text: &str| format::env::read(text).ok();
    check(data, &Editor { edit: format::env::edit, read, model: of_flat, is_flat: true, names_sections: false });
}

/// See [`json()`]. What is read of XML is only whether it is well-formed.
pub fn xml(data: &[u8]) {
    let read = |text: &str| format::xml::check(text).ok().map(|()| Value::Null);
    check(data, &Editor { edit: format::xml::edit, read, model: |_, _| None, is_flat: false, names_sections: false });
}

fn of_flat(path: &[Segment], value: &Value) -> Option<Entry> {
    let text = if value.is_null() { String::new() } else { scalar(value)? };
    Some((path.to_vec(), vec![text.into()]))
}

fn of_ini(path: &[Segment], value: &Value) -> Option<Entry> {
    let [sections @ .., Segment::Name(key)] = path else { return None };
    let mut place = Vec::new();
    if !sections.is_empty() {
        place.push(joined(sections));
    }
    place.push(Segment::Name(key.clone()));
    if value.is_null() {
        return Some((place, vec![Value::Null]));
    }
    let text = scalar(value)?;
    // In the quotes of the old value the blanks stay.
    Some((place, vec![bare(&text).into(), text.into()]))
}

/// A key before the first section that is written like this is no section.
fn unset_section(tree: &mut Value, path: &[Segment]) {
    let Segment::Name(name) = joined(path) else { return };
    if tree.get(&name).is_some_and(Value::is_object) {
        unset(tree, &[Segment::Name(name)]);
    }
}

fn joined(path: &[Segment]) -> Segment {
    let names = path.iter().map(|segment| if let Segment::Name(name) = segment { name.as_str() } else { "[]" });
    Segment::Name(names.collect::<Vec<_>>().join("."))
}

/// The text without blanks and one pair of quotes around it: what INI's readers make of it.
fn bare(text: &str) -> &str {
    let trimmed = text.trim_matches(is_ini_blank);
    for quote in ['"', '\''] {
        let inner = trimmed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return inner;
        }
    }
    trimmed
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn check(data: &[u8], editor: &Editor) {
    let Some(([path, value], text)) = lines::<2>(data) else { return };
    let path = if editor.is_flat { Ok(vec![Segment::Name(path.to_owned())]) } else { parse_path(path) };
    let Ok(path) = path else { return };
    let value = value_of(value);
    let operation = Operation::Set { path: path.clone(), value: value.clone(), must_exist: false };
    check_unset(text, &path, editor);
    let edited = match (editor.edit)(text, std::slice::from_ref(&operation)) {
        Ok(edited) => edited,
        Err(EditError::Text(problem)) => {
            assert!(problem.offset <= text.len(), "{} of {}", problem.offset, text.len());
            return;
        }
        Err(EditError::Operation { .. }) => return,
    };
    let again = (editor.edit)(&edited, &[operation]);
    assert!(again.as_ref() == Ok(&edited), "a second run of\n{edited:?} makes\n{again:?}");
    check_unset(&edited, &path, editor);
    let Some(before) = (editor.read)(text) else { return };
    let after = (editor.read)(&edited);
    assert!(after.is_some(), "{edited:?} cannot be read");
    let Some((place, values)) = (editor.model)(&path, &value) else { return };
    let got = after.unwrap_or_default();
    let with = |value: &Value| {
        let mut wanted = before.clone();
        set(&mut wanted, &place, value).map(|()| wanted)
    };
    let wanted: Vec<Value> = values.iter().filter_map(with).collect();
    let is_wanted = wanted.is_empty() || wanted.iter().any(|wanted| is_same(&got, wanted));
    assert!(is_wanted, "{edited:?}\nis read as {got}\ninstead of  {wanted:?}");
}

fn check_unset(text: &str, path: &[Segment], editor: &Editor) {
    let operations = [Operation::Unset { path: path.to_vec(), must_exist: false }];
    let Ok(edited) = (editor.edit)(text, &operations) else { return };
    if !matches!(path.last(), Some(Segment::Index(_))) {
        let again = (editor.edit)(&edited, &operations);
        assert!(again.as_ref() == Ok(&edited), "a second removal from\n{edited:?} makes\n{again:?}");
    }
    let Some(mut wanted) = (editor.read)(text) else { return };
    let got = (editor.read)(&edited);
    assert!(got.is_some() || edited.trim().is_empty(), "{edited:?} cannot be read");
    let Some((place, _)) = (editor.model)(path, &Value::Null) else { return };
    if editor.names_sections {
        unset_section(&mut wanted, path);
    }
    if unset(&mut wanted, &place).is_some() {
        let (got, wanted) = (without_empty(&got.unwrap_or_default()), without_empty(&wanted));
        assert!(is_same(&got, &wanted), "{edited:?}\nis read as {got}\ninstead of  {wanted}");
    }
}
