//! What is wrong with the contract itself; needs nothing from outside.

use std::collections::HashMap;

use super::convert::{as_text, convert_default, fits};
use super::defaults;
use super::values;
use crate::document::Located;
use crate::failure::{Failure, Kind, Span};
use crate::spec::{EnvironmentSpec, InputsSpec, ValueType};
use crate::template::Declared;

/// Everything that is wrong, as far as that can be known without inputs.
pub(crate) fn check(spec: &InputsSpec, declared: &Declared) -> Vec<Failure> {
    let mut findings = Vec::new();
    for (name, variable) in &spec.env.0 {
        findings.extend(check_variable(name, variable));
    }
    findings.extend(check_aliases(spec));
    findings.extend(defaults::check(spec, declared));
    for (name, source) in &spec.values.0 {
        findings.extend(values::check(name, source));
        findings.extend(values::check_secrets(name, source, spec));
    }
    findings
}

pub(super) fn finding(span: Span, message: impl Into<String>) -> Failure {
    Failure::new(Kind::Plan, message).at(span)
}

fn check_variable(name: &Located<String>, spec: &EnvironmentSpec) -> Vec<Failure> {
    let mut findings = Vec::new();
    if !is_name(name) {
        findings.push(finding(name.span, format!("`{}` cannot be the name of a variable", name.value)));
    }
    if spec.pattern(name).is_some() {
        findings.extend(check_pattern(name, spec));
    }
    if let Some(pattern) = &spec.matches
        && regex_lite::Regex::new(pattern).is_err()
    {
        findings.push(finding(pattern.span, "not a regular expression"));
        return findings;
    }
    if let (Some(min), Some(max)) = (spec.min, spec.max)
        && min > max
    {
        findings.push(finding(name.span, format!("`min` of `{}` is above its `max`", name.value)));
    }
    if (spec.min.is_some() || spec.max.is_some()) && !matches!(spec.value_type, ValueType::Integer | ValueType::Number)
    {
        let message = format!("`min` and `max` of `{}` need the type integer or number", name.value);
        findings.push(finding(name.span, message));
    }
    findings.extend(check_default(name, spec));
    findings
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// A pattern takes what there is: nothing is needed, and nothing can stand in for what is not there.
fn check_pattern(name: &Located<String>, spec: &EnvironmentSpec) -> Vec<Failure> {
    let given = [
        ("default", spec.default.is_some()),
        ("required", spec.required.is_some()),
        ("aliases", !spec.aliases.is_empty()),
    ];
    let wrong = given.into_iter().filter(|(_, given)| *given);
    wrong
        .map(|(key, _)| {
            finding(name.span, format!("`{key}` has no meaning for the pattern `{}`", name.value))
                .hint("declare the one variable by its name")
        })
        .collect()
}

fn check_default(name: &Located<String>, spec: &EnvironmentSpec) -> Vec<Failure> {
    let mut findings = Vec::new();
    let Some(default) = &spec.default else { return findings };
    let is_computed = defaults::is_computed(spec);
    if spec.secret && !is_computed {
        let message = format!("`{}` is secret and cannot have a default", name.value);
        return vec![finding(default.span, message).hint("a plan holds no secret: leave the default out")];
    }
    if !is_computed {
        let checked = convert_default(spec.value_type, default).and_then(|value| fits(spec, &as_text(&value), &value));
        if let Err(problem) = checked {
            findings.push(finding(default.span, format!("cannot use the default of `{}`: {problem}", name.value)));
        }
    }
    if spec.required == Some(true) {
        let message = format!("`{}` has a default and is required: one of them has no meaning", name.value);
        findings.push(finding(name.span, message));
    }
    findings
}

/// An old name belongs to one variable, and is none itself.
fn check_aliases(spec: &InputsSpec) -> Vec<Failure> {
    let mut findings = Vec::new();
    let mut owners: HashMap<&str, &str> = spec.env.0.iter().map(|(name, _)| (name.as_str(), name.as_str())).collect();
    for (name, variable) in &spec.env.0 {
        for alias in &variable.aliases {
            if !is_name(alias) || alias.contains('*') {
                findings.push(finding(alias.span, format!("`{}` cannot be the name of a variable", alias.value)));
            } else if let Some(owner) = owners.insert(alias, name) {
                let message = if owner == alias.as_str() {
                    format!("`{}` is declared itself and is an old name of `{}`", alias.value, name.value)
                } else {
                    format!("`{}` is an old name of both `{owner}` and `{}`", alias.value, name.value)
                };
                findings.push(finding(alias.span, message).hint("remove one of them"));
            }
        }
    }
    findings
}
