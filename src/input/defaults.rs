//! Defaults that are made of other variables: `default: "{{env.OTHER}}"`. Their order in the plan does not matter.

use serde_json::{Map, Value};

use super::convert::{as_text, convert_default, fits};
use super::file::SIZE_LIMIT;
use crate::document::Located;
use crate::failure::{Failure, Kind, Source, Span};
use crate::secret::Scrubber;
use crate::spec::{EnvironmentSpec, InputsSpec};
use crate::template::{Data, Declared, Facts, Partials, Pattern, Template, evaluate, holds_expression};

/// A variable that is not set, and whose default waits for other variables.
pub(super) struct Pending<'a> {
    pub(super) name: &'a Located<String>,
    pub(super) spec: &'a EnvironmentSpec,
    default: &'a Located<Value>,
    template: Template,
}

impl<'a> Pending<'a> {
    /// Nothing when the default is none that has to wait. `check` has found what cannot be parsed.
    pub(super) fn new(name: &'a Located<String>, spec: &'a EnvironmentSpec) -> Option<Self> {
        let (default, template) = computed(spec)?;
        Some(Self { name, spec, default, template: template.ok()? })
    }
}

/// The default, if it is made of other variables, as a template.
fn computed(spec: &EnvironmentSpec) -> Option<(&Located<Value>, Result<Template, Failure>)> {
    let default = spec.default.as_ref()?;
    let text = default.as_str().filter(|text| holds_expression(text))?;
    Some((default, Template::parse(&Source::new("default", text))))
}

pub(super) fn is_computed(spec: &EnvironmentSpec) -> bool {
    computed(spec).is_some()
}

/// What defaults are made with, beside the variables.
pub(super) struct Surroundings<'a> {
    pub(super) contract: &'a InputsSpec,
    pub(super) facts: &'a Facts,
    /// Variables that may be there; one that is not is null.
    pub(super) optional: &'a [Pattern],
    pub(super) scrubber: &'a Scrubber,
}

/// Makes the defaults, each after those that it needs, and puts their values into `env`. What needs a variable that has a
/// finding of its own is passed over in silence.
pub(super) fn fill<'a>(
    mut pending: Vec<Pending<'a>>,
    env: &mut Map<String, Value>,
    surroundings: &Surroundings<'_>,
) -> Vec<(Pending<'a>, Result<Option<String>, Failure>)> {
    let mut filled = Vec::new();
    let has_own_name = |name: &str| surroundings.contract.env.0.iter().any(|(key, _)| key.value == name);
    loop {
        let is_known = |name: &str| env.contains_key(name) || !has_own_name(name);
        let (ready, later): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|one: &Pending<'a>| one.template.variables().all(is_known));
        if ready.is_empty() {
            return filled;
        }
        let data = Data::new(env.clone(), Map::new(), Map::new())
            .with_facts(surroundings.facts.clone())
            .with_optional(surroundings.optional.to_vec());
        for one in ready {
            let outcome = make(&one, &data, surroundings.scrubber).map(|value| {
                let text = (!value.is_null()).then(|| as_text(&value));
                env.insert(one.name.value.clone(), value);
                text
            });
            filled.push((one, outcome));
        }
        pending = later;
    }
}

fn make(pending: &Pending<'_>, data: &Data, scrubber: &Scrubber) -> Result<Value, Failure> {
    let Pending { name, spec, default, template } = pending;
    let problem = |problem: &str| {
        Failure::new(Kind::Input, format!("cannot use the default of `{}`: {problem}", name.value)).at(default.span)
    };
    let value = evaluate(template, data).map_err(|failure| {
        let details = failure.details();
        let cause = details.message.strip_prefix("cannot render the template: ").unwrap_or(&details.message);
        problem(cause).maybe_hint(details.hint.clone())
    })?;
    if value.is_null() || value.as_str() == Some("") {
        if spec.required == Some(false) {
            return Ok(Value::Null);
        }
        return Err(problem("it is empty").hint(format!("set `{}`, or what its default is made of", name.value)));
    }
    if as_text(&value).len() as u64 > SIZE_LIMIT {
        return Err(problem(&format!("it has more than {SIZE_LIMIT} bytes")));
    }
    let value = convert_default(spec.value_type, &value).map_err(|cause| problem(&cause))?;
    if spec.secret {
        scrubber.learn_all(&value);
    }
    fits(spec, &as_text(&value), &value).map_err(|cause| problem(&cause))?;
    Ok(value)
}

/// What is wrong with the defaults that are made of other variables; needs nothing from outside.
pub(super) fn check(spec: &InputsSpec, declared: &Declared) -> Vec<Failure> {
    let mut findings = Vec::new();
    let mut needs = Vec::new();
    for (name, variable) in &spec.env.0 {
        let Some((default, template)) = computed(variable) else { continue };
        match template {
            Ok(template) => {
                findings
                    .extend(check_one(name, variable, &template, declared).into_iter().map(|one| one.at(default.span)));
                needs.push(Need { name, span: default.span, template });
            }
            Err(failure) => findings.push(Failure::new(Kind::Plan, failure.to_string()).at(default.span)),
        }
    }
    findings.extend(circles(&needs));
    findings
}

fn check_one(name: &str, spec: &EnvironmentSpec, template: &Template, declared: &Declared) -> Vec<Failure> {
    let partials = Partials::default();
    let mut findings: Vec<Failure> = template.check(declared, &partials).iter().map(without_place).collect();
    let mut find = |message: String, hint: &str| findings.push(Failure::new(Kind::Plan, message).hint(hint));
    for path in template.paths() {
        let first = path.first().map(String::as_str);
        if !matches!(first, Some("env" | "facts")) || path.len() < 2 {
            let message = format!("the default of `{name}` names `{}`", path.join("."));
            find(message, "a default can name single variables and facts: `env.NAME`, `facts.NAME`");
        } else if path[..2] == ["facts", "arguments"] {
            find(format!("the default of `{name}` names `facts.arguments`"), "they are known after the defaults");
        }
    }
    if let (Some(secret), false) = (template.secret(&declared.secret, &partials), spec.secret) {
        find(format!("the default of `{name}` holds `{secret}`, which is secret"), "add `secret: true`");
    }
    findings
}

/// A finding inside a string stands at the string: quotes and escapes hide the exact column.
fn without_place(failure: &Failure) -> Failure {
    let details = failure.details();
    Failure::new(Kind::Plan, &details.message).maybe_hint(details.hint.clone())
}

/// A default, for what it needs.
struct Need<'a> {
    name: &'a str,
    span: Span,
    template: Template,
}

/// A finding when defaults, in the end, need themselves.
fn circles(needs: &[Need<'_>]) -> Vec<Failure> {
    let mut left: Vec<_> = needs.iter().collect();
    // What needs none of the others, or is needed by none, is no part of a circle; and so on.
    loop {
        let names: Vec<&str> = left.iter().map(|need| need.name).collect();
        let used: Vec<&str> = left.iter().flat_map(|need| need.template.variables()).collect();
        let is_part =
            |need: &&Need<'_>| used.contains(&need.name) && need.template.variables().any(|used| names.contains(&used));
        let (parts, done): (Vec<_>, Vec<_>) = left.into_iter().partition(is_part);
        left = parts;
        if done.is_empty() {
            break;
        }
    }
    let names: Vec<&str> = left.iter().map(|need| need.name).collect();
    let message = match names.as_slice() {
        [] => return Vec::new(),
        [one] => format!("the default of `{one}` needs itself"),
        several => format!("the defaults of `{}` need each other", several.join("`, `")),
    };
    let first = left.first().map(|need| need.span).unwrap_or_default();
    vec![Failure::new(Kind::Plan, message).at(first).hint("give one of them a default of its own")]
}
