//! `apply`: brings the world to the plan, then hands over.

use std::process::ExitCode;

use super::args::{ApplyArguments, Expect};
use super::exec;
use super::session::Session;
use crate::failure::Failures;
use crate::run::{Mode, Request};
use crate::spec::ExecSpec;

pub(super) fn run(arguments: &ApplyArguments, session: &Session) -> Result<ExitCode, Failures> {
    let text = session.plan_text(&arguments.plan)?;
    if let Some(command) = exec::typed_for_others(&arguments.command, &text) {
        return Err(exec::hand_over(&command, &ExecSpec::default(), &session.environment, session));
    }
    let expects_uninitialized = arguments.expect.or(session.settings.expect) == Some(Expect::Uninitialized);
    let request = Request { expects_uninitialized, ..Request::of(&arguments.command) };
    let (plan, context, mut report) = session.carry_out_and_report(&text, request, &mut Mode::Apply)?;
    session.interrupt.check()?;
    let command = exec::command(&arguments.command, &plan.exec, &context.environment, &session.root);
    let command = command.map_err(|failure| failure.in_source(&plan.source))?;
    if command.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let written = session.written_report();
    let failures = exec::hand_over(&command, &plan.exec, &context.environment, session).in_source(&plan.source);
    report.fail(&failures);
    session.write_report_again(&report, written.as_ref());
    Err(failures)
}
