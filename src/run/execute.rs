//! One step after the other: condition, deadline, observe, apply.

use std::ffi::OsString;
use std::time::Instant;

use super::condition::holds;
use super::confinement::Confinement;
use super::report::{Counts, Report, Shown, StepReport, milliseconds};
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

/// What became of a step.
enum Done {
    Skipped,
    Unchanged(Option<Outcome>),
    Changed(Outcome, Vec<Shown>),
    Pending(Vec<Shown>),
}

/// Carries the plan out, or shows what that would change. The report says what was done, also when it fails.
pub(crate) fn execute(
    plan: &Plan,
    context: &mut Context,
    arguments: &[OsString],
    mode: &mut Mode<'_>,
    report: &mut Report,
) -> Result<(), Failures> {
    let mut confinement = match mode {
        Mode::Show(_) => Confinement::off(plan),
        Mode::Apply => Confinement::new(plan).map_err(|failure| failure.in_source(&plan.source))?,
    };
    let mut pending = false;
    for step in &plan.steps {
        context.check_interrupt()?;
        let started = Instant::now();
        context.deadline = step.timeout.map(|timeout| started + timeout.get());
        let label = step.label();
        let done = match mode {
            Mode::Show(_) => perform(step, context, arguments, mode),
            Mode::Apply => {
                let context: &Context = context;
                confinement.carry_out(step, context, || perform(step, context, arguments, &mut Mode::Apply))
            }
        };
        let complete = |failure: Failure| failure.at(step.span).in_source(&plan.source).in_step(&label);
        let mut reported = StepReport {
            number: step.number,
            name: step.name.clone(),
            verb: step.action.verb(),
            outcome: "unchanged",
            summary: String::new(),
            counts: Counts::new(),
            differences: Vec::new(),
            milliseconds: milliseconds(started.elapsed()),
        };
        let spent = reported.milliseconds;
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
                if outcome.changed {
                    report.result = "done";
                }
                reported.take(outcome);
                reported.differences = differences;
            }
            Ok(Done::Pending(differences)) => {
                reported.outcome = "pending";
                reported.differences = differences;
                pending = true;
            }
            Err(failures)
                if matches!(mode, Mode::Show(_)) && pending && depends_on_earlier(&failures, step, context, report) =>
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
                report.steps.push(reported);
                return Err(failures.map(complete));
            }
        }
        report.steps.push(reported);
    }
    context.deadline = None;
    if pending {
        report.result = "pending";
    }
    Ok(())
}

/// A failure that an earlier step, once it is done, may take away: a file, a directory or a table that is not there yet.
fn depends_on_earlier(failures: &Failures, step: &Step, context: &Context, report: &Report) -> bool {
    let lacks_its_template = || match &step.action {
        Action::Render(RenderSpec { source: Some(source), .. }) => {
            matches!(context.root.metadata_followed(source.as_path()), Ok(None))
        }
        _ => false,
    };
    let edits_what_changes = || match &step.action {
        Action::Edit(spec) => report.changes_before(spec.path.as_str()),
        _ => false,
    };
    let is_of = |kind: Kind| failures.iter().all(|failure| failure.kind() == kind);
    let asks_what_changes = || {
        matches!(step.action, Action::Sql(_) | Action::Seed(_)) && is_of(Kind::Database) && report.changes_a_database()
    };
    is_of(Kind::FileSystem) || lacks_its_template() || edits_what_changes() || asks_what_changes()
}

fn perform(step: &Step, context: &Context, arguments: &[OsString], mode: &mut Mode<'_>) -> Result<Done, Failures> {
    if let Some(condition) = &step.when
        && !holds(condition, context, arguments).map_err(|failure| failure.at(condition.span))?
    {
        return Ok(Done::Skipped);
    }
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
        Action::Sql(spec) => observe_and_apply(spec, step, context, mode),
        Action::Seed(spec) => observe_and_apply(spec, step, context, mode),
        Action::Run(spec) => observe_and_apply(spec, step, context, mode),
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
