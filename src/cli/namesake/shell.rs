//! `sh -c COMMAND`, for programs that start others through `popen` or `system` in an image without a shell: one simple command
//! with its redirections. What a shell is needed for is refused.

mod command;
mod reserved;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;

use super::{Call, End};
use crate::failure::{Failure, Kind};
use crate::process::{self, HandOver, Interrupt};
use command::Refused;

/// The exit code of what is not understood, and of a file that cannot be opened: that of `dash`.
const REFUSED: u8 = 2;

pub(super) fn run(call: &Call<'_>) -> ExitCode {
    if call.arguments == ["--version"] {
        return call.version();
    }
    let failure = match text(call.arguments) {
        Ok(text) => execute(call, text),
        Err(failure) => failure,
    };
    let code = match failure.kind() {
        kind @ (Kind::NotFound | Kind::NotExecutable) => kind.code(),
        _ => REFUSED,
    };
    call.end(&End::failure(&failure, code))
}

/// The text of the command. What may stand behind it is for `$0` and `$1`, which nobody can ask for here.
fn text(arguments: &[OsString]) -> Result<&OsString, Failure> {
    let wrong = |what: String| Err(refused(format!("cannot act as a shell: {what}")));
    match arguments {
        [option, separator, text, ..] if option == "-c" && separator == "--" => Ok(text),
        [option, text, ..] if option == "-c" && !text.as_bytes().starts_with(b"-") => Ok(text),
        [option, word, ..] if option == "-c" => wrong(format!("`{}` is no command", word.display())),
        [option] if option == "-c" => wrong("no command is given".to_owned()),
        [word, ..] if word.as_bytes().starts_with(b"-") => wrong(format!("the option `{}`", word.display())),
        [_, ..] => wrong("a file of commands".to_owned()),
        [] => wrong("commands from standard input".to_owned()),
    }
}

/// Becomes the program; what returns is why that was not possible.
fn execute(call: &Call<'_>, text: &OsString) -> Failure {
    if let Err(failure) = call.lends_no_rights() {
        return failure;
    }
    let command = match command::read(text.as_bytes()) {
        Ok(command) => command,
        Err(Refused { what, column }) => {
            return refused(format!("cannot execute the command: {what} in column {column}"));
        }
    };
    if let Err(failure) = process::redirect(&command.redirections) {
        return failure;
    }
    let has_path = call.is_set("PATH") || command.words[0].as_bytes().contains(&b'/');
    if !has_path {
        let message = format!("cannot execute `{}`: there is no PATH", command.words[0].display());
        return Failure::new(Kind::NotFound, message).hint("a name with a slash needs none");
    }
    process::hand_over(&command.words, &HandOver::plain(&call.environment), &Interrupt::none())
}

fn refused(message: String) -> Failure {
    Failure::new(Kind::Usage, message).hint(
        "this is fitout under the name `sh`: it executes `sh -c COMMAND` where that is one program with arguments, quotes and \
         redirections; the image needs a shell for anything else",
    )
}
