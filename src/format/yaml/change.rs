//! The stretches of YAML that a change of one place replaces.

use std::ops::Range;

use serde_json::Value;

use super::entries::Entry;
use super::node::{Content, Node};
use super::token::Kind;
use super::write::{Style, inline, inline_entry, is_lines, like, push_blanks};
use crate::format::Problem;
use crate::format::delimited::{Layout, append, layout};
use crate::format::patch::{Patch, after_line_break, line_end, line_start};

/// What a node stands behind.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    pub(crate) node: Node<'a>,
    pub(crate) around: Around,
    /// Behind the `:` or `-` before the node.
    pub(crate) indicator_end: usize,
}

/// The collection around a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    Document,
    Mapping(usize),
    Sequence(usize),
    Flow,
}

/// Whether the rest of a line holds nothing but blanks and a comment.
pub(crate) fn only_comment(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// The value of a place becomes another one. Its anchor stays, its tag does not.
pub(crate) fn replaced(text: &str, place: &Place<'_>, value: &Value) -> Vec<Patch> {
    let node = &place.node;
    let inside_flow = place.around == Around::Flow;
    let kept_anchor = node.anchor.map(|(start, end)| &text[start..end]);
    if inside_flow || !is_lines(value) {
        let written = match value {
            Value::String(string) if node.content == Content::Scalar => like(node.first.kind, string, inside_flow),
            other => inline(other, inside_flow),
        };
        let written = kept_anchor.map_or_else(|| written.clone(), |anchor| format!("{anchor} {written}"));
        return with_inline(text, place, &written);
    }
    let style = Style::of(text, value);
    let anchor = kept_anchor.map_or_else(String::new, |anchor| format!(" {anchor}"));
    let mut lines = String::new();
    match place.around {
        Around::Mapping(column) => style.push_behind_key(&mut lines, value, column),
        Around::Sequence(column) if anchor.is_empty() && starts_behind(text, place) => {
            let column =
                if node.start > place.indicator_end { node.start - line_start(text, node.start) } else { column + 2 };
            style.push_lines(&mut lines, value, column);
            return with_inline(text, place, &lines);
        }
        Around::Sequence(column) => {
            lines.push_str(style.line_break);
            push_blanks(&mut lines, column + 2);
            style.push_lines(&mut lines, value, column + 2);
        }
        Around::Document | Around::Flow => {
            style.push_lines(&mut lines, value, 0);
            return root_replaced(text, node, &anchor, &lines, style.line_break);
        }
    }
    if starts_behind(text, place) {
        let comment = header_comment(text, node);
        let place_of_lines = line_end(text, node.end);
        vec![
            Patch::replace(place.indicator_end..node.end, format!("{anchor}{comment}")),
            Patch::insert(place_of_lines, lines),
        ]
    } else {
        below(text, place, &anchor, &lines)
    }
}

/// Whether the node begins on the line of its `:` or `-`, or is empty.
fn starts_behind(text: &str, place: &Place<'_>) -> bool {
    let content = if place.node.content == Content::Empty { place.node.end } else { place.node.first.start };
    content <= line_end(text, place.indicator_end)
}

/// Puts something in place of a node, on the line that the node begins on.
fn with_inline(text: &str, place: &Place<'_>, written: &str) -> Vec<Patch> {
    let node = &place.node;
    if place.around == Around::Document {
        return vec![Patch::replace(node.start..node.end, written)];
    }
    if node.end <= place.indicator_end {
        let colon = place.indicator_end;
        let missing_colon = place.around == Around::Flow && !text[..colon].ends_with(':');
        let lead = if missing_colon { ": " } else { " " };
        return vec![Patch::insert(colon, format!("{lead}{written}"))];
    }
    if place.around == Around::Flow || starts_behind(text, place) {
        let lead = if node.start == place.indicator_end && place.around != Around::Flow { " " } else { "" };
        let after_colon = place.around == Around::Flow && text[..node.start].ends_with(':');
        let lead = if after_colon { " " } else { lead };
        let comment = header_comment(text, node);
        return vec![Patch::replace(node.start..node.end, format!("{lead}{written}{comment}"))];
    }
    below(text, place, &format!(" {written}"), "")
}

/// Replaces a node that begins on a line below its `:` or `-`.
fn below(text: &str, place: &Place<'_>, behind: &str, lines: &str) -> Vec<Patch> {
    let end = line_end(text, place.indicator_end);
    let head_end = place.node.properties_end.min(end);
    let has_properties = place.node.anchor.is_some() || place.node.tag.is_some();
    let head = if has_properties && place.node.start < end { place.indicator_end..head_end } else { empty(place) };
    vec![Patch::replace(head, behind), Patch::replace(end..place.node.end, lines)]
}

fn empty(place: &Place<'_>) -> Range<usize> {
    place.indicator_end..place.indicator_end
}

/// The comment behind the `|` of a block scalar.
fn header_comment<'t>(text: &'t str, node: &Node<'_>) -> &'t str {
    if node.content != Content::Scalar || node.first.kind != Kind::Block {
        return "";
    }
    let header = &text[node.first.start..line_end(text, node.first.start)];
    header.find(" #").map_or("", |at| &header[at..])
}

fn root_replaced(text: &str, node: &Node<'_>, anchor: &str, lines: &str, line_break: &str) -> Vec<Patch> {
    if node.content == Content::Empty {
        let end = text.len();
        let lead = if text.is_empty() || text.ends_with('\n') { "" } else { line_break };
        return vec![Patch::insert(end, format!("{lead}{lines}{line_break}"))];
    }
    let line = line_start(text, node.start);
    let anchor = anchor.trim_start();
    if anchor.is_empty() && text[line..node.start].trim().is_empty() {
        return vec![Patch::replace(line..node.end, lines)];
    }
    vec![Patch::replace(node.start..node.end, format!("{anchor}{line_break}{lines}"))]
}

/// Adds an entry behind the last one of a block collection in this column. `key` is none in a list.
pub(crate) fn inserted_line(
    text: &str,
    last: &Entry<'_>,
    column: usize,
    key: Option<&str>,
    value: &Value,
) -> Result<Vec<Patch>, Problem> {
    let place = line_end(text, last.end());
    if place == text.len() && last.value.last_block.is_some() && !text.ends_with('\n') {
        return Err(Problem::new(place, "the text ends in a block scalar without a line break")
            .hint("end the file with a line break"));
    }
    let style = Style::of(text, value);
    let mut written = style.line_break.to_owned();
    push_blanks(&mut written, column);
    match key {
        Some(key) => style.push_entry(&mut written, key, value, column),
        None => style.push_element(&mut written, value, column),
    }
    Ok(vec![Patch::insert(place, written)])
}

/// Adds an entry to a collection in brackets.
pub(crate) fn inserted_flow(
    text: &str,
    node: &Node<'_>,
    last: Option<&Entry<'_>>,
    key: Option<&str>,
    value: &Value,
) -> Vec<Patch> {
    let written = key.map_or_else(|| inline(value, true), |key| inline_entry(key, value));
    let Some(last) = last else {
        let inside = node.first.end..node.end - 1;
        return if text[inside.clone()].trim().is_empty() {
            vec![Patch::replace(inside, written)]
        } else {
            vec![Patch::insert(inside.start, written)]
        };
    };
    let layout: Layout = layout(text, &last.member, " ");
    append(text, &last.member, &layout, crate::format::patch::line_break(text), only_comment, &written)
}

/// Takes an entry out of a block collection that has others.
pub(crate) fn removed_line(text: &str, entry: &Entry<'_>, previous_block: Option<usize>) -> Patch {
    let start = line_start(text, entry.start);
    let end = after_line_break(text, line_end(text, entry.end()));
    let rest = &text[end..];
    if text[start..entry.start].trim().is_empty() {
        // Empty lines behind it would become part of a `|+` before it, and lines of blanks part of any block scalar.
        let empty = match previous_block {
            Some(block) if keeps_lines(text, block) => empty_lines(rest),
            Some(_) => lines_of_blanks(rest),
            None => 0,
        };
        return Patch::remove(start..end + empty);
    }
    // The next entry moves up, behind the dash.
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    Patch::remove(entry.start..end + blanks)
}

fn keeps_lines(text: &str, block: usize) -> bool {
    text[block..line_end(text, block)].split([' ', '\t']).next().is_some_and(|header| header.contains('+'))
}

/// How many bytes the lines have that hold nothing but blanks.
fn empty_lines(text: &str) -> usize {
    let blanks = text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len();
    if blanks == text.len() { blanks } else { line_start(text, blanks) }
}

/// The same up to the last one that has a blank.
fn lines_of_blanks(text: &str) -> usize {
    let empty = &text[..empty_lines(text)];
    empty.rfind([' ', '\t']).map_or(0, |blank| after_line_break(empty, line_end(empty, blank)))
}

/// Takes the only entry out of a block collection, which becomes an empty one in brackets.
pub(crate) fn emptied(text: &str, place: &Place<'_>, entry: &Entry<'_>, brackets: &str) -> Vec<Patch> {
    let start = line_start(text, entry.start);
    let own_line = text[start..entry.start].trim().is_empty();
    if place.around == Around::Document || !own_line {
        return vec![Patch::replace(entry.start..entry.end(), brackets)];
    }
    let has_properties = place.node.anchor.is_some() || place.node.tag.is_some();
    let head = if has_properties { place.node.properties_end } else { place.indicator_end };
    let end = line_end(text, entry.end());
    // A missing line break at the end of the file stays missing.
    let lines =
        if end == text.len() { line_break_before(text, start)..end } else { start..after_line_break(text, end) };
    vec![Patch::insert(head, format!(" {brackets}")), Patch::remove(lines)]
}

fn line_break_before(text: &str, start: usize) -> usize {
    let before = &text[..start];
    before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n')).map_or(start, str::len)
}
