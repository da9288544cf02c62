//! Lists. A list is never changed: each helper makes another one.

use serde_json::{Map, Value};

use super::call::{Call, LONGEST_LIST, Outcome, TOO_LONG};
use super::comparison::{equal, order};
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "len",
        "VALUE",
        "How many characters, items or entries a text, list or mapping has.",
        ("{{len values.hosts}}", "3"),
        len,
    ),
    Entry::new(
        "list",
        "[VALUE...]",
        "The list of these values.",
        ("{{json (list 1 \"a\" true)}}", "[1,\"a\",true]"),
        |call| Ok(call.values.iter().map(|value| (*value).clone()).collect()),
    ),
    Entry::new(
        "option",
        "TEXT...",
        "The list of one text made of all; the empty list if one of them is unknown, null or empty text.",
        ("{{json (option \"--name=\" env.NAME)}}{{json (option \"--nick=\" env.NICK)}}", "[\"--name=Ann\"][]"),
        option,
    )
    .tolerant(),
    Entry::new("first", "LIST", "Its first item; an error if it is empty.", ("{{first values.hosts}}", "a"), |call| {
        end(call, <[Value]>::first)
    }),
    Entry::new("last", "LIST", "Its last item; an error if it is empty.", ("{{last values.hosts}}", "c"), |call| {
        end(call, <[Value]>::last)
    }),
    Entry::new("rest", "LIST", "All but the first.", ("{{join (rest values.hosts) \" \"}}", "b c"), |call| {
        Ok(call.list(0)?.iter().skip(1).cloned().collect())
    }),
    Entry::new(
        "slice",
        "LIST FROM [TO]",
        "The items from position FROM, counted from 0, up to before TO.",
        ("{{join (slice values.hosts 0 2) \" \"}}", "a b"),
        slice,
    ),
    Entry::new(
        "sort",
        "LIST [KEY]",
        "In order, as `lt` compares; mappings by what they have under the key.",
        ("{{join (sort (list 10 9 100)) \" \"}}", "9 10 100"),
        sort,
    ),
    Entry::new(
        "reverse",
        "LIST",
        "From the last to the first.",
        ("{{join (reverse values.hosts) \"\"}}", "cba"),
        |call| Ok(call.list(0)?.iter().rev().cloned().collect()),
    ),
    Entry::new(
        "unique",
        "LIST",
        "Each item once, where it came first.",
        ("{{join (unique (list 1 2 1)) \" \"}}", "1 2"),
        unique,
    ),
    Entry::new(
        "compact",
        "LIST",
        "Without null and empty text.",
        ("{{join (compact (split \"a,,b\" \",\")) \" \"}}", "a b"),
        |call| Ok(call.list(0)?.iter().filter(|item| !item.is_null() && **item != "").cloned().collect()),
    ),
    Entry::new(
        "includes",
        "LIST VALUE",
        "Whether the value is one of the items, as `eq` compares.",
        ("{{includes values.hosts \"b\"}}", "true"),
        |call| position(call).map(|position| position.is_some().into()),
    ),
    Entry::new(
        "index_of",
        "LIST VALUE",
        "The position of the value, counted from 0; null if it is not there.",
        ("{{index_of values.hosts \"c\"}}", "2"),
        |call| position(call).map(Value::from),
    ),
    Entry::new(
        "without",
        "LIST VALUE...",
        "Without these values.",
        ("{{join (without values.hosts \"a\" \"c\") \" \"}}", "b"),
        without,
    ),
    Entry::new(
        "concat",
        "LIST...",
        "One list of all items.",
        ("{{len (concat values.hosts (list \"d\"))}}", "4"),
        concat,
    ),
    Entry::new(
        "flatten",
        "LIST",
        "With the items of the lists in it in their place, one level deep.",
        ("{{json (flatten (list 1 (list 2 3)))}}", "[1,2,3]"),
        flatten,
    ),
    Entry::new(
        "pluck",
        "LIST KEY",
        "What each of the mappings has under the key; an error if one has not.",
        ("{{join (pluck values.users \"name\") \" \"}}", "eve bob"),
        pluck,
    ),
    Entry::new(
        "where",
        "LIST KEY VALUE",
        "The mappings that have the value under the key, as `eq` compares.",
        ("{{json (pluck (where values.users \"admin\" true) \"name\")}}", "[\"eve\"]"),
        filter,
    ),
    Entry::new(
        "seq",
        "FIRST LAST [STEP]",
        "The whole numbers from the first to the last, both included; down if the step is negative.",
        ("{{#each (seq 0 2)}}db-{{this}} {{/each}}", "db-0 db-1 db-2 "),
        seq,
    ),
];

fn len(call: &Call<'_>) -> Outcome {
    match call.value(0) {
        Value::String(text) => Ok(text.chars().count().into()),
        Value::Array(items) => Ok(items.len().into()),
        Value::Object(entries) => Ok(entries.len().into()),
        _ => Err(call.wrong(0, "text, a list or a mapping")),
    }
}

fn end(call: &Call<'_>, take: fn(&[Value]) -> Option<&Value>) -> Outcome {
    take(call.list(0)?).cloned().ok_or_else(|| "the list is empty".to_owned())
}

/// A word of a command that is there only when what it says is known.
fn option(call: &Call<'_>) -> Outcome {
    let is_known = |value: &Value| !value.is_null() && value.as_str() != Some("");
    if !(0..call.values.len()).all(|index| is_known(call.value(index))) {
        return Ok(Value::Array(Vec::new()));
    }
    let text = (0..call.values.len()).map(|index| call.text(index)).collect::<Result<String, _>>()?;
    Ok(vec![text].into())
}

fn slice(call: &Call<'_>) -> Outcome {
    let (items, from) = (call.list(0)?, call.count(1)?);
    let to = if call.has(2) { call.count(2)? } else { usize::MAX };
    Ok(items.iter().take(to).skip(from).cloned().collect())
}

/// The mapping's value under the key, which is parameter 2.
fn under<'a>(item: &'a Value, key: &str, call: &Call<'_>) -> Result<&'a Value, String> {
    let entries: &Map<String, Value> = item.as_object().ok_or("an item of the list is not a mapping")?;
    entries.get(key).ok_or_else(|| format!("an item of the list has no {}", call.key(1)))
}

fn sort(call: &Call<'_>) -> Outcome {
    let key = if call.has(1) { Some(call.text(1)?) } else { None };
    let of = |item| key.as_ref().map_or(Ok(item), |key| under(item, key, call));
    let mut items = call.list(0)?.iter().map(|item| Ok((of(item)?, item))).collect::<Result<Vec<_>, String>>()?;
    // Found out beforehand, as the order below must not fail: numbers, or texts that are none.
    for (one, _) in &items {
        let first = items.first().map_or(*one, |(first, _)| *first);
        order(first, one)?;
    }
    items.sort_by(|(a, _), (b, _)| order(a, b).unwrap_or(std::cmp::Ordering::Equal));
    Ok(items.into_iter().map(|(_, item)| item.clone()).collect())
}

/// By a set of what items are written as: comparing each with each takes minutes for a long list.
fn unique(call: &Call<'_>) -> Outcome {
    let mut seen = std::collections::HashSet::new();
    Ok(call.list(0)?.iter().filter(|item| seen.insert(item.to_string())).cloned().collect())
}

/// A mixed list is no mistake: an item of another kind is another item.
fn same(a: &Value, b: &Value) -> bool {
    equal(a, b).unwrap_or(false)
}

fn position(call: &Call<'_>) -> Result<Option<usize>, String> {
    Ok(call.list(0)?.iter().position(|item| same(item, call.value(1))))
}

fn without(call: &Call<'_>) -> Outcome {
    let goes = |item: &Value| call.values.iter().skip(1).any(|value| same(item, value));
    Ok(call.list(0)?.iter().filter(|item| !goes(item)).cloned().collect())
}

fn concat(call: &Call<'_>) -> Outcome {
    let lists = (0..call.values.len()).map(|index| call.list(index)).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Array(lists.concat()))
}

fn flatten(call: &Call<'_>) -> Outcome {
    let flat = call.list(0)?.iter().flat_map(|item| item.as_array().map_or(std::slice::from_ref(item), Vec::as_slice));
    Ok(flat.cloned().collect())
}

fn pluck(call: &Call<'_>) -> Outcome {
    let key = call.text(1)?;
    call.list(0)?.iter().map(|item| under(item, &key, call).cloned()).collect()
}

fn filter(call: &Call<'_>) -> Outcome {
    let key = call.text(1)?;
    let mut kept = Vec::new();
    for item in call.list(0)? {
        let entries = item.as_object().ok_or("an item of the list is not a mapping")?;
        if entries.get(key.as_ref()).is_some_and(|value| same(value, call.value(2))) {
            kept.push(item.clone());
        }
    }
    Ok(Value::Array(kept))
}

fn seq(call: &Call<'_>) -> Outcome {
    let (first, last) = (call.whole(0)?, call.whole(1)?);
    let step = if call.has(2) { call.whole(2)? } else { 1 };
    if step == 0 {
        return Err("the step is zero".to_owned());
    }
    let steps = (last - first) / step;
    if (last - first).signum() * step.signum() < 0 {
        return Ok(Value::Array(Vec::new()));
    }
    let count = usize::try_from(steps).ok().filter(|steps| *steps < LONGEST_LIST);
    count.ok_or(TOO_LONG)?;
    (0..=steps).map(|index| super::number::Number::Whole(first + index * step).value()).collect()
}
