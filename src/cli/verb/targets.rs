//! The targets of `wait` and `probe`.

use super::name_database;
use crate::cli::args::{ConditionArguments, WaitArguments};
use crate::cli::line::Line;

pub(super) fn wait(arguments: &WaitArguments) -> Line {
    let mut line = Line::new("wait");
    targets(&mut line, &arguments.target, &arguments.conditions);
    line.flag("timeout", arguments.timeout.as_ref());
    line.flag("interval", arguments.interval.as_ref());
    line
}

/// What is looked at, by any way to name it.
pub(in crate::cli) fn targets(line: &mut Line, targets: &[String], conditions: &ConditionArguments) {
    line.list("targets", None, targets);
    line.list("status", Some("--status"), &conditions.status);
    line.flag("body", conditions.body.as_ref());
    line.refine("targets", "url", &["http://", "https://"], &["status", "body"]);
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
