//! A transaction as the statements that make it.

use super::message;
use super::state;
use super::trouble::Answered;
use crate::sql::lexer::Statement;
use crate::sql::session::Batch;

const BEGIN: &str = "START TRANSACTION";

/// All that is sent for a batch.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// Nothing when the guard was asked in the same transaction before.
    before: Option<String>,
    /// What another file has set is set back first.
    restores: bool,
    of_file: Vec<(&'a Statement<'a>, &'a str)>,
    record: &'a [String],
}

impl<'a> Parts<'a> {
    pub(super) fn new(batch: &'a Batch<'a>, restores: bool) -> Self {
        let before = batch.guard.is_none().then(|| state::before_transaction(batch.lock_timeout));
        let of_file = batch.statements.iter().filter_map(|statement| Some((statement, text_of(statement)?))).collect();
        Self { before, restores, of_file, record: batch.record }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let restore = self.restores.then_some(state::RESTORE);
        let before = self.before.as_deref().map(|before| [before, BEGIN]);
        let of_file = self.of_file.iter().map(|(_, text)| *text);
        let record = self.record.iter().map(String::as_str);
        let before = restore.into_iter().chain(before.into_iter().flatten());
        before.chain(of_file).chain([state::TEXT]).chain(record).chain(["COMMIT", state::AFTER_TRANSACTION])
    }

    /// The statement of the file that has this number among the texts.
    pub(super) fn statement(&self, number: usize) -> Option<&'a Statement<'a>> {
        let before = usize::from(self.restores) + if self.before.is_some() { 2 } else { 0 };
        self.of_file.get(number.checked_sub(before)?).map(|(statement, _)| *statement)
    }
}

/// The beginning of a transaction with the query that tells whether it is needed.
pub(super) fn guarded(batch: &Batch<'_>) -> Option<String> {
    let before = state::before_transaction(batch.lock_timeout);
    batch.guard.map(|guard| format!("{before}; {BEGIN}; {guard}"))
}

pub(super) fn roll_back() -> String {
    format!("ROLLBACK; {}", state::AFTER_TRANSACTION)
}

/// What is sent of a statement; nothing where there is only space, or a comment.
pub(super) fn text_of<'a>(statement: &'a Statement<'_>) -> Option<&'a str> {
    statement.head().map(|_| statement.sql())
}

/// Where in the file it failed: where the server says, else where the statement begins.
pub(super) fn place(answered: &Answered, statement: &Statement<'_>) -> Option<usize> {
    let told = message::place(answered, statement.sql()).map(|place| statement.sql_start() + place);
    told.or_else(|| statement.head().map(|head| head.start))
}
