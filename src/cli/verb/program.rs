//! The flags of `run`, and of every step that starts a program.

use super::super::args::{ProgramArguments, RunArguments};
use super::super::line::Line;
use super::from_source;
use crate::document::{Node, Value};

/// A program that runs.
pub(super) fn run(arguments: &RunArguments) -> Line {
    let mut line = Line::new("run");
    program(&mut line, &arguments.program);
    line.flag("stdin", arguments.stdin.as_ref());
    line.wrapped("stdin", "from_env", "--stdin-env", arguments.stdin_env.as_ref());
    line.wrapped("stdin", "from_file", "--stdin-secret-file", arguments.stdin_secret_file.as_ref());
    line.wrapped("stdin", "file", "--stdin-file", arguments.stdin_file.as_ref());
    line.flag("creates", arguments.creates.as_ref());
    line.numbers("ok_codes", "--ok-code", &arguments.ok_code);
    line.flag("ok_output", arguments.ok_output.as_ref());
    line.number("retries", arguments.retries.map(u64::from));
    line.flag("interval", arguments.interval.as_ref());
    line.flag("timeout", arguments.timeout.as_ref());
    line.list("writes", Some("--writes"), &arguments.writes);
    line.list("command", Some("--"), &arguments.command);
    line
}

/// What the program gets.
pub(super) fn program(line: &mut Line, arguments: &ProgramArguments) {
    line.flag("as", arguments.user.as_ref());
    line.table("env", ("--env", "NAME=VALUE"), &arguments.env, |span, value| {
        Node::new(span, Value::String(value.to_owned()))
    });
    for name in &arguments.unset_env {
        line.entry("env", "--unset-env", name, Value::Null);
    }
    line.list("append_from", Some("--append-from"), &arguments.append_from);
    line.flag("directory", arguments.directory.as_ref());
    line.table("secrets_as_files", ("--secret-env", "NAME=VARIABLE"), &arguments.secret_env, |span, name| {
        from_source(span, "from_env", name)
    });
    line.table("secrets_as_files", ("--secret-file", "NAME=PATH"), &arguments.secret_file, |span, path| {
        from_source(span, "from_file", path)
    });
}
