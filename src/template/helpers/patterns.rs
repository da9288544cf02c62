//! Regular expressions: those of `matches` in a plan, in time that grows with the text.

use regex_lite::{NoExpand, Regex, Replacer};
use serde_json::Value;

use super::call::{Call, LARGEST_TEXT, Outcome, collected};
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "regex_match",
        "TEXT PATTERN",
        "Whether the pattern is somewhere in the text; `^` and `$` bind it to the ends.",
        ("{{regex_match \"eu-west-1\" \"^[a-z]{2}-\"}}", "true"),
        |call| Ok(pattern(call)?.is_match(&call.text(0)?).into()),
    ),
    Entry::new(
        "regex_find",
        "TEXT PATTERN",
        "What the first group of the pattern matches first, or all of it if it has no group; null if there is nothing.",
        ("{{regex_find \"db-12.local\" \"-([0-9]+)\"}}", "12"),
        find,
    ),
    Entry::new(
        "regex_find_all",
        "TEXT PATTERN",
        "The list of all that it matches.",
        ("{{join (regex_find_all \"a1b22\" \"[0-9]+\") \" \"}}", "1 22"),
        |call| {
            let text = call.text(0)?;
            collected(pattern(call)?.find_iter(&text).map(|found| Value::from(found.as_str())))
        },
    ),
    Entry::new(
        "regex_replace",
        "TEXT PATTERN NEW",
        "With NEW in place of every match; NEW is literal, `$` has no meaning.",
        ("{{regex_replace \"a1b22\" \"[0-9]+\" \"$1\"}}", "a$1b$1"),
        |call| replace(call, NoExpand(&call.text(2)?)),
    ),
    Entry::new(
        "regex_rewrite",
        "TEXT PATTERN NEW",
        "The same, with `$1`, `${1}` and `${name}` in NEW being the groups, and `$$` a `$`.",
        ("{{regex_rewrite \"k=v\" \"(.)=(.)\" \"$2=$1\"}}", "v=k"),
        |call| replace(call, call.text(2)?.as_ref()),
    ),
];

fn pattern(call: &Call<'_>) -> Result<Regex, String> {
    Regex::new(&call.text(1)?).map_err(|_| "parameter 2 is not a regular expression".to_owned())
}

fn find(call: &Call<'_>) -> Outcome {
    let (text, pattern) = (call.text(0)?, pattern(call)?);
    let Some(groups) = pattern.captures(&text) else { return Ok(Value::Null) };
    let found = if groups.len() > 1 { groups.get(1) } else { groups.get(0) };
    Ok(found.map_or(Value::Null, |found| found.as_str().into()))
}

fn replace(call: &Call<'_>, mut new: impl Replacer) -> Outcome {
    let (text, pattern) = (call.text(0)?, pattern(call)?);
    let (mut result, mut last) = (String::new(), 0);
    for groups in pattern.captures_iter(&text) {
        let Some(found) = groups.get(0) else { continue };
        result.push_str(&text[last..found.start()]);
        new.replace_append(&groups, &mut result);
        last = found.end();
        if result.len() > LARGEST_TEXT {
            return Err("the result would be larger than 16 MiB".to_owned());
        }
    }
    result.push_str(&text[last..]);
    Ok(result.into())
}
