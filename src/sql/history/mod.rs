//! The history: the table that says what was applied, in the form of the runner that began it.

mod checksum;
mod dbmate;
mod diesel;
mod find;
mod fitout;
mod flyway;
mod format;
mod golang_migrate;
mod goose;
mod prisma;
mod refinery;
mod sqlx;
#[cfg(test)]
mod tests;

use super::migration::Migration;
use super::session::{LockName, Session};
use super::{Dialect, Version, literal};
use crate::failure::{Failure, Kind};

pub(crate) use find::Choice;
use format::{Format, Keeper};

/// A migration that was applied, or was begun, as the history tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Nothing for a migration that is applied whenever it has changed.
    pub(crate) version: Option<Version>,
    pub(crate) name: String,
    /// Nothing where the runner keeps none.
    pub(crate) checksum: Option<String>,
    /// The runner that wrote it says that it did not come to its end.
    pub(crate) dirty: bool,
}

/// Every runner whose history is understood; our own first.
const FORMATS: [&Format; 9] = [
    &fitout::FORMAT,
    &sqlx::FORMAT,
    &refinery::FORMAT,
    &flyway::FORMAT,
    &golang_migrate::FORMAT,
    &dbmate::FORMAT,
    &goose::FORMAT,
    &diesel::FORMAT,
    &prisma::FORMAT,
];

/// The name of the table beside the history that says how far a migration has come.
fn journal(name: &str) -> String {
    format!("{name}_journal")
}

/// The history of one database.
#[derive(Debug)]
pub(crate) struct History {
    format: &'static Format,
    database: String,
    schema: String,
    name: String,
    quoted: String,
    dialect: Dialect,
    /// There is such a table.
    exists: bool,
    /// There is a journal beside it.
    has_journal: bool,
    /// Its versions are numbers of 64 bits.
    wide: bool,
}

impl History {
    /// As the table has to be made for these files, where there is none yet.
    pub(crate) fn holding(self, migrations: &[Migration]) -> Self {
        let is_large = |migration: &Migration| i32::try_from(format::number(migration)).is_err();
        let wide = self.wide || !self.exists && migrations.iter().any(is_large);
        Self { wide, ..self }
    }

    fn keeper(&self) -> Keeper<'_> {
        Keeper { table: &self.quoted, dialect: self.dialect, wide: self.wide }
    }

    /// What is applied. `migrations` are all files: some runners only keep the newest version.
    pub(crate) fn records(&self, session: &mut dyn Session, migrations: &[Migration]) -> Result<Vec<Record>, Failure> {
        if !self.exists {
            return Ok(Vec::new());
        }
        let cannot = |report: super::report::Report| report.asking(&format!("read the history {}", self.quoted));
        let rows = session.query(&(self.format.select)(&self.keeper())).map_err(cannot)?;
        (self.format.records)(&rows, migrations).map_err(|cause| {
            let message = format!("cannot read the history {} of {}: {cause}", self.quoted, self.format.name);
            Failure::new(Kind::Drift, message).hint("the table belongs to another program: name another with `table`")
        })
    }

    pub(crate) fn exists(&self) -> bool {
        self.exists
    }

    pub(crate) fn has_journal(&self) -> bool {
        self.has_journal
    }

    /// The name of the runner that keeps it.
    pub(crate) fn runner(&self) -> &'static str {
        self.format.name
    }

    pub(crate) fn create(&self) -> Vec<String> {
        (self.format.create)(&self.keeper())
    }

    /// A query that has a row when the table is there by now, for what is done under a lock.
    pub(crate) fn is_made(&self) -> String {
        let name = literal::text(&self.name, self.dialect);
        match self.dialect {
            Dialect::Postgres => {
                let table = literal::text(&self.quoted, self.dialect);
                format!("SELECT 1 WHERE to_regclass({table}) IS NOT NULL")
            }
            Dialect::Mysql => {
                let schema = literal::text(&self.schema, self.dialect);
                format!("SELECT 1 FROM information_schema.tables WHERE table_schema = {schema} AND table_name = {name}")
            }
            Dialect::Sqlite => {
                format!("SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = {name} COLLATE NOCASE")
            }
        }
    }

    /// Fails for a file that such a history cannot hold.
    pub(crate) fn check(&self, migration: &Migration) -> Result<(), Failure> {
        (self.format.check)(&self.keeper(), migration).map_err(|cause| {
            let (path, runner) = (migration.path(), self.format.name);
            let message = format!("cannot keep `{path}` in the history {} of {runner}: {cause}", self.quoted);
            Failure::new(Kind::Drift, message).hint("name the migrations as that runner does")
        })
    }

    /// The statements that record a migration. `milliseconds` is an expression.
    pub(crate) fn insert(&self, migration: &Migration, milliseconds: &str) -> Vec<String> {
        (self.format.insert)(&self.keeper(), migration, milliseconds)
    }

    /// The statements that take back what another runner left of a migration that failed; `before` is the migration before it.
    pub(crate) fn forget(&self, record: &Record, before: Option<&Migration>) -> Vec<String> {
        (self.format.forget)(&self.keeper(), record, before)
    }

    /// A query that has a row when the migration is applied.
    pub(crate) fn is_applied(&self, migration: &Migration) -> String {
        (self.format.is_applied)(&self.keeper(), migration)
    }

    /// What the history has to hold for the file.
    pub(crate) fn checksum(&self, migration: &Migration) -> Option<String> {
        (self.format.checksum)(&self.keeper(), migration)
    }

    /// Whether a checksum that is stored is of the same file as well.
    pub(crate) fn accepts(&self, migration: &Migration, stored: &str) -> bool {
        (self.format.accepts)(migration, stored)
    }

    /// What the history calls a migration that has no version.
    pub(crate) fn describe(&self, migration: &Migration) -> String {
        (self.format.describe)(migration)
    }

    /// The runner applies what is older than the newest that is applied.
    pub(crate) fn is_unordered(&self) -> bool {
        self.format.unordered
    }

    /// What messages call the table.
    pub(crate) fn label(&self) -> &str {
        &self.quoted
    }

    /// The table of the journal, which stands beside the history.
    pub(crate) fn journal(&self) -> String {
        let schema = literal::name(&self.schema, self.dialect);
        format!("{schema}.{}", literal::name(&journal(&self.name), self.dialect))
    }

    /// The locks that keep every other runner of this history out: ours, and that of the runner that began it. An SQLite file is
    /// locked by each transaction for itself, so that a killed runner leaves no lock.
    pub(crate) fn locks(&self) -> Vec<LockName> {
        let name = format!("fitout:migrate:{}.{}", self.schema, self.name);
        let own = match self.dialect {
            Dialect::Postgres => LockName::number(&name),
            Dialect::Mysql => LockName::text(&name),
            Dialect::Sqlite => return Vec::new(),
        };
        let place = format::LockPlace {
            database: &self.database,
            schema: &self.schema,
            table: &self.name,
            dialect: self.dialect,
        };
        [Some(own), (self.format.lock)(&place)].into_iter().flatten().collect()
    }
}
