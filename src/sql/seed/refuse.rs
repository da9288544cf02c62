//! What a database refuses, as failures with their place in the plan. Values are not told: they may be secret.

use super::super::report::Report;
use super::statements::{Mark, Purpose, Statements};
use crate::failure::{Failure, Kind};

const ROLLED_BACK: &str = "the transaction was rolled back: no row was written";
/// Of PostgreSQL: two rows where there may be one. Of MySQL: the same. Of SQLite, with its text: any error.
const TWO_ROWS: [&str; 2] = ["21000", "1242"];
const OVERFLOW: &str = "integer overflow";

/// A question that failed.
pub(super) fn comparing(report: Report, questions: &Statements<'_>) -> Failure {
    let mark = report.place.and_then(|place| questions.mark(place));
    let failure = match mark {
        Some(mark) => without_values(report).asking(&format!("compare with the rows of `{}`", mark.table)),
        None => without_values(report).asking("compare with the rows that are there"),
    };
    at(failure, mark)
}

/// A transaction that failed.
pub(super) fn writing(report: Report, statements: &Statements<'_>) -> Failure {
    let mark = report.place.and_then(|place| statements.mark(place));
    let is_lost = report.is_lost();
    let is_no = TWO_ROWS.contains(&report.code.as_str()) || report.message.starts_with(OVERFLOW);
    let failure = match mark {
        Some(Mark { purpose: Purpose::Refer, table, .. }) if is_no => reference(table, None),
        Some(Mark { purpose: Purpose::Verify, table, .. }) if is_no => altered(table),
        Some(Mark { purpose: Purpose::Insert, table, .. }) => {
            without_values(report).asking(&format!("insert into `{table}`"))
        }
        Some(Mark { purpose: Purpose::Update, table, .. }) => {
            without_values(report).asking(&format!("update `{table}`"))
        }
        _ => without_values(report).asking("write the rows"),
    };
    let failure = at(failure, mark);
    if is_lost { failure.hint("run it again: what is there already is found") } else { failure.note(ROLLED_BACK) }
}

/// A reference that finds no row or several; how many, if that is known.
pub(super) fn reference(table: &str, found: Option<u64>) -> Failure {
    let (cause, hint) = match found {
        None => ("there is not exactly one".to_owned(), "look at the rows that are declared before this one"),
        Some(0) => ("there is none".to_owned(), "declare that row before this one"),
        Some(found) => (format!("there are {found}"), "name more columns in `where`"),
    };
    let message = format!("cannot find the row of `{table}` that is referred to: {cause}");
    Failure::new(Kind::Database, message).hint(hint)
}

fn altered(table: &str) -> Failure {
    let message = format!("cannot seed `{table}`: what was written is not what is declared");
    Failure::new(Kind::Database, message)
        .hint("declare the row as the table keeps it: rounded, padded, or as a trigger makes it; and the key so that it finds one row")
}

fn at(failure: Failure, mark: Option<&Mark<'_>>) -> Failure {
    match mark {
        Some(mark) => failure.at(mark.span),
        None => failure,
    }
}

/// PostgreSQL tells the value that does not fit its type.
fn without_values(mut report: Report) -> Report {
    if report.code.len() == 5
        && report.code.starts_with("22")
        && let (Some(start), Some(end)) = (report.message.find('"'), report.message.rfind('"'))
    {
        let before = report.message.get(..start).unwrap_or_default().trim_end_matches([' ', ':']).to_owned();
        let after = report.message.get(end + 1..).unwrap_or_default();
        report.message = format!("{before}{after}");
    }
    report
}
