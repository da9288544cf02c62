//! `completions`: prints completions for a shell.

use std::process::ExitCode;

use clap::CommandFactory;

use super::args::{Arguments, Command, CompletionsArguments};
use super::internal;
use super::session::Session;
use crate::failure::Failures;

pub(super) fn run(arguments: &CompletionsArguments, session: &Session) -> Result<ExitCode, Failures> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::<Command>::command(), "fitout", &mut text);
    let text = String::from_utf8(text).map_err(|_| internal("the completions are not UTF-8"))?;
    session.output.data(&text);
    Ok(ExitCode::SUCCESS)
}
