//! The history: the table that says what was applied, in the form of the runner that began it.

mod fitout;

use super::migration::Migration;
use super::session::{LockName, Row};
use super::table::Table;
use super::{Dialect, Session, Version, literal};
use crate::failure::{Failure, Kind};

/// A row of the history: a migration that was applied, or was begun.
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

/// How a runner keeps its history. All of it is text: a driver only carries it.
pub(crate) struct Format {
    pub(crate) name: &'static str,
    /// The table, where the plan names none.
    pub(crate) table: &'static str,
    /// Columns that tell its table from those of others.
    columns: &'static [&'static str],
    /// Statements that make the table.
    create: fn(&Keeper<'_>) -> String,
    select: fn(&Keeper<'_>) -> String,
    record: fn(&Row) -> Result<Record, Failure>,
    /// What is recorded of a migration, in the transaction that applies it; the last is the time that it took, in milliseconds, as an
    /// expression.
    insert: fn(&Keeper<'_>, &Migration, &str) -> Vec<String>,
    /// What the history has to hold for the file.
    checksum: fn(&Migration) -> Option<String>,
    /// Whether another checksum is of the same file as well, for instance with other line ends.
    accepts: fn(&Migration, &str) -> bool,
    /// The runner applies what is older than the newest that is applied.
    unordered: bool,
}

/// The place of a history and its dialect, for statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keeper<'a> {
    /// With its schema, quoted.
    pub(crate) table: &'a str,
    pub(crate) dialect: Dialect,
}

impl Keeper<'_> {
    fn text(&self, text: &str) -> String {
        literal::text(text, self.dialect)
    }
}

/// The history of one database.
pub(crate) struct History {
    format: &'static Format,
    schema: String,
    name: String,
    quoted: String,
    dialect: Dialect,
}

impl History {
    #[cfg(test)]
    pub(crate) fn for_test(dialect: Dialect) -> Self {
        Self {
            format: &fitout::FORMAT,
            schema: "s".to_owned(),
            name: "t".to_owned(),
            quoted: "s.t".to_owned(),
            dialect,
        }
    }

    /// The history that the table names, in the schema that the session is in if it names none.
    pub(crate) fn find(session: &mut dyn Session, table: &Table) -> Result<Self, Failure> {
        let schema = match &table.schema {
            Some(schema) => schema.clone(),
            None => current_schema(session, &table.name)?,
        };
        let quoted =
            format!("{}.{}", literal::name(&schema, session.dialect()), literal::name(&table.name, session.dialect()));
        Ok(Self { format: &fitout::FORMAT, schema, name: table.name.clone(), quoted, dialect: session.dialect() })
    }

    fn keeper(&self) -> Keeper<'_> {
        Keeper { table: &self.quoted, dialect: self.dialect }
    }

    /// The rows, or nothing when there is no such table.
    pub(crate) fn read(&self, session: &mut dyn Session) -> Result<Option<Vec<Record>>, Failure> {
        let cannot = format!("read the history {}", self.quoted);
        let columns = session.query(&self.columns_query()).map_err(|report| report.asking(&cannot))?;
        if columns.is_empty() {
            return Ok(None);
        }
        let has = |wanted: &&str| columns.iter().flatten().flatten().any(|column| column.eq_ignore_ascii_case(wanted));
        if !self.format.columns.iter().all(has) {
            let message = format!("cannot {cannot}: its columns are not those of {}", self.format.name);
            let hint = "the table belongs to another program: name another with `table`";
            return Err(Failure::new(Kind::Drift, message).hint(hint));
        }
        let rows = session.query(&(self.format.select)(&self.keeper())).map_err(|report| report.asking(&cannot))?;
        let records = rows.iter().map(|row| (self.format.record)(row)).collect::<Result<_, _>>()?;
        Ok(Some(records))
    }

    /// The names of the columns of the table; no row when there is none.
    fn columns_query(&self) -> String {
        let (schema, name) = (literal::text(&self.schema, self.dialect), literal::text(&self.name, self.dialect));
        match self.dialect {
            Dialect::Postgres => format!(
                "SELECT attname FROM pg_catalog.pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = \
                 (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = {schema} AND c.relname = {name})"
            ),
            Dialect::Mysql => format!(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = {schema} AND table_name = {name}"
            ),
            Dialect::Sqlite => format!("SELECT name FROM pragma_table_info({name}, {schema})"),
        }
    }

    pub(crate) fn create(&self) -> String {
        (self.format.create)(&self.keeper())
    }

    /// The statements that record a migration. `milliseconds` is an expression.
    pub(crate) fn insert(&self, migration: &Migration, milliseconds: &str) -> Vec<String> {
        (self.format.insert)(&self.keeper(), migration, milliseconds)
    }

    /// A query that has a row when the migration is applied.
    pub(crate) fn is_applied(&self, migration: &Migration) -> String {
        fitout::is_applied(&self.keeper(), migration)
    }

    /// What the history has to hold for the file.
    pub(crate) fn checksum(&self, migration: &Migration) -> Option<String> {
        (self.format.checksum)(migration)
    }

    /// Whether a checksum that is stored is of the same file as well.
    pub(crate) fn accepts(&self, migration: &Migration, stored: &str) -> bool {
        (self.format.accepts)(migration, stored)
    }

    pub(crate) fn is_unordered(&self) -> bool {
        self.format.unordered
    }

    /// What messages call the table.
    pub(crate) fn label(&self) -> &str {
        &self.quoted
    }

    /// The locks that keep every other runner of this history out. An SQLite file is locked by each transaction for itself, so that
    /// a killed runner leaves no lock.
    pub(crate) fn locks(&self) -> Vec<LockName> {
        let name = format!("fitout:migrate:{}.{}", self.schema, self.name);
        match self.dialect {
            Dialect::Postgres => vec![LockName::number(&name)],
            Dialect::Mysql => vec![LockName::text(&name)],
            Dialect::Sqlite => Vec::new(),
        }
    }
}

fn current_schema(session: &mut dyn Session, table: &str) -> Result<String, Failure> {
    let sql = match session.dialect() {
        Dialect::Postgres => "SELECT current_schema()",
        Dialect::Mysql => "SELECT database()",
        Dialect::Sqlite => return Ok("main".to_owned()),
    };
    let rows = session.query(sql).map_err(|report| report.asking("ask the database for its schema"))?;
    rows.into_iter().flatten().flatten().next().filter(|schema| !schema.is_empty()).ok_or_else(|| {
        let (cause, hint) = match session.dialect() {
            Dialect::Mysql => ("the URL names no database", "name it: `mysql://user@host/name`"),
            _ => ("none in the search path exists", "name one: `table: schema.table`"),
        };
        let message = format!("cannot find a schema for the table `{table}`: {cause}");
        Failure::new(Kind::Database, message).hint(hint)
    })
}
