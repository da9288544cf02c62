//! Text. Numbers and booleans are taken as they are printed; positions and widths count characters.

use std::borrow::Cow;

use serde_json::Value;

use super::call::{Call, Outcome, affordable, collected, text_of};
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new("lower", "TEXT", "In small letters.", ("{{lower env.NAME}}", "ann"), |call| {
        map(call, str::to_lowercase)
    }),
    Entry::new("upper", "TEXT", "In capitals.", ("{{upper env.NAME}}", "ANN"), |call| map(call, str::to_uppercase)),
    Entry::new("title", "TEXT", "Each word with a capital.", ("{{title \"blue sky\"}}", "Blue Sky"), |call| {
        map(call, title)
    }),
    Entry::new(
        "trim",
        "TEXT [CHARACTERS]",
        "Without white space, or without these characters, at both ends.",
        ("{{trim \" a \"}}{{trim \"--b-\" \"-\"}}", "ab"),
        |call| trimmed(call, true, true),
    ),
    Entry::new(
        "trim_start",
        "TEXT [CHARACTERS]",
        "The same at the beginning only.",
        ("{{trim_start \"007\" \"0\"}}", "7"),
        |call| trimmed(call, true, false),
    ),
    Entry::new(
        "trim_end",
        "TEXT [CHARACTERS]",
        "The same at the end only.",
        ("{{trim_end \"/a/\" \"/\"}}", "/a"),
        |call| trimmed(call, false, true),
    ),
    Entry::new(
        "trim_prefix",
        "TEXT PREFIX",
        "Without the prefix, if it begins with it.",
        ("{{trim_prefix \"v1.2\" \"v\"}}", "1.2"),
        |call| cut(call, |text, part| text.strip_prefix(part)),
    ),
    Entry::new(
        "trim_suffix",
        "TEXT SUFFIX",
        "Without the suffix, if it ends with it.",
        ("{{trim_suffix \"app.conf\" \".conf\"}}", "app"),
        |call| cut(call, |text, part| text.strip_suffix(part)),
    ),
    Entry::new(
        "replace",
        "TEXT OLD NEW",
        "With NEW in place of every OLD.",
        ("{{replace \"a-b-c\" \"-\" \"_\"}}", "a_b_c"),
        replace,
    ),
    Entry::new(
        "split",
        "TEXT SEPARATOR",
        "The list of the parts between separators; empty text is the empty list.",
        ("{{#each (split \"a,b\" \",\")}}[{{this}}]{{/each}}", "[a][b]"),
        split,
    ),
    Entry::new("lines", "TEXT", "The list of its lines.", ("{{len (lines \"a\\nb\\n\")}}", "2"), |call| {
        collected(call.text(0)?.lines().map(Value::from))
    }),
    Entry::new(
        "join",
        "LIST SEPARATOR",
        "The items as text, with the separator between them.",
        ("{{join values.hosts \", \"}}", "a, b, c"),
        join,
    ),
    Entry::new(
        "substring",
        "TEXT FROM [TO]",
        "The characters from position FROM, counted from 0, up to before TO.",
        ("{{substring \"abcdef\" 1 3}}", "bc"),
        substring,
    ),
    Entry::new(
        "truncate",
        "TEXT LENGTH",
        "At most so many characters.",
        ("{{truncate \"abcdef\" 3}}", "abc"),
        |call| Ok(call.text(0)?.chars().take(call.count(1)?).collect::<String>().into()),
    ),
    Entry::new("repeat", "TEXT COUNT", "So many times.", ("{{repeat \"ab\" 3}}", "ababab"), repeat),
    Entry::new(
        "contains",
        "TEXT PART",
        "Whether the part is in it; for lists see `includes`.",
        ("{{contains \"haystack\" \"st\"}}", "true"),
        |call| test(call, |text, part| text.contains(part)),
    ),
    Entry::new(
        "starts_with",
        "TEXT PREFIX",
        "Whether it begins with it.",
        ("{{starts_with \"/etc\" \"/\"}}", "true"),
        |call| test(call, |text, part| text.starts_with(part)),
    ),
    Entry::new(
        "ends_with",
        "TEXT SUFFIX",
        "Whether it ends with it.",
        ("{{ends_with \"a.conf\" \".json\"}}", "false"),
        |call| test(call, |text, part| text.ends_with(part)),
    ),
    Entry::new(
        "concatenate",
        "TEXT...",
        "One text of all.",
        ("{{upper (concatenate env.NAME \":\" env.PORT)}}", "ANN:8080"),
        |call| (0..call.values.len()).map(|index| call.text(index)).collect::<Result<String, _>>().map(Value::from),
    ),
    Entry::new(
        "indent",
        "TEXT WIDTH",
        "With so many spaces before every line that is not empty.",
        ("{{indent \"a\\nb\" 2}}", "  a\n  b"),
        |call| indent(call).map(Value::from),
    ),
    Entry::new(
        "nindent",
        "TEXT WIDTH",
        "The same, with a new line before it.",
        ("a:{{nindent \"b: 1\" 2}}", "a:\n  b: 1"),
        |call| Ok(format!("\n{}", indent(call)?).into()),
    ),
    Entry::new(
        "pad_start",
        "TEXT WIDTH [CHARACTER]",
        "With spaces, or this character, before it, up to the width.",
        ("{{pad_start 7 3 0}}", "007"),
        |call| Ok((padding(call)? + &call.text(0)?).into()),
    ),
    Entry::new(
        "pad_end",
        "TEXT WIDTH [CHARACTER]",
        "The same after it.",
        ("{{pad_end \"a\" 3 \".\"}}", "a.."),
        |call| Ok((call.text(0)?.into_owned() + &padding(call)?).into()),
    ),
    Entry::new(
        "quote",
        "TEXT",
        "In double quotes, as JSON and YAML read them.",
        ("{{quote \"a \\\"b\\\"\"}}", "\"a \\\"b\\\"\""),
        |call| Ok(Value::from(call.text(0)?).to_string().into()),
    ),
    Entry::new(
        "shell_quote",
        "TEXT",
        "In single quotes, as a shell reads them.",
        ("{{shell_quote \"it's\"}}", "'it'\\''s'"),
        |call| Ok(format!("'{}'", call.text(0)?.replace('\'', "'\\''")).into()),
    ),
];

fn map(call: &Call<'_>, change: impl Fn(&str) -> String) -> Outcome {
    Ok(change(&call.text(0)?).into())
}

fn test(call: &Call<'_>, holds: fn(&str, &str) -> bool) -> Outcome {
    Ok(holds(&call.text(0)?, &call.text(1)?).into())
}

fn cut(call: &Call<'_>, cut: for<'t> fn(&'t str, &str) -> Option<&'t str>) -> Outcome {
    let (text, part) = (call.text(0)?, call.text(1)?);
    Ok(cut(&text, &part).unwrap_or(&text).into())
}

fn title(text: &str) -> String {
    let mut inside = false;
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if inside {
            result.push(character);
        } else {
            result.extend(character.to_uppercase());
        }
        inside = !character.is_whitespace();
    }
    result
}

fn trimmed(call: &Call<'_>, start: bool, end: bool) -> Outcome {
    let text = call.text(0)?;
    let characters = if call.has(1) { Some(call.text(1)?) } else { None };
    let goes = |character: char| match &characters {
        Some(characters) => characters.contains(character),
        None => character.is_whitespace(),
    };
    let text: &str = if start { text.trim_start_matches(goes) } else { &text };
    Ok(if end { text.trim_end_matches(goes) } else { text }.into())
}

fn replace(call: &Call<'_>) -> Outcome {
    let (text, old, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if old.is_empty() {
        return Err("parameter 2 is empty".to_owned());
    }
    affordable(text.matches(old.as_ref()).count().checked_mul(new.len()))?;
    Ok(text.replace(old.as_ref(), &new).into())
}

fn split(call: &Call<'_>) -> Outcome {
    let (text, separator) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        return Err("parameter 2 is empty".to_owned());
    }
    if text.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    collected(text.split(separator.as_ref()).map(Value::from))
}

fn join(call: &Call<'_>) -> Outcome {
    let separator = call.text(1)?;
    let items: Option<Vec<Cow<'_, str>>> = call.list(0)?.iter().map(text_of).collect();
    let items = items.ok_or_else(|| "an item of the list is null, a list or a mapping, not text".to_owned())?;
    affordable(items.len().checked_mul(separator.len()))?;
    Ok(items.join(separator.as_ref()).into())
}

fn substring(call: &Call<'_>) -> Outcome {
    let (text, from) = (call.text(0)?, call.count(1)?);
    let to = if call.has(2) { call.count(2)? } else { usize::MAX };
    Ok(text.chars().take(to).skip(from).collect::<String>().into())
}

fn repeat(call: &Call<'_>) -> Outcome {
    let (text, count) = (call.text(0)?, call.count(1)?);
    affordable(text.len().checked_mul(count))?;
    if text.is_empty() {
        return Ok("".into());
    }
    Ok(text.repeat(count).into())
}

fn indent(call: &Call<'_>) -> Result<String, String> {
    let (text, width) = (call.text(0)?, call.count(1)?);
    affordable((text.lines().count() + 1).checked_mul(width))?;
    let space = " ".repeat(width);
    let lines = text.split('\n').map(|line| match line.trim_end_matches('\r') {
        "" => line.to_owned(),
        _ => format!("{space}{line}"),
    });
    Ok(lines.collect::<Vec<String>>().join("\n"))
}

fn padding(call: &Call<'_>) -> Result<String, String> {
    let (text, width, filler) = (call.text(0)?, call.count(1)?, call.text_or(2, " ")?);
    if filler.chars().count() != 1 {
        return Err("parameter 3 is not one character".to_owned());
    }
    let missing = width.saturating_sub(text.chars().count());
    affordable(missing.checked_mul(filler.len()))?;
    Ok(filler.repeat(missing))
}
