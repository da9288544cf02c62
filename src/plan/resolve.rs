//! Spec and inputs to plan.

use std::sync::Arc;

use super::check::{Files, check_locks, check_names, check_step_node, check_verbs, files};
use super::expand::{Expansion, With};
use super::late::{Late, late, lost};
use super::nested::{StepNumber, step_nodes};
use super::parse::PlanText;
use super::programs::secret_arguments;
use super::put_off::PutOff;
use crate::document::{Located, read};
use crate::failure::{Failure, Failures, Kind, Source, Span};
use crate::spec::{
    AbsolutePath, Action, ArgumentsSpec, Condition, Confine, ConfineStep, Duration, ExecSpec, OnError, Owner, PlanSpec,
    StepSpec,
};
use crate::template::{Data, Declared};

/// What will be done.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) source: Arc<Source>,
    pub(crate) confine: Located<Confine>,
    pub(crate) steps: Vec<Step>,
    pub(crate) exec: ExecSpec,
    /// Steps that are not known as a whole before others are done.
    pub(super) late: Vec<Late>,
    pub(super) declared: Declared,
    pub(super) is_root: bool,
}

/// One step, with nothing left to find out but the state of the world, and what earlier steps capture.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) number: StepNumber,
    pub(crate) name: Option<String>,
    pub(crate) span: Span,
    pub(crate) action: Action,
    pub(crate) when: Option<Located<Condition>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) on_error: OnError,
    pub(crate) confine: ConfineStep,
    pub(crate) writes: Vec<Located<AbsolutePath>>,
    /// The user that the programs of the step run as.
    pub(crate) user: Option<Located<Owner>>,
    /// The steps inside of `once` and `serve`.
    pub(crate) steps: Vec<Step>,
}

impl Plan {
    /// All steps, those inside of others too.
    pub(crate) fn all_steps(&self) -> Vec<&Step> {
        let mut all = Vec::new();
        let mut left: Vec<&Step> = self.steps.iter().rev().collect();
        while let Some(step) = left.pop() {
            all.push(step);
            left.extend(step.steps.iter().rev());
        }
        all
    }
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
            findings.extend(check_names(&plan.steps));
            if !node.holds_unknown() {
                findings.extend(check_locks(&plan.steps));
            }
            findings.extend(plan.exec.iter().flat_map(|exec| exec.findings()));
            let appended = plan.exec.iter().map(|exec| &exec.arguments.append_from);
            findings.extend(appended.flat_map(|names| secret_arguments(names, &self.declared)));
        }
        for (_, step) in step_nodes(&node) {
            findings.extend(check_step_node(step, &self.declared));
        }
        findings.sort_by_key(|failure| (failure.details().span.line, failure.details().span.column));
        let findings = findings.into_iter().map(|failure| failure.in_source(&self.source)).collect();
        (files(&node), findings)
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
    /// helpers made of secrets, before any of it can stand in a message. `is_root` says who runs it.
    pub(crate) fn resolve(
        &self,
        data: &Data,
        is_root: bool,
        learn: &dyn Fn(&serde_json::Value),
    ) -> Result<Plan, Failures> {
        let mut node = self.node.clone();
        let mut expansion = Expansion::new(With::Data(data), &self.declared);
        expansion.plan(&mut node);
        expansion.secrets.iter().for_each(learn);
        let mut findings = expansion.findings;
        let mut reading = read::<PlanSpec>(&node);
        findings.append(&mut reading.findings);
        findings.extend(reading.value.iter().flat_map(|plan| check_locks(&plan.steps)));
        Failures::check(findings).map_err(|findings| findings.in_source(&self.source))?;
        let spec =
            reading.value.ok_or_else(|| Failure::new(Kind::Internal, "a plan without findings cannot be read"))?;
        let resolving = Resolving { is_root, put_off: expansion.put_off };
        let steps = resolving.steps(&spec.steps, None).map_err(|failure| failure.in_source(&self.source))?;
        let exec = spec.exec.map(|exec| exec.value).unwrap_or_default();
        let (late, declared) = (late(&self.node, &node), self.declared.clone());
        Ok(Plan { source: Arc::clone(&self.source), confine: spec.confine, steps, exec, late, declared, is_root })
    }
}

/// Steps as they are read become steps to be done.
pub(super) struct Resolving {
    pub(super) is_root: bool,
    pub(super) put_off: Vec<PutOff>,
}

impl Resolving {
    fn steps(&self, specs: &[Located<StepSpec>], above: Option<&Step>) -> Result<Vec<Step>, Failure> {
        let number = |index| StepNumber::new(above.map(|above| &above.number), index);
        specs.iter().enumerate().map(|(index, spec)| self.step(number(index), spec, above)).collect()
    }

    fn action(&self, spec: &Located<StepSpec>) -> Result<Located<Action>, Failure> {
        let put_off = || self.put_off.iter().find(|put_off| put_off.step == spec.span).map(PutOff::action);
        spec.action().or_else(put_off).ok_or_else(|| lost(spec))
    }

    /// A step inside of another one is confined like that, may write the same, and its programs run as the same user, unless it says
    /// otherwise.
    pub(super) fn step(
        &self,
        number: StepNumber,
        spec: &Located<StepSpec>,
        above: Option<&Step>,
    ) -> Result<Step, Failure> {
        let mut action = self.action(spec)?;
        let stays_root = self.is_root || !spec.drop_only_if_root.value;
        let mut user = spec.user.clone().filter(|_| stays_root).or_else(|| above.and_then(|above| above.user.clone()));
        if let Some(own) = action.value.user_mut() {
            user = own.take().or(user).filter(|_| stays_root);
            own.clone_from(&user);
        }
        let outer_writes = above.map(|above| above.writes.as_slice()).unwrap_or_default();
        let mut step = Step {
            number,
            name: spec.name.as_ref().map(|name| name.value.clone()),
            span: action.span,
            action: action.value,
            when: spec.when.clone(),
            timeout: spec.timeout,
            on_error: spec.on_error,
            confine: if above.is_some_and(|above| above.confine == ConfineStep::Off) {
                ConfineStep::Off
            } else {
                spec.confine
            },
            writes: spec.writes.iter().chain(outer_writes).cloned().collect(),
            user,
            steps: Vec::new(),
        };
        step.steps = match &step.action {
            Action::Once(once) => self.steps(&once.steps, Some(&step))?,
            Action::Serve(serve) => self.steps(&serve.steps, Some(&step))?,
            _ => Vec::new(),
        };
        Ok(step)
    }
}
