//! Values put into a text of each language.

use serde_json::Value;

use crate::document;
use crate::failure::Source;
use crate::format::{self, Insertion, Language, Scalar};

const LANGUAGES: [Language; 11] = [
    Language::Json,
    Language::Yaml,
    Language::Toml,
    Language::Ini,
    Language::Properties,
    Language::Env,
    Language::Xml,
    Language::Sh,
    Language::Nginx,
    Language::Sql,
    Language::Mysql,
];

/// The language that the first byte chooses (`0` the first one), and the text behind it.
pub(super) fn language(data: &[u8]) -> Option<(Language, &str)> {
    let (first, rest) = data.split_first()?;
    let language = LANGUAGES.get(usize::from(first.wrapping_sub(b'0')) % LANGUAGES.len())?;
    Some((*language, std::str::from_utf8(rest).ok()?))
}

/// Values stand between `«` and `»`. Whatever they are, the text has the same structure as with harmless ones, and the reader
/// gets them as they are.
pub fn escape(data: &[u8]) {
    let Some((language, text)) = language(data) else { return };
    let template = Marked::read(text);
    let typed = template.filled(|value| (value.to_owned(), scalar(value)));
    check_offset(language, typed);
    let plain = template.filled(|value| (value.to_owned(), Scalar::Text));
    let Some(escaped) = check_offset(language, plain) else { return };
    if text.contains(TOKEN) {
        return;
    }
    let mut number = 0;
    let harmless = template.filled(|_| {
        number += 1;
        (format!("{TOKEN}{}x", number - 1), Scalar::Text)
    });
    let Some(mut wanted) = check_offset(language, harmless).and_then(|text| read(language, &text)) else { return };
    // Keys that become equal are one, and an empty key may be none.
    let Some(()) = template.put_values_in(&mut wanted) else { return };
    trim(language, &mut wanted);
    let mut got = read(language, &escaped);
    if let Some(got) = &mut got {
        trim(language, got);
    }
    assert!(got.as_ref() == Some(&wanted), "{escaped:?}\nis read as {got:?}\ninstead of {wanted:?}");
}

/// A word that stands for a value, with its number and an `x` behind it.
const TOKEN: &str = "Qzv";

fn scalar(value: &str) -> Scalar {
    match serde_json::from_str(value) {
        Ok(Value::Number(_)) => Scalar::Number,
        Ok(Value::Bool(_)) => Scalar::Boolean,
        _ => Scalar::Text,
    }
}

fn check_offset(language: Language, (text, insertions): (String, Vec<Insertion>)) -> Option<String> {
    let length = text.len();
    match language.escape(text, &insertions) {
        Ok(escaped) => Some(escaped),
        Err(problem) => {
            assert!(problem.offset <= length, "{} of {length}", problem.offset);
            None
        }
    }
}

fn read(language: Language, text: &str) -> Option<Value> {
    match language {
        Language::Json => format::json::read(text).ok(),
        Language::Yaml => document::parse(&Source::new("", text)).ok().map(|node| node.to_json()),
        Language::Toml => format::toml::read(text).ok(),
        Language::Ini => format::ini::read(text).ok(),
        Language::Properties => format::properties::read(text).ok(),
        Language::Env => format::env::read(text).ok(),
        Language::Xml => format::xml::check(text).ok().map(|()| Value::Null),
        _ => None,
    }
}

/// In INI the blanks beside an empty value are at the edge; how many line breaks end a block scalar of YAML is said by its
/// header, and there a value's further lines are indented like its first one.
fn trim(language: Language, tree: &mut Value) {
    match tree {
        Value::String(text) if language == Language::Ini => *text = text.trim_matches(is_ini_blank).to_owned(),
        Value::String(text) if language == Language::Yaml => {
            let lines: Vec<_> =
                text.trim_end_matches('\n').split('\n').map(|line| line.trim_start_matches(' ')).collect();
            *text = lines.join("\n");
        }
        Value::Array(items) => items.iter_mut().for_each(|item| trim(language, item)),
        Value::Object(entries) => entries.values_mut().for_each(|value| trim(language, value)),
        _ => {}
    }
}

/// What Python's `strip` takes off.
pub(super) fn is_ini_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1C'..='\x1F')
}

/// A text in which every second part is a value.
struct Marked<'a>(Vec<&'a str>);

impl<'a> Marked<'a> {
    fn read(text: &'a str) -> Self {
        Self(text.split(['«', '»']).collect())
    }

    fn filled(&self, mut value: impl FnMut(&str) -> (String, Scalar)) -> (String, Vec<Insertion>) {
        let (mut text, mut insertions) = (String::new(), Vec::new());
        for (index, part) in self.0.iter().enumerate() {
            if index % 2 == 0 {
                text.push_str(part);
                continue;
            }
            let (value, scalar) = value(part);
            insertions.push(Insertion { range: text.len()..text.len() + value.len(), scalar });
            text.push_str(&value);
        }
        (text, insertions)
    }

    /// Puts the values into the places of their words. None if two keys become one.
    fn put_values_in(&self, tree: &mut Value) -> Option<()> {
        match tree {
            Value::String(text) => *text = self.put_in(text),
            Value::Array(items) => return items.iter_mut().try_for_each(|item| self.put_values_in(item)),
            Value::Object(entries) => {
                for (key, mut value) in std::mem::take(entries) {
                    self.put_values_in(&mut value)?;
                    let new = self.put_in(&key);
                    if new.is_empty() || entries.insert(new, value).is_some() {
                        return None;
                    }
                }
            }
            _ => {}
        }
        Some(())
    }

    fn put_in(&self, text: &str) -> String {
        let mut parts = text.split(TOKEN);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let Some((number, behind)) = part.split_once('x') else { continue };
            let value = number.parse().ok().and_then(|number: usize| self.0.get(number * 2 + 1));
            out.push_str(value.copied().unwrap_or_default());
            out.push_str(behind);
        }
        out
    }
}
