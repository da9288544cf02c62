//! What templates can name.

use std::fmt;

use serde_json::{Map, Value};

/// The facts that a template can name; `input` gathers them.
pub(crate) const FACTS: [&str; 6] = ["hostname", "ordinal", "cpus", "memory", "uid", "gid"];

/// `env`, `values` and `facts`. May hold secrets, so it never prints what it holds.
#[derive(Clone)]
pub(crate) struct Data(handlebars::Context);

impl Data {
    pub(crate) fn new(env: Map<String, Value>, values: Map<String, Value>, facts: Map<String, Value>) -> Self {
        let mut data = Map::new();
        data.insert("env".to_owned(), Value::Object(env));
        data.insert("values".to_owned(), Value::Object(values));
        data.insert("facts".to_owned(), Value::Object(facts));
        Self(handlebars::Context::from(Value::Object(data)))
    }

    /// The same data with another `env`.
    pub(crate) fn with_env(mut self, env: Map<String, Value>) -> Self {
        if let Value::Object(data) = self.0.data_mut() {
            data.insert("env".to_owned(), Value::Object(env));
        }
        self
    }

    pub(super) fn context(&self) -> &handlebars::Context {
        &self.0
    }

    /// The text of a declared variable that is set: the same for a condition and for a template.
    pub(crate) fn env_text(&self, name: &str) -> Option<String> {
        match self.0.data().get("env")?.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self::new(Map::new(), Map::new(), Map::new())
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Data(..)")
    }
}
