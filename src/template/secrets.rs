//! Which parts of the data must not be shown.

use std::collections::BTreeSet;

use serde_json::Value;

use super::pattern::Pattern;

/// The secret names among `env` and `values`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    variables: BTreeSet<String>,
    /// Variables that are declared one by one as not secret, whatever pattern they match.
    open: BTreeSet<String>,
    patterns: Vec<Pattern>,
    values: BTreeSet<String>,
}

impl Secrets {
    /// A variable that is declared by its name.
    pub(crate) fn declare_variable(&mut self, name: &str, secret: bool) {
        let names = if secret { &mut self.variables } else { &mut self.open };
        names.insert(name.to_owned());
    }

    /// Every variable that matches is secret, unless it is declared by its name.
    pub(crate) fn add_pattern(&mut self, pattern: Pattern) {
        self.patterns.push(pattern);
    }

    pub(crate) fn add_values(&mut self, name: &str) {
        self.values.insert(name.to_owned());
    }

    pub(crate) fn has_variable(&self, name: &str) -> bool {
        let matches = || self.patterns.iter().any(|pattern| pattern.matches(name));
        self.variables.contains(name) || !self.open.contains(name) && matches()
    }

    /// Whether what the path leads to is secret, is part of a secret, or is around one.
    pub(crate) fn touch(&self, path: &[String]) -> bool {
        let some_variable = !self.variables.is_empty() || !self.patterns.is_empty();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [] => some_variable || !self.values.is_empty(),
            ["env"] => some_variable,
            ["values"] => !self.values.is_empty(),
            ["env", name, ..] => self.has_variable(name),
            ["values", name, ..] => self.values.contains(*name),
            _ => false,
        }
    }

    /// Puts `mask` in the place of every text and number that is secret.
    pub(super) fn mask(&self, data: &mut Value, mask: &str) {
        let is_secret = |room: &str, name: &str| match room {
            "env" => self.has_variable(name),
            _ => self.values.contains(name),
        };
        for room in ["env", "values"] {
            let entries = data.get_mut(room).and_then(Value::as_object_mut).into_iter().flatten();
            entries.filter(|(name, _)| is_secret(room, name)).for_each(|(_, value)| mask_all(value, mask));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Pattern, Secrets};

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        secrets.declare_variable("PW", true);
        secrets.declare_variable("GF_OPEN", false);
        secrets.declare_variable("PORT", false);
        secrets.add_pattern(Pattern::new("GF_*"));
        secrets.add_values("db");
        secrets
    }

    #[test]
    fn paths_to_secrets() {
        for (path, wanted) in [
            ("", true),
            ("env", true),
            ("values", true),
            ("env PW", true),
            ("env PW user", true),
            ("env PWD", false),
            ("env PORT", false),
            ("env GF_X", true),
            ("env GF_OPEN", false),
            ("values db", true),
            ("values db password", true),
            ("values site", false),
            ("facts", false),
            ("db", false),
        ] {
            let parts: Vec<String> = path.split_whitespace().map(str::to_owned).collect();
            assert_eq!(secrets().touch(&parts), wanted, "{path}");
            assert!(!Secrets::default().touch(&parts), "{path}");
        }
    }

    #[test]
    fn what_is_secret_is_masked_and_keeps_its_shape() {
        let mut data = json!({
            "env": {"PW": 1, "PORT": 2, "GF_X": [true, "a", null], "GF_OPEN": "o"},
            "values": {"db": {"a": {"b": "c"}}, "site": "s"},
            "facts": {"db": "d"},
        });
        secrets().mask(&mut data, "*");
        assert_eq!(
            data,
            json!({
                "env": {"PW": "*", "PORT": 2, "GF_X": [true, "*", null], "GF_OPEN": "o"},
                "values": {"db": {"a": {"b": "*"}}, "site": "s"},
                "facts": {"db": "d"},
            })
        );
    }
}
