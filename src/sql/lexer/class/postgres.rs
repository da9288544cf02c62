//! PostgreSQL: what refuses to run inside a transaction.

use super::names::qualified;
use super::words::Words;
use super::{Class, Doubt, IndexDoubt, IndexWork};
use crate::sql::lexer::postgres::is_copy_to_stdout;
use crate::sql::lexer::scanner::{Token, TokenKind};
use crate::sql::lexer::statement::{Aside, Statement};

const COPY_HINT: &str = "write `INSERT` statements; `pg_dump --inserts` does";

pub(super) fn class(statement: &Statement<'_>, words: &Words) -> Class {
    if let Some(token) = statement.tokens().iter().find(|token| token.kind == TokenKind::Command) {
        return command(statement, *token);
    }
    if let Some(Aside::BehindCopy(token)) = statement.aside {
        let cause = "something stands behind `COPY … FROM stdin;` on its line".to_owned();
        return Class::Refused(statement.refuse_at(token, cause, "the lines of data begin on the next line"));
    }
    match words.list().as_slice() {
        // Savepoints stay inside the transaction.
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => Class::Ordinary,
        [word @ ("BEGIN" | "COMMIT" | "ROLLBACK" | "END" | "ABORT"), ..]
        | [word @ ("START" | "PREPARE"), "TRANSACTION", ..] => Class::TransactionControl((*word).to_owned()),
        ["SET", "TRANSACTION", ..] | ["SET", "LOCAL", "TRANSACTION", ..] => {
            Class::TransactionControl("SET TRANSACTION".to_owned())
        }
        ["DISCARD", "ALL", ..] => Class::Refused(statement.refuse(
            "`DISCARD ALL` gives the lock away that keeps other runners out".to_owned(),
            "write `RESET ALL` or `DISCARD PLANS`",
        )),
        ["COPY", ..] => copy(statement),
        words => outside_transaction(statement, words).map_or(Class::Ordinary, Class::Alone),
    }
}

fn command(statement: &Statement<'_>, token: Token) -> Class {
    let name = statement.token(token).split_ascii_whitespace().next().unwrap_or("\\");
    let cause = format!("a backslash starts a command of psql, which is not SQL: `{name}`");
    let length = name.len();
    let token = Token { end: token.start + length, ..token };
    Class::Refused(statement.refuse_at(token, cause, "remove the line"))
}

fn copy(statement: &Statement<'_>) -> Class {
    let refuse = |cause: &str| Class::Refused(statement.refuse(cause.to_owned(), COPY_HINT));
    if is_copy_to_stdout(statement.file, statement.tokens()) {
        refuse("`COPY` from or to the client is a conversation that a file cannot hold")
    } else if statement.copy_data.is_none() && statement.is_copy_from_stdin() {
        refuse("`COPY` from or to the client is a conversation that a file cannot hold: no data follows")
    } else {
        Class::Ordinary
    }
}

#[expect(clippy::match_same_arms, reason = "a table: what belongs together stands together")]
fn outside_transaction(statement: &Statement<'_>, words: &[&str]) -> Option<Doubt> {
    let concurrently = words.contains(&"CONCURRENTLY");
    let doubt = match words {
        ["CREATE", "INDEX", "CONCURRENTLY", ..] | ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..] => {
            created(statement, words)
        }
        ["DROP", "INDEX", "CONCURRENTLY", rest @ ..] => {
            let skipped = if rest.starts_with(&["IF", "EXISTS"]) { 5 } else { 3 };
            index(statement, IndexWork::Drop, skipped)
        }
        ["REINDEX", ..] if concurrently => reindexed(statement, words),
        ["REINDEX", "DATABASE" | "SYSTEM" | "SCHEMA", ..] | ["VACUUM", ..] => Doubt::Repeat,
        ["REINDEX", "(", ..] if rebuilds_many(words) => Doubt::Repeat,
        // Without a table it is all of them, in a transaction for each.
        ["CLUSTER" | "REPACK"] | ["CLUSTER" | "REPACK", "VERBOSE"] => Doubt::Repeat,
        ["CLUSTER" | "REPACK", "(", .., ")"] => Doubt::Repeat,
        ["REPACK", ..] if concurrently => Doubt::Repeat,
        ["ALTER", "SYSTEM", ..] => Doubt::Repeat,
        ["ALTER", "DATABASE", _, "SET", "TABLESPACE", ..] => Doubt::Repeat,
        ["ALTER", "SUBSCRIPTION", _, "REFRESH", ..] | ["ALTER", "SUBSCRIPTION", _, "SET", "PUBLICATION", ..] => {
            Doubt::Repeat
        }
        ["ALTER", "SUBSCRIPTION", _, "ADD" | "DROP", "PUBLICATION", ..] => Doubt::Unknown,
        // A detaching that was broken off has to be finished, and one that came to its end cannot be told by a code.
        ["ALTER", "TABLE", ..] if words.contains(&"DETACH") && detaches(statement) => Doubt::Unknown,
        ["CREATE", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..] => Doubt::Create,
        ["DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", rest @ ..] => {
            if rest.starts_with(&["IF", "EXISTS"]) {
                Doubt::Repeat
            } else {
                Doubt::Drop
            }
        }
        _ => return None,
    };
    Some(doubt)
}

/// What runs inside a transaction only where it needs none: a routine may commit, an extension may refuse, and a server before 12
/// refuses a new value of a type.
pub(super) fn apart(statement: &Statement<'_>, words: &[&str]) -> Option<Doubt> {
    match words {
        ["CALL", ..] => Some(Doubt::Unknown),
        // The transaction of a block that ends none holds the journal too, so that nothing of it is ever in doubt.
        ["DO", ..] => ends_transactions(statement.sql()).then_some(Doubt::Unknown),
        ["ALTER", "TYPE", ..] if words.windows(2).any(|pair| pair == ["ADD", "VALUE"]) => {
            let guarded = words.windows(3).any(|three| three == ["IF", "NOT", "EXISTS"]);
            Some(if guarded { Doubt::Repeat } else { Doubt::Create })
        }
        ["CREATE", "MATERIALIZED", "VIEW", "IF", "NOT", "EXISTS", ..] => Some(Doubt::Repeat),
        ["CREATE", "MATERIALIZED", "VIEW", ..] => Some(Doubt::Create),
        _ => None,
    }
}

/// The body is a string, in whatever language.
fn ends_transactions(block: &str) -> bool {
    let block = block.to_ascii_lowercase();
    ["commit", "rollback", "call"].iter().any(|word| block.contains(word))
}

fn detaches(statement: &Statement<'_>) -> bool {
    statement.tokens().last().is_some_and(|last| statement.is(*last, "CONCURRENTLY") || statement.is(*last, "FINALIZE"))
}

/// `REINDEX (VERBOSE) SCHEMA …`
fn rebuilds_many(words: &[&str]) -> bool {
    let target = words.iter().position(|word| *word == ")").and_then(|end| words.get(end + 1));
    matches!(target, Some(&("DATABASE" | "SYSTEM" | "SCHEMA")))
}

/// `CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table …`
fn created(statement: &Statement<'_>, words: &[&str]) -> Doubt {
    let tokens = statement.tokens();
    let start = if words[1] == "UNIQUE" { 4 } else { 3 };
    let start = if words[start..].starts_with(&["IF", "NOT", "EXISTS"]) { start + 3 } else { start };
    // A name `on` is a keyword, so that one can only be in quotes.
    let named = words.get(start) != Some(&"ON");
    let name = tokens.get(start..).filter(|_| named).and_then(|rest| qualified(statement, rest));
    if named && name.is_none() {
        return Doubt::Unknown;
    }
    let Some(on) = words.iter().skip(start).position(|word| *word == "ON") else { return Doubt::Unknown };
    let table = start + on + 1;
    let table = if words.get(table) == Some(&"ONLY") { table + 1 } else { table };
    match tokens.get(table..).and_then(|rest| qualified(statement, rest)) {
        Some(table) => Doubt::Index(IndexDoubt {
            work: IndexWork::Create,
            schema: table.schema,
            name: name.map(|name| name.name),
            table: Some(table.name),
        }),
        None => Doubt::Unknown,
    }
}

/// `REINDEX [(…)] INDEX|TABLE|SCHEMA|DATABASE|SYSTEM [CONCURRENTLY] [name]`
fn reindexed(statement: &Statement<'_>, words: &[&str]) -> Doubt {
    let target = if words.get(1) == Some(&"(") {
        words.iter().position(|word| *word == ")").map(|end| end + 1)
    } else {
        Some(1)
    };
    let Some(target) = target else { return Doubt::Unknown };
    let name = if words.get(target + 1) == Some(&"CONCURRENTLY") { target + 2 } else { target + 1 };
    let doubt = |schema, name, table| Doubt::Index(IndexDoubt { work: IndexWork::Reindex, schema, name, table });
    let found = statement.tokens().get(name..).and_then(|rest| qualified(statement, rest));
    match (words.get(target), found) {
        (Some(&"INDEX"), Some(index)) => doubt(index.schema, Some(index.name), None),
        (Some(&"TABLE"), Some(table)) => doubt(table.schema, None, Some(table.name)),
        (Some(&"SCHEMA"), Some(schema)) => doubt(Some(schema.name), None, None),
        (Some(&("DATABASE" | "SYSTEM")), _) => doubt(None, None, None),
        _ => Doubt::Unknown,
    }
}

fn index(statement: &Statement<'_>, work: IndexWork, skipped: usize) -> Doubt {
    match statement.tokens().get(skipped..).and_then(|rest| qualified(statement, rest)) {
        Some(index) => Doubt::Index(IndexDoubt { work, schema: index.schema, name: Some(index.name), table: None }),
        None => Doubt::Unknown,
    }
}
