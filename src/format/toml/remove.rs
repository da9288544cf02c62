//! Entries, tables and elements taken out of a TOML text.

use std::ops::Range;

use toml_edit::Value as TomlValue;

use super::super::Segment;
use super::edit::{Change, Method, Refusal, Splice, lost};
use super::layout::{inline_values, line_end, line_start, lines_of};
use super::place::{Node, Place, Step};

/// Takes the place out, with its lines if it has lines of its own.
pub(super) fn remove(text: &str, place: &Place, path: &[Segment]) -> Result<Method, Refusal> {
    let Some((parent, step)) = place.way.last() else { return Err(("the path is empty".to_owned(), None)) };
    let splices = match (parent, place.node) {
        (_, Node::Value(TomlValue::InlineTable(dotted))) if dotted.is_dotted() => {
            let below = |(key, _)| Change::Unset { path: child(path, key), must: true };
            return Ok(Method::Steps(dotted.iter().map(below).collect()));
        }
        (Node::Value(TomlValue::Array(array)), Node::Value(value)) => {
            let spans: Vec<_> = array.iter().filter_map(TomlValue::span).collect();
            let inside = array.span().map(|span| span.start + 1..span.end - 1);
            let own_line = value.span().and_then(|span| own_line(text, &span));
            own_line.map(delete).or_else(|| listed(text, &spans, &inside?, &value.span()?))
        }
        (Node::Value(_), Node::Value(value)) => {
            let holder = place.way.iter().rev().map(|(node, _)| *node).find(|node| !node.is_dotted());
            let Some(Node::Value(TomlValue::InlineTable(inline))) = holder else { return Err(lost()) };
            let inside = inline.span().map(|span| span.start + 1..span.end - 1);
            inside.zip(value.span()).and_then(|(inside, span)| listed(text, &inline_values(inline), &inside, &span))
        }
        (Node::Table(table), Node::Value(value)) => {
            let Step::Name(name) = step else { return Err(lost()) };
            let key = table.get_key_value(name).and_then(|(key, _)| key.span());
            let lines = key.zip(value.span());
            lines.map(|(key, value)| delete(line_start(text, key.start)..line_end(text, value.end)))
        }
        (_, node) => {
            let mut lines = Vec::new();
            lines_of(node, text, &mut lines);
            return Ok(Method::Splices(without_overlaps(text, lines)));
        }
    };
    splices.map(|splice| Method::Splices(vec![splice])).ok_or_else(lost)
}

fn delete(range: Range<usize>) -> Splice {
    Splice { range, text: String::new() }
}

fn child(path: &[Segment], key: &str) -> Vec<Segment> {
    path.iter().cloned().chain([Segment::Name(key.to_owned())]).collect()
}

/// The lines of an element that shares them with nothing but its comma and a comment.
fn own_line(text: &str, value: &Range<usize>) -> Option<Range<usize>> {
    let start = line_start(text, value.start);
    let end = line_end(text, value.end);
    let behind = text[value.end..end].trim_start_matches([' ', '\t']);
    let behind = behind.strip_prefix(',').unwrap_or(behind).trim();
    let alone = text[start..value.start].trim().is_empty() && (behind.is_empty() || behind.starts_with('#'));
    alone.then_some(start..end)
}

/// One of several values with commas between them, with one comma.
fn listed(text: &str, all: &[Range<usize>], inside: &Range<usize>, value: &Range<usize>) -> Option<Splice> {
    let index = all.iter().position(|other| other == value)?;
    let previous = index.checked_sub(1).and_then(|index| all.get(index));
    let gap = previous.map_or(inside.start, |previous| previous.end);
    let start = behind_comments(text, gap..value.start);
    if previous.is_some() && !text[gap..start].contains('#') {
        return Some(delete(gap..value.end));
    }
    let behind = &text[value.end..inside.end];
    let comma = behind.find(',').filter(|at| behind.find('#').is_none_or(|comment| *at < comment));
    if comma.is_none() && index + 1 < all.len() {
        return None;
    }
    let end = value.end + comma.map_or(0, |at| at + 1);
    let blanks = text[end..inside.end].len() - text[end..inside.end].trim_start_matches([' ', '\t']).len();
    let blanks = if comma.is_some() { blanks } else { 0 };
    Some(delete(start..end + blanks))
}

/// Where what is listed begins: with its key if it has one, which may hold a `#` in quotes. A comment before it is not its own.
fn behind_comments(text: &str, range: Range<usize>) -> usize {
    let mut rest = &text[range.clone()];
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
        if !rest.starts_with('#') {
            return range.end - rest.len();
        }
        rest = rest.find('\n').map_or("", |end| &rest[end..]);
    }
}

/// Deletes lines. Where a blank line stands before and behind, the one behind goes as well.
fn without_overlaps(text: &str, mut lines: Vec<Range<usize>>) -> Vec<Splice> {
    lines.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in lines {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    let widened = merged.into_iter().map(|range| {
        let before = &text[..range.start];
        let blank_above = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n");
        let follows = line_end(text, range.end);
        let blank_below = range.end < text.len() && text[range.end..follows].trim().is_empty();
        delete(if blank_above && blank_below { range.start..follows } else { range })
    });
    widened.collect()
}
