//! One variable of the contract: its text, from wherever it may come, to its value.

use std::path::Path;

use serde_json::Value;

use super::convert::{as_text, convert, convert_default, fits};
use super::file::{is_writable_by_all, read_text};
use super::lookup::Lookup;
use crate::document::Located;
use crate::failure::{Failure, Kind, did_you_mean};
use crate::spec::{EnvironmentSpec, FILE_SUFFIX};

/// The value of a variable.
pub(super) struct Found {
    pub(super) value: Value,
    /// The text, when there is any to export.
    pub(super) text: Option<String>,
}

/// The names under which a variable can be given, the present one first.
pub(super) struct Names<'a> {
    names: Vec<&'a str>,
    /// What is put behind each of them to name a file, when that is allowed.
    suffix: Option<&'static str>,
}

/// A text and the variable that gave it.
struct Given {
    variable: String,
    text: String,
}

impl<'a> Names<'a> {
    pub(super) fn of(name: &'a str, spec: &'a EnvironmentSpec) -> Self {
        let aliases = spec.aliases.iter().map(|alias| alias.value.as_str());
        Self { names: std::iter::once(name).chain(aliases).collect(), suffix: spec.file.then_some(FILE_SUFFIX) }
    }

    /// A name without former ones.
    pub(super) fn single(name: &'a str, suffix: Option<&'static str>) -> Self {
        Self { names: vec![name], suffix }
    }

    pub(super) fn name(&self) -> &'a str {
        self.names.first().copied().unwrap_or_default()
    }
}

pub(super) fn file_name(name: &str) -> String {
    format!("{name}{FILE_SUFFIX}")
}

/// The failure ``cannot use the environment variable `NAME`: <problem>``.
pub(super) fn unusable(name: &str, problem: &str) -> Failure {
    Failure::new(Kind::Input, format!("cannot use the environment variable `{name}`: {problem}"))
}

/// Reads the variable; nothing when it is not set under any of its names.
pub(super) fn read(names: &Names<'_>, spec: &EnvironmentSpec, lookup: &Lookup<'_>) -> Result<Option<Found>, Failure> {
    let Some(given) = find(names, spec, lookup)? else { return Ok(None) };
    if spec.secret {
        lookup.outside.scrubber.learn(&given.text);
    }
    let value = convert(spec.value_type, &given.text).map_err(|problem| unusable(names.name(), &problem))?;
    if spec.secret {
        lookup.outside.scrubber.learn_all(&value);
    }
    fits(spec, &given.text, &value).map_err(|problem| unusable(names.name(), &problem))?;
    Ok(Some(Found { value, text: Some(given.text) }))
}

/// The text under the first name that is set. What the other names give has to be the same.
fn find(names: &Names<'_>, spec: &EnvironmentSpec, lookup: &Lookup<'_>) -> Result<Option<Given>, Failure> {
    let mut first: Option<Given> = None;
    for name in &names.names {
        let Some(given) = find_one(name, names.suffix, spec, lookup)? else { continue };
        match &first {
            Some(first) if first.text != given.text => {
                let message = format!("`{}` and `{}` have different values", first.variable, given.variable);
                return Err(Failure::new(Kind::Input, message)
                    .hint(format!("`{name}` is an old name of `{}`: unset it", names.name())));
            }
            Some(_) => {}
            None => {
                if *name != names.name() {
                    log::warn!("`{}` is set by its old name `{}`", names.name(), given.variable);
                }
                first = Some(given);
            }
        }
    }
    Ok(first)
}

/// The text from `NAME` or from the file that `NAME_FILE` names; empty counts as unset.
fn find_one(
    name: &str,
    suffix: Option<&str>,
    spec: &EnvironmentSpec,
    lookup: &Lookup<'_>,
) -> Result<Option<Given>, Failure> {
    let direct = lookup.get(name);
    let file_name = suffix.map(|suffix| format!("{name}{suffix}")).unwrap_or_default();
    let file = suffix.and_then(|_| lookup.get(&file_name));
    match (direct, file) {
        (Some(_), Some(_)) => {
            Err(Failure::new(Kind::Input, format!("both `{name}` and `{file_name}` are set")).hint("unset one of them"))
        }
        (Some(text), None) => {
            let text = text.to_str().ok_or_else(|| unusable(name, "it is not UTF-8"))?;
            Ok(Some(Given { variable: name.to_owned(), text: text.to_owned() }))
        }
        (None, Some(path)) => {
            let text = read_file(Path::new(path), &file_name, spec, lookup)?;
            Ok(text.map(|text| Given { variable: file_name, text }))
        }
        (None, None) => Ok(None),
    }
}

/// The text of the file that a variable names; nothing for an empty one where no value is needed.
fn read_file(
    path: &Path,
    file_name: &str,
    spec: &EnvironmentSpec,
    lookup: &Lookup<'_>,
) -> Result<Option<String>, Failure> {
    let refuse = |verb: &str, problem: &str| {
        let message = format!("cannot {verb} `{}`, named by `{file_name}`: {problem}", path.display());
        Failure::new(Kind::Input, message)
    };
    if !path.is_absolute() {
        return Err(refuse("read", "the path is not absolute"));
    }
    let text = read_text(lookup.outside.root, path).map_err(|problem| {
        let failure = refuse("read", &problem.to_string());
        if problem.is_not_found() {
            return failure.hint(format!("mount the file there, or set `{file_name}` to where it is"));
        }
        failure
    })?;
    if spec.secret && is_writable_by_all(lookup.outside.root, path) {
        log::warn!("the secret `{}`, named by `{file_name}`, can be written by every user", path.display());
    }
    if text.is_empty() && spec.is_needed() {
        return Err(refuse("use", "it is empty").hint("write the value into it"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// What stands in for a variable that is not set: its default, or null.
pub(super) fn absent(name: &Located<String>, spec: &EnvironmentSpec, lookup: &Lookup<'_>) -> Result<Found, Failure> {
    if let Some(default) = &spec.default {
        let value = convert_default(spec.value_type, default).map_err(|problem| Failure::new(Kind::Plan, problem))?;
        let text = Some(as_text(&value));
        return Ok(Found { value, text });
    }
    if spec.required == Some(false) {
        return Ok(Found { value: Value::Null, text: None });
    }
    let old_names = || spec.aliases.iter().map(|alias| alias.value.as_str());
    if let Some(given) = std::iter::once(name.value.as_str()).chain(old_names()).find(|name| lookup.is_empty(name)) {
        return Err(empty(name, given, spec));
    }
    let is_given = |name: &&str| lookup.get(name).is_some();
    let names = lookup.outside.environment.iter().filter_map(|(name, _)| name.to_str()).filter(is_given);
    let near = did_you_mean(name, names).map(|near| format!("a variable with a similar name is set: {near}"));
    let remedy = if spec.file {
        format!("set it, or `{}` with the path of a file that holds it", file_name(name))
    } else {
        "set it, or give it a `default` or `required: false` in the plan".to_owned()
    };
    Err(Failure::new(Kind::Input, format!("the environment variable `{}` is not set", name.value))
        .hint(near.unwrap_or(remedy)))
}

/// `given` is the name, or an old one, that is set to nothing.
fn empty(name: &Located<String>, given: &str, spec: &EnvironmentSpec) -> Failure {
    let remedy = if spec.file {
        format!("give it a value, or set `{}` to the path of a file that holds it", file_name(name))
    } else {
        "an empty variable counts as unset: give it a value, or a `default` or `required: false` in the plan".to_owned()
    };
    let message = if given == name.value {
        format!("the environment variable `{given}` is set but empty")
    } else {
        format!("the environment variable `{}` is not set, and its old name `{given}` is empty", name.value)
    };
    Failure::new(Kind::Input, message).hint(remedy)
}
