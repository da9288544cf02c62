//! The statements that write what is lacking.

use super::super::Dialect;
use super::super::literal::name;
use super::super::session::LockName;
use super::columns::{Columns, each_inside, table_name};
use super::condition::{found, of_key, same};
use super::statements::{Purpose, Statements};
use super::{Need, RowChange};
use crate::failure::Span;

/// A part of a statement, and where in the plan it comes from.
type Piece = (String, Option<Span>);

/// In the order of the rows, each behind the questions whether what it refers to is there; at the end, whether all are as they
/// were declared. A question that is answered with no fails, and with it the transaction.
pub(super) fn statements<'a>(columns: &Columns, changes: &[RowChange<'a>], reconcile: bool) -> Statements<'a> {
    let mut statements = Statements::default();
    for change in changes {
        let name = change.table.table.as_str();
        for (_, value) in &change.row.0 {
            each_inside(&value.value, &mut |reference| {
                let is_one = format!("({}) = 1", columns.count_of(reference));
                let place = (Purpose::Refer, reference.table.as_str(), value.span);
                statements.push(place, [(failing_unless(&is_one, columns.dialect), None)]);
            });
        }
        let (purpose, pieces) = match &change.need {
            Need::Insert => (Purpose::Insert, insert(columns, change)),
            Need::Update(differing) => (Purpose::Update, update(columns, change, differing)),
        };
        statements.push((purpose, name, change.row.span), pieces);
    }
    for change in changes {
        let numbers = if reconcile { 0..change.row.0.len() } else { 0..0 };
        let is_one = format!("(SELECT count(*) {}) = 1", found_with(columns, change, numbers));
        let place = (Purpose::Verify, change.table.table.as_str(), change.row.span);
        statements.push(place, [(failing_unless(&is_one, columns.dialect), None)]);
    }
    statements
}

/// Has a row if the lock cannot be had, or if another run has written one of the rows meanwhile.
pub(super) fn guard(columns: &Columns, changes: &[RowChange<'_>], lock: Option<&LockName>) -> String {
    let is_locked = lock.and_then(LockName::unless_had_by_transaction);
    let is_written = changes.iter().map(|change| match &change.need {
        Need::Insert => format!("SELECT 1 {} LIMIT 1", found(columns, change.table, change.row)),
        Need::Update(differing) => {
            format!("SELECT 1 {} LIMIT 1", found_with(columns, change, differing.iter().copied()))
        }
    });
    is_locked.into_iter().chain(is_written).collect::<Vec<_>>().join(";\n")
}

/// `FROM table WHERE` key and these columns are as declared.
fn found_with(columns: &Columns, change: &RowChange<'_>, numbers: impl IntoIterator<Item = usize>) -> String {
    let RowChange { table, row, .. } = change;
    let mut text = found(columns, table, row);
    for (column, value) in numbers.into_iter().filter_map(|number| row.0.get(number)) {
        if !table.is_key(column) {
            text.push_str(" AND ");
            text.push_str(&same(columns, &table.table, column, value));
        }
    }
    text
}

fn insert(columns: &Columns, change: &RowChange<'_>) -> Vec<Piece> {
    let cells = &change.row.0;
    let names: Vec<String> = cells.iter().map(|(column, _)| name(column, columns.dialect)).collect();
    let table = table_name(&change.table.table, columns.dialect);
    let mut pieces = vec![(format!("INSERT INTO {table} ({}) VALUES (", names.join(", ")), None)];
    for (index, (_, value)) in cells.iter().enumerate() {
        if index > 0 {
            pieces.push((", ".to_owned(), None));
        }
        pieces.push((columns.written(value), Some(value.span)));
    }
    pieces.push((")".to_owned(), None));
    pieces
}

fn update(columns: &Columns, change: &RowChange<'_>, differing: &[usize]) -> Vec<Piece> {
    let mut pieces = vec![(format!("UPDATE {} SET ", table_name(&change.table.table, columns.dialect)), None)];
    for (index, (column, value)) in differing.iter().filter_map(|number| change.row.0.get(*number)).enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        pieces.push((format!("{comma}{} = ", name(column, columns.dialect)), None));
        pieces.push((columns.written(value), Some(value.span)));
    }
    pieces.push((format!(" WHERE {}", of_key(columns, change.table, change.row)), None));
    pieces
}

/// A statement that the server refuses unless the condition holds.
fn failing_unless(condition: &str, dialect: Dialect) -> String {
    match dialect {
        // Two rows where there may be one.
        Dialect::Postgres | Dialect::Mysql => format!(
            "SELECT (SELECT fitout_number FROM (SELECT 1 AS fitout_number UNION ALL SELECT 2) AS fitout_two WHERE NOT ({condition}))"
        ),
        // The one number that has no absolute value.
        Dialect::Sqlite => format!("SELECT abs(CASE WHEN {condition} THEN 0 ELSE -9223372036854775808 END)"),
    }
}
