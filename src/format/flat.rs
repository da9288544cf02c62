//! Changing keys of a language that is one flat list of `key = value`: properties and env.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use super::line::line_break;
use super::{EditError, Operation, Problem, Segment};

/// One entry of a text: a pair with all its lines, or one line of anything else.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// All its bytes, the line break included.
    pub(super) text: Cow<'a, str>,
    pub(super) kind: Kind,
}

/// What an entry is. Ranges are those of its text.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Pair { key: Range<usize>, value: Range<usize> },
    Comment,
    Other,
}

/// Why a key or a value cannot be written: the message and perhaps a remedy.
pub(super) type Refusal = (String, Option<String>);

/// What one flat language does in its own way.
pub(super) trait Language {
    /// What ends a line.
    const BREAKS: &'static [char];
    /// The text as entries; all of them together are the text.
    fn split(text: &str) -> Result<Vec<Entry<'_>>, Problem>;
    /// The key as whoever reads the file sees it.
    fn key(raw: &str) -> Result<Cow<'_, str>, Problem>;
    /// The value as whoever reads the file sees it.
    fn value(raw: &str) -> Result<Cow<'_, str>, Problem>;
    /// Whether every reader takes what stands there for this value.
    fn is_right(raw: &str, value: &str) -> bool {
        Self::value(raw).is_ok_and(|old| old == value)
    }
    /// The line of a new pair without line break, in the style of `sibling`, the text of another pair.
    fn pair(key: &str, value: &str, sibling: Option<(&str, &Kind)>) -> Result<String, Refusal>;
    /// The pair with another value.
    fn replace(text: &str, key: &Range<usize>, value: &Range<usize>, new: &str) -> Result<String, Refusal>;
    /// The comment holds this key with a value: a default that is commented out.
    fn is_default(comment: &str, key: &str) -> bool;
    /// Nothing can be put behind this last entry, which goes on in a line that is not there.
    fn is_open(last: &Entry<'_>) -> bool;
}

/// All pairs; of a key that stands twice the later one wins.
pub(super) fn read<L: Language>(text: &str) -> Result<Value, Problem> {
    let mut pairs = Map::new();
    let mut offset = 0;
    for entry in L::split(text)? {
        if let Kind::Pair { key, value } = &entry.kind {
            let name = L::key(&entry.text[key.clone()]).map_err(|problem| moved(problem, offset + key.start))?;
            let value = L::value(&entry.text[value.clone()]).map_err(|problem| moved(problem, offset + value.start))?;
            pairs.insert(name.into_owned(), value.into_owned().into());
        }
        offset += entry.text.len();
    }
    Ok(pairs.into())
}

fn moved(problem: Problem, by: usize) -> Problem {
    Problem { offset: problem.offset + by, ..problem }
}

/// Carries out the operations. A path is one key: its names joined by `.` again.
pub(super) fn edit<L: Language>(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    let mut entries = L::split(text).map_err(EditError::Text)?;
    for (index, operation) in operations.iter().enumerate() {
        carry_out::<L>(&mut entries, operation, text).map_err(|(message, hint)| EditError::Operation {
            index,
            message,
            hint,
        })?;
    }
    let mut edited = String::with_capacity(entries.iter().map(|entry| entry.text.len()).sum());
    edited.extend(entries.iter().map(|entry| entry.text.as_ref()));
    Ok(edited)
}

fn carry_out<L: Language>(entries: &mut Vec<Entry<'_>>, operation: &Operation, text: &str) -> Result<(), Refusal> {
    let (Operation::Set { path, must_exist, .. } | Operation::Unset { path, must_exist }) = operation;
    let key = joined(path)?;
    let mut found = None;
    for (at, entry) in entries.iter().enumerate() {
        if has_key::<L>(entry, &key) {
            found = Some(at);
        }
    }
    if found.is_none() && *must_exist {
        return Err((format!("there is no key `{key}`"), None));
    }
    let Operation::Set { value, .. } = operation else {
        if found.is_some() {
            entries.retain(|entry| !has_key::<L>(entry, &key));
            // A line that only said "go on" went on with what is gone.
            while entries.last().is_some_and(|last| matches!(last.kind, Kind::Other) && L::is_open(last)) {
                entries.pop();
            }
        }
        return Ok(());
    };
    let value = scalar(value)?;
    match found.and_then(|at| entries.get_mut(at)) {
        Some(entry) => set::<L>(entry, &value),
        None => add::<L>(entries, &key, &value, text),
    }
}

fn joined(path: &[Segment]) -> Result<String, Refusal> {
    let mut names = Vec::new();
    for segment in path {
        let Segment::Name(name) = segment else {
            return Err(("a key of this format has no `[...]`: there are no lists".to_owned(), None));
        };
        names.push(name.as_str());
    }
    let key = names.join(".");
    if key.is_empty() { Err(("the key is empty".to_owned(), None)) } else { Ok(key) }
}

fn scalar(value: &Value) -> Result<Cow<'_, str>, Refusal> {
    match value {
        Value::Null => Ok(Cow::Borrowed("")),
        Value::String(text) => Ok(Cow::Borrowed(text)),
        Value::Bool(_) | Value::Number(_) => Ok(Cow::Owned(value.to_string())),
        Value::Array(_) | Value::Object(_) => {
            Err(("a value of this format is one text, not a list or mapping".to_owned(), None))
        }
    }
}

fn has_key<L: Language>(entry: &Entry<'_>, wanted: &str) -> bool {
    let Kind::Pair { key, .. } = &entry.kind else { return false };
    L::key(&entry.text[key.clone()]).is_ok_and(|key| key == wanted)
}

fn set<L: Language>(entry: &mut Entry<'_>, new: &str) -> Result<(), Refusal> {
    let Kind::Pair { key, value } = &entry.kind else { return Ok(()) };
    if L::is_right(&entry.text[value.clone()], new) {
        return Ok(());
    }
    let text = L::replace(&entry.text, key, value, new)?;
    *entry = parsed::<L>(text);
    Ok(())
}

/// A text that was just written, as an entry that later operations find.
fn parsed<L: Language>(text: String) -> Entry<'static> {
    let kind =
        L::split(&text).ok().and_then(|entries| entries.into_iter().next()).map_or(Kind::Other, |entry| entry.kind);
    Entry { text: Cow::Owned(text), kind }
}

fn add<L: Language>(entries: &mut Vec<Entry<'_>>, key: &str, value: &str, text: &str) -> Result<(), Refusal> {
    let at = position::<L>(entries, key);
    let siblings = entries.get(..at).unwrap_or_default();
    let sibling = siblings.iter().rfind(|entry| matches!(entry.kind, Kind::Pair { .. }));
    let mut pair = L::pair(key, value, sibling.map(|entry| (entry.text.as_ref(), &entry.kind)))?;
    let line_break = line_break(text);
    match at.checked_sub(1).and_then(|last| entries.get_mut(last)) {
        Some(last) if L::is_open(last) => {
            let message = "the last line ends in a backslash: what is put behind it would become a part of it";
            return Err((message.to_owned(), None));
        }
        // The file does not end in a line break, and shall not. Half of one becomes a whole one.
        Some(last) if !last.text.ends_with(L::BREAKS) => {
            let line_break = if last.text.ends_with('\r') { "\n" } else { line_break };
            last.text.to_mut().push_str(line_break);
        }
        _ => pair.push_str(line_break),
    }
    entries.insert(at, parsed::<L>(pair));
    Ok(())
}

/// Behind the default that is commented out, otherwise at the end.
fn position<L: Language>(entries: &[Entry<'_>], key: &str) -> usize {
    let default =
        entries.iter().rposition(|entry| matches!(entry.kind, Kind::Comment) && L::is_default(&entry.text, key));
    default.map_or(entries.len(), |at| at + 1)
}
