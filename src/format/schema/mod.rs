//! JSON Schema: what configuration has to look like.
//!
//! Drafts 2020-12, 2019-09, 07, 06 and 04, within one document. `format` and other annotations are not judged, as the standard
//! has it; vocabularies are not known.

mod compile;
mod draft;
mod equality;
mod index;
mod judge;
mod keyword;
mod loops;
mod message;
mod nearness;
mod number;
mod pattern;
mod pointer;
mod types;
mod uri;

use serde_json::Value;

use compile::Program;
pub(crate) use equality::equal;

/// Levels of arrays and objects in a schema or in a value.
const DEEPEST: usize = 128;

/// A JSON Schema that was understood whole: unknown references and wrong keywords are errors here, not when a file is judged.
pub(crate) struct Schema<'a> {
    program: Program<'a>,
}

/// Something in a value that is not as the schema wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// JSON Pointer of the value; `/` is the whole of it.
    pub(crate) at: String,
    /// What is wrong, without the value itself: it may be secret.
    pub(crate) message: String,
}

impl<'a> Schema<'a> {
    /// The error says what is wrong with the schema and where.
    pub(crate) fn new(schema: &'a Value) -> Result<Self, String> {
        if size(schema).is_none() {
            return Err(format!("the schema {}", message::NESTED));
        }
        compile::compile(schema).map(|program| Self { program })
    }

    /// What is wrong with a value, at most twenty things; nothing if it is valid.
    pub(crate) fn check(&self, instance: &Value) -> Vec<Finding> {
        match size(instance) {
            Some(size) => judge::findings(&self.program, instance, size),
            None => vec![Finding { at: pointer::shown(""), message: message::NESTED.to_owned() }],
        }
    }
}

/// How many values are in a value. Nothing when it is nested too deep for what walks it by recursion.
fn size(value: &Value) -> Option<u64> {
    let mut count = 0;
    let mut pending = vec![(value, 0_usize)];
    while let Some((value, level)) = pending.pop() {
        count += 1;
        if level > DEEPEST {
            return None;
        }
        match value {
            Value::Array(items) => pending.extend(items.iter().map(|item| (item, level + 1))),
            Value::Object(map) => pending.extend(map.values().map(|item| (item, level + 1))),
            _ => {}
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests;
