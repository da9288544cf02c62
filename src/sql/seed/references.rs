//! Whether what rows refer to is there.

use std::collections::{HashMap, HashSet};

use super::super::session::{Row, Session};
use super::columns::{Columns, each_inside};
use super::compare::{LONGEST_MESSAGE, ask};
use super::statements::{Purpose, Statements};
use super::{Declared, RowChange, refuse};
use crate::failure::{Failure, Span};
use crate::spec::Reference;

/// Each reference of a row that is to be written finds one row, or may do so when the rows before it are written. By a key that
/// is ambiguous a row cannot even be looked for.
pub(super) fn check_references(
    session: &mut dyn Session,
    columns: &Columns,
    rows: &[Declared<'_>],
    changes: &[RowChange<'_>],
) -> Result<(), Failure> {
    let changed: HashSet<_> = changes.iter().map(|change| std::ptr::from_ref(change.row)).collect();
    let is_changed = |(_, row): &Declared<'_>| changed.contains(&std::ptr::from_ref(*row));
    let wanted: Vec<_> = rows.iter().flat_map(|row| needed(row, is_changed(row))).collect();
    let counts = count(session, columns, &wanted)?;
    let mut written: HashSet<&str> = HashSet::new();
    for row in rows {
        for (reference, span) in needed(row, is_changed(row)) {
            let found = counts.get(&columns.count_of(reference)).copied().unwrap_or_default();
            let is_open = found == 0 && (!is_changed(row) || written.contains(reference.table.as_str()));
            if found != 1 && !is_open {
                return Err(refuse::reference(&reference.table, Some(found)).at(span));
            }
        }
        if is_changed(row) {
            written.insert(row.0.table.as_str());
        }
    }
    Ok(())
}

/// The references that count, each with its place, those inside of others first.
fn needed<'a>((table, row): &Declared<'a>, is_changed: bool) -> Vec<(&'a Reference, Span)> {
    let mut needed = Vec::new();
    for (column, value) in &row.0 {
        if is_changed || table.is_key(&column.value) {
            each_inside(&value.value, &mut |reference| needed.push((reference, value.span)));
        }
    }
    needed
}

/// How many rows each reference finds, by its query.
fn count(
    session: &mut dyn Session,
    columns: &Columns,
    wanted: &[(&Reference, Span)],
) -> Result<HashMap<String, u64>, Failure> {
    let mut counts = HashMap::new();
    let mut asked: HashSet<String> = HashSet::new();
    let (mut questions, mut texts) = (Statements::default(), Vec::new());
    for (index, (reference, span)) in wanted.iter().enumerate() {
        let question = columns.count_of(reference);
        if asked.insert(question.clone()) {
            questions.push((Purpose::Compare, &reference.table, *span), [(question.clone(), None)]);
            texts.push(question);
        }
        let is_full = questions.text().len() >= LONGEST_MESSAGE || index + 1 == wanted.len();
        if is_full && !texts.is_empty() {
            let number = |row: Row| row.into_iter().next().flatten().and_then(|count| count.parse().ok()).unwrap_or(0);
            let answers = ask(session, &std::mem::take(&mut questions))?.into_iter().map(number);
            counts.extend(texts.drain(..).zip(answers));
        }
    }
    Ok(counts)
}
