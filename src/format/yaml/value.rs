//! What stands in a place, compared with what is wished.

use serde_json::{Map, Value};

use super::block_text::block_text;
use super::entries::Entries;
use super::flow_scalar::composed;
use super::node::{Content, Node};
use super::plain::reads_as_text;
use super::token::Kind;

/// Deeper values count as different.
const DEEPEST: usize = 128;

/// The value of a node, when every reader agrees about it: none with aliases, tags, or `yes` without quotes.
pub(crate) fn value<'a>(text: &'a str, node: &Node<'a>, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let is_text = match node.tag {
        Some((start, end)) if &text[start..end] == "!!str" => true,
        Some(_) => return None,
        None => false,
    };
    match node.content {
        Content::Alias => None,
        Content::Empty if is_text => None,
        Content::Empty => Some(Value::Null),
        Content::Scalar if node.first.kind == Kind::Plain && !is_text => plain(&composed(text, &node.first, &[])?),
        Content::Scalar if node.first.kind == Kind::Block => Some(Value::String(block_text(text, &node.first)?)),
        Content::Scalar => Some(Value::String(composed(text, &node.first, &[])?)),
        _ => collection(text, node, depth),
    }
}

fn collection<'a>(text: &'a str, node: &Node<'a>, depth: usize) -> Option<Value> {
    let mut entries = Entries::new(text, node);
    let (mut map, mut list) = (Map::new(), Vec::new());
    while let Some(entry) = entries.next().ok()? {
        let inner = value(text, &entry.value, depth + 1)?;
        if entry.pair {
            return None;
        }
        if !entries.mapping {
            list.push(inner);
            continue;
        }
        let key = entry.key.filter(|key| key.kind != Kind::Alias)?;
        let name = composed(text, &key, &[])?;
        if key.kind == Kind::Plain && !reads_as_text(&name) {
            return None;
        }
        map.insert(name, inner);
    }
    Some(if entries.mapping { Value::Object(map) } else { Value::Array(list) })
}

fn plain(text: &str) -> Option<Value> {
    match text {
        "null" | "Null" | "NULL" | "~" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ if reads_as_text(text) => Some(Value::String(text.to_owned())),
        _ => number(text),
    }
}

/// A number that YAML 1.1 and 1.2 read in the same way.
fn number(text: &str) -> Option<Value> {
    if let Some((_, exponent)) = text.split_once(['e', 'E'])
        && !(text.contains('.') && exponent.starts_with(['+', '-']))
    {
        return None;
    }
    serde_json::from_str::<Value>(text).ok().filter(Value::is_number)
}
