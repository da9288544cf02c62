//! What will be done: text to spec, spec and inputs to plan, and the rules across steps.
//!
//! A plan is read twice by the same code. `check` reads it without inputs: what depends on them is unknown, and what is
//! unknown is not judged. A run reads it again with the inputs put in. Both find everything at once.

mod check;
mod condition;
mod declared;
mod expand;
mod late;
mod nested;
mod parse;
mod programs;
mod put_off;
mod resolve;
mod rows;
mod scope;

pub(crate) use check::Reading;
pub(crate) use parse::PlanText;
pub(crate) use resolve::{Plan, Step};
