//! Labels and annotations as Kubernetes' downward API writes them into files: lines `key="value"`, the value with the
//! escapes of Go's `strconv.Quote`.

use serde_json::{Map, Value};

use crate::format::Problem;

/// Reads all lines. Empty ones are passed over.
pub(super) fn read(text: &str) -> Result<Value, Problem> {
    let mut entries = Map::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if !content.trim().is_empty() {
            let (key, value) = entry(content).map_err(|(at, message)| Problem {
                offset: offset + at,
                message: message.to_owned(),
                hint: None,
            })?;
            entries.insert(key.to_owned(), value.into());
        }
        offset += line.len();
    }
    Ok(Value::Object(entries))
}

/// Key and value of a line, or what is wrong and at which byte of it.
fn entry(line: &str) -> Result<(&str, String), (usize, &'static str)> {
    let (key, quoted) = line.split_once('=').ok_or((0, "expected `key=\"value\"`"))?;
    if key.is_empty() {
        return Err((0, "the key is empty"));
    }
    let start = key.len() + 1;
    let inner = quoted.strip_prefix('"').ok_or((start, "the value does not begin with a quote"))?;
    unquote(inner).map(|value| (key, value)).map_err(|(at, message)| (start + 1 + at, message))
}

/// The text up to the closing quote, which must be the last character.
fn unquote(inner: &str) -> Result<String, (usize, &'static str)> {
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    loop {
        let at = inner.len() - rest.len();
        let mut characters = rest.chars();
        match characters.next() {
            None => return Err((at, "the closing quote is missing")),
            Some('"') if characters.as_str().is_empty() => break,
            Some('"') => return Err((at + 1, "something stands behind the closing quote")),
            Some('\\') => {
                rest = escape(characters.as_str(), &mut bytes).ok_or((at, "unknown escape"))?;
            }
            Some(character) => {
                bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
                rest = characters.as_str();
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| (0, "the value is not UTF-8"))
}

/// Adds what the escape behind a backslash stands for. Returns what stands behind it.
fn escape<'a>(text: &'a str, bytes: &mut Vec<u8>) -> Option<&'a str> {
    let mut characters = text.chars();
    let plain = |byte: u8, bytes: &mut Vec<u8>| bytes.push(byte);
    match characters.next()? {
        'a' => plain(7, bytes),
        'b' => plain(8, bytes),
        'f' => plain(12, bytes),
        'n' => plain(b'\n', bytes),
        'r' => plain(b'\r', bytes),
        't' => plain(b'\t', bytes),
        'v' => plain(11, bytes),
        '\\' => plain(b'\\', bytes),
        '"' => plain(b'"', bytes),
        'x' => {
            let (number, rest) = hexadecimal(characters.as_str(), 2)?;
            bytes.push(u8::try_from(number).ok()?);
            return Some(rest);
        }
        kind @ ('u' | 'U') => {
            let (number, rest) = hexadecimal(characters.as_str(), if kind == 'u' { 4 } else { 8 })?;
            bytes.extend(char::from_u32(number)?.encode_utf8(&mut [0; 4]).bytes());
            return Some(rest);
        }
        _ => return None,
    }
    Some(characters.as_str())
}

fn hexadecimal(text: &str, digits: usize) -> Option<(u32, &str)> {
    let number = text.get(..digits).filter(|number| number.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((u32::from_str_radix(number, 16).ok()?, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn lines_of_the_downward_api() {
        for (text, wanted) in [
            ("app=\"web\"\ntier=\"front\"", Ok(json!({"app": "web", "tier": "front"}))),
            ("a.b/c=\"x=y\"\n\n", Ok(json!({"a.b/c": "x=y"}))),
            (
                r#"a="line\nnext \"q\" \\ \t\u00e4\U0001f600\xc3\xa4\x07""#,
                Ok(json!({"a": "line\nnext \"q\" \\ \tä😀ä\u{7}"})),
            ),
            ("a=\"ä\"\r\n", Ok(json!({"a": "ä"}))),
            ("", Ok(json!({}))),
            ("a=\"1\"\nnothing", Err((6, "expected `key=\"value\"`"))),
            ("=\"x\"", Err((0, "the key is empty"))),
            ("a=x", Err((2, "the value does not begin with a quote"))),
            ("a=\"x", Err((4, "the closing quote is missing"))),
            ("a=\"x\"y", Err((5, "something stands behind the closing quote"))),
            (r#"a="\q""#, Err((3, "unknown escape"))),
            (r#"a="\u12""#, Err((3, "unknown escape"))),
            (r#"a="\ud800""#, Err((3, "unknown escape"))),
            (r#"a="\xff""#, Err((3, "the value is not UTF-8"))),
            ("a=\"\\", Err((3, "unknown escape"))),
        ] {
            let read = read(text).map_err(|problem| (problem.offset, problem.message));
            assert_eq!(read, wanted.map_err(|(at, message)| (at, message.to_owned())), "{text}");
        }
    }
}
