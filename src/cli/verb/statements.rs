//! The flags of `sql` and `seed`.

use super::super::args::{SeedArguments, SqlArguments};
use super::super::line::Line;

/// What is executed in a database.
pub(super) fn sql(arguments: &SqlArguments) -> Line {
    let mut line = Line::new("sql");
    let SqlArguments { database, database_env, database_file, .. } = arguments;
    name_database(&mut line, database.as_ref(), database_env.as_ref(), database_file.as_ref());
    line.flag("text", arguments.text.as_ref());
    line.flag("source", arguments.source.as_ref());
    line.flag("unless", arguments.unless.as_ref());
    line.flag("lock_wait", arguments.lock_wait.as_ref());
    line.flag("lock_timeout", arguments.lock_timeout.as_ref());
    line.flag("grace", arguments.grace.as_ref());
    line
}

/// What rows are in a database.
pub(super) fn seed(arguments: &SeedArguments) -> Line {
    let mut line = Line::new("seed");
    let SeedArguments { database, database_env, database_file, .. } = arguments;
    name_database(&mut line, database.as_ref(), database_env.as_ref(), database_file.as_ref());
    line.flag("source", arguments.source.as_ref());
    line.switch("reconcile", arguments.reconcile);
    line.flag("lock_wait", arguments.lock_wait.as_ref());
    line.flag("lock_timeout", arguments.lock_timeout.as_ref());
    line
}

fn name_database(line: &mut Line, url: Option<&String>, variable: Option<&String>, file: Option<&String>) {
    line.flag("database", url);
    line.wrapped("database", "from_env", "--database-env", variable);
    line.wrapped("database", "from_file", "--database-file", file);
}
