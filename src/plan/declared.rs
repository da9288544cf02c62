//! The names that a plan's templates may use.

use crate::spec::{EnvironmentSpec, InputsSpec};
use crate::template::{Declared, FACTS};

pub(super) fn declared(inputs: &InputsSpec) -> Declared {
    let secret_env = inputs.env.0.iter().filter(|(_, spec)| spec.secret).map(|(name, _)| format!("env.{}", name.value));
    let secret_values =
        inputs.values.0.iter().filter(|(_, spec)| spec.secret).map(|(name, _)| format!("values.{}", name.value));
    Declared {
        env: inputs.env.0.iter().map(|(name, _)| name.value.clone()).collect(),
        values: inputs.values.0.iter().map(|(name, _)| name.value.clone()).collect(),
        facts: FACTS.to_vec(),
        secret: secret_env.chain(secret_values).collect(),
        defaults: inputs.env.0.iter().filter_map(|(name, spec)| default_text(name, spec)).collect(),
        any_env: false,
    }
}

fn default_text(name: &str, spec: &EnvironmentSpec) -> Option<(String, String)> {
    let default = &spec.default.as_ref()?.value;
    let text = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
    Some((name.to_owned(), text))
}
