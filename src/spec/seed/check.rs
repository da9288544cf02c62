//! What is wrong with declared rows, as far as that is seen without a database.

use std::collections::HashMap;

use super::{Reference, SeedRow, SeedSpec, SeedTable, SeedValue};
use crate::document::{Located, Table};
use crate::failure::{Failure, Kind, Span};

fn finding(span: Span, message: impl Into<String>) -> Failure {
    Failure::new(Kind::Plan, message).at(span)
}

impl SeedSpec {
    /// What is wrong with the fields together, whatever the values are.
    pub(crate) fn findings(&self, span: Span) -> Vec<Failure> {
        match (&self.tables, &self.source) {
            (Some(tables), None) => tables.iter().flat_map(SeedTable::findings).collect(),
            (None, Some(_)) => Vec::new(),
            _ => vec![finding(span, "`seed` needs either `tables` or `source`")],
        }
    }

    /// What is wrong with the values.
    pub(crate) fn findings_of_values(&self) -> Vec<Failure> {
        self.tables.iter().flatten().flat_map(SeedTable::findings_of_values).collect()
    }
}

impl SeedTable {
    /// What is wrong with names: of the table, of the key, and of what rows and references have.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let mut findings: Vec<Failure> = wrong_table(&self.table).into_iter().collect();
        if self.key.is_empty() {
            let hint = "name the columns that tell whether a row is there";
            findings.push(finding(self.key.span, "the key has no column").hint(hint));
        }
        for (index, column) in self.key.iter().enumerate() {
            findings.extend(wrong_name(column, "column"));
            if self.key.iter().take(index).any(|other| other.value == column.value) {
                findings.push(finding(column.span, format!("`{}` stands twice in the key", column.value)));
            }
        }
        for row in &self.rows {
            let lacking = self.key.iter().filter(|key| !row.0.iter().any(|(column, _)| column.value == key.value));
            let hint = "each row has all columns of `key`";
            findings.extend(lacking.map(|key| finding(row.span, format!("the row has no `{}`", key.value)).hint(hint)));
            findings.extend(row.0.iter().flat_map(|(column, value)| wrong_cell(column, value)));
        }
        findings
    }

    /// What is wrong with values: what a database cannot hold, null in a key, and rows that stand twice.
    pub(crate) fn findings_of_values(&self) -> Vec<Failure> {
        let mut findings = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        for row in &self.rows {
            findings.extend(row.0.iter().flat_map(|(_, value)| wrong_value(value)));
            let of_key = row.0.iter().filter(|(column, _)| self.is_key(&column.value));
            for (column, value) in of_key.filter(|(_, value)| value.value == SeedValue::Null) {
                let message = format!("`{}` is in the key and cannot be null", column.value);
                findings.push(finding(value.span, message).hint("null equals nothing: take another column for `key`"));
            }
            if let Some(identity) = self.identity(row)
                && let Some(first) = seen.insert(identity, row.span)
            {
                let hint = format!("the first one is in line {}: remove one of them", first.line);
                findings.push(finding(row.span, "a row with this key stands twice").hint(hint));
            }
        }
        findings
    }

    /// What tells the row from others that are declared.
    fn identity(&self, row: &SeedRow) -> Option<String> {
        let value = |key: &Located<String>| row.0.iter().find(|(column, _)| column.value == key.value);
        let values = self.key.iter().map(|key| value(key).map(|(_, value)| &value.value));
        let values: Option<Vec<String>> = values.map(|value| value.map(of_kind)).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.join("\0"))
    }
}

/// The value with its kind: a database may tell `1` from `"1"`.
fn of_kind(value: &SeedValue) -> String {
    match value {
        SeedValue::Text(text) => format!("text {text}"),
        SeedValue::Null | SeedValue::Boolean(_) | SeedValue::Number(_) => value.describe(),
        SeedValue::Json(_) => format!("json {}", value.describe()),
        SeedValue::Reference(_) => format!("reference {}", value.describe()),
    }
}

fn wrong_cell(column: &Located<String>, value: &Located<SeedValue>) -> Vec<Failure> {
    let mut findings: Vec<Failure> = wrong_name(column, "column").into_iter().collect();
    if let SeedValue::Reference(reference) = &value.value {
        let Reference { table, column, columns: Table(columns) } = reference.as_ref();
        findings.extend(wrong_table(table));
        findings.extend(wrong_name(column, "column"));
        if columns.is_empty() {
            let hint = "name the columns that tell the row: `where: { NAME: VALUE }`";
            findings.push(finding(value.span, "the reference has no `where`").hint(hint));
        }
        findings.extend(columns.iter().flat_map(|(column, value)| wrong_cell(column, value)));
    }
    findings
}

fn wrong_value(value: &Located<SeedValue>) -> Vec<Failure> {
    match &value.value {
        SeedValue::Text(text) if text.contains('\0') => {
            vec![finding(value.span, "a text with a NUL character cannot be put into a database")]
        }
        SeedValue::Reference(reference) => {
            reference.columns.0.iter().flat_map(|(_, value)| wrong_value(value)).collect()
        }
        _ => Vec::new(),
    }
}

fn wrong_table(table: &Located<String>) -> Option<Failure> {
    let parts: Vec<&str> = table.split('.').collect();
    if parts.len() > 2 || parts.iter().any(|part| part.is_empty()) {
        let hint = "a table is `name` or `schema.name`";
        return Some(finding(table.span, "not the name of a table").hint(hint));
    }
    wrong_name(table, "table")
}

fn wrong_name(name: &Located<String>, what: &str) -> Option<Failure> {
    let is_wrong = name.is_empty() || name.contains('\0');
    is_wrong.then(|| finding(name.span, format!("not the name of a {what}")))
}
