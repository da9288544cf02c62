//! PostgreSQL: what refuses to run inside a transaction.

use super::words::Words;
use super::{Class, Doubt, IndexDoubt, IndexWork};
use crate::sql::lexer::scanner::TokenKind;
use crate::sql::lexer::statement::Statement;

pub(super) fn class(statement: &Statement<'_>, words: &Words) -> Class {
    if let Some(token) = statement.tokens().iter().find(|token| token.kind == TokenKind::Symbol('\\')) {
        let mut refused =
            statement.refuse("a backslash starts a command of psql, which is not SQL".to_owned(), "remove the line");
        (refused.start, refused.length) = (token.start, 1);
        return Class::Refused(refused);
    }
    match words.list().as_slice() {
        // Savepoints stay inside the transaction.
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => Class::Ordinary,
        [word @ ("BEGIN" | "COMMIT" | "ROLLBACK" | "END" | "ABORT"), ..]
        | [word @ ("START" | "PREPARE"), "TRANSACTION", ..] => Class::TransactionControl((*word).to_owned()),
        ["SET", "TRANSACTION", ..] => Class::TransactionControl("SET TRANSACTION".to_owned()),
        ["COPY", ..] if statement.is_copy_of_client() => Class::Refused(statement.refuse(
            "`COPY` from or to the client is a conversation that a file cannot hold".to_owned(),
            "write `INSERT` statements; `pg_dump --inserts` does",
        )),
        words => outside_transaction(words).map_or(Class::Ordinary, Class::Alone),
    }
}

fn outside_transaction(words: &[&str]) -> Option<Doubt> {
    let concurrently = words.contains(&"CONCURRENTLY");
    let index = |work| Some(Doubt::Index(IndexDoubt { work, schema: None, name: None, table: None }));
    match words {
        ["CREATE", "INDEX", "CONCURRENTLY", ..] | ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..] => {
            index(IndexWork::Create)
        }
        ["DROP", "INDEX", "CONCURRENTLY", ..] => index(IndexWork::Drop),
        ["REINDEX", ..] if concurrently => index(IndexWork::Reindex),
        ["REINDEX", "DATABASE" | "SYSTEM" | "SCHEMA", ..] | ["VACUUM", ..] | ["ALTER", "SYSTEM", ..] => {
            Some(Doubt::Repeat)
        }
        ["ALTER", "TABLE", .., "CONCURRENTLY" | "FINALIZE"] if words.contains(&"DETACH") => Some(Doubt::Unknown),
        ["CREATE", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..] => Some(Doubt::Create),
        ["DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", rest @ ..] => {
            Some(if rest.starts_with(&["IF", "EXISTS"]) { Doubt::Repeat } else { Doubt::Drop })
        }
        ["DISCARD", "ALL", ..] | ["CLUSTER"] | ["CLUSTER", "VERBOSE"] => Some(Doubt::Repeat),
        _ => None,
    }
}
