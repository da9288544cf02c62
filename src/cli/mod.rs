//! The command line: what was typed, what it means, and one file per command.

mod apply;
mod args;
mod check;
mod completions;
mod edit;
mod exec;
mod install;
mod line;
mod logger;
mod migrate;
mod namesake;
mod output;
mod probe;
mod schema;
mod session;
mod settings;
mod show;
mod verb;

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::failure::{Failure, Failures, Kind};
use crate::root::shown;
use args::{Arguments, Command, Frequent};
use output::Output;
use session::Session;

/// Does what the command line says and returns the exit code. Does not return when it hands over to an application.
pub(crate) fn run() -> ExitCode {
    let output = Output::default();
    output.report_panics();
    let words: Vec<_> = std::env::args_os().collect();
    if let Some(code) = namesake::run(&words, &output) {
        return code;
    }
    if words.get(1).is_some_and(|word| word == probe::NAME) {
        output.leave_termination_message_alone();
    }
    let arguments = match Arguments::parse(&words) {
        Ok(arguments) => arguments,
        Err(error) if error.kind() == ErrorKind::InvalidUtf8 => return output.fail(&not_utf8().into(), None),
        Err(error) => return output.usage(&error),
    };
    let session = match Session::new(&arguments.common, output.clone()) {
        Ok(session) => session,
        Err(failures) => return output.fail(&failures, None),
    };
    match dispatch(arguments.command, &session) {
        Ok(code) => code,
        Err(failures) => output.fail(&failures, Some(&session)),
    }
}

fn dispatch(command: Command, session: &Session) -> Result<ExitCode, Failures> {
    match command {
        Command::Frequent(Frequent::Apply(arguments)) => apply::run(&arguments, session),
        Command::Show(arguments) => show::run(&arguments, session),
        Command::Check(arguments) => check::run(&arguments, session),
        Command::Frequent(Frequent::Exec(arguments)) => exec::run(&arguments, session),
        Command::Frequent(Frequent::Probe(arguments)) => probe::run(&arguments, session),
        Command::Install(arguments) => install::run(&arguments, session),
        Command::Schema => schema::run(session),
        Command::Completions(arguments) => completions::run(&arguments, session),
        Command::Verb(verb) => verb::run(verb, session),
    }
}

/// Paths are text, as in a plan: the names in a tree are not.
fn not_utf8() -> Failure {
    let wrong = std::env::args_os().skip(1).enumerate().find(|(_, argument)| argument.to_str().is_none());
    let message = wrong.map_or_else(
        || "an argument is not UTF-8".to_owned(),
        |(index, argument)| format!("argument {} is not UTF-8: `{}`", index + 1, shown(&argument)),
    );
    Failure::new(Kind::Usage, message).hint("name the directory that it is in")
}

/// A failure that cannot happen unless the program is wrong.
fn internal(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Internal, message)
}
