//! Where things stand in the text of a TOML document.

use std::ops::Range;

use toml_edit::{InlineTable, Item, Table, Value as TomlValue};

use super::place::Node;
use super::write::Style;

/// A line `key = value`, without its indentation and what follows the value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The last part of the key.
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The entries of a table that stand in its own section, those with dotted keys as well.
pub(super) fn section_entries(table: &Table, found: &mut Vec<Entry>) {
    for (name, item) in table {
        match item {
            Item::Value(value) => {
                let key = table.get_key_value(name).and_then(|(key, _)| key.span());
                if let (Some(key), Some(value)) = (key, value.span()) {
                    found.push(Entry { key, value });
                }
            }
            Item::Table(dotted) if dotted.is_dotted() => section_entries(dotted, found),
            _ => {}
        }
    }
}

/// The last of the entries that stand in a table's own section.
pub(super) fn last_entry(table: &Table) -> Option<Entry> {
    let mut entries = Vec::new();
    section_entries(table, &mut entries);
    entries.into_iter().max_by_key(|entry| entry.value.end)
}

/// The values of an inline table in the order of the text, those of dotted keys as well.
pub(super) fn inline_values(table: &InlineTable) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    collect_inline_values(table, &mut found);
    found.sort_by_key(|range| range.start);
    found
}

fn collect_inline_values(table: &InlineTable, found: &mut Vec<Range<usize>>) {
    for (_, value) in table {
        match value {
            TomlValue::InlineTable(dotted) if dotted.is_dotted() => collect_inline_values(dotted, found),
            value => found.extend(value.span()),
        }
    }
}

/// The header of a table, if it has one.
pub(super) fn header(table: &Table) -> Option<Range<usize>> {
    let has_header = !table.is_dotted() && !table.is_implicit();
    table.span().filter(|span| has_header && !span.is_empty())
}

/// The headers and entries of a node and of all below it, as whole lines: each section from its header to its last entry.
pub(super) fn lines_of(node: Node, text: &str, found: &mut Vec<Range<usize>>) {
    match node {
        Node::Table(table) => {
            let own = header(table);
            if let Some(header) = &own {
                let end = last_entry(table).map_or(header.end, |entry| entry.value.end);
                found.push(line_start(text, header.start)..line_end(text, end));
            }
            for (name, item) in table {
                match item {
                    Item::Value(value) if own.is_none() => {
                        let key = table.get_key_value(name).and_then(|(key, _)| key.span());
                        if let (Some(key), Some(value)) = (key, value.span()) {
                            found.push(line_start(text, key.start)..line_end(text, value.end));
                        }
                    }
                    item => Node::of(item).into_iter().for_each(|node| lines_of(node, text, found)),
                }
            }
        }
        Node::Tables(tables) => tables.iter().for_each(|table| lines_of(Node::Table(table), text, found)),
        Node::Value(_) => {}
    }
}

/// The beginning of the line.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |line_break| line_break + 1)
}

/// The end of the line, behind its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |line_break| at + line_break + 1)
}

/// The beginning of the lines with comments directly above a line.
pub(super) fn above_comments(text: &str, line: usize) -> usize {
    let mut start = line;
    while start > 0 {
        let previous = line_start(text, start - 1);
        if !text[previous..start].trim_start().starts_with('#') {
            break;
        }
        start = previous;
    }
    start
}

/// The line break that the text uses.
pub(super) fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// How lines in a table look: like the last one that is there, or like its header.
pub(super) fn style(text: &str, table: &Table) -> Style {
    let mut style = Style { indent: String::new(), equals: " = ", line_break: line_break(text) };
    let sibling = last_entry(table);
    let anchor = sibling.as_ref().map(|entry| entry.key.start).or_else(|| header(table).map(|span| span.start));
    if let Some(anchor) = anchor {
        let line = &text[line_start(text, anchor)..];
        line[..line.len() - line.trim_start_matches([' ', '\t']).len()].clone_into(&mut style.indent);
    }
    if let Some(entry) = sibling {
        let between = &text[entry.key.end..entry.value.start];
        style.equals = match (between.starts_with('='), between.ends_with('=')) {
            (true, true) => "=",
            (true, false) => "= ",
            (false, true) => " =",
            (false, false) => " = ",
        };
    }
    style
}
