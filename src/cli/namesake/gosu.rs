//! `gosu user-spec command [args]`, and `su-exec` in the same way.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use super::{Call, End};
use crate::failure::{Failure, Kind};
use crate::process::{self, Credentials, HandOver, Interrupt};
use crate::root::{Accounts, Root};
use crate::spec::Owner;

pub(super) fn run(call: &Call<'_>) -> ExitCode {
    let usage = format!("Usage: {0} USER[:GROUP] COMMAND [ARGS]\n", call.name);
    match call.arguments {
        [first, ..] if ["--help", "-h", "-?"].iter().any(|asked| first == asked) => call.print(&usage),
        [first, ..] if ["--version", "-v"].iter().any(|asked| first == asked) => call.version(),
        [user, command @ ..] if !command.is_empty() => {
            let failure = change_user(call, user, command);
            call.end(&End::failure(&failure, 1))
        }
        _ => call.end(&End::usage("a user and a command are needed", &usage)),
    }
}

/// Becomes the command as that user; what returns is why that was not possible.
fn change_user(call: &Call<'_>, user: &OsString, command: &[OsString]) -> Failure {
    if let Err(failure) = call.lends_no_rights() {
        return failure;
    }
    match credentials(user) {
        Ok(credentials) => {
            let mut environment = call.environment.clone();
            environment.set("HOME", &credentials.home);
            let how = HandOver { credentials: Some(credentials), ..HandOver::plain(&environment) };
            process::hand_over(command, &how, &Interrupt::none())
        }
        Err(failure) => failure,
    }
}

/// The user as these programs understand it: where nothing is named, the present one stays. `0:` is `0`.
fn credentials(user: &OsString) -> Result<Credentials, Failure> {
    let wrong = |problem: &str| {
        let message = problem.lines().next().unwrap_or_default();
        Failure::new(Kind::Usage, format!("cannot become `{}`: {message}", user.display()))
    };
    let text = user.to_str().ok_or_else(|| wrong("not a user"))?;
    let text = text.strip_suffix(':').unwrap_or(text);
    let owner = if text.is_empty() {
        Owner { user: None, group: None }
    } else {
        Owner::try_from(text.to_owned()).map_err(|problem| wrong(&problem))?
    };
    let root = Root::open(Path::new("/")).map_err(|error| error.cannot("open", "/"))?;
    let accounts = Accounts::read(&root).map_err(|error| error.cannot("read", error.path().display()))?;
    Credentials::resolve(&owner, &accounts)
}
