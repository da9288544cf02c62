//! The environment of the application: what `exec` keeps, takes away, sets, and reads from files.

use std::ffi::OsString;
use std::path::Path;

use super::contract::Outside;
use super::lookup::Lookup;
use super::variable::{Names, file_name, read};
use crate::failure::{Failure, Failures, Kind};
use crate::process::Environment;
use crate::spec::{EnvValue, EnvironmentSpec, ExecSpec, FILE_SUFFIX, NamePatterns};
use crate::template::Pattern;

/// The name of the variable that tells a program where its user is at home.
const HOME: &str = "HOME";

/// What the application gets, made of what the steps got. `home` is that of the user whom it becomes.
pub(crate) fn application_environment(
    spec: &ExecSpec,
    environment: &Environment,
    home: Option<&Path>,
    outside: Outside<'_>,
) -> Result<Environment, Failures> {
    let mut environment = environment.clone();
    from_files(&spec.file_env, &mut environment, outside)?;
    let change = &spec.environment;
    if let Some(kept) = &change.keep {
        let kept = patterns(kept);
        environment.retain(|name| is_one_of(&kept, name));
    }
    if let Some(home) = home {
        environment.set(HOME, home);
    }
    let unset = patterns(&change.unset);
    environment.retain(|name| !is_one_of(&unset, name));
    for (name, value) in &change.set.0 {
        let problem = match value {
            _ if name.is_empty() || name.contains(['=', '\0']) => "not a name",
            EnvValue::Unset => {
                environment.remove(name);
                continue;
            }
            EnvValue::Set(value) if value.contains('\0') => "a value holds no NUL character",
            EnvValue::Set(value) => {
                environment.set(&name.value, value);
                continue;
            }
        };
        let message = format!("cannot set the environment variable `{}`: {problem}", name.value.escape_debug());
        return Err(Failure::new(Kind::Input, message).at(name.span).into());
    }
    Ok(environment)
}

fn patterns(names: &NamePatterns) -> Vec<Pattern> {
    names.0.iter().map(|name| Pattern::new(name.value.as_str())).collect()
}

/// A name that is not UTF-8 is held against the patterns as it is shown.
fn is_one_of(patterns: &[Pattern], name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    patterns.iter().any(|pattern| pattern.matches(&name))
}

/// Puts the content of each file into the variable that it stands for. `NAME_FILE` itself is taken away, also when it is empty.
fn from_files(names: &NamePatterns, environment: &mut Environment, outside: Outside<'_>) -> Result<(), Failures> {
    let lookup = Lookup::new(outside);
    let (mut found, mut findings) = (Vec::new(), Vec::new());
    for pattern in &names.0 {
        let glob = Pattern::new(pattern.value.as_str());
        let given = outside.environment.iter().filter_map(|(name, _)| name.to_str()?.strip_suffix(FILE_SUFFIX));
        for name in given.filter(|name| glob.matches(name)) {
            match from_file(name, &lookup) {
                Ok(text) => found.push((name, text)),
                Err(failure) => findings.push(failure.at(pattern.span)),
            }
        }
    }
    Failures::check(findings)?;
    for (name, text) in found {
        environment.remove(&file_name(name));
        if let Some(text) = text {
            environment.set(name, OsString::from(text));
        }
    }
    Ok(())
}

/// What the variable is according to its file: a secret for all that we know. Nothing when no file is named.
fn from_file(name: &str, lookup: &Lookup<'_>) -> Result<Option<String>, Failure> {
    if lookup.get(&file_name(name)).is_none() {
        return Ok(None);
    }
    let spec = EnvironmentSpec { secret: true, file: true, required: Some(false), ..EnvironmentSpec::default() };
    Ok(read(&Names::single(name, Some(FILE_SUFFIX)), &spec, lookup)?.and_then(|found| found.text))
}
