//! `SQLite`: nearly everything is part of a transaction.

use super::words::Words;
use super::{Class, Doubt};
use crate::sql::lexer::scanner::TokenKind;
use crate::sql::lexer::statement::Statement;

/// What cannot be changed while a transaction is open. Not `foreign_keys`, which then does nothing: it is set before.
const PRAGMAS: [&str; 4] = ["JOURNAL_MODE", "SYNCHRONOUS", "TEMP_STORE", "WAL_CHECKPOINT"];

pub(super) fn class(statement: &Statement<'_>, words: &Words) -> Class {
    if let Some(token) = statement.tokens().first().filter(|token| token.kind == TokenKind::Command) {
        let name = statement.token(*token).split_ascii_whitespace().next().unwrap_or(".");
        let cause = format!("`{name}` is a command of SQLite's shell, which is not SQL");
        return Class::Refused(statement.refuse_at(*token, cause, "remove the line"));
    }
    match words.list().as_slice() {
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "TRANSACTION", "TO", ..] => Class::Ordinary,
        [word @ ("BEGIN" | "COMMIT" | "ROLLBACK" | "END"), ..] => Class::TransactionControl((*word).to_owned()),
        ["ATTACH", ..] => Class::Refused(statement.refuse(
            "`ATTACH` opens a file by a name that is not resolved inside the root".to_owned(),
            "migrate the other database with a step of its own",
        )),
        ["VACUUM", "INTO", ..] | ["VACUUM", _, "INTO", ..] => Class::Refused(statement.refuse(
            "`VACUUM` with `INTO` makes a file by a name that is not resolved inside the root".to_owned(),
            "leave it out of the migration",
        )),
        ["DETACH", ..] => Class::Refused(statement.refuse(
            "`DETACH` is for a database that was attached, which a migration cannot do".to_owned(),
            "leave it out of the migration",
        )),
        ["VACUUM", ..] => Class::Alone(Doubt::Repeat),
        ["PRAGMA", name, ..] | ["PRAGMA", _, ".", name, ..] if PRAGMAS.contains(name) => Class::Alone(Doubt::Repeat),
        _ => Class::Ordinary,
    }
}
