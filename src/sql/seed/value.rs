//! Declared values as text of SQL: what is written into a column.

use super::super::Dialect;
use super::super::literal::{name, text};
use super::columns::{Columns, table_name};
use super::condition;
use crate::spec::{Reference, SeedValue};

impl Columns {
    /// What stands in an `INSERT` or behind a `SET`.
    pub(super) fn written(&self, value: &SeedValue) -> String {
        match value {
            SeedValue::Reference(reference) => self.row_of(reference),
            other => literal(other, self.dialect),
        }
    }

    /// The value of the one row that a reference finds. That there is one is asked before.
    fn row_of(&self, reference: &Reference) -> String {
        let (column, from) = (name(&reference.column, self.dialect), self.found_by(reference));
        if self.dialect == Dialect::Mysql {
            // The table may be the one that is written: it is read before, into a table of the query's own.
            return format!(
                "(SELECT fitout_value FROM (SELECT {column} AS fitout_value {from} LIMIT 2) AS fitout_found)"
            );
        }
        format!("(SELECT {column} {from})")
    }

    /// The same of any row that the reference finds, for a comparison that never fails.
    pub(super) fn any_of(&self, reference: &Reference) -> String {
        format!("(SELECT {} {} LIMIT 1)", name(&reference.column, self.dialect), self.found_by(reference))
    }

    /// How many rows a reference finds.
    pub(super) fn count_of(&self, reference: &Reference) -> String {
        format!("SELECT count(*) {}", self.found_by(reference))
    }

    fn found_by(&self, reference: &Reference) -> String {
        let columns = reference.columns.0.iter();
        let conditions = columns.map(|(column, value)| condition::same(self, &reference.table, column, value));
        let conditions: Vec<String> = conditions.collect();
        format!("FROM {} WHERE {}", table_name(&reference.table, self.dialect), conditions.join(" AND "))
    }
}

/// A value that is no reference.
pub(super) fn literal(value: &SeedValue, dialect: Dialect) -> String {
    match value {
        SeedValue::Null | SeedValue::Reference(_) => "NULL".to_owned(),
        // PostgreSQL reads what stands in quotes as the type that the column has.
        SeedValue::Boolean(value) if dialect == Dialect::Postgres => text(&value.to_string(), dialect),
        SeedValue::Boolean(value) => u8::from(*value).to_string(),
        SeedValue::Number(number) if dialect == Dialect::Postgres => text(&number.to_string(), dialect),
        SeedValue::Number(number) => number.to_string(),
        SeedValue::Text(value) => text(value, dialect),
        SeedValue::Json(json) => text(&json.to_string(), dialect),
    }
}
