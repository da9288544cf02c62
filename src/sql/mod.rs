//! Databases: migration files, history, lock.
//!
//! The files are read and checked without a database ([`read_migrations`]). [`migrate`] then asks a [`Session`] in an order that
//! is safe when many runners start at once and when any of them is killed. What is asked is text, in the words of a dialect and of
//! the runner that began the history; a driver only carries it.

mod address;
mod baseline;
mod dial;
mod doubt;
mod files;
mod history;
mod index;
mod journal;
mod lexer;
mod literal;
mod lock;
mod migrate;
mod migration;
mod mysql;
mod patience;
mod pending;
mod pooled;
mod postgres;
mod progress;
mod race;
mod report;
mod resolve;
mod script;
mod seed;
mod session;
mod sqlite;
mod status;
mod steps;
mod stop;
mod table;
#[cfg(test)]
mod tests;
mod unit;
mod version;
mod wait;

pub(crate) use address::{Address, Check, Maker, TlsFiles, check_address};
pub(crate) use baseline::baseline_version;
pub(crate) use files::read_migrations;
pub(crate) use history::Choice;
#[cfg(feature = "fuzz")]
pub(crate) use lexer::{Class, Statement, statements};
pub(crate) use migrate::{Done, Lack, Run, count, lacking, migrate};
pub(crate) use migration::Migration;
pub(crate) use mysql::Mysql;
pub(crate) use pending::Rules;
pub(crate) use postgres::Postgres;
pub(crate) use progress::{Progress, activity};
pub(crate) use resolve::{Resolution, resolve};
pub(crate) use script::{Script, execute, is_needed};
pub(crate) use seed::{Need, RowChange, Seed, lacking_rows, seed};
pub(crate) use session::Session;
pub(crate) use sqlite::Sqlite;
pub(crate) use status::{Planned, Status, plan, status};
pub(crate) use stop::Stop;
pub(crate) use table::Table;
pub(crate) use version::Version;
pub(crate) use wait::{UNHEARD, passes, wait};

/// The language that a migration is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Mysql,
    Sqlite,
}
