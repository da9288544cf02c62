//! A program that says whether something is ready.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use crate::action::Context;
use crate::action::program::credentials;
use crate::action::told::Whole;
use crate::net::Lack;
use crate::process::{Channel, Exit, Program, signal_name};
use crate::spec::CommandSpec;

/// Between SIGTERM and SIGKILL: it only looks, so there is little to clean up.
const GRACE: Duration = Duration::from_secs(1);
/// Characters of its last line that are told.
const TOLD: usize = 200;

/// Runs the program once.
pub(super) fn look(spec: &CommandSpec, (limit, until): (Duration, Instant), context: &Context) -> Result<(), Lack> {
    let command: Vec<OsString> = spec.command.iter().map(|word| word.value.clone().into()).collect();
    let credentials = credentials(spec.user.as_ref(), context).map_err(|failure| Lack::unclear(failure.to_string()))?;
    let mut environment = context.environment.clone();
    if let Some(credentials) = &credentials {
        environment.set("HOME", &credentials.home);
    }
    for (name, value) in &spec.env.0 {
        environment.set(&name.value, value);
    }
    let program = Program {
        command: &command,
        environment: &environment,
        credentials: credentials.as_ref(),
        directory: None,
        stdin: None,
        files: &[],
        deadline: Some(until.min(Instant::now() + limit)),
        grace: GRACE,
    };
    let mut last = String::new();
    let mut keep = |_: Channel, line: &str| {
        log::debug!("{line}");
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut last);
        }
    };
    let exit = program.run(&context.interrupt, &mut Whole { scrubber: &context.scrubber, tell: &mut keep });
    let last: String = context.scrubber.scrub(&last).chars().take(TOLD).collect();
    let end = match exit.map_err(|failure| Lack::unclear(failure.to_string()))? {
        Exit::Code(0) => return Ok(()),
        Exit::Code(code) => format!("it ended with code {code}"),
        Exit::Signal(signal) => format!("it was ended by {}", signal_name(signal)),
    };
    Err(Lack::gone(if last.is_empty() { end } else { format!("{end}: {last}") }))
}
