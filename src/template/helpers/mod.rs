//! The helpers that templates can call.
//!
//! [`table`] lists them; names, counts of parameters, hints and the reference page all follow from it. None of them knows an
//! operating system: what comes from outside is handed over as [`Surroundings`].

mod arithmetic;
mod call;
mod comparison;
mod dates;
mod dispatch;
mod encoding;
mod hashing;
mod hints;
mod lists;
mod logic;
mod maps;
mod number;
mod paths;
mod patterns;
#[cfg(any(test, feature = "schema"))]
mod reference;
mod rounding;
mod semver;
mod strings;
mod surroundings;
mod table;
#[cfg(test)]
mod tests;
mod toml;
mod units;
mod urls;
mod yaml;

pub(super) use dispatch::{FROM_OUTSIDE, Problem, Simple, from_outside, problem, register, text};
pub(super) use hints::hint;
#[cfg(feature = "schema")]
pub(crate) use reference::reference;
pub(crate) use surroundings::{Files, Surroundings};
pub(super) use table::{is_block, is_helper, is_tolerant, stands_alone, wrong_call};

/// Makes a value text, for `{{x}}`; null and objects are errors, not empty and `[object]`.
pub(super) const TEXT: &str = "fitout-text";
/// Hands a value on and fails when its name is unknown.
pub(super) const PRESENT: &str = "fitout-present";
/// The condition of `{{#if}}`: fails also for text that says no.
pub(super) const CONDITION: &str = "fitout-condition";
/// `lookup` that gives null for what is not there: inside a helper that decides itself what that means.
pub(super) const LOOKUP_OR_NULL: &str = "fitout-lookup";
/// Before the name of a block that is called as if it were none, which Handlebars lets pass and prints nothing.
pub(super) const WITHOUT_BLOCK: &str = "fitout-no-block-";
