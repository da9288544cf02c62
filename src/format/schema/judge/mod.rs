//! Judging a value with a compiled schema.
//!
//! A first, quiet pass only tells whether the value is valid and ends at the first mismatch. What does not match is judged once
//! more to tell why; there the alternatives of an `anyOf` are tried quietly first, so that nested ones do not multiply.

mod array;
mod combination;
mod evaluated;
mod object;
mod scalar;

use serde_json::Value;

use super::Finding;
use super::compile::Program;
use super::index::Id;
use super::keyword::{Keyword, Node};
use super::message;
use super::pointer;
use super::types::Types;

use evaluated::Evaluated;

/// Findings that are told.
pub(super) const MOST_FINDINGS: usize = 20;

/// Schemas within each other, which bounds the stack.
const DEEPEST: usize = 640;

/// Steps that are always granted, and further ones for each value. Nested alternatives can need a number of steps that
/// grows exponentially with the depth of the value.
const STEPS: u64 = 2_000_000;
const STEPS_FOR_EACH_VALUE: u64 = 1000;

/// The way from the root to the value that is judged.
#[derive(Clone, Copy)]
enum Step<'i> {
    Key(&'i str),
    Item(usize),
}

/// How a mismatch tells whether an alternative was meant at all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Type(Types),
    /// Of `const` and `enum`, by which alternatives are told apart.
    Choice,
    Other,
}

struct Mismatch {
    depth: usize,
    kind: Kind,
    finding: Finding,
}

struct Judge<'s, 'i> {
    program: &'s Program<'s>,
    path: Vec<Step<'i>>,
    /// The resources through which references led, for dynamic ones.
    scope: Vec<usize>,
    level: usize,
    steps_left: u64,
    is_quiet: bool,
    /// How many times it is inside of alternatives whose mismatches are told.
    explained: usize,
    /// Why there can be no verdict.
    stopped: Option<&'static str>,
    found: Vec<Mismatch>,
}

/// What is wrong with the instance, which has `size` values in it.
pub(super) fn findings(program: &Program, instance: &Value, size: u64) -> Vec<Finding> {
    let steps_left = STEPS.saturating_add(size.saturating_mul(STEPS_FOR_EACH_VALUE));
    let mut judge = Judge {
        program,
        path: Vec::new(),
        scope: Vec::new(),
        level: 0,
        steps_left,
        is_quiet: true,
        explained: 0,
        stopped: None,
        found: Vec::new(),
    };
    let is_valid = judge.judge(0, instance, None);
    if judge.stopped.is_none() && is_valid {
        return Vec::new();
    }
    if judge.stopped.is_none() {
        judge.is_quiet = false;
        judge.steps_left = steps_left;
        judge.judge(0, instance, None);
    }
    let mut told: Vec<Finding> = Vec::new();
    for Mismatch { finding, .. } in judge.found {
        if !told.contains(&finding) {
            told.push(finding);
        }
    }
    if told.is_empty() {
        told.push(Finding { at: pointer::shown(""), message: judge.stopped.unwrap_or(message::INVALID).to_owned() });
    }
    told.truncate(MOST_FINDINGS);
    told
}

impl<'s, 'i> Judge<'s, 'i> {
    /// Whether the value matches. What its keywords have judged of it is added to `evaluated`.
    fn judge(&mut self, id: Id, instance: &'i Value, evaluated: Option<&mut Evaluated<'i>>) -> bool {
        let program = self.program;
        let Some(node) = program.nodes.get(id) else { return false };
        if node.keywords.is_empty() {
            return true;
        }
        if !self.may_go_on() {
            return false;
        }
        self.level += 1;
        let is_entered = self.scope.last() != Some(&node.resource);
        if is_entered {
            self.scope.push(node.resource);
        }
        let has_parts = instance.is_array() || instance.is_object();
        let is_valid = if has_parts && node.keywords.last().is_some_and(Keyword::is_unevaluated) {
            let mut own = Evaluated::default();
            let is_valid = self.keywords(node, instance, Some(&mut own));
            if let Some(evaluated) = evaluated {
                evaluated.add(own);
            }
            is_valid
        } else {
            self.keywords(node, instance, evaluated)
        };
        if is_entered {
            self.scope.pop();
        }
        self.level -= 1;
        is_valid
    }

    fn keywords(&mut self, node: &'s Node<'s>, instance: &'i Value, mut evaluated: Option<&mut Evaluated<'i>>) -> bool {
        let mut is_valid = true;
        for keyword in &node.keywords {
            is_valid &= self.keyword(keyword, instance, evaluated.as_deref_mut());
            if !is_valid && self.is_enough() {
                break;
            }
        }
        is_valid
    }

    fn keyword(
        &mut self,
        keyword: &'s Keyword<'s>,
        instance: &'i Value,
        evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        match (keyword, instance) {
            (Keyword::Items { prefix, rest }, Value::Array(items)) => self.items(prefix, *rest, items, evaluated),
            (Keyword::Contains { .. }, Value::Array(items)) => self.contains(keyword, items, evaluated),
            (Keyword::UnevaluatedItems(schema), Value::Array(items)) => {
                self.unevaluated_items(*schema, items, evaluated)
            }
            (Keyword::Properties(properties), Value::Object(map)) => self.properties(properties, map, evaluated),
            (Keyword::PropertyNames(schema), Value::Object(map)) => self.property_names(*schema, map),
            (Keyword::UnevaluatedProperties(schema), Value::Object(map)) => {
                self.unevaluated_properties(*schema, map, evaluated)
            }
            (Keyword::DependentSchema { key, schema }, Value::Object(map)) => {
                !map.contains_key(*key) || self.judge(*schema, instance, evaluated)
            }
            (Keyword::AllOf(schemas), _) => self.all_of(schemas, instance, evaluated),
            (Keyword::AnyOf(schemas), _) => self.any_of(schemas, instance, evaluated),
            (Keyword::OneOf(schemas), _) => self.one_of(schemas, instance, evaluated),
            (Keyword::Not(schema), _) => self.not(*schema, instance),
            (Keyword::If { condition, then, otherwise }, _) => {
                self.either(*condition, [*then, *otherwise], instance, evaluated)
            }
            (Keyword::Reference(schema), _) => self.judge(*schema, instance, evaluated),
            (Keyword::DynamicReference { anchor, fallback }, _) => {
                let schema = self.outermost(anchor).unwrap_or(*fallback);
                self.judge(schema, instance, evaluated)
            }
            _ => self.simple(keyword, instance),
        }
    }

    /// Judges a part of the value.
    fn inside(&mut self, step: Step<'i>, id: Id, part: &'i Value) -> bool {
        self.path.push(step);
        let is_valid = self.judge(id, part, None);
        self.path.pop();
        is_valid
    }

    fn quietly(&mut self, id: Id, instance: &'i Value, evaluated: Option<&mut Evaluated<'i>>) -> bool {
        let before = std::mem::replace(&mut self.is_quiet, true);
        let is_valid = self.judge(id, instance, evaluated);
        self.is_quiet = before;
        is_valid
    }

    fn may_go_on(&mut self) -> bool {
        if self.level >= DEEPEST {
            self.stopped = Some(message::TOO_DEEP);
        }
        match self.steps_left.checked_sub(1) {
            Some(left) => self.steps_left = left,
            None => self.stopped = Some(message::TOO_LONG),
        }
        self.stopped.is_none()
    }

    /// Whether more mismatches would change nothing.
    fn is_enough(&self) -> bool {
        self.is_quiet || self.stopped.is_some() || self.found.len() >= MOST_FINDINGS
    }

    /// Passes on whether it `holds`, and tells the mismatch if it does not.
    fn demand(&mut self, holds: bool, kind: Kind, message: impl FnOnce() -> String) -> bool {
        if !holds && !self.is_quiet {
            let finding = Finding { at: self.pointer(), message: message() };
            self.found.push(Mismatch { depth: self.path.len(), kind, finding });
        }
        holds
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => pointer::push(&mut pointer, key),
                Step::Item(index) => pointer::push(&mut pointer, &index.to_string()),
            }
        }
        pointer::shown(&pointer)
    }
}
