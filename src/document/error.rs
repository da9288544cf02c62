//! What stopped the reading of a tree, where, and the remedy.

use std::fmt;

use serde::de::{Expected, Unexpected};

use super::node::{Key, Node, Value};
use crate::failure::{Span, did_you_mean};

/// What stopped the reading.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) problem: Problem,
    /// The node at fault: a span, and the way to it as indexes of entries and items, innermost first.
    pub(crate) at: Option<Fault>,
    pub(crate) path: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) span: Span,
    pub(crate) unknown: bool,
    pub(crate) computed: bool,
}

#[derive(Debug)]
pub(crate) enum Problem {
    Missing(&'static str),
    UnknownKey { name: String, hint: String },
    Other { message: String, hint: Option<String> },
}

impl Error {
    pub(super) fn other(message: String, hint: Option<String>) -> Self {
        Self { problem: Problem::Other { message, hint }, at: None, path: Vec::new() }
    }

    /// Blames the node, unless a node further in was blamed before.
    pub(super) fn blame(mut self, node: &Node) -> Self {
        self.at.get_or_insert(Fault {
            span: node.span,
            unknown: matches!(node.value, Value::Unknown(_)),
            computed: node.computed,
        });
        self
    }

    pub(super) fn below(mut self, index: usize) -> Self {
        self.path.push(index);
        self
    }

    /// A key that is unknown in an entry, and that the mapping around the entry knows, is in the wrong place.
    pub(super) fn one_level_up(mut self, fields: &[&str], entries: &[(Key, Node)]) -> Self {
        if let (Problem::UnknownKey { name, hint }, &[_, entry]) = (&mut self.problem, self.path.as_slice())
            && fields.contains(&name.as_str())
            && let Some((around, _)) = entries.get(entry)
        {
            *hint = format!("it belongs beside `{}`, not below it", around.name);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Missing(field) => write!(formatter, "`{field}` is missing"),
            Problem::UnknownKey { name, .. } => write!(formatter, "unknown key `{name}`"),
            Problem::Other { message, .. } => formatter.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        // A remedy may follow the message after a line break: serde has no other way to hand it through.
        let text = message.to_string();
        match text.split_once('\n') {
            Some((message, hint)) => Self::other(message.to_owned(), Some(hint.to_owned())),
            None => Self::other(text, None),
        }
    }

    /// The value itself is not named: it may come from a secret.
    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match unexpected {
            Unexpected::Bool(_) => "a boolean",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
            Unexpected::Float(_) => "a number",
            Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "a string",
            Unexpected::Seq => "a list",
            Unexpected::Map | Unexpected::StructVariant => "a mapping",
            Unexpected::Unit | Unexpected::Option => "nothing",
            _ => "something else",
        };
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            "a sequence" => "a list",
            "u8" | "u16" | "u32" | "u64" | "i64" => "an integer",
            "f64" => "a number",
            other if other.starts_with("struct ") => "a mapping",
            other => other,
        };
        let hint = (expected == "a list" && found == "a string")
            .then(|| "write it in brackets, each part by itself: `[a, b]`".to_owned());
        Self::other(format!("expected {expected}, found {found}"), hint)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let largest = match expected.as_str() {
            "u8" => u64::from(u8::MAX),
            "u16" => u64::from(u16::MAX),
            "u32" => u64::from(u32::MAX),
            "u64" => u64::MAX,
            other => return Self::other(format!("expected {other}"), None),
        };
        Self::other(format!("expected a whole number from 0 to {largest}"), None)
    }

    /// Of a mapping that is read as one of several forms.
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::other(format!("unknown key `{field}`"), Some(known(field, expected)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { problem: Problem::Missing(field), at: None, path: Vec::new() }
    }
}

/// What may stand in place of a key that is unknown.
pub(super) fn known(key: &str, fields: &[&str]) -> String {
    did_you_mean(key, fields.iter().copied()).unwrap_or_else(|| format!("known here are {}", listed(fields)))
}

pub(super) fn listed(names: &[&str]) -> String {
    let ticked: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    ticked.join(", ")
}
