//! `probe`: one look at a target, for health checks. It says one line when the target is not ready, and writes nothing else: the
//! termination message belongs to the application beside which it is started.

use std::process::ExitCode;

use super::args::ProbeArguments;
use super::line::Line;
use super::session::Session;
use super::{internal, verb};
use crate::failure::{Failures, Kind};
use crate::plan::PlanText;
use crate::spec::Action;

/// What is typed for it.
pub(super) const NAME: &str = "probe";

/// The exit code of a target that is not ready. Docker knows 0 and 1 only.
const NOT_READY: u8 = 1;

pub(super) fn run(arguments: &ProbeArguments, session: &Session) -> Result<ExitCode, Failures> {
    session.output.leave_termination_message_alone();
    let mut line = Line::new(NAME);
    let target: Vec<String> = arguments.target.iter().cloned().collect();
    verb::targets(&mut line, &target, &arguments.conditions);
    let default = "1s".to_owned();
    line.flag("timeout", arguments.timeout.as_ref());
    if arguments.timeout.is_none() {
        line.unseen("timeout", &default);
    }
    let (source, node) = verb::one_step(line, "wait", Vec::new())?;
    let mut text = PlanText::from_node(source, node)?;
    text.declared.any_env = true;
    let (_, findings) = text.check();
    Failures::check(findings.into_iter().map(|finding| finding.with_kind(Kind::Usage)).collect())?;
    let (plan, context) = session.prepare(&text, &[])?;
    let Some(Action::Wait(spec)) = plan.steps.first().map(|step| &step.action) else {
        return Err(internal("a probe without a target").into());
    };
    match spec.look(&context) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(failure) => {
            session.output.message(&format!("error: {}\n", failure.to_line()));
            Ok(ExitCode::from(NOT_READY))
        }
    }
}
