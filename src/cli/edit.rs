//! `edit` from the command line: its flags become the fields of the step in a plan.

use super::args::EditArguments;
use super::line::{Flag, Line, Typed};
use super::verb::{attributes, one_step, validate};
use crate::document::{self, Node, Value};
use crate::failure::{Failure, Failures, Kind, Span};

/// What begins an operation: the flag, the field of the step, and the key in it.
const BEGINNINGS: [(&str, &str, &str); 4] = [
    ("replace", "replace", "literal"),
    ("replace_regex", "replace", "regex"),
    ("line", "line", "text"),
    ("block", "block", "marker"),
];
/// What belongs to an operation before it.
const FURTHER: [(&str, &[&str]); 3] = [
    ("replace", &["with", "must_match", "count", "unless"]),
    ("line", &["matches", "after", "before", "at", "absent"]),
    ("block", &["text", "after", "before", "at", "absent"]),
];

/// One change of the text: the field of the step, and its keys with their flags.
struct Operation<'a> {
    field: &'static str,
    flags: Vec<Flag<'a>>,
}

pub(super) fn to_plan(arguments: &EditArguments) -> Result<Typed, Failures> {
    let mut line = Line::new("edit");
    line.positional("path", &arguments.path);
    line.flag("format", arguments.format.as_ref());
    for (flag, typed) in &arguments.keys.0 {
        match *flag {
            "unset" => line.element("unset", "--unset", typed),
            "set_json" => line.pair("set", ("--set-json", "KEY=JSON"), typed, json),
            _ => line.pair("set", ("--set", "KEY=VALUE"), typed, |span, _, value| {
                Ok(Node::literal(span, Value::String(value.to_owned())))
            }),
        }
    }
    line.switch("must_exist", arguments.must_exist);
    line.switch("create", arguments.create);
    for operation in operations(&arguments.text.0) {
        line.operation(operation.field, &operation.flags);
    }
    validate(&mut line, &arguments.validation);
    attributes(&mut line, &arguments.attributes);
    one_step(line, "edit", Vec::new())
}

/// What the value of `--set-json` holds.
fn json(span: Span, key: &str, text: &str) -> Result<Node, Failure> {
    let value = serde_json::from_str(text).map_err(|error| {
        // The library tells what it expected, never what it found.
        let text = error.to_string();
        let cause = text.split_once(" at line ").map_or(text.as_str(), |(cause, _)| cause);
        let place = if error.is_eof() {
            "it ends too early".to_owned()
        } else {
            format!("{cause} at its column {}", error.column())
        };
        let message = format!("the value of `{key}` is not JSON: {place}");
        Failure::new(Kind::Usage, message).hint("`--set` takes text as it is")
    })?;
    let cannot = |cause: &str, hint: String| {
        Err(Failure::new(Kind::Usage, format!("a number in the value of `{key}` {cause}")).hint(hint))
    };
    if document::rounded(text).is_some() {
        return cannot("would be rounded", document::IN_QUOTES.to_owned());
    }
    if holds_beyond(&value) {
        return cannot("is too large", document::IN_QUOTES.to_owned());
    }
    if let Some(kept) = document::respelt(text) {
        return cannot("would not stay as it is written", document::spelling_hint(&kept));
    }
    Ok(Node::literal(span, Node::from_json(span, value).value))
}

/// Whether a number in it is held only by 64 bits without a sign: the tree of a plan would make text of it.
fn holds_beyond(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Number(number) => number.is_u64() && !number.is_i64(),
        serde_json::Value::Array(items) => items.iter().any(holds_beyond),
        serde_json::Value::Object(entries) => entries.values().any(holds_beyond),
        _ => false,
    }
}

/// The operations that the flags stand for. Each flag that begins none belongs to the one before it.
fn operations<'a>(typed: &'a [(&'static str, String)]) -> Vec<Operation<'a>> {
    let mut operations: Vec<Operation<'a>> = Vec::new();
    for (flag, value) in typed {
        if let Some((_, field, key)) = BEGINNINGS.iter().find(|(beginning, ..)| beginning == flag) {
            operations.push(Operation { field, flags: vec![Flag { key, name: flag, value, fault: None }] });
            continue;
        }
        let mut flag = Flag { key: flag, name: flag, value, fault: None };
        let current = operations.last_mut();
        let is_twice = |operation: &Operation<'_>| operation.flags.iter().any(|known| known.key == flag.key);
        match current.filter(|operation| belongs(flag.key, operation.field)) {
            Some(operation) if !is_twice(operation) => operation.flags.push(flag),
            // Lines that match can go without a line that takes their place.
            _ if flag.key == "matches" => operations.push(Operation { field: "line", flags: vec![flag] }),
            Some(operation) => {
                flag.fault = Some(misplaced(flag.key, "stands twice"));
                operation.flags.push(flag);
            }
            None => {
                flag.fault = Some(misplaced(flag.key, "stands without what it belongs to"));
                operations.push(Operation { field: "", flags: vec![flag] });
            }
        }
    }
    operations
}

fn belongs(flag: &str, field: &str) -> bool {
    FURTHER.iter().any(|(known, flags)| *known == field && flags.contains(&flag))
}

fn misplaced(flag: &str, what: &str) -> Failure {
    let shown = |flag: &str| format!("`--{}`", flag.replace('_', "-"));
    let owners: Vec<String> = BEGINNINGS
        .iter()
        .filter(|(_, field, _)| belongs(flag, field))
        .map(|(beginning, ..)| shown(beginning))
        .collect();
    Failure::new(Kind::Usage, format!("{} {what}", shown(flag)))
        .hint(format!("put it behind its {}", owners.join(" or ")))
}
