//! Fitout makes ready what an application needs before it starts. The crate is a program; its library gives no promises.

mod action;
mod cli;
mod document;
mod failure;
mod format;
mod input;
mod net;
mod plan;
mod process;
mod root;
mod run;
mod secret;
mod spec;
mod sql;
mod template;

/// The JSON Schema of the plan, generated from the spec types; the program embeds the file that is made of it.
#[cfg(feature = "schema")]
#[must_use]
pub fn plan_schema() -> serde_json::Value {
    spec::schema()
}

/// Does what the command line says. Returns the exit code, or not at all when it hands over to an application.
#[must_use]
pub fn run() -> std::process::ExitCode {
    cli::run()
}
