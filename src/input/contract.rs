//! The contract with the outside: every variable and every source of values, collected before the first step.

use std::collections::HashMap;
use std::ffi::OsString;

use serde_json::{Map, Value};

use super::defaults::{Pending, Surroundings, fill};
use super::facts;
use super::lookup::Lookup;
use super::pattern::{matched, pattern_files};
use super::surroundings::surrounded;
use super::values::{self, Places};
use super::variable::{Found, Names, absent, file_name, read};
use crate::document::Located;
use crate::failure::{Failure, Failures};
use crate::process::Environment;
use crate::root::Root;
use crate::secret::Scrubber;
use crate::spec::{EnvironmentSpec, InputsSpec};
use crate::template::{Data, Declared};

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
pub(crate) fn collect(spec: &InputsSpec, declared: &Declared, outside: Outside<'_>) -> Result<Inputs, Failures> {
    let facts = facts::later(outside.host);
    let mut collector = Collector {
        lookup: Lookup::new(outside),
        declared,
        env: Map::new(),
        exported: Vec::new(),
        findings: Vec::new(),
    };
    let mut pending = Vec::new();
    for (name, variable) in &spec.env.0 {
        if variable.pattern(name).is_none()
            && let Some(waiting) = collector.variable(name, variable)
        {
            pending.push(waiting);
        }
    }
    for (key, variable) in &spec.env.0 {
        if let Some(pattern) = variable.pattern(key) {
            for names in matched(pattern, spec, outside.environment) {
                collector.matched(&names, key, variable);
            }
        }
    }
    let surroundings =
        Surroundings { contract: spec, facts: &facts, optional: &declared.patterns, scrubber: outside.scrubber };
    for (pending, filled) in fill(pending, &mut collector.env, &surroundings) {
        match filled {
            Ok(text) => collector.export(pending.name, pending.spec, text),
            Err(failure) => collector.findings.push(failure),
        }
    }
    let mut findings = collector.findings;
    let environment = environment_after(spec, collector.exported, outside);
    let places = Places { root: outside.root, environment: &environment, scrubber: outside.scrubber };
    let mut collected = Map::new();
    for (name, source) in &spec.values.0 {
        match values::read(source, places) {
            Ok(value) => {
                collected.insert(name.value.clone(), value);
            }
            Err(failures) => findings.extend(failures.into_iter().map(|failure| failure.at(name.span))),
        }
    }
    Failures::check(findings)?;
    let data = Data::new(collector.env, collected, Map::new())
        .with_facts(facts)
        .with_secrets(declared.secret.clone())
        .with_optional(declared.patterns.clone());
    Ok(Inputs { data: surrounded(data, outside), environment })
}

/// Inputs without a contract, for a step on the command line: the whole environment as text.
pub(crate) fn unchecked(spec: &InputsSpec, declared: &Declared, outside: Outside<'_>) -> Result<Inputs, Failures> {
    let mut env = Map::new();
    for (name, text) in outside.environment.iter() {
        if let (Some(name), Some(text)) = (name.to_str(), text.to_str()) {
            env.entry(name).or_insert_with(|| text.into());
        }
    }
    let inputs = collect(spec, declared, outside)?;
    Ok(Inputs { data: inputs.data.with_env(env), ..inputs })
}

/// What has been found so far.
struct Collector<'a> {
    lookup: Lookup<'a>,
    declared: &'a Declared,
    env: Map<String, Value>,
    exported: Vec<(String, String)>,
    findings: Vec<Failure>,
}

impl Collector<'_> {
    /// One variable with a name of its own. Returned when its default has to wait for others.
    fn variable<'a>(&mut self, name: &'a Located<String>, spec: &'a EnvironmentSpec) -> Option<Pending<'a>> {
        match read(&Names::of(name, spec), spec, &self.lookup) {
            Ok(Some(found)) => self.take(name, spec, found),
            Ok(None) => match Pending::new(name, spec) {
                Some(pending) => return Some(pending),
                None => match absent(name, spec, &self.lookup) {
                    Ok(found) => self.take(name, spec, found),
                    Err(failure) => self.findings.push(failure.at(name.span)),
                },
            },
            Err(failure) => self.findings.push(failure.at(name.span)),
        }
        None
    }

    /// One of the variables that match a pattern. The first pattern that matches has it.
    fn matched(&mut self, names: &Names<'_>, key: &Located<String>, spec: &EnvironmentSpec) {
        let name = names.name();
        if self.env.contains_key(name) {
            return;
        }
        // Another pattern may say that it is secret.
        let spec = EnvironmentSpec { secret: self.declared.secret.has_variable(name), ..spec.clone() };
        match read(names, &spec, &self.lookup) {
            Ok(Some(found)) => self.take(name, &spec, found),
            Ok(None) => {}
            Err(failure) => self.findings.push(failure.at(key.span)),
        }
    }

    fn take(&mut self, name: &str, spec: &EnvironmentSpec, found: Found) {
        self.export(name, spec, found.text);
        self.env.insert(name.to_owned(), found.value);
    }

    fn export(&mut self, name: &str, spec: &EnvironmentSpec, text: Option<String>) {
        if let (true, Some(text)) = (spec.export, text) {
            self.exported.push((name.to_owned(), text));
        }
    }
}

/// The environment that others get: without the names of files, with what is exported.
fn environment_after(spec: &InputsSpec, exported: Vec<(String, String)>, outside: Outside<'_>) -> Environment {
    let mut environment = outside.environment.clone();
    let mut changes = HashMap::new();
    for (key, variable) in spec.env.0.iter().filter(|(_, variable)| variable.file) {
        match variable.pattern(key) {
            Some(pattern) => {
                let files = pattern_files(pattern, spec, outside.environment).into_iter();
                changes.extend(files.map(|name| (OsString::from(name), None)));
            }
            None => std::iter::once(key).chain(&variable.aliases).for_each(|name| environment.remove(&file_name(name))),
        }
    }
    changes.extend(exported.into_iter().map(|(name, text)| (OsString::from(name), Some(OsString::from(text)))));
    environment.change(changes);
    environment
}
