//! `once`: its steps, between the beginning and the end of what `action` does around them.

use super::condition::holds;
use super::execute::{Done, Execution, Mode};
use super::report::{Shown, StepReport};
use crate::action::{Begun, Context, Difference, Once, Outcome, Sign};
use crate::failure::{Failure, Failures, Kind};
use crate::plan::Step;
use crate::spec::OnceSpec;

pub(super) fn carry_out(
    execution: &Execution<'_>,
    (step, spec): (&Step, &OnceSpec),
    context: &mut Context,
    nested: &mut Vec<StepReport>,
) -> Result<Done, Failures> {
    // What comes from templates was not known to `check`.
    Failures::check(spec.findings())?;
    let once = Once { spec, user: step.user.as_ref() };
    if once.is_done(context)? {
        return done(execution, spec, format!("`{}` is there", spec.marker.value));
    }
    let is_asked = is_asked_first(&once, execution, context)?;
    let differences = vec![Shown::from(&difference(step, spec))];
    let confined = |context: &Context, work: &(dyn Fn() -> Result<(), Failures> + Sync)| {
        execution.confinement.carry_out(step, context, work)
    };
    let begun = {
        let context: &Context = context;
        execution.confinement.carry_out(step, context, || once.begin(context))?
    };
    match begun {
        Begun::Done => done(execution, spec, "another run did it".to_owned()),
        Begun::Complete(state) => {
            confined(context, &|| once.finish(&state, context))?;
            let summary = "what an earlier run made is in its place";
            Ok(Done::Changed(Outcome::changed(summary), differences))
        }
        Begun::Needed(state) => {
            if !(is_asked && state.is_new()) {
                check_requirements(spec, execution, context).inspect_err(|_| Once::give_back(&state))?;
            }
            confined(context, &|| once.prepare(&state, context))?;
            execution.steps(&step.steps, context, &mut Mode::Apply, nested)?;
            context.check_interrupt()?;
            confined(context, &|| once.complete(&state, context))?;
            Ok(Done::Changed(Outcome::changed(format!("`{}` is made", spec.marker.value)), differences))
        }
    }
}

/// Asks what has to hold before anything is made. What another run left, does or has just done may change the answers: then it is
/// left for when there is the lock.
fn is_asked_first(once: &Once<'_>, execution: &Execution<'_>, context: &Context) -> Result<bool, Failures> {
    if once.has_state(context)? {
        return Ok(false);
    }
    match check_requirements(once.spec, execution, context) {
        Ok(()) => Ok(true),
        Err(_) if once.has_state(context)? || once.is_done(context)? => Ok(false),
        Err(missing) => Err(missing),
    }
}

fn done(execution: &Execution<'_>, spec: &OnceSpec, why: String) -> Result<Done, Failures> {
    if execution.request.expects_uninitialized {
        return Err(is_initialized(spec).into());
    }
    Ok(Done::Unchanged(Some(Outcome::unchanged(why))))
}

/// What is in the stage does not exist before the steps run, so they are named and not looked at.
pub(super) fn show(
    (step, spec): (&Step, &OnceSpec),
    context: &Context,
    show: &mut dyn FnMut(&Step, &Difference),
) -> Result<Done, Failures> {
    Failures::check(spec.findings())?;
    let once = Once { spec, user: step.user.as_ref() };
    if once.looks_done(context)? {
        return Ok(Done::Unchanged(None));
    }
    let difference = difference(step, spec);
    show(step, &difference);
    Ok(Done::Pending(vec![Shown::from(&difference)]))
}

fn difference(step: &Step, spec: &OnceSpec) -> Difference {
    let labels: Vec<String> = step.steps.iter().map(Step::label).collect();
    Difference::new(Sign::Create, spec.marker.value.as_str(), format!("after {}", labels.join(", ")))
}

/// All that is missing at once, before anything is made.
fn check_requirements(spec: &OnceSpec, execution: &Execution<'_>, context: &Context) -> Result<(), Failures> {
    let mut missing = Vec::new();
    for requirement in &spec.require {
        let condition = &requirement.that;
        if !holds(condition, context, execution.request.arguments).map_err(|failure| failure.at(condition.span))? {
            missing
                .push(Failure::new(Kind::Input, requirement.otherwise.value.trim_end()).at(requirement.otherwise.span));
        }
    }
    Failures::check(missing)
}

fn is_initialized(spec: &OnceSpec) -> Failure {
    let message = format!("`{}` is there already, and this run was to make it", spec.marker.value);
    Failure::new(Kind::Step, message)
        .at(spec.marker.span)
        .hint("leave `--expect uninitialized` out for one that may be there")
}
