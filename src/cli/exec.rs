//! `exec`, and the end of `apply`: becomes the application.

use std::ffi::OsString;
use std::process::ExitCode;

use super::args::ExecArguments;
use super::line::{Line, Typed};
use super::session::Session;
use crate::document::{Located, Node, Value, read};
use crate::failure::{Failure, Failures, Kind};
use crate::input::{application_environment, complete_command, skips_steps, whole_command};
use crate::plan::PlanText;
use crate::process::{self, Credentials, Ending, Environment, HandOver, Target};
use crate::root::{Accounts, Root};
use crate::spec::{ExecSpec, Signal, SuperviseSpec};

pub(super) fn run(arguments: &ExecArguments, session: &Session) -> Result<ExitCode, Failures> {
    let (source, node) = to_exec(arguments)?;
    let reading = read::<ExecSpec>(&node);
    let findings = reading.findings.into_iter().map(|failure| failure.with_kind(Kind::Usage).in_source(&source));
    Failures::check(findings.collect())?;
    let spec = reading.value.unwrap_or_default();
    let findings = spec.findings().into_iter().map(|failure| failure.with_kind(Kind::Usage).in_source(&source));
    Failures::check(findings.collect())?;
    Err(hand_over(&arguments.command, &spec, &session.environment, session).in_source(&source))
}

/// The flags as the section of a plan.
fn to_exec(arguments: &ExecArguments) -> Result<Typed, Failures> {
    let text = |span, value: &str| Node::new(span, Value::String(value.to_owned()));
    let mut line = Line::new("exec");
    line.flag("user", arguments.user.as_ref());
    line.switch("drop_only_if_root", arguments.drop_only_if_root);
    line.flag("umask", arguments.umask.as_ref());
    line.table("limits", ("--limit", "NAME=NUMBER"), &arguments.limit, text);
    line.flag("nice", arguments.nice.as_ref());
    line.names("bounding", "--bounding", arguments.bounding.as_deref());
    line.names("ambient", "--ambient", arguments.ambient.as_deref());
    line.nest("capabilities", &["bounding", "ambient"]);
    line.switch("no_new_privileges", arguments.no_new_privileges);
    line.flag("directory", arguments.directory.as_ref());
    line.list("keep", Some("--keep"), &arguments.keep);
    line.list("unset", Some("--unset"), &arguments.unset);
    line.table("set", ("--set", "NAME=VALUE"), &arguments.set, text);
    line.nest("environment", &["keep", "unset", "set"]);
    line.list("file_env", Some("--file-env"), &arguments.file_env);
    line.switch("supervise", arguments.supervise);
    supervision(&mut line, arguments);
    line.alone()
}

/// How it is watched: flags of `--supervise`, and in a plan fields below it.
fn supervision(line: &mut Line, arguments: &ExecArguments) {
    let fields = ["grace", "stop", "group", "session", "signals", "parent_death", "ok_codes"];
    line.flag("grace", arguments.grace.as_ref());
    line.list("stop", Some("--stop"), &arguments.stop);
    line.switch("group", arguments.group);
    line.switch("session", arguments.session);
    let text = |span, value: &str| Node::new(span, Value::String(value.to_owned()));
    line.table("signals", ("--signal", "FROM=TO"), &arguments.signal, text);
    line.flag("parent_death", arguments.parent_death.as_ref());
    line.numbers("ok_codes", "--ok-code", &arguments.ok_code);
    line.nest("supervise", &fields);
}

/// The command to hand over to: that of the command line wins over that of the plan, and `arguments` holds for both.
pub(super) fn command(
    typed: &[OsString],
    spec: &ExecSpec,
    environment: &Environment,
    root: &Root,
) -> Result<Vec<OsString>, Failure> {
    let planned: Vec<_> = spec.command.iter().map(|word| OsString::from(&word.value)).collect();
    let words = if typed.is_empty() { &planned } else { typed };
    complete_command(whole_command(words, &spec.arguments), &spec.arguments, environment, root)
}

/// What was typed, where the steps of the plan are not for it.
pub(super) fn typed_for_others(typed: &[OsString], text: &PlanText) -> Option<Vec<OsString>> {
    let spec = text.arguments();
    let command = Some(whole_command(typed, &spec)).filter(|_| !typed.is_empty());
    let command = command.filter(|command| skips_steps(command, &spec));
    if let Some(program) = command.as_ref().and_then(|command| command.first()) {
        log::info!("the steps are skipped: they are not for this call of `{}`", program.display());
    }
    command
}

/// Becomes the application; what returns is why that was not possible.
pub(super) fn hand_over(
    command: &[OsString],
    spec: &ExecSpec,
    environment: &Environment,
    session: &Session,
) -> Failures {
    let credentials = match credentials(spec, session) {
        Ok(credentials) => credentials,
        Err(failure) => return failure.into(),
    };
    let home = credentials.as_ref().map(|credentials| credentials.home.as_path());
    let environment = match application_environment(spec, environment, home, session.outside()) {
        Ok(environment) => environment,
        Err(failures) => return failures,
    };
    let hand_over = HandOver {
        credentials,
        umask: spec.umask.as_ref().map(|umask| umask.value),
        limits: spec.limits.given().map(|(name, limit)| (name, limit.value)).collect(),
        nice: spec.nice.as_ref().map(|nice| nice.get()),
        capabilities: spec.capabilities.as_deref(),
        no_new_privileges: spec.no_new_privileges,
        directory: spec.directory.as_ref().map(|directory| directory.as_path()),
        environment: &environment,
    };
    let failure = match &spec.supervise.0 {
        None => process::hand_over(command, &hand_over, &session.interrupt),
        Some(how) => process::supervise(command, &hand_over, &watched(how), &session.interrupt),
    };
    // A command that was typed is not in the plan.
    let failure = match spec.command.first() {
        Some(program) if command.first().is_some_and(|typed| **typed == *program.value) => failure.at(program.span),
        _ => failure,
    };
    failure.into()
}

fn watched(spec: &SuperviseSpec) -> process::Supervise {
    let number = |signal: &Located<Signal>| signal.value.number();
    let rewrites = spec.signals.0.iter().map(|(from, to)| (from.number(), to.map(Signal::number)));
    process::Supervise {
        target: match (spec.session, spec.group) {
            (true, _) => Target::Session,
            (_, true) => Target::Group,
            _ => Target::Application,
        },
        rewrites: rewrites.collect(),
        stop: match &spec.stop {
            Some(stop) => stop.iter().map(number).collect(),
            None => [Signal::TERM, Signal::INT].map(Signal::number).to_vec(),
        },
        ending: Ending::Grace(spec.grace.get()),
        parent_death: spec.parent_death.as_ref().map(number),
        ok_codes: spec.ok_codes.clone(),
        tells_of_orphans: false,
    }
}

fn credentials(spec: &ExecSpec, session: &Session) -> Result<Option<Credentials>, Failure> {
    let Some(user) = &spec.user else { return Ok(None) };
    if spec.drop_only_if_root.value && !process::is_root() {
        return Ok(None);
    }
    let accounts = Accounts::read(&session.root).map_err(|error| error.cannot("read", error.path().display()))?;
    Credentials::resolve(user, &accounts).map(Some).map_err(|failure| failure.at(user.span))
}
