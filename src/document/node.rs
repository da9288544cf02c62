//! The tree: what serde calls a value, each node with its span.

use crate::failure::Span;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
    /// The value came out of a template: what is wrong with it is wrong with an input.
    pub(crate) computed: bool,
    /// Its texts stand for themselves: what was typed as a value on the command line is no template.
    pub(crate) literal: bool,
}

/// A key of a mapping and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) span: Span,
    pub(crate) name: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
    /// Not known yet, or known to be wrong and reported: reads as whatever is asked for, and what it leads to is not
    /// reported again. Where text is asked for, it reads as this guess.
    Unknown(String),
}

impl Node {
    pub(crate) fn new(span: Span, value: Value) -> Self {
        Self { span, value, computed: false, literal: false }
    }

    /// The same, as it was typed.
    pub(crate) fn literal(span: Span, value: Value) -> Self {
        Self { literal: true, ..Self::new(span, value) }
    }

    pub(crate) fn unknown(span: Span) -> Self {
        Self::new(span, Value::Unknown(String::new()))
    }

    /// The same, all of it out of a template.
    pub(crate) fn into_computed(mut self) -> Self {
        self.computed = true;
        self.value = match self.value {
            Value::Sequence(items) => Value::Sequence(items.into_iter().map(Self::into_computed).collect()),
            Value::Mapping(entries) => {
                Value::Mapping(entries.into_iter().map(|(key, node)| (key, node.into_computed())).collect())
            }
            value => value,
        };
        self
    }

    /// The child with this key, if the node is a mapping that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.entries().iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        match &mut self.value {
            Value::Mapping(entries) => entries.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The entries of a mapping; none for anything else.
    pub(crate) fn entries(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Whether something in the tree is not known.
    pub(crate) fn holds_unknown(&self) -> bool {
        match &self.value {
            Value::Unknown(_) => true,
            Value::Sequence(items) => items.iter().any(Self::holds_unknown),
            Value::Mapping(entries) => entries.iter().any(|(_, node)| node.holds_unknown()),
            _ => false,
        }
    }

    /// What it is, in the words of an error message.
    pub(crate) fn describe(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Unknown(_) => "a value",
        }
    }

    /// The same data as JSON, without places.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null | Value::Unknown(_) => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Float(value) => {
                serde_json::Number::from_f64(*value).map_or_else(|| value.to_string().into(), serde_json::Value::Number)
            }
            Value::String(value) => value.as_str().into(),
            Value::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Value::Mapping(entries) => entries.iter().map(|(key, node)| (key.name.clone(), node.to_json())).collect(),
        }
    }

    /// JSON data as a tree, all of it at one place.
    pub(crate) fn from_json(span: Span, json: serde_json::Value) -> Self {
        let value = match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Boolean(value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(integer) => Value::Integer(integer),
                // As in YAML: beyond i64 the digits are kept as text.
                None if number.is_u64() => Value::String(number.to_string()),
                None => number.as_f64().map_or_else(|| Value::String(number.to_string()), Value::Float),
            },
            serde_json::Value::String(value) => Value::String(value),
            serde_json::Value::Array(items) => {
                Value::Sequence(items.into_iter().map(|item| Self::from_json(span, item)).collect())
            }
            serde_json::Value::Object(entries) => Value::Mapping(
                entries.into_iter().map(|(name, json)| (Key { span, name }, Self::from_json(span, json))).collect(),
            ),
        };
        Self::new(span, value)
    }
}
