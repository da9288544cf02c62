//! Mappings, and looking things up.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::call::{Call, Outcome};
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "lookup",
        "VALUE KEY",
        "What a mapping has under the key, or a list at the position, counted from 0; an error if there is none, except inside \
         of `default`, `coalesce`, `required` and `type_of`.",
        ("{{lookup values.site \"title\"}} {{lookup values.hosts 1}}", "Shop b"),
        |call| lookup(call)?.cloned().ok_or_else(|| nothing(call)),
    ),
    Entry::new(
        "get",
        "MAPPING KEY [OTHER]",
        "What it has under the key, else the other value, else an error.",
        ("{{get values.site \"theme\" \"plain\"}}", "plain"),
        get,
    ),
    Entry::new(
        "has_key",
        "MAPPING KEY",
        "Whether it has something under the key.",
        ("{{has_key values.site \"title\"}}", "true"),
        |call| Ok(call.map(0)?.contains_key(call.text(1)?.as_ref()).into()),
    ),
    Entry::new(
        "keys",
        "MAPPING",
        "The list of its keys, in order.",
        ("{{join (keys values.site) \" \"}}", "lang title"),
        |call| Ok(sorted(call.map(0)?).map(|(key, _)| Value::from(key.as_str())).collect()),
    ),
    Entry::new(
        "values",
        "MAPPING",
        "The list of its values, in the order of the keys.",
        ("{{join (values values.site) \" \"}}", "en Shop"),
        |call| Ok(sorted(call.map(0)?).map(|(_, value)| value.clone()).collect()),
    ),
    Entry::new(
        "object",
        "[KEY_VALUE...]",
        "The mapping of keys and values in turn, or of named ones: `name=value`.",
        ("{{json (object \"a\" 1 b=2)}}", "{\"a\":1,\"b\":2}"),
        object,
    )
    .named(),
    Entry::new(
        "merge",
        "MAPPING...",
        "One mapping of all; the last one wins, and mappings inside are merged too.",
        ("{{json (merge (object a=1 b=1) (object b=2))}}", "{\"a\":1,\"b\":2}"),
        |call| {
            let maps = (0..call.values.len()).map(|index| call.map(index)).collect::<Result<Vec<_>, _>>()?;
            Ok(Value::Object(maps.into_iter().fold(Map::new(), merged)))
        },
    ),
    Entry::new(
        "pick",
        "MAPPING KEY...",
        "Only these keys; an error if one is not there.",
        ("{{json (pick values.site \"lang\")}}", "{\"lang\":\"en\"}"),
        pick,
    ),
    Entry::new(
        "omit",
        "MAPPING KEY...",
        "Without these keys.",
        ("{{json (omit values.site \"lang\")}}", "{\"title\":\"Shop\"}"),
        omit,
    ),
];

/// `lookup` where null is what stands for nothing.
pub(super) const LOOKUP_OR_NULL: Entry = Entry::new("lookup", "VALUE KEY", "", ("", ""), |call| match call.value(0) {
    Value::Null => Ok(Value::Null),
    _ => Ok(lookup(call)?.cloned().unwrap_or(Value::Null)),
})
.tolerant();

fn lookup<'a>(call: &Call<'a>) -> Result<Option<&'a Value>, String> {
    match call.value(0) {
        Value::Object(entries) => Ok(entries.get(call.text(1)?.as_ref())),
        Value::Array(items) => Ok(items.get(call.count(1)?)),
        _ => Err(call.wrong(0, "a mapping or list")),
    }
}

fn nothing(call: &Call<'_>) -> String {
    match call.value(0) {
        Value::Array(items) => {
            let (list, count) = (call.name_or(0, "the list"), items.len());
            let plural = if count == 1 { "" } else { "s" };
            format!("{list} has {count} item{plural}, counted from 0, and none at this position")
        }
        _ => match call.text(1) {
            Ok(_) => format!("no {} in {}", call.key(1), call.name_or(0, "the mapping")),
            Err(wrong) => wrong,
        },
    }
}

fn get(call: &Call<'_>) -> Outcome {
    let found = call.map(0)?.get(call.text(1)?.as_ref());
    found.or_else(|| call.values.get(2).copied()).cloned().ok_or_else(|| nothing(call))
}

fn sorted(entries: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries.into_iter()
}

fn object(call: &Call<'_>) -> Outcome {
    let mut entries = Map::new();
    if call.values.len() % 2 == 1 {
        return Err("the last key has no value".to_owned());
    }
    for index in (0..call.values.len()).step_by(2) {
        entries.insert(call.text(index)?.into_owned(), call.value(index + 1).clone());
    }
    entries.extend(call.named.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone())));
    Ok(Value::Object(entries))
}

fn merged(mut into: Map<String, Value>, from: &Map<String, Value>) -> Map<String, Value> {
    for (key, value) in from {
        let value = match (into.remove(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(merged(old, new)),
            _ => value.clone(),
        };
        into.insert(key.clone(), value);
    }
    into
}

fn texts(call: &Call<'_>) -> Result<Vec<String>, String> {
    (1..call.values.len()).map(|index| call.text(index).map(Cow::into_owned)).collect()
}

fn pick(call: &Call<'_>) -> Outcome {
    let entries = call.map(0)?;
    let take = |(place, key): (usize, String)| match entries.get(&key) {
        Some(value) => Ok((key, value.clone())),
        None => Err(format!("no {} in {}", call.key(place + 1), call.name_or(0, "the mapping"))),
    };
    texts(call)?.into_iter().enumerate().map(take).collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

fn omit(call: &Call<'_>) -> Outcome {
    let keys = texts(call)?;
    let kept = call.map(0)?.iter().filter(|(key, _)| !keys.contains(key));
    Ok(Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
}
