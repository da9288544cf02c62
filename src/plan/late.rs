//! Facts that a step captures: what names them is known only when that step is done.

use super::expand::{Expansion, With};
use super::nested::{StepNumber, step_nodes, without_nested};
use super::resolve::{Plan, Resolving, Step};
use crate::document::{Located, Node, Value, read};
use crate::failure::{Failure, Failures, Kind};
use crate::spec::{Action, Condition, StepSpec};
use crate::template::{Data, Template};

/// A step that is read once more before it is done.
#[derive(Debug)]
pub(super) struct Late {
    number: StepNumber,
    /// As it is written, without the steps inside of it.
    node: Node,
}

/// The names of the facts that the steps of a plan capture.
pub(super) fn captured(plan: &Node) -> Vec<String> {
    step_nodes(plan).iter().filter_map(|(_, step)| captured_by(step)).collect()
}

/// The fact that a step captures.
pub(super) fn captured_by(step: &Node) -> Option<String> {
    let capture = step.get("run")?.get("capture")?;
    match &capture.get("name").unwrap_or(capture).value {
        Value::String(name) => Some(name.clone()),
        _ => None,
    }
}

/// The first of these facts that a template names.
pub(super) fn names_one_of<'a>(template: &Template, facts: &'a [String]) -> Option<&'a String> {
    facts.iter().find(|fact| {
        template.paths().any(|path| match path {
            [first, name, ..] => first == "facts" && name == *fact,
            // All of it.
            [only] => only == "facts",
            [] => true,
        })
    })
}

/// Whether the keys lead to a field of every step, which is needed before its turn.
pub(super) fn is_of_the_step(path: &[&str]) -> bool {
    const FIELDS: [&str; 7] = ["name", "timeout", "on_error", "as", "drop_only_if_root", "confine", "writes"];
    path.first().is_some_and(|first| FIELDS.contains(first))
}

pub(super) fn not_captured(name: &str) -> Failure {
    Failure::new(Kind::Plan, format!("`facts.{name}` is not captured before this"))
        .hint("only later steps know it, and `exec` never does")
}

pub(super) fn needed_before(name: &str) -> Failure {
    Failure::new(Kind::Plan, format!("`facts.{name}` cannot stand here: this is needed before it is captured"))
        .hint("it can stand in `when`, and in texts of what the step does")
}

/// A step whose field is no text, and named what is not known yet.
pub(super) fn lost(step: &Located<StepSpec>) -> Failure {
    Failure::new(Kind::Plan, "a captured fact stands where no text is wanted")
        .at(step.span)
        .hint("it can stand in texts; write what is a number, a word of a list or a length of time itself")
}

/// The steps of which something is not known yet, after all that is known was put in. Of the steps inside of one that was put off
/// nothing is left there.
pub(super) fn late(written: &Node, expanded: &Node) -> Vec<Late> {
    let mut left = step_nodes(expanded).into_iter().peekable();
    let mut late = Vec::new();
    for (number, written) in step_nodes(written) {
        if let Some((_, expanded)) = left.next_if(|(next, _)| *next == number)
            && without_nested(expanded).holds_unknown()
        {
            late.push(Late { number, node: without_nested(written) });
        }
    }
    late
}

impl Plan {
    /// Whether a step needs to be done before all facts are known.
    pub(crate) fn captures_facts(&self) -> bool {
        !self.declared.captured.is_empty()
    }

    /// The condition of a step, with what earlier ones captured.
    pub(crate) fn condition(&self, step: &Step, data: &Data) -> Result<Option<Located<Condition>>, Failures> {
        let Some(late) = self.late.iter().find(|late| late.number == step.number) else { return Ok(step.when.clone()) };
        let mut node = late.node.clone();
        if let Value::Mapping(fields) = &mut node.value {
            fields.retain(|(key, _)| key.name == "when");
        }
        let mut expansion = Expansion::new(With::All(data), &self.declared);
        expansion.step(&mut node);
        let mut findings = expansion.findings;
        let mut reading = read::<StepSpec>(&node);
        findings.append(&mut reading.findings);
        Failures::check(findings).map_err(|findings| findings.in_source(&self.source))?;
        Ok(reading.value.and_then(|step| step.when))
    }

    /// The step with what earlier ones captured; nothing when it names none of that. Fails with what is wrong with a step that was put
    /// off. `learn` is told what helpers made of secrets.
    pub(crate) fn settle(
        &self,
        step: &Step,
        data: &Data,
        learn: &dyn Fn(&serde_json::Value),
    ) -> Result<Option<Step>, Failures> {
        if let Action::PutOff { findings, .. } = &step.action {
            Failures::check(findings.clone()).map_err(|findings| findings.in_source(&self.source))?;
        }
        let Some(late) = self.late.iter().find(|late| late.number == step.number) else { return Ok(None) };
        let mut node = late.node.clone();
        let mut expansion = Expansion::new(With::All(data), &self.declared);
        expansion.step(&mut node);
        expansion.secrets.iter().for_each(learn);
        let mut findings = expansion.findings;
        let mut reading = read::<StepSpec>(&node);
        findings.append(&mut reading.findings);
        Failures::check(findings).map_err(|findings| findings.in_source(&self.source))?;
        let spec =
            reading.value.ok_or_else(|| Failure::new(Kind::Internal, "a step without findings cannot be read"))?;
        let spec = Located::new(step.span, spec);
        let resolving = Resolving { is_root: self.is_root, put_off: Vec::new() };
        let mut known =
            resolving.step(step.number.clone(), &spec, None).map_err(|failure| failure.in_source(&self.source))?;
        // The fields of the step itself are known since the beginning, with what it got from the step around it.
        if let Some(user) = known.action.user_mut() {
            user.clone_from(&step.user);
        }
        Ok(Some(Step { action: known.action, span: known.span, ..step.clone() }))
    }
}
