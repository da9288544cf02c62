//! The flags of `sql` and `seed`.

use super::super::args::{SeedArguments, SqlArguments};
use super::super::line::Line;
use super::name_database;

/// What is executed in a database.
pub(super) fn sql(arguments: &SqlArguments) -> Line {
    let mut line = Line::new("sql");
    name_database(&mut line, &arguments.database);
    line.flag("dialect", arguments.dialect.as_ref());
    super::program::program(&mut line, &arguments.program);
    line.flag("text", arguments.text.as_ref());
    line.flag("source", arguments.source.as_ref());
    line.flag("unsupported", arguments.unsupported.as_ref());
    line.flag("unless", arguments.unless.as_ref());
    line.flag("lock_wait", arguments.lock_wait.as_ref());
    line.flag("lock_timeout", arguments.lock_timeout.as_ref());
    line.flag("grace", arguments.grace.as_ref());
    line.flag("timeout", arguments.timeout.as_ref());
    line.list("writes", Some("--writes"), &arguments.writes);
    line.list("command", Some("--"), &arguments.command);
    line
}

/// What rows are in a database.
pub(super) fn seed(arguments: &SeedArguments) -> Line {
    let mut line = Line::new("seed");
    name_database(&mut line, &arguments.database);
    line.flag("source", arguments.source.as_ref());
    line.switch("reconcile", arguments.reconcile);
    line.flag("lock_wait", arguments.lock_wait.as_ref());
    line.flag("lock_timeout", arguments.lock_timeout.as_ref());
    line
}
