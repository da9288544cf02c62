//! What templates can name.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::helpers::{Files, Surroundings};

/// The facts that a template can name; `input` gathers them.
pub(crate) const FACTS: [&str; 6] = ["hostname", "ordinal", "cpus", "memory", "uid", "gid"];

/// `env`, `values` and `facts`. May hold secrets, so it never prints what it holds.
#[derive(Clone)]
pub(crate) struct Data {
    context: handlebars::Context,
    /// The names (`env.X`, `values.Y`) whose content must not be shown.
    secret: Vec<String>,
    surroundings: Surroundings,
}

impl Data {
    pub(crate) fn new(env: Map<String, Value>, values: Map<String, Value>, facts: Map<String, Value>) -> Self {
        let mut data = Map::new();
        data.insert("env".to_owned(), Value::Object(env));
        data.insert("values".to_owned(), Value::Object(values));
        data.insert("facts".to_owned(), Value::Object(facts));
        let context = handlebars::Context::from(Value::Object(data));
        Self { context, secret: Vec::new(), surroundings: Surroundings::default() }
    }

    /// The same data, with these names (`env.X`, `values.Y`) being secret.
    pub(crate) fn with_secrets(mut self, names: &[String]) -> Self {
        self.secret = names.to_vec();
        self
    }

    /// The same data, with what the helper `file` reads.
    pub(crate) fn with_files(mut self, files: Files) -> Self {
        self.surroundings.set_files(files);
        self
    }

    /// The same data, with what the helper `now` says: seconds since 1970, in UTC.
    pub(crate) fn with_clock(mut self, seconds: i64) -> Self {
        self.surroundings.set_clock(seconds);
        self
    }

    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    pub(crate) fn secret(&self) -> &[String] {
        &self.secret
    }

    /// The same data with `mask` in place of every text and number that is secret, and of every file: nobody said what is in it.
    pub(crate) fn masked(&self, mask: &str) -> Self {
        let mut masked = self.clone();
        for name in &self.secret {
            let mut node = Some(masked.context.data_mut());
            for part in name.splitn(2, '.') {
                node = node.and_then(|node| node.get_mut(part));
            }
            node.map(|node| mask_all(node, mask)).unwrap_or_default();
        }
        let mask = mask.to_owned();
        masked.surroundings.set_files(Arc::new(move |_| Ok(mask.clone())));
        masked
    }

    /// The same data with another `env`.
    pub(crate) fn with_env(mut self, env: Map<String, Value>) -> Self {
        if let Value::Object(data) = self.context.data_mut() {
            data.insert("env".to_owned(), Value::Object(env));
        }
        self
    }

    pub(super) fn context(&self) -> &handlebars::Context {
        &self.context
    }

    /// The text of a declared variable that is set: the same for a condition and for a template.
    pub(crate) fn env_text(&self, name: &str) -> Option<String> {
        match self.context.data().get("env")?.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

fn mask_all(value: &mut Value, mask: &str) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) | Value::String(_) => *value = mask.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_all(item, mask)),
        Value::Object(entries) => entries.values_mut().for_each(|item| mask_all(item, mask)),
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
