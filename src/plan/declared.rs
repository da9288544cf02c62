//! The names that a plan's templates may use.

use std::collections::HashMap;

use crate::spec::{EnvironmentSpec, InputsSpec};
use crate::template::{Declared, FACTS, Pattern, holds_expression};

pub(super) fn declared(inputs: &InputsSpec) -> Declared {
    let mut declared = Declared { facts: FACTS.map(str::to_owned).to_vec(), ..Declared::default() };
    for (key, spec) in &inputs.env.0 {
        let pattern = spec.pattern(key);
        let name = pattern.map_or(key.as_str(), |pattern| pattern.names);
        match pattern {
            Some(_) => {
                let pattern = Pattern::new(name);
                if spec.secret {
                    declared.secret.add_pattern(pattern.clone());
                }
                declared.patterns.push(pattern);
            }
            None => {
                declared.secret.declare_variable(name, spec.secret);
                declared.env.push(name.to_owned());
            }
        }
        declared.aliases.extend(spec.aliases.iter().map(|alias| (alias.value.clone(), name.to_owned())));
    }
    for (name, spec) in &inputs.values.0 {
        if spec.is_secret() {
            declared.secret.add_values(name);
        }
        declared.values.push(name.value.clone());
    }
    declared.defaults = defaults(inputs);
    declared
}

/// Bytes of a guess; defaults that double each other end here.
const GUESS_LIMIT: usize = 64 * 1024;

/// What variables are when they are not set. A default that names other variables is guessed when those are known; in a
/// circle they never are.
fn defaults(inputs: &InputsSpec) -> HashMap<String, String> {
    let all = inputs.env.0.iter().filter_map(|(name, spec)| Some((name.value.as_str(), default_text(spec)?)));
    let (computed, plain): (Vec<_>, Vec<_>) = all.partition(|(_, text)| holds_expression(text));
    let mut known: HashMap<String, String> = plain.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    let mut left = computed;
    loop {
        let waiting: Vec<String> = left.iter().map(|(name, _)| format!("env.{name}")).collect();
        let is_ready = |text: &str| !waiting.iter().any(|name| expressions(text).any(|(_, inner)| inner == name));
        let (ready, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, text)| is_ready(text));
        if ready.is_empty() {
            return known;
        }
        let guessed: Vec<_> = ready.iter().map(|(name, text)| ((*name).to_owned(), guess(text, &known))).collect();
        known.extend(guessed);
        left = later;
    }
}

fn default_text(spec: &EnvironmentSpec) -> Option<String> {
    let default = &spec.default.as_ref()?.value;
    Some(default.as_str().map_or_else(|| default.to_string(), str::to_owned))
}

/// The expressions of a text, each with what stands before it; the last one is empty, with the rest of the text.
fn expressions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (before, after) = rest?.split_once("{{").unwrap_or((rest?, ""));
        let (expression, behind) = after.split_once("}}").unwrap_or((after, ""));
        let last = before.len() == rest?.len();
        rest = (!last).then_some(behind);
        Some((before, expression.trim()))
    })
}

/// The text with defaults in place of expressions, so that the rest of a step can be understood without inputs.
pub(super) fn guess(text: &str, defaults: &HashMap<String, String>) -> String {
    let mut guess = String::new();
    for (before, expression) in expressions(text) {
        if guess.len() > GUESS_LIMIT {
            break;
        }
        guess.push_str(before);
        if expression.is_empty() {
            continue;
        }
        match defaults.get(expression.strip_prefix("env.").unwrap_or_default()) {
            Some(default) => guess.push_str(default),
            None => guess.push_str(if guess.is_empty() { "/unknown" } else { "unknown" }),
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::guess;

    #[test]
    fn a_guess_puts_defaults_in_the_place_of_expressions() {
        let defaults: HashMap<String, String> = [("A".to_owned(), "/a".to_owned())].into();
        for (text, wanted) in [
            ("plain", "plain"),
            ("{{env.A}}/x", "/a/x"),
            ("{{env.B}}/x", "/unknown/x"),
            ("/d/{{ env.A }}{{upper env.A}}", "/d//aunknown"),
            ("{{env.A", "/a"),
            ("", ""),
        ] {
            assert_eq!(guess(text, &defaults), wanted, "{text}");
        }
    }
}
