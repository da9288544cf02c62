//! Variables whose names begin alike as one mapping: `APP__DB__HOST` as `db.host`.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::variable::unusable;
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::process::Environment;
use crate::spec::{Case, Mapping, ValuesSpec};
use crate::template::Pattern;

/// Levels of a mapping that the name of a variable can make.
const DEPTH_LIMIT: usize = 32;

/// A mapping that is being made: each value with the variable that it comes from.
enum Branch {
    Leaf { variable: String, text: String },
    Mapping(BTreeMap<String, Branch>),
}

/// The mapping of all variables with the prefix. Empty ones count as unset.
pub(super) fn read(prefix: &str, spec: &ValuesSpec, environment: &Environment) -> Result<Value, Vec<Failure>> {
    let mut tree = BTreeMap::new();
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for (name, value) in environment.iter().filter(|(_, value)| !value.is_empty()) {
        let Some((name, rest)) = name.to_str().and_then(|name| Some((name, name.strip_prefix(prefix)?))) else {
            continue;
        };
        // Where a name stands twice, the first one counts.
        if is_excluded(&spec.exclude, name) || !seen.insert(name) {
            continue;
        }
        let Some(text) = value.to_str() else {
            findings.push(unusable(name, "it is not UTF-8"));
            continue;
        };
        let added = keys(rest, spec).map_err(|problem| unusable(name, problem)).and_then(|keys| {
            let leaf = Branch::Leaf { variable: name.to_owned(), text: text.to_owned() };
            insert(&mut tree, &keys, leaf).map_err(|other| conflict(&other, name))
        });
        findings.extend(added.err());
    }
    if findings.is_empty() { Ok(to_json(tree)) } else { Err(findings) }
}

pub(super) fn is_excluded(exclude: &[Located<String>], name: &str) -> bool {
    exclude.iter().any(|pattern| Pattern::new(pattern.as_str()).matches(name))
}

/// The keys that lead to the value, from what stands behind the prefix.
fn keys(rest: &str, spec: &ValuesSpec) -> Result<Vec<String>, &'static str> {
    let mapping = spec.mapping.as_ref().map(|mapping| mapping.value).unwrap_or_default();
    let keys = match mapping {
        Mapping::Nested => {
            let separator = spec.separator.as_ref().map_or("__", |separator| separator.as_str());
            let case = spec.case.as_ref().map(|case| case.value).unwrap_or_default();
            let in_case = |key: &str| if case == Case::Lower { key.to_lowercase() } else { key.to_owned() };
            rest.split(separator).map(in_case).collect()
        }
        Mapping::Kafka => vec![kafka(rest)],
        Mapping::Neo4j => vec![rest.replace('_', ".").replace("..", "_")],
    };
    if keys.iter().any(String::is_empty) {
        return Err("a part of its name is empty");
    }
    if keys.len() > DEPTH_LIMIT {
        return Err("its name has too many parts");
    }
    Ok(keys)
}

/// As the images of Kafka do it: `_` is `.`, `__` is `_`, `___` is `-`.
fn kafka(rest: &str) -> String {
    let dashed = rest.to_lowercase();
    let parts = dashed.split("___").map(|part| {
        let words: Vec<String> = part.split("__").map(|word| word.replace('_', ".")).collect();
        words.join("_")
    });
    parts.collect::<Vec<_>>().join("-")
}

/// Puts the leaf where the keys lead. Fails with the variable that is in its way.
fn insert(tree: &mut BTreeMap<String, Branch>, keys: &[String], leaf: Branch) -> Result<(), String> {
    let Some((key, rest)) = keys.split_first() else { return Ok(()) };
    if rest.is_empty() {
        return match tree.get(key) {
            Some(branch) => Err(first_variable(branch)),
            None => {
                tree.insert(key.clone(), leaf);
                Ok(())
            }
        };
    }
    match tree.entry(key.clone()).or_insert_with(|| Branch::Mapping(BTreeMap::new())) {
        Branch::Mapping(inner) => insert(inner, rest, leaf),
        Branch::Leaf { variable, .. } => Err(variable.clone()),
    }
}

fn first_variable(branch: &Branch) -> String {
    match branch {
        Branch::Leaf { variable, .. } => variable.clone(),
        Branch::Mapping(inner) => inner.values().next().map(first_variable).unwrap_or_default(),
    }
}

fn conflict(one: &str, other: &str) -> Failure {
    // The order of the environment is nobody's choice.
    let (one, other) = if one < other { (one, other) } else { (other, one) };
    Failure::new(Kind::Input, format!("`{one}` and `{other}` exclude each other: they mean the same place"))
        .hint("unset one of them, or name it in `exclude`")
}

fn to_json(tree: BTreeMap<String, Branch>) -> Value {
    let entries = tree.into_iter().map(|(key, branch)| {
        let value = match branch {
            Branch::Leaf { text, .. } => text.into(),
            Branch::Mapping(inner) => to_json(inner),
        };
        (key, value)
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::kafka;

    #[test]
    fn names_of_kafka() {
        for (rest, wanted) in [
            ("BROKER_ID", "broker.id"),
            ("LISTENER_SECURITY_PROTOCOL_MAP", "listener.security.protocol.map"),
            ("A__B", "a_b"),
            ("A___B_C", "a-b.c"),
            ("A____B", "a-.b"),
            ("X", "x"),
            ("", ""),
        ] {
            assert_eq!(kafka(rest), wanted, "{rest}");
        }
    }
}
