//! `MySQL` and `MariaDB`: a client of our own, text protocol only.
//!
//! A library for this protocol would be a third of the program; what a migration needs of it is a login, one command, and its
//! answer. From the wire up: [`packets`], [`fields`], [`greeting`], [`authentication`], [`answer`], [`connection`], [`session`].

mod answer;
mod authentication;
mod batch;
mod cancel;
mod connection;
mod failure;
mod fields;
mod greeting;
mod message;
mod packets;
mod report;
mod session;
mod state;
#[cfg(test)]
pub(super) mod tests;
mod transaction;
mod trouble;

pub(crate) use session::Mysql;

/// What the server's list of sessions calls us.
const PROGRAM: &str = "fitout/migrate";
