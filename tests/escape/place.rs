//! A place in a format, what stands there, and what it may refuse.

use serde_json::Value;

use crate::harness::Scene;

pub(super) const VALUE: &str = "{{this}}";

/// One kind of place, written as the template of one value of many.
#[derive(Clone)]
pub(super) struct Place {
    /// What stands before, around and behind the values. `{{this}}` is the value, `{{{@index}}}` its number, `LIST` behind them
    /// is the name of all.
    pub(super) head: &'static str,
    pub(super) item: &'static str,
    pub(super) tail: &'static str,
    /// What is read, with `{{this}}` for the value.
    pub(super) wanted: &'static str,
    /// The values that may be refused; all others come back.
    pub(super) may_refuse: fn(&str) -> bool,
    /// The values that are no matter of the format: what the reader makes of them.
    pub(super) out_of_scope: fn(&str) -> bool,
}

impl Place {
    pub(super) fn new(head: &'static str, item: &'static str, tail: &'static str) -> Self {
        Self { head, item, tail, wanted: VALUE, may_refuse: |_| false, out_of_scope: |_| false }
    }

    pub(super) fn wanted(mut self, wanted: &'static str) -> Self {
        self.wanted = wanted;
        self
    }

    pub(super) fn refuses(mut self, may_refuse: fn(&str) -> bool) -> Self {
        self.may_refuse = may_refuse;
        self
    }

    pub(super) fn leaves_out(mut self, out_of_scope: fn(&str) -> bool) -> Self {
        self.out_of_scope = out_of_scope;
        self
    }

    /// The template of all values of this place, which are the list with this name.
    pub(super) fn template(&self, list: &str) -> String {
        let tail = self.tail.replace("LIST", list);
        format!("{}{{{{#each {list}}}}}{}{{{{/each}}}}{tail}", self.head, self.item)
    }

    pub(super) fn read(&self, value: &str) -> String {
        self.wanted.replace(VALUE, value)
    }
}

/// What a file is written in.
#[derive(Clone, Copy)]
pub(super) struct Language {
    /// As `escape:` calls it.
    pub(super) name: &'static str,
    /// The name of a file that is escaped so without being asked; none if there is no such name.
    pub(super) file: Option<&'static str>,
}

/// For each file what the values in it came back as, or why it cannot be read.
pub(super) type Read = Vec<Result<Vec<String>, String>>;

/// A format and how it is read back.
pub(super) struct Format<'a> {
    pub(super) language: Language,
    pub(super) places: Vec<Place>,
    /// Reads files of the scene.
    pub(super) read: Box<dyn Fn(&Scene, &[String]) -> Read + 'a>,
}

/// The place of a value in a tree: a mapping with one text holds it, any other mapping has it as its key.
pub(super) fn leaf(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(leaf).collect(),
        Value::Object(map) => match map.iter().next() {
            Some((_, inner @ Value::String(_))) if map.len() == 1 => leaf(inner),
            Some((key, Value::Number(_) | Value::Object(_))) if map.len() == 1 => key.clone(),
            _ => value.to_string(),
        },
        other => format!("not a text: {other}"),
    }
}
