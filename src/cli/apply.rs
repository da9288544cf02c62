//! `apply`: brings the world to the plan, then hands over.

use std::process::ExitCode;

use super::args::ApplyArguments;
use super::exec;
use super::session::Session;
use crate::failure::Failures;
use crate::run::Mode;

pub(super) fn run(arguments: &ApplyArguments, session: &Session) -> Result<ExitCode, Failures> {
    let text = session.plan_text(&arguments.plan)?;
    let (plan, context, mut report) = session.carry_out_and_report(&text, &arguments.command, &mut Mode::Apply)?;
    session.interrupt.check()?;
    let command = exec::command(&arguments.command, &plan.exec);
    if command.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let failures = exec::hand_over(&command, &plan.exec, &context.environment, session).in_source(&plan.source);
    report.fail(&failures);
    session.write_report(&report);
    Err(failures)
}
