//! `edit` from the command line: its flags become the fields of the step in a plan.

use std::sync::Arc;

use super::args::EditArguments;
use super::line::{Flag, Line};
use super::verb::{attributes, one_step, refuse_without_value, validate};
use crate::document::{self, Node, Value};
use crate::failure::{Failure, Kind, Source};
use crate::format::split_pair;

/// The flag whose value is JSON.
const JSON: &str = "set_json";
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

pub(super) fn to_plan(arguments: &EditArguments) -> Result<(Arc<Source>, Node), Failure> {
    let pairs = &arguments.keys.0;
    for (flag, pair) in pairs {
        refuse_without_value(std::slice::from_ref(pair), if *flag == JSON { "KEY=JSON" } else { "KEY=VALUE" })?;
    }
    for (key, json) in pairs.iter().filter(|(flag, _)| *flag == JSON).filter_map(|(_, pair)| split_pair(pair)) {
        let Ok(value) = serde_json::from_str(json) else {
            let hint = "`--set` takes text as it is";
            return Err(Failure::new(Kind::Usage, format!("the value of `{key}` is not JSON")).hint(hint));
        };
        let cannot = |cause: &str| {
            let message = format!("a number in the value of `{key}` {cause}");
            Failure::new(Kind::Usage, message).hint(document::IN_QUOTES)
        };
        if document::rounded(json).is_some() {
            return Err(cannot("would be rounded"));
        }
        if holds_beyond(&value) {
            return Err(cannot("is too large"));
        }
    }
    let mut line = Line::new("edit");
    line.positional("path", &arguments.path);
    line.flag("format", arguments.format.as_ref());
    line.pairs("set", pairs, |span, flag, value| {
        let value = match flag {
            JSON => Node::from_json(span, serde_json::from_str(value).unwrap_or_default()).value,
            _ => Value::String(value.to_owned()),
        };
        Node::literal(span, value)
    });
    line.list("unset", Some("--unset"), &arguments.unset);
    line.switch("must_exist", arguments.must_exist);
    line.switch("create", arguments.create);
    for operation in operations(&arguments.text.0)? {
        line.operation(operation.field, &operation.flags);
    }
    validate(&mut line, &arguments.validation);
    attributes(&mut line, &arguments.attributes);
    Ok(one_step(line, "edit", Vec::new()))
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
fn operations<'a>(typed: &'a [(&'static str, String)]) -> Result<Vec<Operation<'a>>, Failure> {
    let mut operations: Vec<Operation<'a>> = Vec::new();
    for (flag, value) in typed {
        if let Some((_, field, key)) = BEGINNINGS.iter().find(|(beginning, ..)| beginning == flag) {
            operations.push(Operation { field, flags: vec![Flag { key, name: flag, value }] });
            continue;
        }
        let current = operations.last_mut();
        let is_twice = |operation: &Operation<'_>| operation.flags.iter().any(|known| known.key == *flag);
        match current.filter(|operation| belongs(flag, operation.field)) {
            Some(operation) if !is_twice(operation) => operation.flags.push(Flag { key: flag, name: flag, value }),
            // Lines that match can go without a line that takes their place.
            _ if *flag == "matches" => {
                operations.push(Operation { field: "line", flags: vec![Flag { key: flag, name: flag, value }] });
            }
            Some(_) => return Err(misplaced(flag, "stands twice")),
            None => return Err(misplaced(flag, "stands without what it belongs to")),
        }
    }
    Ok(operations)
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
