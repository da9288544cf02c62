//! Databases: migration files, history, lock.
//!
//! The files are read and checked without a database ([`read_migrations`]). [`migrate`] then asks a [`Database`] in an
//! order that is safe when many runners start at once and when any of them is killed: lock, history, and for each
//! migration one transaction that holds its statements and its row in the history.

mod address;
mod database;
mod file_name;
mod history;
mod lock;
mod migration;
mod postgres;
mod postgres_failure;
mod scanner;
mod sqlite;
mod sqlite_failure;
mod statement;
mod stop;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use address::{Address, Check, Maker, MysqlAddress, TlsFiles};
pub(crate) use database::{Database, count, migrate};
pub(crate) use history::{Record, pending};
pub(crate) use migration::{Migration, read_migrations};
pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;
pub(crate) use stop::Stop;
pub(crate) use table::Table;

/// The language that a migration is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}
