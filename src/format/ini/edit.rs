//! Changing keys of an INI file.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::super::{EditError, Operation, Problem, Segment};
use super::add::{add, end_of_section, ensure_section, separator};
use super::dispute::{check_disputed, check_replaceable};
use super::document::Document;
use super::lex::is_blank;
use super::place::{Element, Place, find, joined, place};
use super::rules::{self, check_value, is_quoted, unquote};

/// The message and perhaps a remedy.
pub(super) type Refusal = (String, Option<String>);

/// See [`super::edit`].
pub(super) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    let mut document = Document::parse(text).map_err(EditError::Text)?;
    for (index, operation) in operations.iter().enumerate() {
        carry_out(&mut document, operation).map_err(|(message, hint)| EditError::Operation { index, message, hint })?;
    }
    // Where the line stands in the changed text is of no use to whoever looks into the file.
    let index = operations.len().saturating_sub(1);
    document.into_text().map_err(|Problem { message, hint, .. }| EditError::Operation { index, message, hint })
}

fn carry_out(document: &mut Document<'_>, operation: &Operation) -> Result<(), Refusal> {
    match operation {
        Operation::Set { path, value: Value::Object(keys), must_exist } => {
            let section = joined(path)?;
            if *must_exist && document.bodies(Some(&section)).is_empty() {
                return Err((format!("there is no section `{section}`"), None));
            }
            set_section(document, &section, keys)
        }
        Operation::Set { path, value, must_exist } => {
            let place = place(path)?;
            let rows = find(document, &place);
            if *must_exist && rows.is_empty() {
                return Err((format!("there is no key `{}`", place.key), None));
            }
            set(document, &place, &rows, value)
        }
        Operation::Unset { path, must_exist } => unset(document, path, *must_exist),
    }
}

/// The same for an operation.
pub(super) fn refused((message, hint): rules::Refusal) -> Refusal {
    (message.to_owned(), hint.map(str::to_owned))
}

fn unset(document: &mut Document<'_>, path: &[Segment], must_exist: bool) -> Result<(), Refusal> {
    let place = place(path)?;
    if place.element.is_some() {
        let hint = "set the list of the values that shall stay";
        return Err((
            "one of several equal keys cannot be removed by its number: a second run would remove the next".to_owned(),
            Some(hint.to_owned()),
        ));
    }
    check_disputed(document, &place)?;
    let section = joined(path)?;
    let rows = find(document, &place);
    let bodies = document.bodies(Some(&section));
    match (rows.is_empty(), bodies.is_empty()) {
        (true, true) if must_exist => return Err((format!("there is no key or section `{section}`"), None)),
        (false, false) => return Err((format!("both a key and a section are `{section}`"), None)),
        _ => {}
    }
    for at in rows.into_iter().rev() {
        check_replaceable(document, at)?;
        document.remove_key(at);
    }
    for body in bodies.into_iter().rev() {
        let end = end_of_section(document, &body);
        document.remove(body.start - 1..end);
    }
    Ok(())
}

fn set_section(document: &mut Document<'_>, section: &str, keys: &Map<String, Value>) -> Result<(), Refusal> {
    ensure_section(document, section)?;
    for (key, value) in keys {
        let place = Place { section: Some(section.to_owned()), key: key.clone(), element: None };
        let rows = find(document, &place);
        set(document, &place, &rows, value)?;
    }
    for at in document.bodies(Some(section)).into_iter().rev().flat_map(Iterator::rev) {
        if document.key(at).is_some_and(|key| !keys.contains_key(key)) {
            check_replaceable(document, at)?;
            document.remove_key(at);
        }
    }
    Ok(())
}

fn set(document: &mut Document<'_>, place: &Place, rows: &[usize], value: &Value) -> Result<(), Refusal> {
    match (&place.element, value) {
        (None, Value::Array(values)) => {
            let values = values.iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
            set_list(document, place, rows, &values)
        }
        (None, value) if rows.len() < 2 => set_list(document, place, rows, &[scalar(value)?]),
        (None, _) => {
            let hint = "set a list of all values, or one of them with `[0]`, `[1]`";
            Err((format!("the key `{}` stands {} times", place.key, rows.len()), Some(hint.to_owned())))
        }
        (Some(Element::Append), value) => {
            let value = scalar(value)?;
            if rows.iter().any(|at| is_equal(document, *at, value.as_deref())) {
                return Ok(());
            }
            add(document, place, rows.last().copied(), value.as_deref())
        }
        (Some(Element::Index(index)), value) => {
            let position = if *index < 0 { index.saturating_add_unsigned(rows.len() as u64) } else { *index };
            let at = usize::try_from(position).ok().and_then(|position| rows.get(position));
            let at = at.ok_or_else(|| (format!("the key `{}` stands only {} times", place.key, rows.len()), None))?;
            replace(document, *at, scalar(value)?.as_deref())
        }
    }
}

/// `None` is a key without value.
fn scalar(value: &Value) -> Result<Option<Cow<'_, str>>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(Cow::Borrowed(text))),
        Value::Bool(_) | Value::Number(_) => Ok(Some(Cow::Owned(value.to_string()))),
        Value::Array(_) | Value::Object(_) => Err(("a value in an INI file is one text".to_owned(), None)),
    }
}

fn set_list(
    document: &mut Document<'_>,
    place: &Place,
    rows: &[usize],
    values: &[Option<Cow<'_, str>>],
) -> Result<(), Refusal> {
    // From the end, so that the lines before keep their numbers.
    for (index, at) in rows.iter().enumerate().rev() {
        match values.get(index) {
            Some(value) => replace(document, *at, value.as_deref())?,
            None => {
                check_replaceable(document, *at)?;
                document.remove_key(*at);
            }
        }
    }
    for value in values.iter().skip(rows.len()) {
        let last = find(document, place).last().copied();
        add(document, place, last, value.as_deref())?;
    }
    Ok(())
}

fn is_equal(document: &Document<'_>, at: usize, wanted: Option<&str>) -> bool {
    match (document.value(at), wanted) {
        (None, None) => true,
        (Some(value), Some(wanted)) => *value == *wanted.trim_matches(is_blank) || unquote(&value) == wanted,
        _ => false,
    }
}

fn replace(document: &mut Document<'_>, at: usize, new: Option<&str>) -> Result<(), Refusal> {
    if is_equal(document, at, new) {
        return Ok(());
    }
    check_replaceable(document, at)?;
    let old = document.value(at);
    let new = new.map(|new| in_style(old.as_deref(), new)).transpose()?;
    let separator = separator(document, at);
    document.replace(at, new.as_deref(), &separator);
    Ok(())
}

/// The value as it is to be written: in quotes if the old one was and they can hold it.
fn in_style<'a>(old: Option<&str>, new: &'a str) -> Result<Cow<'a, str>, Refusal> {
    let quote = old.filter(|old| is_quoted(old)).and_then(|old| old.chars().next());
    if let Some(quote) = quote.filter(|quote| !is_quoted(new) && !new.contains([*quote, '\\'])) {
        rules::check_characters(new).map_err(refused)?;
        return Ok(Cow::Owned(format!("{quote}{new}{quote}")));
    }
    check_value(new).map_err(refused)?;
    Ok(Cow::Borrowed(new))
}
