//! What templates can name.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use serde_json::{Map, Value};

use super::helpers::{Files, Surroundings};
use super::names::Used;
use super::pattern::Pattern;
use super::secrets::Secrets;

/// The facts that a template can name; `input` gathers them.
pub(crate) const FACTS: [&str; 9] =
    ["hostname", "ordinal", "cpus", "memory", "nameservers", "addresses", "uid", "gid", "arguments"];

/// Facts that are gathered when the first template names one: to find them all out takes longer than to render a small file.
pub(crate) type Facts = Arc<LazyLock<Map<String, Value>, Box<dyn FnOnce() -> Map<String, Value> + Send>>>;

/// `env`, `values` and `facts`. May hold secrets, so it never prints what it holds.
#[derive(Clone)]
pub(crate) struct Data {
    context: handlebars::Context,
    /// What `facts` holds beside what is in the context already.
    facts: Option<Facts>,
    /// The context with the facts, once they are needed.
    complete: OnceLock<handlebars::Context>,
    secret: Secrets,
    /// Variables that may be there; one that is not is null.
    optional: Vec<Pattern>,
    surroundings: Surroundings,
}

impl Data {
    pub(crate) fn new(env: Map<String, Value>, values: Map<String, Value>, facts: Map<String, Value>) -> Self {
        let mut data = Map::new();
        data.insert("env".to_owned(), sorted(env));
        data.insert("values".to_owned(), Value::Object(values));
        data.insert("facts".to_owned(), sorted(facts));
        Self {
            context: handlebars::Context::from(Value::Object(data)),
            facts: None,
            complete: OnceLock::new(),
            secret: Secrets::default(),
            optional: Vec::new(),
            surroundings: Surroundings::default(),
        }
    }

    /// The same data, with these facts when they are asked for.
    pub(crate) fn with_facts(mut self, facts: Facts) -> Self {
        self.facts = Some(facts);
        self.complete = OnceLock::new();
        self
    }

    /// The same data, with these names being secret.
    pub(crate) fn with_secrets(mut self, secret: Secrets) -> Self {
        self.secret = secret;
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

    pub(crate) fn secret(&self) -> &Secrets {
        &self.secret
    }

    /// The same data with `mask` in place of every text and number that is secret, and of every file: nobody said what is in it.
    pub(crate) fn masked(&self, mask: &str) -> Self {
        let mut masked = self.clone();
        masked.complete = OnceLock::new();
        self.secret.mask(masked.context.data_mut(), mask);
        let mask = mask.to_owned();
        masked.surroundings.set_files(Arc::new(move |_| Ok(mask.clone())));
        masked
    }

    /// The same data with another `env`.
    pub(crate) fn with_env(mut self, env: Map<String, Value>) -> Self {
        if let Value::Object(data) = self.context.data_mut() {
            data.insert("env".to_owned(), sorted(env));
        }
        self.complete = OnceLock::new();
        self
    }

    /// The same data, with these patterns for variables: what matches and is not there is null, not unknown.
    pub(crate) fn with_optional(mut self, patterns: Vec<Pattern>) -> Self {
        self.optional = patterns;
        self
    }

    /// The same data, with the paths of files that hold secrets under `secret_files`.
    pub(crate) fn with_secret_files(mut self, paths: Map<String, Value>) -> Self {
        if let Value::Object(data) = self.context.data_mut() {
            data.insert("secret_files".to_owned(), Value::Object(paths));
        }
        self.complete = OnceLock::new();
        self
    }

    /// The same data, with `facts.arguments` being these.
    pub(crate) fn with_arguments(mut self, arguments: Vec<String>) -> Self {
        if let Some(Value::Object(facts)) = self.context.data_mut().get_mut("facts") {
            facts.insert("arguments".to_owned(), arguments.into());
        }
        self.complete = OnceLock::new();
        self
    }

    /// Adds a fact that a step captured; null when it did not.
    pub(crate) fn set_fact(&mut self, name: &str, value: Option<String>) {
        if let Some(Value::Object(facts)) = self.context.data_mut().get_mut("facts") {
            facts.insert(name.to_owned(), value.map_or(Value::Null, Value::String));
            facts.sort_keys();
        }
        self.complete = OnceLock::new();
    }

    /// The data for a template that uses these names.
    pub(super) fn context<'a>(&self, used: impl Iterator<Item = &'a Used>) -> Cow<'_, handlebars::Context> {
        let known = |name: &str| self.context.data().get("env").is_some_and(|env| env.get(name).is_some());
        let mut names_facts = false;
        let mut absent = Vec::new();
        for path in used.filter_map(Used::path) {
            match path {
                [] => names_facts = true,
                [first, ..] if first == "facts" => names_facts = true,
                [first, name, ..]
                    if first == "env" && self.optional.iter().any(|pattern| pattern.matches(name)) && !known(name) =>
                {
                    absent.push(name);
                }
                _ => {}
            }
        }
        let context = if names_facts { self.complete() } else { &self.context };
        if absent.is_empty() {
            return Cow::Borrowed(context);
        }
        let mut context = context.clone();
        if let Some(Value::Object(env)) = context.data_mut().get_mut("env") {
            env.extend(absent.into_iter().map(|name| (name.clone(), Value::Null)));
            env.sort_keys();
        }
        Cow::Owned(context)
    }

    /// The context with the facts in it, which are gathered now if nobody has asked for them before.
    fn complete(&self) -> &handlebars::Context {
        let Some(gathered) = &self.facts else { return &self.context };
        self.complete.get_or_init(|| {
            let mut context = self.context.clone();
            if let Some(Value::Object(facts)) = context.data_mut().get_mut("facts") {
                let known = std::mem::take(facts);
                facts.extend(gathered.iter().map(|(name, value)| (name.clone(), value.clone())));
                facts.extend(known);
                facts.sort_keys();
            }
            context
        })
    }

    /// The text of a declared variable that is set: the same for a condition and for a template.
    pub(crate) fn env_text(&self, name: &str) -> Option<String> {
        match self.context.data().get("env")?.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// Whether the plan declares the variable as one that may be missing, and it is missing.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        self.context.data().get("env").and_then(|env| env.get(name)).is_some_and(Value::is_null)
    }
}

/// Variables have no order of their own; templates that walk through them need one.
fn sorted(mut names: Map<String, Value>) -> Value {
    names.sort_keys();
    Value::Object(names)
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
