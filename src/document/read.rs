//! Reads a tree into a type, and finds everything that is wrong with it, not only the first thing.
//!
//! serde stops at the first error. So an error is reported, the node at fault is made [`Value::Unknown`], which reads as
//! whatever is asked for, and the reading starts again, until it succeeds or nothing is left that could be at fault.

use serde::de::DeserializeOwned;

use super::error::{Error, Problem};
use super::node::{Key, Node, Value};
use crate::failure::{Failure, Kind, Span};

/// More findings than this help nobody.
const FINDING_LIMIT: usize = 50;

/// What came out of reading.
pub(crate) struct Reading<T> {
    /// The value, unless what was wrong left no way to make one.
    pub(crate) value: Option<T>,
    pub(crate) findings: Vec<Failure>,
}

/// Reads the whole tree; every finding has the span of the key or value at fault.
pub(crate) fn read<T: DeserializeOwned>(node: &Node) -> Reading<T> {
    let mut node = node.clone();
    let mut findings = Vec::new();
    find_duplicates(&mut node, &mut findings);
    let mut value = None;
    while findings.len() <= FINDING_LIMIT {
        match T::deserialize(&node) {
            Ok(read) => {
                value = Some(read);
                break;
            }
            Err(error) => {
                findings.extend(finding(&error));
                if !mend(&mut node, &error) {
                    break;
                }
            }
        }
    }
    findings.sort_by_key(|failure| (failure.details().span.line, failure.details().span.column));
    if findings.len() > FINDING_LIMIT {
        findings.truncate(FINDING_LIMIT);
        findings.push(Failure::new(Kind::Plan, format!("stopped after {FINDING_LIMIT} findings")));
    }
    Reading { value, findings }
}

/// A key that stands twice in one mapping: reported, and the later one forgotten.
fn find_duplicates(node: &mut Node, findings: &mut Vec<Failure>) {
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| find_duplicates(item, findings)),
        Value::Mapping(entries) => {
            let mut seen: std::collections::HashMap<String, Span> = std::collections::HashMap::new();
            entries.retain(|(key, _)| match seen.get(&key.name) {
                None => {
                    seen.insert(key.name.clone(), key.span);
                    true
                }
                Some(first) => {
                    let finding = Failure::new(Kind::Plan, format!("duplicate key `{}`", key.name))
                        .at(key.span)
                        .hint(format!("the first one is in line {}: remove one of them", first.line));
                    findings.push(finding);
                    false
                }
            });
            for (_, child) in entries {
                find_duplicates(child, findings);
            }
        }
        _ => {}
    }
}

/// The error as a finding, unless it only follows from something unknown.
fn finding(error: &Error) -> Option<Failure> {
    let fault = error.at?;
    if fault.unknown {
        return None;
    }
    let kind = if fault.computed { Kind::Input } else { Kind::Plan };
    let failure = Failure::new(kind, error.to_string()).at(fault.span);
    Some(match &error.problem {
        Problem::Missing(_) => failure,
        Problem::UnknownKey { hint, .. } => failure.hint(hint),
        Problem::Other { hint, .. } => failure.maybe_hint(hint.clone()),
    })
}

/// Changes the tree so that the same error cannot come again. False if that is not possible.
fn mend(root: &mut Node, error: &Error) -> bool {
    let path = error.path.as_slice();
    if let Problem::UnknownKey { .. } = error.problem {
        return remove(root, path);
    }
    let Some(node) = follow(root, path) else { return false };
    match (&error.problem, &mut node.value) {
        (_, Value::Unknown(guess)) if guess.is_empty() => lift(root, path),
        (Problem::Missing(field), Value::Mapping(entries)) => {
            let key = Key { span: node.span, name: (*field).to_owned() };
            entries.push((key, Node::unknown(node.span)));
            true
        }
        _ => {
            node.value = Value::Unknown(String::new());
            true
        }
    }
}

/// Something unknown stands where nothing can be made of it: its item goes, or the mapping around it becomes unknown.
fn lift(root: &mut Node, path: &[usize]) -> bool {
    let Some((_, parent_path)) = path.split_first() else { return false };
    let Some(parent) = follow(root, parent_path) else { return false };
    match parent.value {
        Value::Sequence(_) => remove(root, path),
        _ => {
            parent.value = Value::Unknown(String::new());
            true
        }
    }
}

fn remove(root: &mut Node, path: &[usize]) -> bool {
    let Some((&index, parent)) = path.split_first() else { return false };
    match follow(root, parent).map(|parent| &mut parent.value) {
        Some(Value::Sequence(items)) if index < items.len() => {
            items.remove(index);
            true
        }
        Some(Value::Mapping(entries)) if index < entries.len() => {
            entries.remove(index);
            true
        }
        _ => false,
    }
}

/// The node at the end of the path, which is innermost first.
fn follow<'a>(node: &'a mut Node, path: &[usize]) -> Option<&'a mut Node> {
    let Some((&index, inner)) = path.split_last() else { return Some(node) };
    match &mut node.value {
        Value::Sequence(items) => follow(items.get_mut(index)?, inner),
        Value::Mapping(entries) => follow(&mut entries.get_mut(index)?.1, inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::{Located, parse};
    use super::read;
    use crate::failure::Source;

    #[derive(Debug, Deserialize)]
    struct Outer {
        items: Vec<Inner>,
        #[serde(default)]
        flag: bool,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        path: String,
        source: Located<String>,
        mode: Option<Located<Even>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Even;

    impl TryFrom<String> for Even {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            if text.len().is_multiple_of(2) && !text.is_empty() {
                Ok(Self)
            } else {
                Err("odd\nmake it even".to_owned())
            }
        }
    }

    fn findings(text: &str) -> Vec<String> {
        let source = Source::new("test", text);
        let node = parse(&source).unwrap();
        read::<Outer>(&node)
            .findings
            .iter()
            .map(|failure| {
                let details = failure.details();
                let hint = details.hint.as_deref().unwrap_or_default();
                format!("{}:{} {} / {hint}", details.span.line, details.span.column, details.message)
            })
            .collect()
    }

    #[test]
    fn a_right_document_has_no_findings_and_keeps_its_places() {
        let source = Source::new("test", "items:\n  - path: a\n    source: b\n    mode: even\nflag: true\n");
        let reading = read::<Outer>(&parse(&source).unwrap());
        assert_eq!(reading.findings.len(), 0);
        let outer = reading.value.unwrap();
        assert!(outer.flag && outer.items[0].mode.is_some());
        assert_eq!(outer.items[0].path, "a");
        let span = outer.items[0].source.span;
        assert_eq!((span.line, span.column, span.length), (3, 13, 1));
    }

    #[test]
    fn everything_wrong_is_found_at_once() {
        let text = "items:
  - pth: a
    mode: odd
  - path: [x]
    source: b
    path: c
  - 5
flag: maybe
extra: 1
";
        assert_eq!(
            findings(text),
            [
                "2:5 unknown key `pth` / did you mean `path`?",
                "2:5 `path` is missing / ",
                "2:5 `source` is missing / ",
                "3:11 odd / make it even",
                "4:11 expected a string, found a list / ",
                "6:5 duplicate key `path` / the first one is in line 4: remove one of them",
                "7:5 expected a mapping, found an integer / ",
                "8:7 expected a boolean, found a string / ",
                "9:1 unknown key `extra` / known here are `items`, `flag`",
            ]
        );
    }

    #[test]
    fn a_key_without_a_value_is_found() {
        assert_eq!(
            findings("items:\n  - path:\n    source: b\n    mode:\n"),
            [
                "2:9 expected a string, found nothing / ",
                "4:9 the key has no value / give it a value, or remove the key"
            ]
        );
    }
}
