//! Members between brackets with commas: added and taken out without a trace. JSON, and the flow style of YAML.

use std::ops::Range;

use super::patch::{Patch, after_line_break, indentation, line_end, line_start};

/// One member of a collection in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Key and value.
    pub(crate) range: Range<usize>,
    /// The comma before it, or the opening bracket.
    pub(crate) before: usize,
    /// The comma behind it.
    pub(crate) comma: Option<usize>,
}

/// How members are set apart from each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    /// On the same line, with this in between.
    Line(&'static str),
    /// Each on its own line, indented like this.
    Lines(String),
}

/// Where a comment begins that is closed by the end of the line or not at all on the line: `None` when the stretch holds
/// something else than blanks and comments.
pub(crate) type OnlyComments = fn(&str) -> bool;

/// How a member stands: on a line of its own, or behind another one.
pub(crate) fn layout(text: &str, member: &Member, blank: &'static str) -> Layout {
    if text[member.before + 1..member.range.start].contains('\n') {
        Layout::Lines(indentation(text, member.range.start).to_owned())
    } else {
        Layout::Line(blank)
    }
}

/// Adds a member behind the last one.
pub(crate) fn append(
    text: &str,
    last: &Member,
    layout: &Layout,
    line_break: &str,
    only_comments: OnlyComments,
    added: &str,
) -> Vec<Patch> {
    let (end, mut patches) = match last.comma {
        Some(comma) => (comma + 1, Vec::new()),
        None => (last.range.end, vec![Patch::insert(last.range.end, ",")]),
    };
    let trailing = if last.comma.is_some() { "," } else { "" };
    let rest = &text[end..line_end(text, end)];
    match layout {
        Layout::Lines(indent) => {
            let place = if only_comments(rest) { end + rest.trim_end().len() } else { end };
            patches.push(Patch::insert(place, format!("{line_break}{indent}{added}{trailing}")));
        }
        Layout::Line(blank) => patches.push(Patch::insert(end, format!("{blank}{added}{trailing}"))),
    }
    patches
}

/// Takes a member out, with one comma and, when it has lines of its own, with these lines.
pub(crate) fn remove(text: &str, member: &Member, close: usize, only_comments: OnlyComments) -> Vec<Patch> {
    let opens = matches!(text.as_bytes()[member.before], b'{' | b'[');
    let end = member.comma.map_or(member.range.end, |comma| comma + 1);
    let mut patches = Vec::new();
    // A comma before the last member would be left over.
    if member.comma.is_none() && !opens {
        patches.push(Patch::remove(member.before..member.before + 1));
    }
    let start_of_line = line_start(text, member.range.start);
    let own_start = text[start_of_line..member.range.start].trim().is_empty();
    let end_of_line = line_end(text, end);
    let own_end = end_of_line < close && only_comments(&text[end..end_of_line]);
    if opens && text[member.before + 1..member.range.start].trim().is_empty() && text[end..close].trim().is_empty() {
        return vec![Patch::remove(member.before + 1..close)];
    }
    let range = if own_start && own_end {
        start_of_line..after_line_break(text, end_of_line)
    } else if member.comma.is_some() {
        let rest = &text[end..end_of_line];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        member.range.start..end + blanks
    } else {
        let gap = &text[member.before + 1..member.range.start];
        let blanks = gap.len() - gap.trim_end().len();
        // The line break that ends a comment stays.
        let start = if gap.trim().is_empty() { member.range.start - blanks } else { member.range.start };
        start..end
    };
    patches.push(Patch::remove(range));
    patches
}
