//! Fitout makes ready what an application needs before it starts. The crate is a program; its library gives no promises.

mod action;
mod archive;
mod certificate;
mod cli;
mod document;
mod failure;
mod format;
/// The promises of single rooms, for the fuzz targets. Development only.
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod hexadecimal;
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

/// The page that lists all helpers of templates, generated from their table.
#[cfg(feature = "schema")]
#[must_use]
pub fn helpers_reference() -> String {
    template::helpers_reference()
}

/// Remembers what the process inherited. Called once, before the standard library starts and changes some of it.
pub extern "C" fn before_start() {
    process::remember();
}

/// Does what the command line says. Returns the exit code, or not at all when it hands over to an application.
#[must_use]
pub fn run() -> std::process::ExitCode {
    cli::run()
}
