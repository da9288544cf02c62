//! Other programs by name: linked as `tini`, `dumb-init`, `gosu`, `su-exec` or `sh`, Fitout takes that one's command line, so that
//! an image can have it in their place without other changes.

mod dumb_init;
mod gosu;
mod options;
mod shell;
mod tini;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use super::output::Output;
use crate::failure::{Failure, Kind};
use crate::process::{self, Environment, HandOver, Interrupt, Supervise};

/// What it does for what was typed behind its name. Returns the exit code, or not at all.
type Program = fn(&Call<'_>) -> ExitCode;

/// How one of these programs was called.
struct Call<'a> {
    name: &'a str,
    arguments: &'a [OsString],
    environment: Environment,
    output: &'a Output,
}

/// The end of a program that could not do its work: what is said, and the exit code.
struct End {
    message: String,
    code: u8,
}

/// Does what the program does under whose name we were started; nothing when that is our own.
pub(super) fn run(words: &[OsString], output: &Output) -> Option<ExitCode> {
    let (first, arguments) = words.split_first()?;
    let name = Path::new(first).file_name().and_then(OsStr::to_str)?;
    let program: Program = match name {
        "tini" => tini::run,
        "dumb-init" => dumb_init::run,
        "gosu" | "su-exec" => gosu::run,
        "sh" => shell::run,
        _ => return None,
    };
    Some(program(&Call { name, arguments, environment: Environment::from_process(), output }))
}

impl Call<'_> {
    /// Whether the environment has such a variable, whatever it holds.
    fn is_set(&self, name: &str) -> bool {
        self.environment.get(name).is_some()
    }

    /// Refuses to work with rights that the file lends to whoever starts it.
    fn lends_no_rights(&self) -> Result<(), Failure> {
        let Some(what) = process::lent_rights() else { return Ok(()) };
        let message = format!("cannot act as `{}`: it has {what}", self.name);
        Err(Failure::new(Kind::Step, message).hint("everybody could become root with it: take them away"))
    }

    /// Starts the application and stays as its parent; what returns is why that was not possible.
    fn supervise(&self, command: &[OsString], supervise: &Supervise) -> Failure {
        process::supervise(command, &HandOver::plain(&self.environment), supervise, &Interrupt::none())
    }

    /// Prints what was asked for.
    fn print(&self, text: &str) -> ExitCode {
        self.output.data(text);
        ExitCode::SUCCESS
    }

    fn version(&self) -> ExitCode {
        self.print(&format!("{} of fitout {}\n", self.name, env!("CARGO_PKG_VERSION")))
    }

    fn end(&self, end: &End) -> ExitCode {
        self.output.message(&end.message);
        ExitCode::from(end.code)
    }
}

impl End {
    fn usage(message: &str, usage: &str) -> Self {
        Self { message: format!("error: {message}\n\n{usage}"), code: 1 }
    }

    fn failure(failure: &Failure, code: u8) -> Self {
        Self { message: failure.to_text(), code }
    }
}
