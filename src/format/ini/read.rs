//! An INI file as data.

use serde_json::{Map, Value};

use super::super::Problem;
use super::super::line::lines;
use super::lex::{Kind, Lexer};
use super::rules::{check_line_breaks, unquote};

/// See [`super::read`].
pub(super) fn read(text: &str) -> Result<Value, Problem> {
    check_line_breaks(text)?;
    let mut reader = Reader { text, top: Map::new(), section: None, pending: None, blank_lines: 0 };
    let mut lexer = Lexer::default();
    for line in lines(text) {
        let kind = lexer.kind(text, line, &[]);
        reader.line(line.start, kind)?;
    }
    reader.close_section();
    Ok(reader.top.into())
}

struct Reader<'a> {
    text: &'a str,
    top: Map<String, Value>,
    /// The section that is being read.
    section: Option<(String, Map<String, Value>)>,
    /// The key whose value may go on.
    pending: Option<Pending<'a>>,
    /// Blank lines since the last line of the value, which belong to it if it goes on.
    blank_lines: usize,
}

struct Pending<'a> {
    key: &'a str,
    value: Option<String>,
}

impl Reader<'_> {
    fn line(&mut self, start: usize, kind: Kind) -> Result<(), Problem> {
        match kind {
            Kind::Comment => {}
            Kind::Blank => self.blank_lines = self.blank_lines.saturating_add(1),
            Kind::Continuation { value } => {
                if let Some(text) = self.pending.as_mut().and_then(|pending| pending.value.as_mut()) {
                    text.extend(std::iter::repeat_n('\n', self.blank_lines.saturating_add(1)));
                    text.push_str(&self.text[value]);
                }
                self.blank_lines = 0;
            }
            Kind::Key { key, value } => {
                self.close_key();
                if key.is_empty() {
                    return Err(Problem::new(start, "the key is missing"));
                }
                let value = value.map(|value| self.text[value].to_owned());
                self.pending = Some(Pending { key: &self.text[key], value });
            }
            Kind::Section { name } => {
                self.close_section();
                let name = name.filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| Problem::new(start, "the header of the section is not `[name]`"))?;
                self.open_section(start, &self.text[name])?;
            }
        }
        Ok(())
    }

    fn open_section(&mut self, start: usize, name: &str) -> Result<(), Problem> {
        let keys = match self.top.remove(name) {
            None => Map::new(),
            Some(Value::Object(keys)) => keys,
            Some(_) => return Err(Problem::new(start, "the section has the name of a key before the first section")),
        };
        self.section = Some((name.to_owned(), keys));
        Ok(())
    }

    fn close_section(&mut self) {
        self.close_key();
        if let Some((name, keys)) = self.section.take() {
            self.top.insert(name, keys.into());
        }
    }

    fn close_key(&mut self) {
        self.blank_lines = 0;
        let Some(Pending { key, value }) = self.pending.take() else { return };
        let value = value.map_or(Value::Null, |value| unquote(&value).into());
        let keys = self.section.as_mut().map_or(&mut self.top, |(_, keys)| keys);
        match keys.get_mut(key) {
            None => {
                keys.insert(key.to_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
}
