//! Which rows are there and as declared.

use super::super::report::Report;
use super::super::session::{Batch, Row, Session};
use super::columns::Columns;
use super::references::check_references;
use super::statements::{Purpose, Statements};
use super::{Declared, Need, RowChange, Seed, condition, refuse};
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::spec::{SeedRow, SeedTable, SeedValue};

/// Bytes of the questions that are sent at once: every server takes so many, and the answers are as short.
pub(super) const LONGEST_MESSAGE: usize = 256 * 1024;

/// What the database says of a row.
struct Answer {
    count: u64,
    /// Columns that differ, by their numbers.
    differing: Vec<usize>,
}

/// The rows that are not as declared, in their order.
pub(super) fn compare<'a>(
    session: &mut dyn Session,
    seed: &Seed<'a>,
    columns: &Columns,
) -> Result<Vec<RowChange<'a>>, Failure> {
    let rows: Vec<Declared<'a>> =
        seed.tables.iter().flat_map(|table| table.rows.iter().map(move |row| (table, row))).collect();
    let answers = ask_rows(session, seed, columns, &rows)?;
    let mut changes = Vec::new();
    for ((table, row), answer) in rows.iter().zip(answers) {
        if answer.count == 0 {
            changes.push(RowChange { table, row, need: Need::Insert });
            continue;
        }
        if answer.count > 1 && seed.reconcile {
            let message = format!("cannot seed `{}`: the key finds {} rows", table.table.value, answer.count);
            let hint = "name more columns in `key`";
            return Err(Failure::new(Kind::Database, message).at(row.span).hint(hint));
        }
        if !answer.differing.is_empty() {
            changes.push(RowChange { table, row, need: Need::Update(answer.differing) });
        }
    }
    check_references(session, columns, &rows, &changes)?;
    Ok(changes)
}

fn ask_rows(
    session: &mut dyn Session,
    seed: &Seed<'_>,
    columns: &Columns,
    rows: &[Declared<'_>],
) -> Result<Vec<Answer>, Failure> {
    let mut answers = Vec::new();
    let mut questions = Statements::default();
    for (index, (table, row)) in rows.iter().enumerate() {
        let mut pieces = vec![("SELECT count(*)".to_owned(), None)];
        for (_, column, value) in compared(seed.reconcile, table, row) {
            pieces.push((", coalesce(max(CASE WHEN ".to_owned(), None));
            pieces.push((condition::same(columns, &table.table, column, value), Some(value.span)));
            pieces.push((" THEN 0 ELSE 1 END), 0)".to_owned(), None));
        }
        pieces.push((format!(" {}", condition::found(columns, table, row)), None));
        questions.push((Purpose::Compare, &table.table, row.span), pieces);
        if questions.text().len() >= LONGEST_MESSAGE || index + 1 == rows.len() {
            answers.extend(ask(session, &std::mem::take(&mut questions))?);
        }
    }
    let read = |((table, row), answer): (&Declared<'_>, Row)| {
        let mut numbers = answer.iter().map(|field| field.as_ref().and_then(|field| field.parse::<u64>().ok()));
        let count = numbers.next().flatten()?;
        let differs = compared(seed.reconcile, table, row).zip(numbers).filter(|(_, flag)| *flag != Some(0));
        Some(Answer { count, differing: differs.map(|((index, ..), _)| index).collect() })
    };
    if answers.len() != rows.len() {
        return Err(Failure::new(Kind::Database, "cannot compare the rows: the database answered something else"));
    }
    let read: Option<Vec<Answer>> = rows.iter().zip(answers).map(read).collect();
    read.ok_or_else(|| Failure::new(Kind::Database, "cannot compare the rows: the database answered something else"))
}

/// The columns whose values count, with their numbers: those of the key are what the row was found by.
fn compared<'a>(
    reconcile: bool,
    table: &'a SeedTable,
    row: &'a SeedRow,
) -> impl Iterator<Item = (usize, &'a Located<String>, &'a Located<SeedValue>)> {
    let cells = row.0.iter().enumerate().filter(move |_| reconcile);
    let cells = cells.filter(|(_, (column, _))| !table.is_key(&column.value));
    cells.map(|(index, (column, value))| (index, column, value))
}

/// Sends questions that have one row each. Where one fails, a transaction with the same ones tells which.
pub(super) fn ask(session: &mut dyn Session, questions: &Statements<'_>) -> Result<Vec<Row>, Failure> {
    let report = match session.query(questions.text()) {
        Ok(rows) => return Ok(rows),
        Err(report) => report,
    };
    if !report.is_refusal() {
        return Err(refuse::comparing(report, questions));
    }
    let statements = questions.divided(session.dialect());
    let lock_timeout = std::time::Duration::ZERO;
    let again = session.transact(&Batch { guard: None, statements: &statements, record: &[], lock_timeout });
    Err(refuse::comparing(again.err().filter(Report::is_refusal).unwrap_or(report), questions))
}
