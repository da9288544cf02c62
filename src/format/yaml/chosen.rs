//! Whether an element of a list is the one that a path chooses by what it holds.

use super::entries::{Entries, Entry};
use super::flow_scalar::composed;
use super::node::{Content, Node};
use super::token::Kind;
use crate::format::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    Yes,
    No,
    /// The text comes from elsewhere, or is in a form that is not read here: a block text, a pair without braces.
    Perhaps,
}

/// Whether an element is a mapping with this text under this key.
pub(super) fn chosen(text: &str, element: &Entry<'_>, name: &str, value: &str) -> Result<Chosen, Problem> {
    let node = &element.value;
    if element.pair {
        return Ok(Chosen::Perhaps);
    }
    match node.content {
        Content::Alias => return Ok(Chosen::Perhaps),
        Content::BlockMapping => {}
        Content::Flow if text[node.first.start..].starts_with('{') => {}
        _ => return Ok(Chosen::No),
    }
    let mut entries = Entries::new(text, node);
    let (mut found, mut merges) = (None, false);
    while let Some(entry) = entries.next()? {
        entry.check_key(text)?;
        if entry.has_key(text, name) {
            found = Some(has_text(text, &entry.value, value));
        }
        merges |= entry.has_key(text, "<<");
    }
    Ok(found.unwrap_or(if merges { Chosen::Perhaps } else { Chosen::No }))
}

fn has_text(text: &str, node: &Node<'_>, value: &str) -> Chosen {
    match node.content {
        Content::Alias => Chosen::Perhaps,
        Content::Scalar if node.first.kind == Kind::Block => Chosen::Perhaps,
        Content::Scalar if composed(text, &node.first, &[]).is_some_and(|written| written == value) => Chosen::Yes,
        _ => Chosen::No,
    }
}
