//! `exec`, and the end of `apply`: becomes the application.

use std::ffi::OsString;
use std::process::ExitCode;

use super::args::ExecArguments;
use super::line::Line;
use super::session::Session;
use crate::document::read;
use crate::failure::{Failure, Failures, Kind};
use crate::process::{self, Credentials, Environment, HandOver};
use crate::root::Accounts;
use crate::spec::ExecSpec;

pub(super) fn run(arguments: &ExecArguments, session: &Session) -> Result<ExitCode, Failures> {
    let mut line = Line::new("exec");
    line.flag("user", arguments.user.as_ref());
    line.flag("umask", arguments.umask.as_ref());
    line.switch("no_new_privileges", arguments.no_new_privileges);
    let (source, node) = line.alone();
    let reading = read::<ExecSpec>(&node);
    let findings = reading.findings.into_iter().map(|failure| failure.with_kind(Kind::Usage).in_source(&source));
    Failures::check(findings.collect())?;
    let spec = reading.value.unwrap_or_default();
    Err(hand_over(&arguments.command, &spec, &session.environment, session).in_source(&source).into())
}

/// The command to hand over to: that of the command line wins over that of the plan.
pub(super) fn command(typed: &[OsString], spec: &ExecSpec) -> Vec<OsString> {
    if typed.is_empty() {
        spec.command.iter().map(|word| OsString::from(&word.value)).collect()
    } else {
        typed.to_vec()
    }
}

/// Becomes the application; what returns is why that was not possible.
pub(super) fn hand_over(
    command: &[OsString],
    spec: &ExecSpec,
    environment: &Environment,
    session: &Session,
) -> Failure {
    let credentials = match credentials(spec, session) {
        Ok(credentials) => credentials,
        Err(failure) => return failure,
    };
    let hand_over = HandOver {
        credentials,
        umask: spec.umask.as_ref().map(|mode| mode.bits()),
        no_new_privileges: spec.no_new_privileges,
        environment,
    };
    let failure = process::hand_over(command, &hand_over, &session.interrupt);
    // A command that was typed is not in the plan.
    match spec.command.first() {
        Some(program) if command.first().is_some_and(|typed| **typed == *program.value) => failure.at(program.span),
        _ => failure,
    }
}

fn credentials(spec: &ExecSpec, session: &Session) -> Result<Option<Credentials>, Failure> {
    let Some(user) = &spec.user else { return Ok(None) };
    let accounts = Accounts::read(&session.root).map_err(|error| error.cannot("read", error.path().display()))?;
    Credentials::resolve(user, &accounts).map(Some).map_err(|failure| failure.at(user.span))
}
