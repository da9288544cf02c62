//! `MySQL` and `MariaDB`: what changes the schema commits.

use super::words::Words;
use super::{Class, Doubt};
use crate::sql::lexer::statement::Statement;

pub(super) fn class(_statement: &Statement<'_>, words: &Words) -> Class {
    match words.list().as_slice() {
        [
            "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "WITH" | "SET" | "DO" | "VALUES" | "TABLE" | "LOAD",
            ..,
        ] => Class::Ordinary,
        ["BEGIN" | "COMMIT" | "ROLLBACK" | "START" | "XA" | "LOCK" | "UNLOCK", ..] => {
            Class::TransactionControl(words.title())
        }
        _ => Class::Alone(Doubt::Unknown),
    }
}
