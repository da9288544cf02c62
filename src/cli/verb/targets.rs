//! The targets of `wait` and `probe`.

use super::{from_source, name_database};
use crate::cli::args::{ConditionArguments, WaitArguments};
use crate::cli::line::Line;
use crate::document::{Node, Value};

pub(super) fn wait(arguments: &WaitArguments) -> Line {
    let mut line = Line::new("wait");
    targets(&mut line, &arguments.target, &arguments.conditions);
    line.flag("timeout", arguments.timeout.as_ref());
    line.flag("interval", arguments.interval.as_ref());
    line.flag("try_timeout", arguments.try_timeout.as_ref());
    line.refine("targets", "url", &[""], &["try_timeout"]);
    line
}

/// What is looked at, by any way to name it.
pub(in crate::cli) fn targets(line: &mut Line, targets: &[String], conditions: &ConditionArguments) {
    line.list("targets", None, targets);
    line.list("status", Some("--status"), &conditions.status);
    line.flag("body", conditions.body.as_ref());
    headers(line, conditions);
    line.refine("targets", "url", &["http://", "https://"], &["status", "body", "header", "headers"]);
    line.flag("certificate", conditions.certificate.as_ref());
    line.flag("key", conditions.key.as_ref());
    line.refine("targets", "url", &["https://", "rediss://"], &["certificate", "key"]);
    line.wrapped("password", "from_env", "--password-env", conditions.password_env.as_ref());
    line.wrapped("password", "from_file", "--password-file", conditions.password_file.as_ref());
    line.refine("targets", "url", &["redis://", "rediss://"], &["password"]);
    name_database(line, &conditions.database);
    line.gather("targets", "database");
    line.flag("ca", conditions.ca.as_ref());
    line.switch("gone", conditions.gone);
    line.list("command", Some("--"), &conditions.command);
    line.gather("targets", "command");
}

/// Those of the answer, and those that are sent.
fn headers(line: &mut Line, conditions: &ConditionArguments) {
    let text = |span, value: &str| Node::new(span, Value::String(value.to_owned()));
    line.table("header", ("--answer-header", "NAME=REGEX"), &conditions.answer_header, text);
    send(line, &conditions.header, &conditions.header_env, &conditions.header_file);
}

/// Headers of a request.
pub(super) fn send(line: &mut Line, texts: &[String], variables: &[String], files: &[String]) {
    let text = |span, value: &str| Node::new(span, Value::String(value.to_owned()));
    line.table("headers", ("--header", "NAME=VALUE"), texts, text);
    line.table("headers", ("--header-env", "NAME=VARIABLE"), variables, |span, name| {
        from_source(span, "from_env", name)
    });
    line.table("headers", ("--header-file", "NAME=PATH"), files, |span, path| from_source(span, "from_file", path));
}
