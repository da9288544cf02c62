//! A step from the command line as the tree that a plan would have, so that both go through the same code.
//!
//! The places in that tree are columns of the command line: an error marks the argument that is wrong.

mod lists;

use crate::document::{Key, Node, Value};
use crate::failure::{Failure, Failures, Kind, Source, Span};
use crate::format::split_pair;
use std::sync::Arc;

/// The command line as text, the fields of the step that it gives, and what is wrong with what was typed.
pub(super) struct Line {
    text: String,
    verb: Span,
    fields: Vec<(Key, Node)>,
    findings: Vec<Failure>,
}

/// The command line as a text, and the tree that its places are in.
pub(super) type Typed = (Arc<Source>, Node);

/// A flag of an operation, with the key that it gives. What is a switch has no value of meaning.
pub(super) struct Flag<'a> {
    pub(super) key: &'a str,
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// Why it gives no key.
    pub(super) fault: Option<Failure>,
}

impl Line {
    pub(super) fn new(verb: &str) -> Self {
        let mut line =
            Self { text: "fitout".to_owned(), verb: Span::default(), fields: Vec::new(), findings: Vec::new() };
        line.verb = line.word(verb);
        line
    }

    /// Adds a word to the text, quoted where a shell would need it, and returns where it stands.
    fn word(&mut self, word: &str) -> Span {
        self.text.push(' ');
        let column = self.text.chars().count() + 1;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%{}".contains(c);
        let shown = if !word.is_empty() && word.chars().all(plain) {
            word.to_owned()
        } else {
            format!("'{}'", word.replace('\n', "\\n"))
        };
        self.text.push_str(&shown);
        Span::new(1, column, shown.chars().count())
    }

    fn key(span: Span, name: &str) -> Key {
        Key { span, name: name.to_owned() }
    }

    /// A positional argument.
    pub(super) fn positional(&mut self, field: &str, value: &str) {
        let span = self.word(value);
        self.fields.push((Self::key(span, field), Node::new(span, Value::String(value.to_owned()))));
    }

    /// `--flag value`, when it is given. The flag is the field's name with dashes.
    pub(super) fn flag(&mut self, field: &str, value: Option<&String>) {
        let Some(value) = value else { return };
        let key = self.word(&format!("--{}", field.replace('_', "-")));
        let span = self.word(value);
        self.fields.push((Self::key(key, field), Node::new(span, Value::String(value.clone()))));
    }

    /// A value that was not typed.
    pub(super) fn unseen(&mut self, field: &str, value: &str) {
        self.fields.push((Self::key(self.verb, field), Node::new(self.verb, Value::String(value.to_owned()))));
    }

    /// `--flag`, when it is given.
    pub(super) fn switch(&mut self, field: &str, on: bool) {
        if on {
            let span = self.word(&format!("--{}", field.replace('_', "-")));
            self.fields.push((Self::key(span, field), Node::new(span, Value::Boolean(true))));
        }
    }

    /// A value that is no string, behind its flag.
    pub(super) fn boolean(&mut self, field: &str, value: Option<bool>) {
        let Some(value) = value else { return };
        let key = self.word(&format!("--{}", field.replace('_', "-")));
        let span = self.word(if value { "true" } else { "false" });
        self.fields.push((Self::key(key, field), Node::new(span, Value::Boolean(value))));
    }

    /// A number behind its flag.
    pub(super) fn number(&mut self, field: &str, value: Option<u64>) {
        let Some(value) = value else { return };
        let key = self.word(&format!("--{}", field.replace('_', "-")));
        let span = self.word(&value.to_string());
        let value = i64::try_from(value).map_or_else(|_| Value::String(value.to_string()), Value::Integer);
        self.fields.push((Self::key(key, field), Node::new(span, value)));
    }

    /// Several values of one field, each behind `--flag`, or positional without a flag.
    pub(super) fn list(&mut self, field: &str, flag: Option<&str>, values: &[String]) {
        if values.is_empty() {
            return;
        }
        let items = values.iter().enumerate().map(|(index, value)| {
            // A flag stands before each of its values, `--` once before all of them.
            if let Some(flag) = flag.filter(|flag| index == 0 || *flag != "--") {
                self.word(flag);
            }
            Node::new(self.word(value), Value::String(value.clone()))
        });
        let items: Vec<Node> = items.collect();
        let span = items.first().map(|item| item.span).unwrap_or_default();
        self.fields.push((Self::key(span, field), Node::new(span, Value::Sequence(items))));
    }

    /// Names behind one flag, with commas; `none` is a list of none.
    pub(super) fn names(&mut self, field: &str, flag: &str, names: Option<&[String]>) {
        let Some(names) = names else { return };
        let key = self.word(flag);
        let span = self.word(&names.join(","));
        let names = names.iter().filter(|name| *name != "none");
        let items = names.map(|name| Node::new(span, Value::String(name.clone()))).collect();
        self.fields.push((Self::key(key, field), Node::new(span, Value::Sequence(items))));
    }

    /// Numbers, each behind the flag.
    pub(super) fn numbers(&mut self, field: &str, flag: &str, numbers: &[u8]) {
        for number in numbers {
            self.word(flag);
            let span = self.word(&number.to_string());
            self.append(field, Node::new(span, Value::Integer(i64::from(*number))));
        }
    }

    /// Puts the fields with these names, so far as they are given, into one field that is a mapping, in place of what that field
    /// is by itself.
    pub(super) fn nest(&mut self, field: &str, names: &[&str]) {
        let inner: Vec<_> = names.iter().filter_map(|name| self.take(name)).collect();
        if let Some(span) = inner.first().map(|(key, _)| key.span) {
            self.take(field);
            self.fields.push((Self::key(span, field), Node::new(span, Value::Mapping(inner))));
        }
    }

    /// One more value of a field that is a list, behind its flag.
    pub(super) fn element(&mut self, field: &str, flag: &str, value: &str) {
        self.word(flag);
        let span = self.word(value);
        self.append(field, Node::new(span, Value::String(value.to_owned())));
    }

    /// `--flag NAME=VALUE` as an entry of a field that is a mapping, made of the place, the name and the value. Several values of
    /// one name that appends (`list[+]`) become a list.
    pub(super) fn pair(
        &mut self,
        field: &str,
        (flag, form): (&str, &str),
        pair: &str,
        make: impl FnOnce(Span, &str, &str) -> Result<Node, Failure>,
    ) {
        self.word(flag);
        let Some((name, value)) = split_pair(pair) else {
            let span = self.word(pair);
            self.findings.push(Failure::new(Kind::Usage, format!("`{pair}` is no `{form}`")).at(span));
            return;
        };
        // What was typed as a value may be a password, and an error is a line of a log.
        let span = self.word(&format!("{name}={}", if value.is_empty() { "" } else { "..." }));
        let node = match make(span, name, value) {
            Ok(node) => node,
            Err(failure) => return self.findings.push(failure.at(span)),
        };
        let at = self.fields.iter().position(|(key, _)| key.name == field).unwrap_or_else(|| {
            self.fields.push((Self::key(span, field), Node::new(span, Value::Mapping(Vec::new()))));
            self.fields.len() - 1
        });
        let Value::Mapping(entries) = &mut self.fields[at].1.value else { return };
        match entries.iter_mut().find(|(key, _)| key.name == name && name.ends_with("[+]")) {
            Some((_, present)) => *present = Node::literal(present.span, Value::Sequence(joined(present, node))),
            None => entries.push((Self::key(span, name), node)),
        }
    }

    /// One more entry of a field that is a mapping: a name behind its flag, with this value.
    pub(super) fn entry(&mut self, field: &str, flag: &str, name: &str, value: Value) {
        self.word(flag);
        let span = self.word(name);
        let entry = (Self::key(span, name), Node::new(span, value));
        match self.fields.iter_mut().find(|(key, _)| key.name == field) {
            Some((_, Node { value: Value::Mapping(entries), .. })) => entries.push(entry),
            _ => self.fields.push((Self::key(span, field), Node::new(span, Value::Mapping(vec![entry])))),
        }
    }

    /// The same for each of these.
    pub(super) fn table(
        &mut self,
        field: &str,
        flag: (&str, &str),
        values: &[String],
        make: impl Fn(Span, &str) -> Node,
    ) {
        for pair in values {
            self.pair(field, flag, pair, |span, _, value| Ok(make(span, value)));
        }
    }

    /// One more element of a field that is a list of mappings, made of flags: `line: [{ text: ..., after: ... }]` of `--line`
    /// and `--after`.
    pub(super) fn operation(&mut self, field: &str, flags: &[Flag<'_>]) {
        let mut entries = Vec::new();
        for Flag { key, name, value, fault } in flags {
            let place = self.word(&format!("--{}", name.replace('_', "-")));
            let is_switch = ["must_match", "absent"].contains(key);
            let is_text = ["literal", "with", "text"].contains(key);
            let span = if is_switch { place } else { self.word(if is_text { "..." } else { value }) };
            if let Some(fault) = fault {
                self.findings.push(fault.clone().at(place));
                continue;
            }
            let number = value.parse().ok().filter(|_| *key == "count").map(Value::Integer);
            let value = match number {
                Some(number) => number,
                None if is_switch => Value::Boolean(true),
                None => Value::String((*value).to_owned()),
            };
            entries.push((Self::key(span, key), Node::literal(span, value)));
        }
        if let Some(span) = entries.first().map(|(key, _)| key.span) {
            self.append(field, Node::new(span, Value::Mapping(entries)));
        }
    }

    /// Adds to a field that is a list.
    fn append(&mut self, field: &str, node: Node) {
        match self.fields.iter_mut().find(|(key, _)| key.name == field) {
            Some((_, Node { value: Value::Sequence(items), .. })) => items.push(node),
            _ => self.fields.push((Self::key(node.span, field), Node::new(node.span, Value::Sequence(vec![node])))),
        }
    }

    /// A field whose value is made of one word: `database: { from_env: NAME }` of `--database-env NAME`.
    pub(super) fn wrapped(&mut self, field: &str, inner: &str, flag: &str, value: Option<&String>) {
        let Some(value) = value else { return };
        let key = self.word(flag);
        let span = self.word(value);
        let entry = (Self::key(span, inner), Node::new(span, Value::String(value.clone())));
        self.fields.push((Self::key(key, field), Node::new(span, Value::Mapping(vec![entry]))));
    }

    /// A field that holds a list of words: `validate: { command: [a, b] }` of `--validate-command a b`.
    pub(super) fn command(&mut self, field: &str, flag: &str, words: &[String]) {
        if words.is_empty() {
            return;
        }
        let key = self.word(flag);
        let words = words.iter().map(|word| Node::new(self.word(word), Value::String(word.clone()))).collect();
        let entry = (Self::key(key, "command"), Node::new(key, Value::Sequence(words)));
        self.fields.push((Self::key(key, field), Node::new(key, Value::Mapping(vec![entry]))));
    }

    /// Takes a field out again, for instance one that belongs to the step and not to its verb.
    pub(super) fn take(&mut self, field: &str) -> Option<(Key, Node)> {
        let at = self.fields.iter().position(|(key, _)| key.name == field)?;
        Some(self.fields.remove(at))
    }

    /// The step with the fields gathered so far, as an entry of a plan.
    pub(super) fn step(&self, verb: &str, beside: Vec<(Key, Node)>) -> Node {
        let step = Node::new(self.verb, Value::Mapping(self.fields.clone()));
        let mut entries = vec![(Self::key(self.verb, verb), step)];
        entries.extend(beside);
        Node::new(self.verb, Value::Mapping(entries))
    }

    /// The fields alone, and the command line as their text: for `exec`, which is no step.
    pub(super) fn alone(self) -> Result<Typed, Failures> {
        let source = Source::new("command line", self.text);
        Failures::check(self.findings).map_err(|failures| failures.in_source(&source))?;
        Ok((source, Node::new(self.verb, Value::Mapping(self.fields))))
    }

    /// A plan with these steps and value sources, and the command line as its text; or what is wrong with what was typed.
    pub(super) fn plan(self, steps: Vec<Node>, values: Option<(Key, Node)>) -> Result<Typed, Failures> {
        let source = Source::new("command line", self.text);
        Failures::check(self.findings).map_err(|failures| failures.in_source(&source))?;
        let mut entries = vec![
            (Self::key(self.verb, "version"), Node::new(self.verb, Value::Integer(1))),
            (Self::key(self.verb, "steps"), Node::new(self.verb, Value::Sequence(steps))),
        ];
        if let Some((key, values)) = values {
            let inputs = Node::new(values.span, Value::Mapping(vec![(key, values)]));
            entries.push((Self::key(self.verb, "inputs"), inputs));
        }
        Ok((source, Node::new(self.verb, Value::Mapping(entries))))
    }
}

/// The elements of both; what is no list is one.
fn joined(present: &Node, added: Node) -> Vec<Node> {
    [present.clone(), added]
        .into_iter()
        .flat_map(|node| match node.value {
            Value::Sequence(items) => items,
            _ => vec![node],
        })
        .collect()
}
