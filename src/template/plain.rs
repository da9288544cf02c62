//! Text with nothing in it but expressions such as `{{env.NAME}}`, rendered without the library.
//!
//! The library takes some twenty microseconds for an expression, and keeps a kilobyte for it. What is unusual here, such as a
//! name that leads to nothing or to a list, is left to the library: so it alone says what is wrong.

use serde_json::Value;

/// What the names begin with. Nothing in a text can make them mean something else outside of blocks.
const ROOMS: [&str; 3] = ["env", "values", "facts"];

/// How many names are kept at hand.
const FEW: usize = 8;

/// The path of the plain expression that the text begins with, and the bytes of the expression.
pub(super) fn expression(text: &str) -> Option<(&str, usize)> {
    shape(text).filter(|(path, _)| is_path(path))
}

/// The same where it is known to be a path.
fn shape(text: &str) -> Option<(&str, usize)> {
    let bytes = text.strip_prefix("{{")?.as_bytes();
    let spaces = |from: usize| bytes.iter().skip(from).take_while(|byte| **byte == b' ').count();
    let start = spaces(0);
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte == b'.';
    let end = start + bytes.iter().skip(start).take_while(is_part).count();
    let close = end + spaces(end);
    let path = text.get(start + 2..end + 2)?;
    // A third brace would be text, or an error: nobody writes it, and the library knows.
    match bytes.get(close..)? {
        [b'}', b'}', b'}', ..] => None,
        [b'}', b'}', ..] => Some((path, close + 4)),
        _ => None,
    }
}

fn is_path(path: &str) -> bool {
    let mut parts = path.split('.');
    let begins_like_a_name = |part: &str| part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    parts.next().is_some_and(|room| ROOMS.contains(&room))
        && path.len() > path.find('.').map_or(path.len(), |at| at + 1)
        && parts.all(|part| begins_like_a_name(part) && part != "this")
}

/// Where the next two braces open.
pub(super) fn braces(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += text.get(at..)?.find('{')?;
        if text.as_bytes().get(at + 1) == Some(&b'{') {
            return Some(at);
        }
        at += 1;
    }
}

/// The paths in a text that is known to be plain; neighbours that are the same once.
pub(super) fn paths(text: &str) -> impl Iterator<Item = &str> {
    let (mut at, mut last) = (0, "");
    std::iter::from_fn(move || {
        loop {
            let start = braces(text, at)?;
            let (path, length) = shape(text.get(start..)?)?;
            at = start + length;
            if path != std::mem::replace(&mut last, path) {
                return Some(path);
            }
        }
    })
}

/// The value that the path leads to.
pub(super) fn value<'a>(data: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(data, |value, part| value.as_object()?.get(part))
}

/// Appends the text, which is known to be plain, with its values, which `print` appends. Nothing when a value cannot be printed.
pub(super) fn render(
    text: &str,
    data: &Value,
    print: &dyn Fn(&Value, &mut String) -> Option<()>,
    output: &mut String,
) -> Option<()> {
    let mut at = 0;
    // A name is often used again soon.
    let mut known: Vec<(&str, &Value)> = Vec::with_capacity(FEW);
    while let Some(start) = braces(text, at) {
        let (path, length) = shape(text.get(start..)?)?;
        output.push_str(text.get(at..start)?);
        let found = match known.iter().find(|(known, _)| *known == path) {
            Some((_, found)) => found,
            None => {
                let found = value(data, path)?;
                if known.len() < FEW {
                    known.push((path, found));
                }
                found
            }
        };
        print(found, output)?;
        at = start + length;
    }
    output.push_str(text.get(at..)?);
    Some(())
}

/// Appends a text, a number or a boolean.
pub(super) fn print(value: &Value, output: &mut String) -> Option<()> {
    match value {
        Value::String(text) => output.push_str(text),
        Value::Number(_) | Value::Bool(_) => output.push_str(&value.to_string()),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{expression, paths};

    #[test]
    fn plain_expressions() {
        for (text, wanted) in [
            ("{{env.A}}", Some(("env.A", 9))),
            ("{{ values.a.b_1 }} x", Some(("values.a.b_1", 18))),
            ("{{env}}", None),
            ("{{env.}}", None),
            ("{{env..A}}", None),
            ("{{env.A.}}", None),
            ("{{env.1}}", None),
            ("{{env.this}}", None),
            ("{{envy.A}}", None),
            ("{{this.A}}", None),
            ("{{env.A}}}", None),
            ("{{{env.A}}}", None),
            ("{{env.A", None),
            ("{{env.A}", None),
            ("{{env.a-b}}", None),
            ("{{env.é}}", None),
            ("{{env. A}}", None),
            ("{{~env.A}}", None),
            ("{{upper env.A}}", None),
            ("{{\nenv.A}}", None),
            ("x{{env.A}}", None),
        ] {
            assert_eq!(expression(text), wanted, "{text}");
        }
        assert_eq!(paths("{ {{env.A}} {x} {{facts.cpus}}{").collect::<Vec<_>>(), ["env.A", "facts.cpus"]);
    }
}
