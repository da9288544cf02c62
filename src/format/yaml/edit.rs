//! Keys of YAML changed in place.

use serde_json::Value;

use super::change::{Around, Place, emptied, inserted_flow, inserted_line, only_comment, removed_line, replaced};
use super::chosen::{Chosen, chosen};
use super::entries::{Entries, Entry};
use super::flow_scalar::composed;
use super::node::{Content, Node, Reader, open_root, root};
use super::token::Kind;
use super::value::value as value_of;
use super::write::{has_too_long_key, is_too_long};
use crate::format::delimited::remove;
use crate::format::encoding::check_marks;
use crate::format::patch::{Patch, line_end, line_start};
use crate::format::patched::{Error, absent, carry_out_each};
use crate::format::refusal::{ONE_GOES, Refusal, STANDS_TWICE, element, misfit, missing, position, wrapped};
use crate::format::{EditError, Operation, Problem, Segment};

/// Carries out the operations on a file with one document. What is reached only through an alias is refused, and
/// so is a key on the way that is there twice; `unset` takes out all.
pub(crate) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    check_marks(text).and_then(|()| check_characters(text)).map_err(EditError::Text)?;
    if operations.is_empty() {
        root(text).map_err(EditError::Text)?;
    }
    carry_out_each(text, operations, changes)
}

/// Refuses line breaks of an age that is gone, as what is done by lines knows nothing of them, and what ends a text.
fn check_characters(text: &str) -> Result<(), Problem> {
    if let Some(at) = text.find('\0') {
        let message = "a NUL character ends the text for some readers of YAML, and others refuse it";
        return Err(Problem::new(at, message).hint("take it out"));
    }
    let lone = text.match_indices('\r').find(|(at, _)| !text[at + 1..].starts_with('\n'));
    lone.map_or(Ok(()), |(at, _)| {
        Err(Problem::new(at, "a carriage return without a line feed ends a line for YAML, but not for most programs")
            .hint("end the lines with a line feed"))
    })
}

fn check_keys(operation: &Operation) -> Result<(), Refusal> {
    let Operation::Set { path, value, .. } = operation else { return Ok(()) };
    let in_path = path.iter().any(|segment| matches!(segment, Segment::Name(name) if is_too_long(name)));
    if in_path || has_too_long_key(value) {
        return Err(Refusal::new("a YAML key cannot be longer than 1000 characters"));
    }
    Ok(())
}

/// Where a step of a path leads in a collection.
struct Look<'a> {
    found: Option<Entry<'a>>,
    /// Where the block scalar begins that the entry before the one that was found ends with.
    previous_block: Option<usize>,
    last: Option<Entry<'a>>,
    count: usize,
    close: usize,
    merges: bool,
    /// An element is perhaps the one that the path chooses.
    is_doubtful: bool,
}

fn changes(text: &str, operation: &Operation) -> Result<Vec<Patch>, Error> {
    let path = operation.path();
    check_keys(operation)?;
    let (node, mut first_look) = match first_look(text, operation) {
        Some((node, look)) => (node, Some(look)),
        None => (root(text)?, None),
    };
    let mut place = Place { indicator_end: node.start, node, around: Around::Document };
    let Some((last_segment, _)) = path.split_last() else { return Err(Refusal::new("the path is empty").into()) };
    for (depth, segment) in path.iter().enumerate() {
        let rest = &path[depth + 1..];
        if is_nothing(text, &place, segment) {
            return match operation {
                Operation::Set { value, must_exist: false, .. } => fill(text, &place, &wrapped(&path[depth..], value)?),
                _ => absent(operation, segment),
            };
        }
        check_fits(text, &place.node, segment)?;
        if *segment == Segment::Append {
            return appended(text, &place, rest, operation);
        }
        let look = match first_look.take() {
            Some(look) => look,
            None => look(text, &place.node, segment, operation.takes_out(rest))?,
        };
        if look.merges {
            check_merge(text, &look, segment, operation, rest.is_empty())?;
        }
        let Some(entry) = look.found.clone() else {
            return match (operation, segment) {
                (_, Segment::Where { name, value }) if look.is_doubtful => Err(doubt(name, value).into()),
                (Operation::Set { value, must_exist: false, .. }, Segment::Name(name)) => {
                    Ok(inserted(text, &place, look.last.as_ref(), Some(name), &wrapped(rest, value)?)?)
                }
                (Operation::Set { value, must_exist: false, .. }, Segment::Where { name, value: chosen_by }) => {
                    let added = element(name, chosen_by, wrapped(rest, value)?)?;
                    Ok(inserted(text, &place, look.last.as_ref(), None, &added)?)
                }
                _ => absent(operation, segment),
            };
        };
        if rest.is_empty() && matches!(operation, Operation::Unset { .. }) {
            // Once it is gone, a second run would have to decide about that element.
            if let Segment::Where { name, value } = segment
                && look.is_doubtful
            {
                return Err(doubt(name, value).into());
            }
            return removed(text, &place, &entry, &look);
        }
        if entry.pair {
            return Err(Refusal::new("the path leads into a pair without braces in a list")
                .hint("write the element as `{key: value}`")
                .into());
        }
        place = Place { around: around(&place.node), indicator_end: entry.indicator_end, node: entry.value };
    }
    match operation {
        Operation::Set { value, .. } if value_of(text, &place.node, 0).as_ref() == Some(value) => Ok(Vec::new()),
        Operation::Set { value, .. } => {
            check_anchors(text, place.node.properties_end..place.node.end)?;
            Ok(replaced(text, &place, value))
        }
        Operation::Unset { .. } => Err(missing(last_segment).into()),
    }
}

fn around(node: &Node<'_>) -> Around {
    match node.content {
        Content::BlockMapping => Around::Mapping(node.first.column),
        Content::BlockSequence => Around::Sequence(node.first.column),
        _ => Around::Flow,
    }
}

/// Whether there is no value, or null, or empty brackets that can become lines.
fn is_nothing(text: &str, place: &Place<'_>, segment: &Segment) -> bool {
    if matches!(segment, Segment::Index(_)) {
        return false;
    }
    let node = &place.node;
    let written = &text[node.first.start..node.end.max(node.first.start)];
    match node.content {
        Content::Empty => true,
        Content::Scalar => node.tag.is_none() && matches!(written, "null" | "Null" | "NULL" | "~"),
        Content::Flow if place.around != Around::Flow => {
            let brackets = if matches!(segment, Segment::Name(_)) { ('{', '}') } else { ('[', ']') };
            written
                .strip_prefix(brackets.0)
                .and_then(|inner| inner.strip_suffix(brackets.1))
                .is_some_and(|inner| inner.trim().is_empty())
        }
        _ => false,
    }
}

fn fill(text: &str, place: &Place<'_>, value: &Value) -> Result<Vec<Patch>, Error> {
    let node = &place.node;
    let is_document = place.around == Around::Document && node.content == Content::Empty;
    if is_document && (node.first.kind == Kind::DocumentEnd || node.end > node.start) {
        return Err(Problem::new(node.start, "an empty document with a mark or anchor cannot be filled").into());
    }
    Ok(replaced(text, place, value))
}

fn check_fits(text: &str, node: &Node<'_>, segment: &Segment) -> Result<(), Error> {
    let mapping = match node.content {
        Content::Alias => {
            return Err(Refusal::new("the path leads through an alias")
                .hint("change the place that has the anchor")
                .into());
        }
        Content::Empty | Content::Scalar => return Err(misfit(segment, "a single value").into()),
        Content::BlockMapping => true,
        Content::BlockSequence => false,
        Content::Flow => text[node.first.start..].starts_with('{'),
    };
    match (mapping, segment) {
        (true, Segment::Name(_)) => Ok(()),
        (true, _) => Err(misfit(segment, "a mapping").into()),
        (false, Segment::Name(_)) => Err(misfit(segment, "a list").into()),
        (false, _) => Ok(()),
    }
}

/// The root and where the first step leads, found in one go with the check of the whole text. `None` when there is
/// something to be said against the text or the step.
fn first_look<'a>(text: &'a str, operation: &Operation) -> Option<(Node<'a>, Look<'a>)> {
    let path = operation.path();
    let segment = path.first().filter(|segment| matches!(segment, Segment::Name(_) | Segment::Index(0..)))?;
    let mut node = open_root(text)?;
    check_fits(text, &node, segment).ok()?;
    let (look, mut entries) = look_through(text, &node, segment, operation.takes_out(&path[1..])).ok()?;
    entries.check_end().ok()?;
    node.end = look.last.as_ref()?.end();
    Some((node, look))
}

fn look<'a>(text: &'a str, node: &Node<'a>, segment: &Segment, all_go: bool) -> Result<Look<'a>, Problem> {
    look_through(text, node, segment, all_go).map(|(look, _)| look)
}

/// A key that is there twice is fine where all of them go.
fn look_through<'a>(
    text: &'a str,
    node: &Node<'a>,
    segment: &Segment,
    all_go: bool,
) -> Result<(Look<'a>, Entries<'a>), Problem> {
    let wanted_index = match segment {
        Segment::Index(index @ 0..) => usize::try_from(*index).ok(),
        Segment::Index(index) => {
            let mut entries = Entries::new(text, node);
            let mut length = 0;
            while entries.next()?.is_some() {
                length += 1;
            }
            position(*index, length)
        }
        _ => None,
    };
    let mut look = Look {
        found: None,
        previous_block: None,
        last: None,
        count: 0,
        close: node.end.saturating_sub(1),
        merges: false,
        is_doubtful: false,
    };
    let mut entries = Entries::new(text, node);
    loop {
        let mut before = look.last.as_ref().and_then(|last| last.value.last_block);
        let mut passed = None;
        if let Segment::Name(name) = segment
            && let Some(others) = entries.skip_others(name)
        {
            look.count += others.count;
            before = others.last_block;
            passed = Some(others.last);
        }
        let Some(entry) = entries.next()? else {
            // Only read when it is the last one of all: it may be most of the text.
            if let Some(line) = passed {
                look.last = entries.entry_at(line)?;
            }
            break;
        };
        let matches = match segment {
            Segment::Name(name) => {
                entry.check_key(text)?;
                entry.has_key(text, name)
            }
            Segment::Where { .. } if look.found.is_some() && !all_go => false,
            Segment::Where { name, value } => {
                let chosen = chosen(text, &entry, name, value)?;
                look.is_doubtful |= chosen == Chosen::Perhaps;
                chosen == Chosen::Yes && look.found.is_none()
            }
            _ => wanted_index == Some(look.count),
        };
        look.merges |= entry.key.is_some_and(|key| &text[key.start..key.end] == "<<");
        if matches && look.found.is_some() && !all_go {
            return Err(Problem::new(entry.start, STANDS_TWICE).hint(ONE_GOES));
        }
        if matches {
            look.previous_block = before;
            look.found = Some(entry.clone());
        }
        look.last = Some(entry);
        look.count += 1;
    }
    Ok((look, entries))
}

fn doubt(name: &str, value: &str) -> Refusal {
    Refusal::new(format!("an element may have `{name}` = `{value}` in a form that is not looked into"))
        .hint("an alias, a merge key, a block text or a pair without braces: choose it by its number")
}

/// Refuses what a merge key could have its part in: a key that is not there but stands elsewhere in the file.
fn check_merge(
    text: &str,
    look: &Look<'_>,
    segment: &Segment,
    operation: &Operation,
    last: bool,
) -> Result<(), Refusal> {
    let Segment::Name(name) = segment else { return Ok(()) };
    let concerned = match operation {
        Operation::Set { .. } => look.found.is_none() && !last,
        Operation::Unset { .. } => last || look.found.is_none(),
    };
    if !concerned {
        return Ok(());
    }
    let own = look.found.as_ref().and_then(|entry| entry.key).map(|key| key.start);
    let mut reader = Reader::new(text);
    while reader.peek.kind != Kind::End {
        let token = reader.next();
        if token.key && Some(token.start) != own && composed(text, &token, &[]).is_some_and(|key| key == *name) {
            return Err(Refusal::new(format!("`{name}` may come from the merge key `<<`"))
                .hint("change the mapping that has the anchor"));
        }
    }
    Ok(())
}

/// Refuses to take out an anchor that an alias elsewhere needs.
fn check_anchors(text: &str, range: std::ops::Range<usize>) -> Result<(), Refusal> {
    if !text[range.clone()].contains('&') {
        return Ok(());
    }
    let mut reader = Reader::new(text);
    let mut lost = Vec::new();
    while reader.peek.kind != Kind::End {
        let token = reader.next();
        let name = text.get(token.start + 1..token.end).unwrap_or("");
        match token.kind {
            Kind::Anchor if range.contains(&token.start) => lost.push(name),
            Kind::Alias if !range.contains(&token.start) && lost.contains(&name) => {
                return Err(Refusal::new(format!("the anchor `{name}` would be lost, and an alias needs it")));
            }
            _ => {}
        }
    }
    Ok(())
}

fn appended<'a>(
    text: &'a str,
    place: &Place<'a>,
    rest: &[Segment],
    operation: &Operation,
) -> Result<Vec<Patch>, Error> {
    let Operation::Set { value, .. } = operation else {
        return absent(operation, &Segment::Append);
    };
    let added = wrapped(rest, value)?;
    let mut entries = Entries::new(text, &place.node);
    let mut last = None;
    while let Some(entry) = entries.next()? {
        if !entry.pair && value_of(text, &entry.value, 0).as_ref() == Some(&added) {
            return Ok(Vec::new());
        }
        last = Some(entry);
    }
    Ok(inserted(text, place, last.as_ref(), None, &added)?)
}

fn inserted(
    text: &str,
    place: &Place<'_>,
    last: Option<&Entry<'_>>,
    key: Option<&str>,
    value: &Value,
) -> Result<Vec<Patch>, Problem> {
    match (place.node.content, last) {
        (Content::BlockMapping | Content::BlockSequence, Some(last)) => {
            inserted_line(text, last, place.node.first.column, key, value)
        }
        _ => Ok(inserted_flow(text, &place.node, last, key, value)),
    }
}

fn removed(text: &str, place: &Place<'_>, entry: &Entry<'_>, look: &Look<'_>) -> Result<Vec<Patch>, Error> {
    check_anchors(text, entry.member.range.clone())?;
    Ok(match place.node.content {
        Content::BlockMapping if look.count == 1 => emptied(text, place, entry, "{}"),
        Content::BlockSequence if look.count == 1 => emptied(text, place, entry, "[]"),
        Content::Flow => remove(text, &entry.member, look.close, only_comment),
        _ => {
            if look.previous_block.is_some() && continues_in_comment(text, entry) {
                return Err(Refusal::new("a comment behind it would become part of the block scalar before it").into());
            }
            vec![removed_line(text, entry, look.previous_block)]
        }
    })
}

/// Whether a block scalar before an entry would go on in the comment behind it.
fn continues_in_comment(text: &str, entry: &Entry<'_>) -> bool {
    let rest = &text[line_end(text, entry.end())..];
    let comment = rest.trim_start();
    let before = &rest[..rest.len() - comment.len()];
    let indent = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let column = entry.start - line_start(text, entry.start);
    comment.starts_with('#') && before.contains('\n') && indent > column
}
