//! A program that judges: its output is told only when it refuses.

use std::ffi::OsString;

use super::Context;
use super::told::Whole;
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::process::{Channel, Credentials, Exit, GRACE, Program, signal_name};
use crate::root::Accounts;
use crate::spec::Owner;

/// Lines of its output that a failure tells.
const LINES: usize = 20;

/// Runs the program to its end. Fails unless it ends with code 0, and then tells the last lines that it printed, unless it was
/// given a secret: in what form it prints that, nobody knows.
pub(super) fn run_silently(command: &[OsString], tell: bool, context: &Context) -> Result<(), Failure> {
    let mut lines = std::collections::VecDeque::new();
    let program = Program {
        command,
        environment: &context.environment,
        credentials: None,
        directory: None,
        stdin: None,
        files: &[],
        deadline: context.deadline,
        grace: GRACE,
    };
    let mut keep = |_: Channel, line: &str| {
        if !tell {
            return;
        }
        log::debug!("{line}");
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    };
    let exit = program.run(&context.interrupt, &mut Whole { scrubber: &context.scrubber, tell: &mut keep })?;
    let name = command.first().map(|name| name.display().to_string()).unwrap_or_default();
    let message = match exit {
        Exit::Code(0) => return Ok(()),
        Exit::Code(code) => format!("`{name}` ended with code {code}"),
        Exit::Signal(signal) => format!("`{name}` was ended by {}", signal_name(signal)),
    };
    let failure = Failure::new(Kind::Step, message);
    if !tell {
        return Err(failure.note("what it printed is not shown: the file holds a secret"));
    }
    Err(lines.iter().fold(failure, |failure, line| failure.note(format!("{name}: {line}"))))
}

/// Who a program runs as, if that is somebody else.
pub(super) fn credentials(user: Option<&Located<Owner>>, context: &Context) -> Result<Option<Credentials>, Failure> {
    let Some(user) = user else { return Ok(None) };
    let accounts = Accounts::read(&context.root);
    let accounts = accounts.map_err(|error| error.cannot("look up the user", &user.value).at(user.span))?;
    Credentials::resolve(user, &accounts).map(Some).map_err(|failure| failure.at(user.span))
}
