//! The variables of the environment that a pattern of the contract declares.

use std::collections::BTreeSet;

use super::variable::{Names, file_name};
use crate::process::Environment;
use crate::spec::{InputsSpec, NamePattern};
use crate::template::Pattern;

/// The names that the pattern declares and that are set, directly or through a file. What the contract names itself is
/// left to it.
pub(super) fn matched<'a>(
    pattern: NamePattern<'_>,
    spec: &'a InputsSpec,
    environment: &'a Environment,
) -> Vec<Names<'a>> {
    let (reads_files, taken, glob) = (reads_files(pattern, spec), taken(spec), Pattern::new(pattern.names));
    let set = environment.iter().filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| name.to_str());
    let names: BTreeSet<&str> = set
        .filter(|name| !taken.contains(*name))
        .filter_map(|name| match name.strip_suffix(pattern.suffix) {
            Some(stem) if reads_files && glob.matches(stem) => Some(stem),
            _ => Some(name).filter(|name| !pattern.files_only && glob.matches(name)),
        })
        .filter(|name| !taken.contains(*name))
        .collect();
    names.into_iter().map(|name| Names::single(name, reads_files.then_some(pattern.suffix))).collect()
}

/// The variables that name files for the pattern, also when they are empty.
pub(super) fn pattern_files(pattern: NamePattern<'_>, spec: &InputsSpec, environment: &Environment) -> Vec<String> {
    let (taken, glob) = (taken(spec), Pattern::new(pattern.names));
    let names = environment.iter().filter_map(|(name, _)| name.to_str());
    let is_file = |name: &&str| {
        let stem = name.strip_suffix(pattern.suffix);
        stem.is_some_and(|stem| glob.matches(stem) && !taken.contains(stem)) && !taken.contains(*name)
    };
    names.filter(is_file).map(str::to_owned).collect()
}

fn reads_files(pattern: NamePattern<'_>, spec: &InputsSpec) -> bool {
    spec.env.0.iter().any(|(key, variable)| variable.file && variable.pattern(key) == Some(pattern))
}

/// The variables that the contract names one by one: with their old names, and those of their files.
fn taken(spec: &InputsSpec) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    for (key, variable) in spec.env.0.iter().filter(|(key, variable)| variable.pattern(key).is_none()) {
        for name in std::iter::once(key).chain(&variable.aliases) {
            taken.insert(name.value.clone());
            if variable.file {
                taken.insert(file_name(name));
            }
        }
    }
    taken
}
