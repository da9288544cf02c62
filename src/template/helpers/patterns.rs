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
        "The same, with `$1`, `${1}` and `${name}` in NEW being groups that the pattern has, and `$$` a `$`.",
        ("{{regex_rewrite \"k=v\" \"(.)=(.)\" \"$2=$1\"}}", "v=k"),
        |call| {
            let new = call.text(2)?;
            check_groups(&new, &pattern(call)?)?;
            replace(call, new.as_ref())
        },
    ),
];

fn pattern(call: &Call<'_>) -> Result<Regex, String> {
    Regex::new(&call.text(1)?).map_err(|_| "parameter 2 is not a regular expression".to_owned())
}

/// Refuses a `$` that names no group, which the library takes for nothing. The name is not told: it may be part of a secret.
fn check_groups(new: &str, pattern: &Regex) -> Result<(), String> {
    let mut rest = new;
    while let Some(at) = rest.find('$') {
        let behind = &rest[at + 1..];
        let (name, next) = named_group(behind);
        let is_there = |name: &str| match name.parse::<usize>() {
            Ok(number) => number < pattern.captures_len(),
            Err(_) => pattern.capture_names().flatten().any(|known| known == name),
        };
        if name.is_some_and(|name| !is_there(name)) {
            let number = new[..new.len() - behind.len()].matches('$').count();
            return Err(format!(
                "`$` number {number} of parameter 3 names no group of the pattern: write `$$` for a `$`, and `${{1}}x` for a \
                 group before other text"
            ));
        }
        rest = next;
    }
    Ok(())
}

/// The name of the group that a text behind a `$` begins with, and what is behind it.
fn named_group(behind: &str) -> (Option<&str>, &str) {
    if let Some(rest) = behind.strip_prefix('$') {
        return (None, rest);
    }
    if let Some(inner) = behind.strip_prefix('{') {
        return inner.split_once('}').map_or((None, behind), |(name, rest)| (Some(name), rest));
    }
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let (name, rest) = behind.split_at(behind.find(|character| !is_name(character)).unwrap_or(behind.len()));
    (Some(name).filter(|name| !name.is_empty()), rest)
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
