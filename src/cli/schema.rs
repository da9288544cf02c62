//! `schema`: prints the JSON Schema of the plan.

use std::process::ExitCode;

use super::session::Session;
use crate::failure::Failures;

/// Generated from the spec types and checked in; a test keeps it equal to them.
const SCHEMA: &str = include_str!("../../plan.schema.json");

#[expect(clippy::unnecessary_wraps, reason = "every command has this form")]
pub(super) fn run(session: &Session) -> Result<ExitCode, Failures> {
    session.output.data(SCHEMA);
    Ok(ExitCode::SUCCESS)
}
