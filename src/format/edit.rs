//! What can be changed in a structured file, and the path to a place in it.

use serde_json::Value;

use super::Problem;

/// One change. Carried out in the order given; carrying them out a second time changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operation {
    /// The place has this value. Mappings on the way are made when they are missing, unless `must_exist`.
    Set { path: Vec<Segment>, value: Value, must_exist: bool },
    /// The place is not there. A place that is missing already is fine, unless `must_exist`.
    Unset { path: Vec<Segment>, must_exist: bool },
}

/// One step on the way to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A key of a mapping, a section, an element or (`@name`) an attribute of XML.
    Name(String),
    /// An element of a list, counted from 0; negative ones from the end.
    Index(i64),
    /// A further element of a list, unless an equal one is there: `[+]`.
    Append,
    /// The first element of a list that is a mapping with this text under this key: `[name=app]`.
    Where { name: String, value: String },
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EditError {
    /// The text is not of its format, or of a form that cannot be edited safely.
    Text(Problem),
    /// The operation with this index cannot be carried out.
    Operation { index: usize, message: String, hint: Option<String> },
}

/// Names and brackets of one path: more than any configuration has, and few enough for every editor.
const DEEPEST: usize = 64;

/// Splits `KEY=VALUE` at the first `=` that is not in brackets or quotes.
pub(crate) fn split_pair(text: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracket = true,
            ']' if !quoted => bracket = false,
            '=' if !quoted && !bracket => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

/// Reads `server.ports[0].name`, `"key.with.dots".x`, `a\.b`, `list[+]`, `containers[name=app].image`. Fails with what is
/// wrong.
pub(crate) fn parse_path(text: &str) -> Result<Vec<Segment>, String> {
    let mut path = Vec::new();
    let mut rest = text;
    loop {
        let (segment, after) = if let Some(inner) = rest.strip_prefix('[') {
            let (inside, after) = inner.split_once(']').ok_or("`[` is not closed")?;
            (bracket(inside)?, after)
        } else {
            let (name, after) = name(rest)?;
            (Segment::Name(name), after)
        };
        path.push(segment);
        if path.len() > DEEPEST {
            return Err(format!("more than {DEEPEST} names and brackets"));
        }
        match after.chars().next() {
            None => return Ok(path),
            Some('[') => rest = after,
            Some('.') => rest = &after[1..],
            Some(_) => return Err("`.` or `[` is missing behind a name in quotes or brackets".to_owned()),
        }
    }
}

fn bracket(text: &str) -> Result<Segment, String> {
    if text == "+" {
        return Ok(Segment::Append);
    }
    if let Some((name, value)) = text.split_once('=') {
        return Ok(Segment::Where { name: name.to_owned(), value: value.trim_matches('"').to_owned() });
    }
    text.parse().map(Segment::Index).map_err(|_| "`[...]` holds a number, `+` or `name=value`".to_owned())
}

fn name(text: &str) -> Result<(String, &str), String> {
    if let Some(inner) = text.strip_prefix('"') {
        let (name, after) = inner.split_once('"').ok_or("the quote is not closed")?;
        return Ok((name.to_owned(), after));
    }
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '.' | '[' if name.is_empty() => return Err("a name is empty".to_owned()),
            '.' | '[' => return Ok((name, &text[at..])),
            '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
            other => name.push(other),
        }
    }
    if name.is_empty() { Err("a name is empty".to_owned()) } else { Ok((name, "")) }
}

#[cfg(test)]
mod tests {
    use super::parse_path;

    #[test]
    fn what_is_no_path_is_told() {
        let deep = "a.".repeat(64) + "a";
        for (path, message) in [
            ("", "a name is empty"),
            ("a..b", "a name is empty"),
            (".a", "a name is empty"),
            ("a.", "a name is empty"),
            ("a[0", "`[` is not closed"),
            ("a[]", "`[...]` holds a number, `+` or `name=value`"),
            ("a[b]", "`[...]` holds a number, `+` or `name=value`"),
            ("\"a", "the quote is not closed"),
            ("\"a\"b", "`.` or `[` is missing behind a name in quotes or brackets"),
            ("a[0]b", "`.` or `[` is missing behind a name in quotes or brackets"),
            (&*deep, "more than 64 names and brackets"),
        ] {
            assert_eq!(parse_path(path), Err(message.to_owned()), "{path}");
        }
        assert_eq!(parse_path(&deep[2..]).map(|path| path.len()), Ok(64));
    }
}
