//! The types of JSON.

use serde_json::Value;

use super::number;

const NAMES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

/// A set of types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    /// Adds the type of that name, if it is one.
    pub(super) fn with(self, name: &str) -> Option<Self> {
        let index = NAMES.iter().position(|known| *known == name)?;
        Some(Self(self.0 | 1 << index))
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, name: &str) -> bool {
        self.with(name) == Some(self)
    }

    pub(super) fn hold(self, value: &Value) -> bool {
        match value {
            Value::Null => self.has("null"),
            Value::Bool(_) => self.has("boolean"),
            Value::Object(_) => self.has("object"),
            Value::Array(_) => self.has("array"),
            Value::String(_) => self.has("string"),
            Value::Number(value) => self.has("number") || self.has("integer") && number::is_integer(value),
        }
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().enumerate().filter(move |(index, _)| self.0 & (1 << index) != 0).map(|(_, name)| name)
    }
}
