//! The journal: how far a migration has come that cannot be one transaction.
//!
//! One row for each such migration while it is not done, beside the history. It names the step that is run, or is to be run next;
//! every step before it is done.

use sha2::{Digest, Sha256};

use super::history::History;
use super::lexer::Statement;
use super::migration::Migration;
use super::report::Report;
use super::session::Session;
use super::{Dialect, literal};
use crate::failure::Failure;
use crate::hexadecimal::hexadecimal;

/// How far a migration has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The number of the statement, from 0, among those of the migration.
    pub(crate) step: usize,
    /// It was begun, and nothing says how it ended.
    pub(crate) running: bool,
    /// Of the text before the statement.
    pub(crate) before: String,
    /// Of the statement.
    pub(crate) statement: String,
}

/// The hashes of all that stands before each statement of a migration, and before its end.
pub(crate) struct Marks(Vec<[u8; 32]>);

impl Marks {
    pub(crate) fn new(statements: &[Statement<'_>]) -> Self {
        let mut hash = Sha256::new();
        let mut marks = vec![hash.clone().finalize().into()];
        for statement in statements {
            hash.update(statement.text);
            marks.push(hash.clone().finalize().into());
        }
        Self(marks)
    }

    /// The entry for a statement of the migration, or for the end behind the last.
    pub(crate) fn entry(&self, statements: &[Statement<'_>], step: usize, running: bool) -> Entry {
        let before = self.0.get(step).map_or_else(String::new, |mark| hexadecimal(mark));
        let statement = statements.get(step).map_or("", |statement| statement.sql());
        Entry { step, running, before, statement: hexadecimal(&Sha256::digest(statement)) }
    }
}

/// The table of the journal.
pub(crate) struct Journal {
    table: String,
    dialect: Dialect,
}

impl Journal {
    pub(crate) fn new(history: &History, dialect: Dialect) -> Self {
        Self { table: history.journal(), dialect }
    }

    /// Makes the table where there is none. The lock is held.
    pub(crate) fn create(&self, session: &mut dyn Session) -> Result<(), Report> {
        let (text, time) = match self.dialect {
            Dialect::Postgres => ("text", "timestamptz NOT NULL DEFAULT now()"),
            Dialect::Mysql => ("varchar(255)", "timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)"),
            Dialect::Sqlite => ("text", "text NOT NULL DEFAULT CURRENT_TIMESTAMP"),
        };
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} (version {text} PRIMARY KEY NOT NULL, step integer NOT NULL, state varchar(10) NOT NULL, \
             before_hash varchar(64) NOT NULL, statement_hash varchar(64) NOT NULL, written_at {time}){}",
            self.table,
            if self.dialect == Dialect::Mysql { " ENGINE=InnoDB" } else { "" }
        );
        session.query(&sql).map(drop)
    }

    /// The migrations that were begun, as the journal beside the history says.
    pub(crate) fn begun_beside(history: &History, session: &mut dyn Session) -> Result<Vec<String>, Failure> {
        if !history.has_journal() {
            return Ok(Vec::new());
        }
        let journal = Self::new(history, session.dialect());
        journal.begun(session).map_err(|report| report.asking("read the journal of the migrations"))
    }

    /// The migrations that were begun; none where there is no table.
    pub(crate) fn begun(&self, session: &mut dyn Session) -> Result<Vec<String>, Report> {
        match session.query(&format!("SELECT version FROM {}", self.table)) {
            Ok(rows) => Ok(rows.into_iter().flatten().flatten().collect()),
            // There is no such table, in the words of PostgreSQL, MySQL and SQLite.
            Err(report) if ["42P01", "1146", "1"].contains(&report.code.as_str()) => Ok(Vec::new()),
            Err(report) => Err(report),
        }
    }

    pub(crate) fn read(&self, session: &mut dyn Session, migration: &Migration) -> Result<Option<Entry>, Report> {
        let version = literal::text(&migration.label(), self.dialect);
        let sql =
            format!("SELECT step, state, before_hash, statement_hash FROM {} WHERE version = {version}", self.table);
        let rows = session.query(&sql)?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut fields = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || fields.next().unwrap_or_default();
        let (step, state, before, statement) = (next(), next(), next(), next());
        let step = step.parse().map_err(|_| Report::refused("", format!("`{step}` is no number of a step")))?;
        Ok(Some(Entry { step, running: state == "running", before, statement }))
    }

    /// Statements that put the entry in the place of the one before.
    pub(crate) fn write(&self, migration: &Migration, entry: &Entry) -> Vec<String> {
        let state = if entry.running { "running" } else { "next" };
        let mut statements = self.remove(migration);
        statements.push(format!(
            "INSERT INTO {} (version, step, state, before_hash, statement_hash) VALUES ({}, {}, '{state}', '{}', '{}')",
            self.table,
            literal::text(&migration.label(), self.dialect),
            entry.step,
            entry.before,
            entry.statement
        ));
        statements
    }

    pub(crate) fn remove(&self, migration: &Migration) -> Vec<String> {
        let version = literal::text(&migration.label(), self.dialect);
        vec![format!("DELETE FROM {} WHERE version = {version}", self.table)]
    }

    /// A query that has a row when a step is no longer the one that was begun.
    pub(crate) fn is_not_running(&self, migration: &Migration, step: usize) -> String {
        let version = literal::text(&migration.label(), self.dialect);
        format!(
            "SELECT 1 FROM (SELECT 1) AS one WHERE NOT EXISTS \
             (SELECT 1 FROM {} WHERE version = {version} AND step = {step} AND state = 'running')",
            self.table
        )
    }

    /// A query that has a row when a step is no longer the next one.
    pub(crate) fn is_past(&self, migration: &Migration, step: usize) -> String {
        let version = literal::text(&migration.label(), self.dialect);
        format!("SELECT 1 FROM {} WHERE version = {version} AND step > {step}", self.table)
    }
}
