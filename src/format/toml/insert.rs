//! New entries, tables and elements in a TOML text.

use std::ops::Range;

use serde_json::{Map, Value};
use toml_edit::{Array, InlineTable, Table, Value as TomlValue};

use super::super::Segment;
use super::super::refusal::element;
use super::edit::{Method, Refusal, Splice, absent, lost};
use super::layout::{
    above_comments, header, inline_values, last_entry, line_break, line_end, line_start, lines_of, style,
};
use super::place::{Node, Place};
use super::write::{Style, dotted_key, has_sections, push_element, push_line, push_sections, push_value};

/// Makes what is missing behind the place, and puts the value there.
pub(super) fn insert(text: &str, place: &Place, missing: &[Segment], value: &Value) -> Result<Method, Refusal> {
    let Some((first, behind)) = missing.split_first() else { return Ok(Method::Splices(Vec::new())) };
    match first {
        Segment::Name(name) => insert_entry(text, place, name, &wrap(behind, value)?),
        Segment::Append | Segment::Where { .. } => {
            let list = wrap(missing, value)?;
            let Some(element) = list.get(0) else { return Ok(Method::Splices(Vec::new())) };
            let elements = place.node.elements().unwrap_or_default();
            if elements.iter().any(|old| old.data().as_ref() == Some(element)) {
                return Ok(Method::Splices(Vec::new()));
            }
            push(text, place, element)
        }
        Segment::Index(_) => Err(absent(first)),
    }
}

/// The value with everything around it that the path makes.
fn wrap(path: &[Segment], value: &Value) -> Result<Value, Refusal> {
    let mut value = value.clone();
    for segment in path.iter().rev() {
        value = match segment {
            Segment::Name(name) => Value::Object(Map::from_iter([(name.clone(), value)])),
            Segment::Append => Value::Array(vec![value]),
            Segment::Where { name, value: text } => {
                if !value.is_object() {
                    return Err((format!("the element with this `{name}` can only be a table"), None));
                }
                let element = element(name, text, value).map_err(|refusal| (refusal.message, refusal.hint))?;
                Value::Array(vec![element])
            }
            Segment::Index(_) => return Err(absent(segment)),
        };
    }
    Ok(value)
}

/// A further element at the end of the list.
pub(super) fn push(text: &str, place: &Place, value: &Value) -> Result<Method, Refusal> {
    match (place.node, value) {
        (Node::Value(TomlValue::Array(array)), value) => push_to_array(text, array, value),
        (Node::Tables(tables), Value::Object(entries)) => {
            let key = dotted_key(place.names());
            let last = tables.iter().last();
            let style = section_style(text, last);
            let mut section = String::new();
            push_element(&key, entries, &style, &mut section);
            Ok(Method::Splices(vec![new_section(text, extent(text, place.node), &section)]))
        }
        (Node::Tables(_), _) => Err(("an element of an array of tables can only be a table".to_owned(), None)),
        _ => Err(("`[...]` stands behind what is not a list".to_owned(), None)),
    }
}

fn insert_entry(text: &str, place: &Place, name: &str, value: &Value) -> Result<Method, Refusal> {
    let (holder, mut names) = place.undotted();
    names.push(name);
    let key = dotted_key(names);
    let splice = match (holder, place.node) {
        (Node::Value(TomlValue::InlineTable(inline)), _) => inline_entry(text, inline, &key, value),
        (Node::Table(section), Node::Table(table)) if table.is_dotted() => {
            let style = style(text, section);
            let last = last_entry(table).or_else(|| last_entry(section));
            let mut line = String::new();
            push_line(&key, value, &style, &mut line);
            last.map(|entry| new_line(text, entry.value.end, line))
        }
        (Node::Table(section), _) if has_sections(value) => {
            let header = dotted_key(place.names().into_iter().chain([name]));
            let style = section_style(text, Some(section));
            let mut sections = String::new();
            push_sections(&header, value, &style, &mut sections);
            let end = if place.way.is_empty() { text.len() } else { extent(text, place.node) };
            Some(new_section(text, end, &sections))
        }
        (Node::Table(section), _) => Some(section_line(text, place, section, &key, value)),
        _ => None,
    };
    splice.map(|splice| Method::Splices(vec![splice])).ok_or_else(lost)
}

/// `key = value` at the end of a section.
fn section_line(text: &str, place: &Place, section: &Table, key: &str, value: &Value) -> Splice {
    let style = style(text, section);
    let mut line = String::new();
    push_line(key, value, &style, &mut line);
    let above = last_entry(section).map(|entry| entry.value.end).or_else(|| header(section).map(|span| span.end));
    if let Some(above) = above {
        return new_line(text, above, line);
    }
    let mut sections = Vec::new();
    lines_of(place.node, text, &mut sections);
    let Some(first) = sections.iter().map(|range| range.start).min() else {
        return new_line(text, text.len(), line);
    };
    // Only tables inside of this one have headers so far.
    if !place.way.is_empty() {
        line.insert_str(0, &format!("[{}]{}", dotted_key(place.names()), style.line_break));
    }
    line.push_str(style.line_break);
    let at = above_comments(text, first);
    Splice { range: at..at, text: line }
}

/// A line behind the one at a place. At the end of a text without a final line break, it has none either.
fn new_line(text: &str, at: usize, mut line: String) -> Splice {
    let end = line_end(text, at);
    if !text.is_empty() && !text[..end].ends_with('\n') {
        let line_break = line_break(text);
        line.truncate(line.len() - line_break.len());
        line.insert_str(0, line_break);
    }
    Splice { range: end..end, text: line }
}

/// Sections behind a place at the end of a line, with a blank line between them and what stands before.
fn new_section(text: &str, end: usize, sections: &str) -> Splice {
    let line_break = line_break(text);
    let before = &text[..end];
    let mut new = sections.to_owned();
    let blank_above = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n");
    if !before.is_empty() && !before.ends_with('\n') {
        new.truncate(new.len() - line_break.len());
        new.insert_str(0, line_break);
    }
    if !blank_above {
        new.insert_str(0, line_break);
    }
    if !text[end..].is_empty() && !text[end..].starts_with(['\n', '\r']) {
        new.push_str(line_break);
    }
    Splice { range: end..end, text: new }
}

fn section_style(text: &str, sibling: Option<&Table>) -> Style {
    let mut style = sibling
        .map_or(Style { indent: String::new(), equals: " = ", line_break: line_break(text) }, |table| {
            style(text, table)
        });
    style.indent = sibling.and_then(header).map_or_else(String::new, |span| {
        let line = &text[line_start(text, span.start)..];
        line[..line.len() - line.trim_start_matches([' ', '\t']).len()].to_owned()
    });
    style
}

/// The end of the last line of a node and all below it.
fn extent(text: &str, node: Node) -> usize {
    let mut lines = Vec::new();
    lines_of(node, text, &mut lines);
    lines.into_iter().map(|range| range.end).max().unwrap_or(text.len())
}

fn inline_entry(text: &str, inline: &InlineTable, key: &str, value: &Value) -> Option<Splice> {
    let mut entry = format!("{key} = ");
    push_value(value, &mut entry);
    if let Some(last) = inline_values(inline).last() {
        return Some(Splice { range: last.end..last.end, text: format!(", {entry}") });
    }
    let inside = inside(&inline.span()?);
    if text[inside.clone()].contains('#') {
        return Some(Splice { range: inside.start..inside.start, text: format!(" {entry}") });
    }
    Some(Splice { range: inside, text: format!(" {entry} ") })
}

fn inside(brackets: &Range<usize>) -> Range<usize> {
    brackets.start + 1..brackets.end - 1
}

/// In an array with one element a line the new one gets a line as well, and comments stay with their elements.
fn push_to_array(text: &str, array: &Array, value: &Value) -> Result<Method, Refusal> {
    let mut element = String::new();
    push_value(value, &mut element);
    let brackets = array.span().ok_or_else(lost)?;
    let inside = inside(&brackets);
    let spans: Vec<_> = array.iter().filter_map(TomlValue::span).collect();
    let Some(last) = spans.last() else {
        return Ok(Method::Splices(vec![Splice { range: inside.start..inside.start, text: element }]));
    };
    let before = spans.len().checked_sub(2).and_then(|index| spans.get(index)).map_or(inside.start, |span| span.end);
    let behind = &text[last.end..inside.end];
    let comma = behind.find(',').filter(|at| behind.find('#').is_none_or(|comment| *at < comment));
    let start = line_start(text, last.start);
    let indent = &text[start..last.start];
    let end = line_end(text, last.end);
    let is_comma_below = comma.is_some_and(|at| last.end + at >= end);
    let has_own_line = text[before..last.start].contains('\n') && indent.trim().is_empty() && behind.contains('\n');
    if !has_own_line || is_comma_below {
        let at = last.end + comma.map_or(0, |at| at + 1);
        let separator = if comma.is_some() { " " } else { ", " };
        return Ok(Method::Splices(vec![Splice { range: at..at, text: format!("{separator}{element}") }]));
    }
    let mut splices = Vec::new();
    if comma.is_none() {
        splices.push(Splice { range: last.end..last.end, text: ",".to_owned() });
    }
    let trailing = if comma.is_some() { "," } else { "" };
    let line = format!("{indent}{element}{trailing}{}", line_break(text));
    splices.push(Splice { range: end..end, text: line });
    Ok(Method::Splices(splices))
}
