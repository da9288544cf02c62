//! The contract with the outside: every variable and every source of values, checked before the first step.

use std::ffi::OsString;

use serde_json::{Map, Value};

use super::convert::{convert, convert_default, fits};
use super::file::read_text;
use super::surroundings::surrounded;
use super::{facts, values};
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind, did_you_mean};
use crate::process::Environment;
use crate::root::Root;
use crate::secret::Scrubber;
use crate::spec::{EnvironmentSpec, InputsSpec, ValueType};
use crate::template::Data;

/// What was collected.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) data: Data,
    /// The environment for programs and for the application: without `NAME_FILE`, with what is exported.
    pub(crate) environment: Environment,
}

/// Where inputs are found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outside<'a> {
    pub(crate) environment: &'a Environment,
    /// The plan's root: value files and secrets are below it.
    pub(crate) root: &'a Root,
    /// The root of the file system, for facts.
    pub(crate) host: &'a Root,
    pub(crate) scrubber: &'a Scrubber,
}

/// Collects all inputs, or says everything that is wrong with them. Values are never named.
pub(crate) fn collect(spec: &InputsSpec, outside: Outside<'_>) -> Result<Inputs, Failures> {
    let mut findings = Vec::new();
    let mut environment = outside.environment.clone();
    let mut env = Map::new();
    for (name, variable) in &spec.env.0 {
        match read_variable(name, variable, outside) {
            Ok(found) => {
                if variable.file {
                    environment.remove(&file_name(name));
                }
                if let (true, Some(text)) = (variable.export, &found.text) {
                    environment.set(name.as_str(), OsString::from(text));
                }
                env.insert(name.value.clone(), found.value);
            }
            Err(failure) => findings.push(failure.at(name.span)),
        }
    }
    let mut collected = Map::new();
    for (name, source) in &spec.values.0 {
        match values::read(source, outside.root, outside.scrubber) {
            Ok(value) => {
                collected.insert(name.value.clone(), value);
            }
            Err(failure) => findings.push(failure.at(name.span)),
        }
    }
    Failures::check(findings)?;
    Ok(Inputs { data: surrounded(Data::new(env, collected, facts::gather(outside.host)), outside), environment })
}

/// Inputs without a contract, for a step on the command line: the whole environment as text.
pub(crate) fn unchecked(spec: &InputsSpec, outside: Outside<'_>) -> Result<Inputs, Failures> {
    let mut env = Map::new();
    for (name, text) in outside.environment.iter() {
        if let (Some(name), Some(text)) = (name.to_str(), text.to_str()) {
            env.entry(name).or_insert_with(|| text.into());
        }
    }
    let inputs = collect(spec, outside)?;
    Ok(Inputs { data: inputs.data.with_env(env), ..inputs })
}

/// What is wrong with the contract itself; needs nothing from outside.
pub(crate) fn check(spec: &InputsSpec) -> Vec<Failure> {
    let mut findings = Vec::new();
    for (name, variable) in &spec.env.0 {
        findings.extend(check_variable(name, variable));
    }
    for (name, source) in &spec.values.0 {
        if source.file.is_some() == source.directory.is_some() {
            let finding = Failure::new(Kind::Plan, format!("`{}` needs either `file` or `directory`", name.value));
            findings.push(finding.at(name.span));
        }
        if let (Some(file), None) = (&source.file, &source.format)
            && values::format_of(file.as_str()).is_none()
        {
            let finding = Failure::new(Kind::Plan, format!("cannot tell the format of `{}`", file.value));
            findings.push(finding.at(file.span).hint("write `format: yaml` or `format: json`"));
        }
    }
    findings
}

fn check_variable(name: &Located<String>, spec: &EnvironmentSpec) -> Vec<Failure> {
    let mut findings = Vec::new();
    let mut find = |span, message: String| findings.push(Failure::new(Kind::Plan, message).at(span));
    if name.is_empty() || name.contains(['=', '\0']) {
        find(name.span, format!("`{}` cannot be the name of a variable", name.value));
    }
    if let Some(pattern) = &spec.matches
        && regex_lite::Regex::new(pattern).is_err()
    {
        find(pattern.span, "not a regular expression".to_owned());
        return findings;
    }
    if let (Some(min), Some(max)) = (spec.min, spec.max)
        && min > max
    {
        find(name.span, format!("`min` of `{}` is above its `max`", name.value));
    }
    if (spec.min.is_some() || spec.max.is_some()) && !matches!(spec.value_type, ValueType::Integer | ValueType::Number)
    {
        find(name.span, format!("`min` and `max` of `{}` need the type integer or number", name.value));
    }
    if let (Some(default), true) = (&spec.default, spec.secret) {
        let finding = Failure::new(Kind::Plan, format!("`{}` is secret and cannot have a default", name.value));
        findings.push(finding.at(default.span).hint("a plan holds no secret: leave the default out"));
        return findings;
    }
    if let Some(default) = &spec.default {
        let checked = convert_default(spec.value_type, default).and_then(|value| fits(spec, &as_text(&value), &value));
        if let Err(problem) = checked {
            find(default.span, format!("cannot use the default of `{}`: {problem}", name.value));
        }
        if spec.required == Some(true) {
            find(name.span, format!("`{}` has a default and is required: one of them has no meaning", name.value));
        }
    }
    findings
}

struct Found {
    value: Value,
    /// The text, when there is any to export.
    text: Option<String>,
}

fn file_name(name: &str) -> String {
    format!("{name}_FILE")
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn read_variable(name: &Located<String>, spec: &EnvironmentSpec, outside: Outside<'_>) -> Result<Found, Failure> {
    let problem = |problem: &str| {
        Failure::new(Kind::Input, format!("cannot use the environment variable `{}`: {problem}", name.value))
    };
    let Some(text) = find_text(name, spec, outside)? else {
        return absent(name, spec, outside);
    };
    if spec.secret {
        outside.scrubber.learn(&text);
    }
    let value = convert(spec.value_type, &text).map_err(|error| problem(&error))?;
    if spec.secret {
        outside.scrubber.learn_all(&value);
    }
    fits(spec, &text, &value).map_err(|error| problem(&error))?;
    Ok(Found { value, text: Some(text) })
}

/// The text from `NAME` or from the file that `NAME_FILE` names; empty counts as unset.
fn find_text(name: &Located<String>, spec: &EnvironmentSpec, outside: Outside<'_>) -> Result<Option<String>, Failure> {
    let set = |name: &str| outside.environment.get(name).filter(|text| !text.is_empty());
    let direct = set(name);
    let file_name = file_name(name);
    let file = if spec.file { set(&file_name) } else { None };
    match (direct, file) {
        (Some(_), Some(_)) => {
            Err(Failure::new(Kind::Input, format!("both `{}` and `{file_name}` are set", name.value))
                .hint("unset one of them"))
        }
        (Some(text), None) => text.to_str().map(|text| Some(text.to_owned())).ok_or_else(|| {
            Failure::new(Kind::Input, format!("cannot use the environment variable `{}`: it is not UTF-8", name.value))
        }),
        (None, Some(path)) => {
            let path = std::path::Path::new(path);
            let refuse = |verb: &str, problem: &str| {
                let message = format!("cannot {verb} `{}`, named by `{file_name}`: {problem}", path.display());
                Failure::new(Kind::Input, message)
            };
            if !path.is_absolute() {
                return Err(refuse("read", "the path is not absolute"));
            }
            let text = read_text(outside.root, path).map_err(|problem| {
                let failure = refuse("read", &problem.to_string());
                if problem.is_not_found() {
                    return failure.hint(format!("mount the file there, or set `{file_name}` to where it is"));
                }
                failure
            })?;
            if text.is_empty() && spec.is_needed() {
                return Err(refuse("use", "it is empty").hint("write the value into it"));
            }
            Ok(Some(text).filter(|text| !text.is_empty()))
        }
        (None, None) => Ok(None),
    }
}

fn absent(name: &Located<String>, spec: &EnvironmentSpec, outside: Outside<'_>) -> Result<Found, Failure> {
    if let Some(default) = &spec.default {
        let value = convert_default(spec.value_type, default).map_err(|problem| Failure::new(Kind::Plan, problem))?;
        let text = Some(as_text(&value));
        return Ok(Found { value, text });
    }
    if spec.required == Some(false) {
        return Ok(Found { value: Value::Null, text: None });
    }
    let names: Vec<&str> = outside.environment.iter().filter_map(|(name, _)| name.to_str()).collect();
    let near = did_you_mean(name, names).map(|near| format!("a variable with a similar name is set: {near}"));
    let remedy = if spec.file {
        format!("set it, or `{}` with the path of a file that holds it", file_name(name))
    } else {
        "set it, or give it a `default` or `required: false` in the plan".to_owned()
    };
    Err(Failure::new(Kind::Input, format!("the environment variable `{}` is not set", name.value))
        .hint(near.unwrap_or(remedy)))
}
