//! Reading the keywords of one schema strictly.

use serde_json::{Map, Number, Value};

use super::super::draft::Draft;
use super::super::keyword::Pattern;
use super::super::number;
use super::super::pattern;
use super::super::pointer;

/// The keywords of a schema that its draft knows.
pub(super) struct Words<'a, 'p> {
    pub(super) map: &'a Map<String, Value>,
    pub(super) draft: Draft,
    pub(super) pointer: &'p str,
}

impl<'a> Words<'a, '_> {
    pub(super) fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.map.get(keyword).filter(|_| self.draft.form(keyword).is_some())
    }

    pub(super) fn wrong<T>(&self, keyword: &str, problem: &str) -> Result<T, String> {
        Err(pointer::wrong(keyword, problem, self.pointer))
    }

    pub(super) fn number(&self, keyword: &str) -> Result<Option<&'a Number>, String> {
        match self.get(keyword) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(_) => self.wrong(keyword, "is not a number"),
        }
    }

    pub(super) fn flag(&self, keyword: &str) -> Result<bool, String> {
        match self.get(keyword) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => self.wrong(keyword, "is not `true` or `false`"),
        }
    }

    pub(super) fn text(&self, keyword: &str) -> Result<Option<&'a str>, String> {
        match self.get(keyword) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => self.wrong(keyword, "is not text"),
        }
    }

    pub(super) fn object(&self, keyword: &str) -> Result<Option<&'a Map<String, Value>>, String> {
        match self.get(keyword) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(_) => self.wrong(keyword, "is not an object"),
        }
    }

    /// A count from 0; `2.0` is one too.
    pub(super) fn count(&self, keyword: &str) -> Result<Option<u64>, String> {
        let Some(number) = self.get(keyword) else { return Ok(None) };
        let count = number.as_number().filter(|number| number::is_integer(number)).map(number::canonical);
        match count {
            Some((count @ 0.., _)) => Ok(Some(u64::try_from(count).unwrap_or(u64::MAX))),
            _ => self.wrong(keyword, "is not a whole number from 0"),
        }
    }

    /// The names in a list.
    pub(super) fn names(&self, keyword: &str, value: &'a Value) -> Result<Vec<&'a str>, String> {
        let names = value.as_array().and_then(|items| items.iter().map(Value::as_str).collect());
        names.map_or_else(|| self.wrong(keyword, "is not a list of keys"), Ok)
    }

    pub(super) fn pattern(&self, keyword: &str, source: &'a str) -> Result<Pattern<'a>, String> {
        match pattern::compile(source) {
            Ok(regex) => Ok(Pattern { source, regex }),
            Err(cause) => self.wrong(keyword, &format!("is no regular expression that is understood ({cause})")),
        }
    }
}
