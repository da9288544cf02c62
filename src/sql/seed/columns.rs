//! The columns of the tables that are named, as the database has them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Dialect;
use super::super::literal::{name, text};
use super::super::report::Report;
use super::super::session::{Row, Session};
use crate::document::Located;
use crate::failure::{Failure, Kind, did_you_mean};
use crate::spec::{Reference, SeedTable, SeedValue, qualified};

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    name: String,
    /// PostgreSQL: without what limits its length. MySQL and SQLite: in lower case.
    pub(super) kind: String,
    /// The whole type, with its limits, where a value can be given one.
    pub(super) whole: String,
}

/// By the name of the table, as it was declared.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) dialect: Dialect,
    tables: BTreeMap<String, Vec<Column>>,
}

impl Columns {
    /// Fails for a table or a column that is not there.
    pub(super) fn read(session: &mut dyn Session, tables: &[SeedTable]) -> Result<Self, Failure> {
        let dialect = session.dialect();
        let mut wanted = BTreeSet::new();
        for table in tables {
            wanted.insert(table.table.value.as_str());
            each_reference(table, &mut |reference| {
                wanted.insert(reference.table.value.as_str());
            });
        }
        let wanted: Vec<&str> = wanted.into_iter().collect();
        let questions: Vec<String> =
            wanted.iter().enumerate().map(|(number, table)| question(number, table, dialect)).collect();
        let asking = |report: Report| report.asking("ask for the columns of the tables");
        let rows = session.query(&questions.join(";\n")).map_err(asking)?;
        let mut found: BTreeMap<String, Vec<Column>> = BTreeMap::new();
        for row in rows {
            if let Some((number, column)) = read_column(row)
                && let Some(table) = wanted.get(number)
            {
                found.entry((*table).to_owned()).or_default().push(column);
            }
        }
        let columns = Self { dialect, tables: found };
        tables.iter().try_for_each(|table| columns.check(session, table))?;
        Ok(columns)
    }

    /// The column, which is there: that was checked.
    pub(super) fn get(&self, table: &str, column: &str) -> Option<&Column> {
        self.tables.get(table)?.iter().find(|known| self.is_same(&known.name, column))
    }

    /// In PostgreSQL a name in quotes stands for itself alone.
    fn is_same(&self, one: &str, other: &str) -> bool {
        one == other || self.dialect != Dialect::Postgres && one.to_lowercase() == other.to_lowercase()
    }

    fn check(&self, session: &mut dyn Session, table: &SeedTable) -> Result<(), Failure> {
        self.check_table(session, &table.table)?;
        for column in &table.key.value {
            self.check_column(&table.table, column)?;
        }
        for column in table.rows.iter().flat_map(|row| &row.0).map(|(column, _)| column) {
            self.check_column(&table.table, column)?;
        }
        let mut references = Vec::new();
        each_reference(table, &mut |reference| references.push(reference));
        for Reference { table, column, columns } in references {
            self.check_table(session, table)?;
            self.check_column(table, column)?;
            columns.0.iter().try_for_each(|(column, _)| self.check_column(table, column))?;
        }
        Ok(())
    }

    fn check_table(&self, session: &mut dyn Session, table: &Located<String>) -> Result<(), Failure> {
        if self.tables.contains_key(&table.value) {
            return Ok(());
        }
        let known = session.query(tables_question(self.dialect)).unwrap_or_default();
        let known: Vec<String> = known.into_iter().flatten().flatten().collect();
        let near = did_you_mean(&table.value, known.iter().map(String::as_str));
        let failure = Failure::new(Kind::Database, format!("cannot seed `{0}`: there is no table `{0}`", table.value));
        let made = || "a `migrate` step makes it: put it before this one".to_owned();
        Err(failure.at(table.span).hint(near.unwrap_or_else(made)))
    }

    fn check_column(&self, table: &Located<String>, column: &Located<String>) -> Result<(), Failure> {
        if self.get(&table.value, &column.value).is_some() {
            return Ok(());
        }
        let known = self.tables.get(&table.value).into_iter().flatten();
        let known: Vec<&str> = known.map(|column| column.name.as_str()).collect();
        let message = format!("cannot seed `{}`: it has no column `{}`", table.value, column.value);
        let listed = || format!("its columns are `{}`", known.join("`, `"));
        let hint = did_you_mean(&column.value, known.iter().copied()).unwrap_or_else(listed);
        Err(Failure::new(Kind::Database, message).at(column.span).hint(hint))
    }
}

/// Every reference of the rows, with those inside of others first.
pub(super) fn each_reference<'a>(table: &'a SeedTable, visit: &mut dyn FnMut(&'a Reference)) {
    for (_, value) in table.rows.iter().flat_map(|row| &row.0) {
        each_inside(&value.value, visit);
    }
}

pub(super) fn each_inside<'a>(value: &'a SeedValue, visit: &mut dyn FnMut(&'a Reference)) {
    if let SeedValue::Reference(reference) = value {
        reference.columns.0.iter().for_each(|(_, value)| each_inside(&value.value, visit));
        visit(reference);
    }
}

/// The name of a table in the quotes of the dialect.
pub(super) fn table_name(table: &str, dialect: Dialect) -> String {
    match qualified(table) {
        (Some(schema), table) => format!("{}.{}", name(schema, dialect), name(table, dialect)),
        (None, table) => name(table, dialect),
    }
}

/// A query for number, name, kind and whole type of each column.
fn question(number: usize, table: &str, dialect: Dialect) -> String {
    let (schema, bare) = qualified(table);
    let literal = |value: &str| text(value, dialect);
    match dialect {
        Dialect::Postgres => {
            let whole = literal(&table_name(table, dialect));
            format!(
                "SELECT {number}, a.attname, \
                 pg_catalog.format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, -1), \
                 pg_catalog.format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, \
                 CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END) \
                 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
                 WHERE a.attrelid = pg_catalog.to_regclass({whole}) AND a.attnum > 0 AND NOT a.attisdropped \
                 ORDER BY a.attnum"
            )
        }
        Dialect::Mysql => format!(
            "SELECT {number}, column_name, lower(data_type), CASE lower(data_type) \
             WHEN 'decimal' THEN concat('DECIMAL(', numeric_precision, ',', numeric_scale, ')') \
             WHEN 'float' THEN 'FLOAT' WHEN 'date' THEN 'DATE' \
             WHEN 'time' THEN concat('TIME(', datetime_precision, ')') \
             WHEN 'datetime' THEN concat('DATETIME(', datetime_precision, ')') \
             WHEN 'timestamp' THEN concat('DATETIME(', datetime_precision, ')') ELSE '' END \
             FROM information_schema.columns WHERE table_schema = {} AND table_name = {} ORDER BY ordinal_position",
            schema.map_or("DATABASE()".to_owned(), literal),
            literal(bare)
        ),
        Dialect::Sqlite => {
            let schema = schema.map(|schema| format!(", {}", literal(schema))).unwrap_or_default();
            format!("SELECT {number}, name, lower(type), '' FROM pragma_table_xinfo({}{schema})", literal(bare))
        }
    }
}

fn read_column(row: Row) -> Option<(usize, Column)> {
    let mut fields = row.into_iter();
    let mut next = || fields.next().flatten();
    let number = next()?.parse().ok()?;
    Some((number, Column { name: next()?, kind: next()?, whole: next().unwrap_or_default() }))
}

/// A query for the names of the tables that need no schema.
fn tables_question(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "SELECT relname FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'f') \
             AND pg_catalog.pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace"
        }
        Dialect::Mysql => "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
        Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')",
    }
}
