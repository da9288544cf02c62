//! `dumb-init [option] command [[arg] ...]`.

use std::process::ExitCode;

use super::options::{Known, split};
use super::{Call, End};
use crate::process::{Ending, Supervise, Target};

const KNOWN: Known = Known {
    letters: "hvVcr:",
    names: &[("help", 'h'), ("single-child", 'c'), ("rewrite", 'r'), ("verbose", 'v'), ("version", 'V')],
};

const USAGE: &str = "\
Usage: dumb-init [option] command [[arg] ...]

  -c, --single-child  Send signals to the command alone, without a session of its own [env: DUMB_INIT_SETSID=0]
  -r, --rewrite S:R   Signal number S becomes R on its way; 0 drops it (can be repeated)
  -v, --verbose       More messages: there are none
  -V, --version       Print the version
  -h, --help          Print this
";

/// The highest signal that is rewritten.
const HIGHEST: i32 = 31;

/// The exit code of a command that cannot be executed.
const NOT_EXECUTED: u8 = 2;

pub(super) fn run(call: &Call<'_>) -> ExitCode {
    match start(call) {
        Ok(code) => code,
        Err(end) => call.end(&end),
    }
}

fn start(call: &Call<'_>) -> Result<ExitCode, End> {
    let usage = |message: &str| End::usage(message, USAGE);
    let (options, command) = split(&KNOWN, call.arguments).map_err(|problem| usage(&problem))?;
    let (mut rewrites, mut single) =
        (Vec::new(), call.environment.get("DUMB_INIT_SETSID").is_some_and(|set| set == "0"));
    for (letter, value) in options {
        match letter {
            'h' => return Ok(call.print(USAGE)),
            'V' => return Ok(call.version()),
            'c' => single = true,
            'r' => {
                let rewrite = rewrite(&value).ok_or_else(|| usage("the value of `--rewrite` is not `FROM:TO`"))?;
                rewrites.retain(|(from, _)| *from != rewrite.0);
                rewrites.push(rewrite);
            }
            _ => {}
        }
    }
    if command.is_empty() {
        return Err(usage("no command is given"));
    }
    let (target, ending) =
        if single { (Target::Application, Ending::Leave) } else { (Target::Session, Ending::Notice) };
    let supervise = Supervise {
        target,
        rewrites,
        stop: Vec::new(),
        ending,
        parent_death: None,
        ok_codes: Vec::new(),
        tells_of_orphans: false,
    };
    Err(End::failure(&call.supervise(command, &supervise), NOT_EXECUTED))
}

fn rewrite(text: &str) -> Option<(i32, Option<i32>)> {
    let (from, to) = text.split_once(':')?;
    let from = from.parse().ok().filter(|from| (1..=HIGHEST).contains(from))?;
    let to = to.parse().ok().filter(|to| (0..=HIGHEST).contains(to))?;
    Some((from, Some(to).filter(|to| *to != 0)))
}
