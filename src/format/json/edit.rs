//! Keys of JSON changed in place.

use std::ops::Range;

use serde_json::Value;

use super::scanner::{Entries, Entry, Scanner};
use super::style::{Style, push_scalar};
use crate::format::delimited::{Layout, append, layout, remove};
use crate::format::patch::{Patch, indentation};
use crate::format::patched::{Error, absent, carry_out_each};
use crate::format::refusal::{ONE_GOES, Refusal, STANDS_TWICE, element, misfit, position, wrapped};
use crate::format::{EditError, Operation, Problem, Segment};

/// Carries out the operations. Comments and trailing commas are kept; a key on the way that is there twice is
/// refused, and `unset` takes out all.
pub(crate) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    if operations.is_empty() {
        Scanner::document(text).map_err(EditError::Text)?;
    }
    carry_out_each(text, operations, changes)
}

/// A value, and how what stands around it is laid out.
struct Place {
    value: Range<usize>,
    /// All of the collection stands on one line.
    inline: bool,
    /// The entry that it is the value of, and the closing bracket behind it.
    entry: Option<(Entry, usize)>,
}

/// Where a step of a path leads.
enum Step {
    Found(Place),
    /// Not there. It would come behind the last entry.
    Missing {
        last: Option<Entry>,
        inline: bool,
    },
}

fn changes(text: &str, operation: &Operation) -> Result<Vec<Patch>, Error> {
    let path = operation.path();
    let Some(start) = Scanner::start(text)? else { return from_nothing(text, operation) };
    let (mut place, mut first_step) = match first_step(text, start, operation) {
        Some((root, step)) => (root, Some(step)),
        None => {
            let Some(value) = Scanner::document(text)? else { return from_nothing(text, operation) };
            (Place { inline: is_inline(text, &value), value, entry: None }, None)
        }
    };
    for (depth, segment) in path.iter().enumerate() {
        let rest = &path[depth + 1..];
        if *segment == Segment::Append {
            return appended(text, &place, rest, operation);
        }
        if &text[place.value.clone()] == "null" && matches!(segment, Segment::Name(_) | Segment::Where { .. }) {
            return match operation {
                Operation::Set { value, must_exist: false, .. } => {
                    Ok(replaced(text, &place, &wrapped(&path[depth..], value)?))
                }
                _ => absent(operation, segment),
            };
        }
        let step = match first_step.take() {
            Some(step) => step,
            None => step(text, &place, segment, operation.takes_out(rest))?.0,
        };
        match step {
            Step::Found(next) => place = next,
            Step::Missing { last, inline } => {
                return match (operation, segment) {
                    (Operation::Set { value, must_exist: false, .. }, Segment::Name(name)) => {
                        let added = wrapped(rest, value)?;
                        Ok(inserted(text, &place, last.as_ref(), inline, Some(name), &added))
                    }
                    (Operation::Set { value, must_exist: false, .. }, Segment::Where { name, value: chosen_by }) => {
                        let added = element(name, chosen_by, wrapped(rest, value)?)?;
                        Ok(inserted(text, &place, last.as_ref(), inline, None, &added))
                    }
                    _ => absent(operation, segment),
                };
            }
        }
    }
    match operation {
        Operation::Set { value, .. } if equals(&text[place.value.clone()], value) => Ok(Vec::new()),
        Operation::Set { value, .. } => Ok(replaced(text, &place, value)),
        Operation::Unset { .. } => match &place.entry {
            Some((entry, close)) => Ok(remove(text, &entry.member, *close, only_comments)),
            None => Err(Refusal::new("the path is empty").into()),
        },
    }
}

fn is_inline(text: &str, value: &Range<usize>) -> bool {
    !text[value.clone()].contains('\n') && value.len() > 2
}

/// The root and where the first step leads, found in one go with the check of the whole text. `None` when there is
/// something to be said against the text or the step.
fn first_step(text: &str, start: usize, operation: &Operation) -> Option<(Place, Step)> {
    let path = operation.path();
    let steps_into = match path.first()? {
        Segment::Name(_) => text[start..].starts_with('{'),
        // From the end, all elements have to be counted before.
        Segment::Index(0..) | Segment::Where { .. } => text[start..].starts_with('['),
        _ => false,
    };
    if !steps_into {
        return None;
    }
    let unmeasured = Place { value: start..start + 1, inline: false, entry: None };
    let (mut step, end) = step(text, &unmeasured, path.first()?, operation.takes_out(&path[1..])).ok()?;
    Scanner::check_end(text, end).ok()?;
    let root = Place { inline: is_inline(text, &(start..end)), value: start..end, entry: None };
    if let Step::Missing { last: None, inline } = &mut step {
        *inline = root.inline;
    }
    Some((root, step))
}

fn from_nothing(text: &str, operation: &Operation) -> Result<Vec<Patch>, Error> {
    let path = operation.path();
    let Some(first) = path.first() else { return Err(Refusal::new("the path is empty").into()) };
    let Operation::Set { value, must_exist: false, .. } = operation else { return absent(operation, first) };
    let style = Style::of(text, None);
    let mut written = String::new();
    let own_line = text.is_empty() || text.ends_with('\n');
    written.push_str(if own_line { "" } else { style.line_break });
    style.push(&mut written, &wrapped(path, value)?, Some(""));
    written.push_str(style.line_break);
    Ok(vec![Patch::insert(text.len(), written)])
}

/// Where a segment leads, and the end of the collection that was gone through. A key that is there twice is fine where all
/// of them go.
fn step(text: &str, place: &Place, segment: &Segment, all_go: bool) -> Result<(Step, usize), Error> {
    let opening = text.as_bytes()[place.value.start];
    match (opening, segment) {
        (b'{', Segment::Name(_)) | (b'[', Segment::Index(_) | Segment::Where { .. }) => {}
        (b'{', _) => return Err(misfit(segment, "a mapping").into()),
        (b'[', _) => return Err(misfit(segment, "a list").into()),
        _ => return Err(misfit(segment, "a single value").into()),
    }
    let wanted_index = match segment {
        Segment::Index(index @ 0..) => usize::try_from(*index).ok(),
        Segment::Index(index) => position(*index, count(text, place.value.start)?),
        _ => None,
    };
    let mut entries = Entries::new(text, place.value.start);
    let (mut found, mut last, mut inline, mut index) = (None, None, place.inline, 0_usize);
    while let Some(entry) = entries.next()? {
        inline = (index == 0 || inline) && !text[entry.member.before..entry.member.range.start].contains('\n');
        let matches = match segment {
            Segment::Name(name) => is_key(&text[entry.key.clone()], name),
            Segment::Where { name, value } => found.is_none() && has(text, entry.value.start, name, value)?,
            _ => wanted_index == Some(index),
        };
        if matches && found.is_some() && !all_go {
            return Err(Problem::new(entry.key.start, STANDS_TWICE).hint(ONE_GOES).into());
        }
        if matches {
            found = Some(entry.clone());
        }
        last = Some(entry);
        index += 1;
    }
    let close = entries.close();
    let step = match found {
        Some(entry) => Step::Found(Place { value: entry.value.clone(), inline, entry: Some((entry, close)) }),
        None => Step::Missing { last, inline },
    };
    Ok((step, close + 1))
}

fn count(text: &str, open: usize) -> Result<usize, Problem> {
    let mut entries = Entries::new(text, open);
    let mut count = 0;
    while entries.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

fn is_key(written: &str, name: &str) -> bool {
    let inner = &written[1..written.len() - 1];
    inner == name && !inner.contains('\\')
        || inner.contains('\\') && serde_json::from_str::<String>(written).is_ok_and(|key| key == name)
}

/// Whether an element is a mapping with this text under this key.
fn has(text: &str, open: usize, name: &str, value: &str) -> Result<bool, Problem> {
    if text.as_bytes()[open] != b'{' {
        return Ok(false);
    }
    let mut entries = Entries::new(text, open);
    let mut found = false;
    while let Some(entry) = entries.next()? {
        if is_key(&text[entry.key.clone()], name) {
            let written = &text[entry.value.clone()];
            found = written == value || is_text(written, value);
        }
    }
    Ok(found)
}

/// Whether a string that stands written here is this text.
fn is_text(written: &str, text: &str) -> bool {
    match written.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => inner == text,
        _ => equals(written, &Value::String(text.to_owned())),
    }
}

fn appended(text: &str, place: &Place, rest: &[Segment], operation: &Operation) -> Result<Vec<Patch>, Error> {
    let Operation::Set { value, must_exist, .. } = operation else {
        return absent(operation, &Segment::Append);
    };
    let added = wrapped(rest, value)?;
    match text.as_bytes()[place.value.start] {
        b'[' => {}
        b'n' if !must_exist => return Ok(replaced(text, place, &Value::Array(vec![added]))),
        b'{' => return Err(misfit(&Segment::Append, "a mapping").into()),
        _ => return Err(misfit(&Segment::Append, "a single value").into()),
    }
    let mut entries = Entries::new(text, place.value.start);
    let (mut last, mut inline) = (None, place.inline);
    while let Some(entry) = entries.next()? {
        if equals(&text[entry.value.clone()], &added) {
            return Ok(Vec::new());
        }
        inline = (last.is_none() || inline) && !text[entry.member.before..entry.member.range.start].contains('\n');
        last = Some(entry);
    }
    Ok(inserted(text, place, last.as_ref(), inline, None, &added))
}

/// Adds an entry at the end of the collection at this place.
fn inserted(
    text: &str,
    place: &Place,
    last: Option<&Entry>,
    inline: bool,
    key: Option<&str>,
    value: &Value,
) -> Vec<Patch> {
    let style = Style::of(text, last.filter(|_| key.is_some()));
    let mut written = String::new();
    if let Some(key) = key {
        style.push_key(&mut written, key);
    }
    if let Some(last) = last {
        let layout = layout(text, &last.member, style.blank);
        let indent = match &layout {
            Layout::Lines(indent) => Some(indent.as_str()),
            Layout::Line(_) => (!inline).then(|| indentation(text, last.member.range.start)),
        };
        style.push(&mut written, value, indent);
        return append(text, &last.member, &layout, style.line_break, only_comments, &written);
    }
    let (open, close) = (place.value.start, place.value.end - 1);
    let inside = &text[open + 1..close];
    let outer = indentation(text, open);
    if inline && !inside.contains('\n') {
        style.push(&mut written, value, None);
        return vec![Patch::insert(close, written)];
    }
    style.push(&mut written, value, Some(&style.deeper(outer)));
    let lines = format!("{}{written}{}{outer}", style.first_line(outer), style.line_break);
    // A comment in an otherwise empty collection stays in front.
    vec![Patch::replace(open + 1 + inside.trim_end().len()..close, lines)]
}

fn replaced(text: &str, place: &Place, value: &Value) -> Vec<Patch> {
    let mut written = String::new();
    if !value.is_array() && !value.is_object() {
        push_scalar(&mut written, value);
        return vec![Patch::replace(place.value.clone(), written)];
    }
    let style = Style::of(text, place.entry.as_ref().map(|(entry, _)| entry));
    style.push(&mut written, value, (!place.inline).then(|| indentation(text, place.value.start)));
    vec![Patch::replace(place.value.clone(), written)]
}

/// Whether a value stands written here.
fn equals(written: &str, value: &Value) -> bool {
    let fits = match value {
        Value::Object(_) => written.starts_with('{'),
        Value::Array(_) => written.starts_with('['),
        Value::String(_) => written.starts_with('"'),
        _ => !written.starts_with(['{', '[', '"']),
    };
    if !fits {
        return false;
    }
    let strict = serde_json::from_str::<Value>(written).or_else(|_| serde_json::from_str(&strict(written)));
    strict.is_ok_and(|present| present == *value)
}

/// A value without its comments and trailing commas.
fn strict(written: &str) -> String {
    let mut result = String::with_capacity(written.len());
    let mut scanner = Scanner::new(written, 0);
    while let Some(byte) = scanner.byte() {
        let start = scanner.at;
        match byte {
            b'"' if scanner.value().is_ok() => result.push_str(&written[start..scanner.at]),
            b'/' if scanner.blanks().is_ok() => result.push(' '),
            b',' => {
                scanner.at += 1;
                if scanner.blanks().is_ok() && !matches!(scanner.byte(), Some(b'}' | b']')) {
                    result.push(',');
                }
            }
            _ => {
                scanner.at += 1;
                result.push(char::from(byte));
            }
        }
    }
    result
}

/// Whether the rest of a line holds nothing but blanks and comments.
fn only_comments(rest: &str) -> bool {
    let rest = rest.trim();
    let mut scanner = Scanner::new(rest, 0);
    scanner.blanks().is_ok() && scanner.byte().is_none()
}
