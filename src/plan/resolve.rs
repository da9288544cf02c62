//! Spec and inputs to plan.

use std::sync::Arc;

use super::check::{Files, check_names, check_step_node, check_verbs, files};
use super::expand::{Expansion, With};
use super::parse::PlanText;
use crate::document::{Located, Node, read};
use crate::failure::{Failure, Failures, Kind, Source, Span};
use crate::spec::{
    AbsolutePath, Action, ArgumentsSpec, Condition, Confine, ConfineStep, Duration, ExecSpec, OnError, PlanSpec,
    StepSpec,
};
use crate::template::Data;

/// What will be done.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) source: Arc<Source>,
    pub(crate) confine: Located<Confine>,
    pub(crate) steps: Vec<Step>,
    pub(crate) exec: ExecSpec,
}

/// One step, with nothing left to find out but the state of the world.
#[derive(Debug)]
pub(crate) struct Step {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) name: Option<String>,
    pub(crate) span: Span,
    pub(crate) action: Action,
    pub(crate) when: Option<Located<Condition>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) on_error: OnError,
    pub(crate) confine: ConfineStep,
    pub(crate) writes: Vec<Located<AbsolutePath>>,
}

impl Step {
    /// How the step is called in logs and errors: ``step 1 `app config` ``, or ``step 1 `render` ``.
    pub(crate) fn label(&self) -> String {
        format!("step {} `{}`", self.number, self.name.as_deref().unwrap_or(self.action.verb()))
    }
}

impl PlanText {
    /// Everything that is wrong with the plan as far as that can be known without inputs, and the files that it reads.
    pub(crate) fn check(&self) -> (Files, Vec<Failure>) {
        let mut node = self.node.clone();
        let mut findings = check_verbs(&node);
        let mut expansion = Expansion::new(With::Names, &self.declared);
        expansion.plan(&mut node);
        findings.append(&mut expansion.findings);
        let mut reading = read::<PlanSpec>(&node);
        findings.append(&mut reading.findings);
        if let Some(plan) = &reading.value {
            findings.extend(check_names(plan));
            findings.extend(plan.exec.iter().flat_map(|exec| exec.findings()));
            findings.extend(plan.exec.iter().flat_map(|exec| self.secret_arguments(exec)));
        }
        for (_, step) in step_nodes(&node) {
            findings.extend(check_step_node(step, &self.declared));
        }
        findings.sort_by_key(|failure| (failure.details().span.line, failure.details().span.column));
        let findings = findings.into_iter().map(|failure| failure.in_source(&self.source)).collect();
        (files(&node), findings)
    }

    /// Variables with secrets that are to become arguments, which every user of the machine sees.
    fn secret_arguments(&self, exec: &ExecSpec) -> Vec<Failure> {
        let secret =
            exec.arguments.append_from.0.iter().filter(|name| self.declared.secret.has_variable(name.as_str()));
        secret
            .map(|name| {
                let message = format!("`{}` is secret, and arguments can be seen by every user", name.as_str());
                let hint = "let the program read it from its environment or from a file";
                Failure::new(Kind::Plan, message).at(name.span).hint(hint)
            })
            .collect()
    }

    /// What becomes of the words of a command: known before there are inputs, but for the values of flags.
    pub(crate) fn arguments(&self) -> ArgumentsSpec {
        let arguments = self.node.get("exec").and_then(|exec| exec.get("arguments"));
        arguments.and_then(|arguments| read::<ArgumentsSpec>(arguments).value).unwrap_or_default()
    }

    /// The plan's `exec`, for `facts.arguments`, which it cannot use itself. Empty when it cannot be made: `resolve` says why.
    pub(crate) fn exec(&self, data: &Data) -> ExecSpec {
        let Some(exec) = self.node.get("exec") else { return ExecSpec::default() };
        let mut exec = exec.clone();
        let mut expansion = Expansion::new(With::Data(data), &self.declared);
        expansion.exec(&mut exec);
        read::<ExecSpec>(&exec).value.filter(|_| expansion.findings.is_empty()).unwrap_or_default()
    }

    /// The plan with the inputs put in. What is wrong now is wrong with an input: `check` found the rest. `learn` is told what
    /// helpers made of secrets, before any of it can stand in a message.
    pub(crate) fn resolve(&self, data: &Data, learn: &dyn Fn(&serde_json::Value)) -> Result<Plan, Failures> {
        let mut node = self.node.clone();
        let mut expansion = Expansion::new(With::Data(data), &self.declared);
        expansion.plan(&mut node);
        expansion.secrets.iter().for_each(learn);
        let mut findings = expansion.findings;
        let mut reading = read::<PlanSpec>(&node);
        findings.append(&mut reading.findings);
        Failures::check(findings).map_err(|findings| findings.in_source(&self.source))?;
        let spec =
            reading.value.ok_or_else(|| Failure::new(Kind::Internal, "a plan without findings cannot be read"))?;
        let steps = spec.steps.iter().enumerate().filter_map(|(index, step)| resolve_step(index + 1, step)).collect();
        let exec = spec.exec.map(|exec| exec.value).unwrap_or_default();
        Ok(Plan { source: Arc::clone(&self.source), confine: spec.confine, steps, exec })
    }
}

fn resolve_step(number: usize, spec: &Located<StepSpec>) -> Option<Step> {
    let mut action = spec.action()?;
    if let Action::Run(run) = &mut action.value {
        run.user = run.user.take().or_else(|| spec.user.clone());
    }
    Some(Step {
        number,
        name: spec.name.as_ref().map(|name| name.value.clone()),
        span: action.span,
        action: action.value,
        when: spec.when.clone(),
        timeout: spec.timeout,
        on_error: spec.on_error,
        confine: spec.confine,
        writes: spec.writes.clone(),
    })
}

/// The steps of a plan as nodes, each with its number.
pub(super) fn step_nodes(plan: &Node) -> impl Iterator<Item = (usize, &Node)> {
    plan.get("steps").map(Node::items).unwrap_or_default().iter().enumerate().map(|(index, step)| (index + 1, step))
}
