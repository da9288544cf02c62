//! Steps that cannot be made with the inputs, and may not have to: an optional variable is missing, and their condition asks for it.

use crate::document::{Located, Node, Value, read};
use crate::failure::{Failure, Span};
use crate::spec::{Action, Condition, StepSpec, VERBS};
use crate::template::Data;

/// A step of which only the condition counts. When that holds after all, what is wrong with the step is told.
#[derive(Debug)]
pub(super) struct PutOff {
    pub(super) step: Span,
    verb: &'static str,
    /// Where the fields of the verb stand.
    span: Span,
    /// What is wrong with the step, and with those in it.
    findings: Vec<Failure>,
}

impl PutOff {
    /// The step, when something is wrong with it and its condition is not certain to hold; what its verb says is unknown then, and what
    /// else came out of templates is gone. `findings`: what is wrong with its templates.
    pub(super) fn of(step: &mut Node, data: &Data, findings: &[Failure]) -> Option<Self> {
        let when = step.get("when")?;
        let findings = [findings, &read::<StepSpec>(step).findings].concat();
        if findings.is_empty() {
            return None;
        }
        let reading = read::<Condition>(when);
        let condition = reading.value.filter(|_| reading.findings.is_empty())?;
        if !when.holds_unknown() && holds(&condition, data) == Some(true) {
            return None;
        }
        let verb = VERBS.into_iter().find(|verb| step.get(verb).is_some())?;
        if let Value::Mapping(fields) = &mut step.value {
            fields.retain(|(key, node)| ["when", verb].contains(&key.name.as_str()) || !is_computed(node));
        }
        let span = step.span;
        let fields = step.get_mut(verb)?;
        fields.value = Value::Unknown(String::new());
        Some(Self { step: span, verb, span: fields.span, findings })
    }

    pub(super) fn action(&self) -> Located<Action> {
        Located::new(self.span, Action::PutOff { verb: self.verb, findings: self.findings.clone() })
    }
}

fn is_computed(node: &Node) -> bool {
    node.computed || node.items().iter().any(is_computed) || node.entries().iter().any(|(_, node)| is_computed(node))
}

/// Whether the condition holds, as far as inputs alone tell.
fn holds(condition: &Condition, data: &Data) -> Option<bool> {
    if let Some(name) = &condition.env {
        let text = data.env_text(name).filter(|text| !text.is_empty());
        return text.map_or(Some(false), |text| condition.accepts(&text).ok());
    }
    if let Some(inner) = &condition.not {
        return holds(inner, data).map(|holds| !holds);
    }
    let (list, decisive) = match (&condition.all, &condition.any) {
        (Some(all), _) => (all, false),
        (_, Some(any)) => (any, true),
        _ => return None,
    };
    let parts: Vec<Option<bool>> = list.iter().map(|inner| holds(inner, data)).collect();
    if parts.contains(&Some(decisive)) {
        return Some(decisive);
    }
    parts.iter().all(Option::is_some).then_some(!decisive)
}
