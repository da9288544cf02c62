//! `tini [OPTIONS] PROGRAM -- [ARGS]`.

use std::ffi::OsString;
use std::process::ExitCode;

use super::options::{Known, split};
use super::{Call, End};
use crate::process::{Ending, Supervise, Target};
use crate::spec::Signal;

const KNOWN: Known = Known { letters: "hvwglse:p:", names: &[("version", 'V')] };

const USAGE: &str = "\
Usage: tini [OPTIONS] PROGRAM [ARGS] | --version

  -g         Send signals to the group of the program [env: TINI_KILL_PROCESS_GROUP]
  -e CODE    This exit code becomes 0 (can be repeated)
  -p SIGNAL  The signal that comes when the parent ends
  -s         Become the parent of orphans, which Fitout always does [env: TINI_SUBREAPER]
  -w         Tell of each process that was reaped
  -v         More messages: there are none [env: TINI_VERBOSITY]
  -l         Print the licence
  -h         Print this
";

pub(super) fn run(call: &Call<'_>) -> ExitCode {
    if call.arguments == ["--version"] {
        return call.version();
    }
    match start(call) {
        Ok(code) => code,
        Err(end) => call.end(&end),
    }
}

fn start(call: &Call<'_>) -> Result<ExitCode, End> {
    let usage = |message: &str| End::usage(message, USAGE);
    let (options, command) = split(&KNOWN, call.arguments).map_err(|problem| usage(&problem))?;
    let mut supervise = Supervise {
        target: if call.is_set("TINI_KILL_PROCESS_GROUP") { Target::Group } else { Target::Application },
        rewrites: Vec::new(),
        stop: Vec::new(),
        ending: Ending::Leave,
        parent_death: None,
        ok_codes: Vec::new(),
        tells_of_orphans: false,
    };
    for (letter, value) in options {
        match letter {
            'h' => return Ok(call.print(USAGE)),
            'l' => return Ok(call.print("Apache-2.0 OR MIT\n")),
            'V' => return Err(usage("`--version` stands alone")),
            'g' => supervise.target = Target::Group,
            'w' => supervise.tells_of_orphans = true,
            'e' => {
                let code = value.parse().map_err(|_| usage("the value of `-e` is no exit code from 0 to 255"))?;
                supervise.ok_codes.push(code);
            }
            'p' => {
                let signal = Signal::try_from(value).map_err(|_| usage("the value of `-p` is no signal"))?;
                supervise.parent_death = Some(signal.number());
            }
            _ => {}
        }
    }
    let command = without_separator(command);
    if command.is_empty() {
        return Err(usage("no program is given"));
    }
    let failure = call.supervise(&command, &supervise);
    Err(End::failure(&failure, failure.kind().code()))
}

/// The usage of tini has `--` between the program and its arguments, where it belongs to neither.
fn without_separator(command: &[OsString]) -> Vec<OsString> {
    match command {
        [program, separator, arguments @ ..] if separator == "--" => {
            std::iter::once(program).chain(arguments).cloned().collect()
        }
        _ => command.to_vec(),
    }
}
