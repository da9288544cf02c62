//! Expands `{{...}}` in the strings of steps and of `exec`, after the YAML was parsed: no value can change the structure.

use super::declared::guess;
use super::late::{captured_by, is_of_the_step, names_one_of, needed_before, not_captured};
use super::nested::holds_steps;
use super::put_off::PutOff;
use super::scope::Scope;
use crate::document::{Key, Node, Value};
use crate::failure::{Failure, Kind, Source, Span};
use crate::template::{Data, Declared, Partials, Template, evaluate, holds_expression};

/// Strings under these keys are templates of their own, expanded when the step is done.
const OWN_TEMPLATE: [(&str, &str); 3] = [("render", "text"), ("sql", "text"), ("sql", "unless")];
/// Fields of `exec.arguments` that are needed before there are inputs.
const BEFORE_INPUTS: [&str; 4] = ["programs", "suffixes", "append_from", "skip_steps_if"];

/// Keys under these keys go as they stand into a file, to a program, to a server or into a database.
const LITERAL_KEYS: [(&str, &str); 10] = [
    ("edit", "set"),
    ("run", "env"),
    ("run", "secrets_as_files"),
    ("serve", "env"),
    ("serve", "secrets_as_files"),
    ("sql", "env"),
    ("sql", "secrets_as_files"),
    ("fetch", "headers"),
    ("seed", "tables"),
    ("wait", "targets"),
];

/// Below these keys a template makes no list and no mapping, but as data below the last one.
const SCALARS: (&str, &str, &str) = ("seed", "tables", "json");

/// What strings are expanded with.
#[derive(Clone, Copy)]
pub(super) enum With<'a> {
    /// Nothing is known: strings are checked, and become unknown.
    Names,
    /// What steps capture is not there yet.
    Data(&'a Data),
    All(&'a Data),
}

pub(super) struct Expansion<'a> {
    pub(super) with: With<'a>,
    pub(super) declared: &'a Declared,
    /// Facts that no step before has captured.
    uncaptured: Vec<String>,
    pub(super) findings: Vec<Failure>,
    /// What was made of secrets: nobody can recognize it any more.
    pub(super) secrets: Vec<serde_json::Value>,
    /// Steps that can wait for their conditions, as they cannot be made with the data.
    pub(super) put_off: Vec<PutOff>,
    /// What the present step can name besides.
    scope: Option<Scope>,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(with: With<'a>, declared: &'a Declared) -> Self {
        let uncaptured = declared.captured.clone();
        Self { with, declared, uncaptured, findings: Vec::new(), secrets: Vec::new(), put_off: Vec::new(), scope: None }
    }

    /// Expands the steps and the hand-over of a plan.
    pub(super) fn plan(&mut self, plan: &mut Node) {
        if let Some(steps) = plan.get_mut("steps") {
            self.steps(steps);
        }
        // It is made before the steps, which see it as `facts.arguments`.
        self.uncaptured.clone_from(&self.declared.captured);
        if let Some(exec) = plan.get_mut("exec") {
            self.exec(exec);
        }
    }

    /// Expands the hand-over alone.
    pub(super) fn exec(&mut self, exec: &mut Node) {
        self.node(exec, &["exec"]);
    }

    fn steps(&mut self, steps: &mut Node) {
        let Value::Sequence(steps) = &mut steps.value else { return };
        for step in steps {
            self.step(step);
        }
    }

    /// Expands one step, and those in it.
    pub(super) fn step(&mut self, step: &mut Node) {
        let captured = captured_by(step);
        if let Some(when) = step.get_mut("when") {
            self.node(when, &["when"]);
        }
        let before = self.findings.len();
        if let Value::Mapping(fields) = &mut step.value {
            for (key, node) in fields.iter_mut().filter(|(key, _)| key.name != "when") {
                self.node(node, &[&key.name]);
            }
        }
        if let With::Data(data) = self.with
            && let Some(put_off) = PutOff::of(step, data, &self.findings[before..])
        {
            self.findings.truncate(before);
            self.put_off.push(put_off);
        }
        self.uncaptured.retain(|name| captured.as_ref() != Some(name));
    }

    /// Expands the node; `path` holds the keys that lead to it from the step.
    fn node(&mut self, node: &mut Node, path: &[&str]) {
        let is = |pairs: &[(&str, &str)]| matches!(path, [verb, field, ..] if pairs.contains(&(*verb, *field)));
        if node.literal {
            return;
        }
        if holds_steps(path) {
            let outer = self.scope.take();
            self.steps(node);
            self.scope = outer;
            return;
        }
        match &mut node.value {
            Value::String(text)
                if holds_expression(text)
                    && matches!(path, ["exec", "arguments", field, ..] if BEFORE_INPUTS.contains(field)) =>
            {
                let failure =
                    Failure::new(Kind::Plan, "`{{` is not expanded here: this is needed before there are inputs");
                self.findings.push(failure.at(node.span).hint("write the word itself"));
            }
            Value::String(text) if holds_expression(text) && is(&OWN_TEMPLATE) => {
                if let (With::Names, Ok(template)) = (self.with, Template::parse(&Source::new("plan", text.as_str())))
                    && let Some(name) = names_one_of(&template, &self.uncaptured)
                {
                    let failure = not_captured(name);
                    self.report(&failure, node.span);
                }
            }
            Value::String(text) if holds_expression(text) => {
                let text = std::mem::take(text);
                let mut expanded = self.string(&text, node.span, is_public(path));
                if matches!(expanded, Value::Unknown(_)) && is_of_the_step(path) {
                    self.refuse_captured(&text, node.span);
                }
                if matches!(expanded, Value::Null)
                    && let Some(failure) = why_needed(path)
                {
                    expanded = self.report(&failure, node.span);
                }
                if matches!(expanded, Value::Sequence(_) | Value::Mapping(_)) && is_scalar(path) {
                    expanded = self.report(&structured(), node.span);
                }
                *node = Node { computed: true, ..Node::new(node.span, expanded) };
            }
            Value::Sequence(items) => {
                for item in items.iter_mut() {
                    self.node(item, path);
                }
                if holds_words(path) {
                    splice(items);
                }
            }
            Value::Mapping(entries) => {
                if path.len() == 1 {
                    self.scope = Scope::of(entries, self.with, self.declared);
                }
                // Steps inside come last: only what stands behind the step knows what they capture.
                let is_last = |key: &Key| holds_steps(&[path, &[key.name.as_str()]].concat());
                let (inner, outer): (Vec<_>, Vec<_>) = entries.iter_mut().partition(|(key, _)| is_last(key));
                for (key, child) in outer.into_iter().chain(inner) {
                    if is(&LITERAL_KEYS) && holds_expression(&key.name) {
                        let failure = Failure::new(Kind::Plan, "`{{` in a key is not expanded");
                        self.findings.push(failure.at(key.span).hint("name the key itself"));
                    }
                    let mut path = path.to_vec();
                    path.push(&key.name);
                    self.node(child, &path);
                }
            }
            _ => {}
        }
    }

    /// A fact that is captured cannot decide how a step is carried out.
    fn refuse_captured(&mut self, text: &str, span: Span) {
        let template = Template::parse(&Source::new("plan", text)).ok();
        let name = template.as_ref().and_then(|template| names_one_of(template, &self.declared.captured));
        if let Some(name) = name.filter(|name| !self.uncaptured.contains(name)) {
            self.report(&needed_before(name), span);
        }
    }

    fn string(&mut self, text: &str, span: Span, public: bool) -> Value {
        let template = match Template::parse(&Source::new("plan", text)) {
            Ok(template) => template,
            Err(failure) => return self.report(&failure, span),
        };
        match self.with {
            With::Names if names_one_of(&template, &self.uncaptured).is_some() => {
                let name = names_one_of(&template, &self.uncaptured).cloned().unwrap_or_default();
                self.report(&not_captured(&name), span)
            }
            With::Data(_) if names_one_of(&template, &self.declared.captured).is_some() => {
                Value::Unknown(guess(text, &self.declared.defaults))
            }
            With::Names => {
                let declared = self.scope.as_ref().map_or(self.declared, |scope| &scope.declared);
                for failure in template.check(declared, &Partials::default()) {
                    self.report(&failure, span);
                }
                if public && let Some(name) = template.secret(&self.declared.secret, &Partials::default()) {
                    let message = format!("`{name}` is secret, and arguments can be seen by every user");
                    let failure = Failure::new(Kind::Plan, message)
                        .hint("let the program read it from its environment or from a file");
                    self.report(&failure, span);
                }
                Value::Unknown(guess(text, &self.declared.defaults))
            }
            With::Data(data) | With::All(data) => {
                match evaluate(&template, self.scope.as_ref().map_or(data, |scope| &scope.data)) {
                    Ok(json) => {
                        if template.secret(data.secret(), &Partials::default()).is_some() {
                            self.secrets.push(json.clone());
                        }
                        Node::from_json(span, json).into_computed().value
                    }
                    Err(failure) => self.report(&failure, span),
                }
            }
        }
    }

    /// A finding inside a string stands at the string: quotes and escapes hide the exact column.
    fn report(&mut self, failure: &Failure, span: Span) -> Value {
        let kind = if matches!(self.with, With::Names) { Kind::Plan } else { Kind::Input };
        let details = failure.details();
        self.findings.push(Failure::new(kind, &details.message).at(span).maybe_hint(details.hint.clone()));
        Value::Unknown(String::new())
    }
}

/// Whether the words of a command stand there.
fn holds_words(path: &[&str]) -> bool {
    matches!(
        path,
        ["run" | "serve" | "sql" | "exec", "command"]
            | ["wait", "targets", "command"]
            | ["serve", "ready", "targets", "command"]
            | ["render" | "edit", "validate", "command"]
    )
}

/// Whether every user of the machine sees what stands there: no secret may.
fn is_public(path: &[&str]) -> bool {
    holds_words(path) || matches!(path, ["exec", "arguments", ..])
}

/// A list that a template gave becomes words of its own, none for an empty one.
fn splice(words: &mut Vec<Node>) {
    let of = |word: Node| match word.value {
        Value::Sequence(items) if word.computed => {
            items.into_iter().map(|item| Node { computed: true, ..item }).collect()
        }
        _ => vec![word],
    };
    *words = std::mem::take(words).into_iter().flat_map(of).collect();
}

/// Whether only a scalar may come out of a template there: what else a row may hold has a meaning of its own.
fn is_scalar(path: &[&str]) -> bool {
    let (verb, field, data) = SCALARS;
    matches!(path, [first, second, ..] if *first == verb && *second == field) && path.get(4) != Some(&data)
}

fn structured() -> Failure {
    Failure::new(Kind::Plan, "a template gives a list or a mapping here")
        .hint("write `{ json: \"{{...}}\" }`, for a column that holds JSON")
}

/// Where nothing would count as a key that is not there: a condition would hold more often, and a program would run as root.
fn why_needed(path: &[&str]) -> Option<Failure> {
    let message = match path {
        ["when", ..] => "a template gives nothing here, and the condition needs it",
        ["exec", "user"] | ["as"] | [_, "as"] | ["wait", "targets", "as"] => {
            "a template gives nothing here, and nobody is no user"
        }
        _ => return None,
    };
    Some(Failure::new(Kind::Plan, message).hint("`default` gives it another value"))
}
