//! One step after the other: condition, deadline, observe, apply.

use std::ffi::OsString;
use std::time::Instant;

use super::condition::holds;
use super::confinement::Confinement;
use super::report::{Report, Shown, StepReport, changes_a_database, changes_before, milliseconds};
use super::{once, serve};
use crate::action::{Context, Difference, Outcome, Perform};
use crate::failure::{Failure, Failures, Kind};
use crate::plan::{Plan, Step};
use crate::spec::{Action, OnError, RenderSpec};

/// Whether changes are made or only shown.
pub(crate) enum Mode<'a> {
    Apply,
    /// Each difference is handed to the function.
    Show(&'a mut dyn FnMut(&Step, &Difference)),
}

/// What was asked for beside the plan.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Request<'a> {
    /// The command that will be handed over to, for conditions.
    pub(crate) arguments: &'a [OsString],
    /// A `once` whose steps ran already is a failure.
    pub(crate) expects_uninitialized: bool,
}

impl<'a> Request<'a> {
    pub(crate) fn of(arguments: &'a [OsString]) -> Self {
        Self { arguments, ..Self::default() }
    }
}

/// What became of a step.
pub(super) enum Done {
    Skipped,
    Unchanged(Option<Outcome>),
    Changed(Outcome, Vec<Shown>),
    Pending(Vec<Shown>),
}

/// A plan that is carried out.
pub(super) struct Execution<'a> {
    plan: &'a Plan,
    pub(super) request: Request<'a>,
    pub(super) confinement: Confinement<'a>,
}

/// Carries the plan out, or shows what that would change. The report says what was done, also when it fails.
pub(crate) fn execute(
    plan: &Plan,
    context: &mut Context,
    request: Request<'_>,
    mode: &mut Mode<'_>,
    report: &mut Report,
) -> Result<(), Failures> {
    let confinement = match mode {
        Mode::Show(_) => Confinement::off(plan),
        Mode::Apply => Confinement::new(plan).map_err(|failure| failure.in_source(&plan.source))?,
    };
    let execution = Execution { plan, request, confinement };
    execution.steps(&plan.steps, context, mode, &mut report.steps)?;
    let has = |outcome: &str| report.steps.iter().any(|step| step.outcome == outcome);
    if has("pending") {
        report.result = "pending";
    } else if has("changed") {
        report.result = "done";
    }
    Ok(())
}

impl Execution<'_> {
    /// Carries steps out, one after the other.
    pub(super) fn steps(
        &self,
        steps: &[Step],
        context: &mut Context,
        mode: &mut Mode<'_>,
        reports: &mut Vec<StepReport>,
    ) -> Result<(), Failures> {
        for step in steps {
            context.check_interrupt()?;
            let started = Instant::now();
            let outer = context.deadline;
            let own = step.timeout.map(|timeout| started + timeout.get());
            context.deadline = outer.into_iter().chain(own).min();
            context.step = step.label();
            let mut reported = StepReport::new(step);
            let done = self.settled(step, context, mode, &mut reported.steps);
            context.deadline = outer;
            reported.milliseconds = milliseconds(started.elapsed());
            if let Ok(
                Done::Changed(Outcome { captured: Some((name, value)), .. }, _)
                | Done::Unchanged(Some(Outcome { captured: Some((name, value)), .. })),
            ) = &done
            {
                context.data.set_fact(name, Some(value.clone()));
            }
            let failed = self.note(step, done, context, (mode, reports), &mut reported);
            reports.push(reported);
            failed?;
        }
        Ok(())
    }

    /// Notes in log and report what became of a step. Fails when the run is over with it.
    fn note(
        &self,
        step: &Step,
        done: Result<Done, Failures>,
        context: &Context,
        (mode, before): (&Mode<'_>, &[StepReport]),
        reported: &mut StepReport,
    ) -> Result<(), Failures> {
        let (label, spent) = (step.label(), reported.milliseconds);
        let complete = |failure: Failure| failure.at(step.span).in_source(&self.plan.source).in_step(&label);
        let is_shown = matches!(mode, Mode::Show(_));
        match done {
            Ok(Done::Skipped) => {
                reported.outcome = "skipped";
                log::info!(step = label.as_str(), outcome = "skipped"; "{label}: skipped, its condition does not hold");
            }
            Ok(Done::Unchanged(outcome)) => {
                log::info!(step = label.as_str(), outcome = "unchanged", milliseconds = spent; "{label}: unchanged");
                reported.take(outcome.unwrap_or_else(|| Outcome::unchanged(String::new())));
            }
            Ok(Done::Changed(outcome, differences)) => {
                reported.outcome = if outcome.changed { "changed" } else { "unchanged" };
                let what = reported.outcome;
                log::info!(step = label.as_str(), outcome = what, milliseconds = spent; "{label}: {what}, {}", outcome.summary);
                reported.take(outcome);
                reported.differences = differences;
            }
            Ok(Done::Pending(differences)) => {
                reported.outcome = "pending";
                reported.differences = differences;
            }
            Err(failures)
                if is_shown
                    && is_pending(before)
                    && (depends_on_earlier(&failures, step, context, before)
                        || self.plan.captures_facts() && matches!(failures.kind(), Kind::Plan | Kind::Input)) =>
            {
                // What an earlier step would make is not there yet.
                reported.outcome = "pending";
                reported.summary = failures.to_string();
                log::warn!(step = label.as_str(); "{label}: cannot be shown before earlier steps are done: {failures}");
            }
            Err(failures) if step.on_error == OnError::Warn && !matches!(failures.kind(), Kind::Interrupted(_)) => {
                reported.outcome = "warned";
                reported.summary = failures.to_string();
                for failure in failures.map(complete).iter() {
                    log::warn!(step = label.as_str(), outcome = "warned"; "{}", failure.to_line());
                }
            }
            Err(failures) => {
                reported.outcome = "failed";
                reported.summary = failures.to_string();
                return Err(failures.map(complete));
            }
        }
        Ok(())
    }

    /// Carries out a step, if its condition holds, with what the steps before it captured.
    fn settled(
        &self,
        step: &Step,
        context: &mut Context,
        mode: &mut Mode<'_>,
        nested: &mut Vec<StepReport>,
    ) -> Result<Done, Failures> {
        if let Some(condition) = &self.plan.condition(step, &context.data)?
            && !holds(condition, context, self.request.arguments).map_err(|failure| failure.at(condition.span))?
        {
            return Ok(Done::Skipped);
        }
        let scrubber = context.scrubber.clone();
        let settled = self.plan.settle(step, &context.data, &|secret| scrubber.learn_all(secret))?;
        self.step(settled.as_ref().unwrap_or(step), context, mode, nested)
    }

    fn step(
        &self,
        step: &Step,
        context: &mut Context,
        mode: &mut Mode<'_>,
        nested: &mut Vec<StepReport>,
    ) -> Result<Done, Failures> {
        match (&step.action, mode) {
            (Action::Once(spec), Mode::Apply) => once::carry_out(self, (step, spec), context, nested),
            (Action::Once(spec), Mode::Show(show)) => once::show((step, spec), context, *show),
            (Action::Serve(spec), Mode::Apply) => serve::carry_out(self, (step, spec), context, nested),
            (Action::Serve(spec), Mode::Show(show)) => serve::show((step, spec), context, *show),
            (_, mode @ Mode::Show(_)) => perform(step, context, mode),
            (_, Mode::Apply) => {
                let context: &Context = context;
                self.confinement.carry_out(step, context, || perform(step, context, &mut Mode::Apply))
            }
        }
    }
}

fn is_pending(steps: &[StepReport]) -> bool {
    steps.iter().any(|step| step.outcome == "pending")
}

/// A failure that an earlier step, once it is done, may take away: a file, a directory or a table that is not there yet.
fn depends_on_earlier(failures: &Failures, step: &Step, context: &Context, before: &[StepReport]) -> bool {
    let lacks_its_template = || match &step.action {
        Action::Render(RenderSpec { source: Some(source), .. }) => {
            matches!(context.root.metadata_followed(source.as_path()), Ok(None))
        }
        _ => false,
    };
    let edits_what_changes = || match &step.action {
        Action::Edit(spec) => changes_before(before, spec.path.as_str()),
        _ => false,
    };
    let is_of = |kind: Kind| failures.iter().all(|failure| failure.kind() == kind);
    let asks_what_changes = || {
        matches!(step.action, Action::Sql(_) | Action::Seed(_)) && is_of(Kind::Database) && changes_a_database(before)
    };
    is_of(Kind::FileSystem) || lacks_its_template() || edits_what_changes() || asks_what_changes()
}

fn perform(step: &Step, context: &Context, mode: &mut Mode<'_>) -> Result<Done, Failures> {
    match &step.action {
        Action::Render(spec) => {
            if matches!(mode, Mode::Apply) {
                // Left-overs of a killed run; a directory that is not there yet has none.
                let _ = context.root.sweep(spec.target_directory());
            }
            observe_and_apply(spec, step, context, mode)
        }
        Action::Edit(spec) => observe_and_apply(spec, step, context, mode),
        Action::Copy(spec) => observe_and_apply(spec, step, context, mode),
        Action::Mkdir(spec) => observe_and_apply(spec, step, context, mode),
        Action::Link(spec) => observe_and_apply(spec, step, context, mode),
        Action::Remove(spec) => observe_and_apply(spec, step, context, mode),
        Action::Own(spec) => observe_and_apply(spec, step, context, mode),
        Action::Generate(spec) => {
            if matches!(mode, Mode::Apply) {
                let _ = context.root.sweep(spec.target_directory());
            }
            observe_and_apply(spec.as_ref(), step, context, mode)
        }
        Action::Trust(spec) => observe_and_apply(spec, step, context, mode),
        Action::Account(spec) => observe_and_apply(spec, step, context, mode),
        Action::Unpack(spec) => observe_and_apply(spec, step, context, mode),
        Action::Fetch(spec) => observe_and_apply(spec.as_ref(), step, context, mode),
        Action::Wait(spec) => observe_and_apply(spec, step, context, mode),
        Action::Migrate(spec) => observe_and_apply(spec, step, context, mode),
        Action::Sql(spec) => observe_and_apply(spec.as_ref(), step, context, mode),
        Action::Seed(spec) => observe_and_apply(spec, step, context, mode),
        Action::Run(spec) => observe_and_apply(spec.as_ref(), step, context, mode),
        Action::Once(_) | Action::Serve(_) | Action::PutOff { .. } => {
            Err(Failure::new(Kind::Internal, "a step that holds others, or is not known, was taken for a simple one")
                .into())
        }
    }
}

fn observe_and_apply<P: Perform>(
    spec: &P,
    step: &Step,
    context: &Context,
    mode: &mut Mode<'_>,
) -> Result<Done, Failures> {
    match mode {
        Mode::Show(show) => {
            let mut change = spec.observe(context)?;
            if change.differences.is_empty() {
                return Ok(Done::Unchanged(None));
            }
            let shown: Vec<Shown> = change.differences.iter().map(Shown::from).collect();
            spec.preview(&mut change, context)?;
            change.differences.iter().for_each(|difference| show(step, difference));
            let pending = change.differences.iter().any(|difference| difference.sign.is_pending_change());
            Ok(if pending { Done::Pending(shown) } else { Done::Unchanged(None) })
        }
        Mode::Apply => {
            let mut shown: Vec<Shown> = Vec::new();
            let outcome = spec.carry_out(context, &mut |differences| {
                shown.extend(differences.iter().map(Shown::from));
                for difference in &shown {
                    log::debug!("{}: {} {} {}", step.label(), difference.sign, difference.subject, difference.detail);
                }
            })?;
            Ok(match outcome {
                Some(outcome) if outcome.changed || !shown.is_empty() => Done::Changed(outcome, shown),
                outcome => Done::Unchanged(outcome),
            })
        }
    }
}
