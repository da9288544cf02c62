//! `MySQL` and `MariaDB`: nearly everything that is not about rows commits by itself.

use super::alter;
use super::words::Words;
use super::{Class, Doubt};
use crate::sql::lexer::scanner::TokenKind;
use crate::sql::lexer::statement::Statement;

/// Words of the client that no statement begins with.
const COMMANDS: [&str; 26] = [
    "CHARSET",
    "CLEAR",
    "CONNECT",
    "DELIMITER",
    "EDIT",
    "EGO",
    "EXIT",
    "GO",
    "NOPAGER",
    "NOTEE",
    "NOWARNING",
    "PAGER",
    "PRINT",
    "PROMPT",
    "QUERY_ATTRIBUTES",
    "QUIT",
    "REHASH",
    "RESETCONNECTION",
    "SOURCE",
    "SSL_SESSION_DATA_PRINT",
    "STATUS",
    "SYSTEM",
    "TEE",
    "WARNINGS",
    "COSTS",
    "SANDBOX",
];

/// What can be made and dropped, and has a name.
const OBJECTS: [&str; 14] = [
    "TABLE",
    "DATABASE",
    "SCHEMA",
    "INDEX",
    "VIEW",
    "PROCEDURE",
    "FUNCTION",
    "TRIGGER",
    "EVENT",
    "USER",
    "ROLE",
    "SERVER",
    "SEQUENCE",
    "PACKAGE",
];

pub(super) fn class(statement: &Statement<'_>, words: &Words) -> Class {
    if let Some(token) = statement.tokens().iter().find(|token| token.kind == TokenKind::Command) {
        let name = statement.token(*token).split_ascii_whitespace().next().unwrap_or("\\");
        return Class::Refused(statement.refuse_at(*token, client(name), "remove the line"));
    }
    let words = words.list();
    match words.as_slice() {
        [word, ..] if COMMANDS.contains(word) => {
            Class::Refused(statement.refuse(client(&word.to_ascii_lowercase()), "remove the line"))
        }
        ["USE", ..] => Class::Refused(statement.refuse(
            "`USE` leaves the database that the lock and the history belong to".to_owned(),
            "migrate the other database with a step of its own, or write `database.table`",
        )),
        ["LOAD", _, "LOCAL", ..] | ["LOAD", _, _, "LOCAL", ..] => Class::Refused(statement.refuse(
            "`LOAD … LOCAL` reads a file of the client, which is a conversation".to_owned(),
            "write `INSERT` statements",
        )),
        ["SET", "STATEMENT", ..] => under_setting(&words),
        ["SET", ..] => set(statement, &words),
        words => control(words).map_or_else(|| plain(statement, words), Class::TransactionControl),
    }
}

fn client(name: &str) -> String {
    format!("`{name}` is a command of the client, which is not SQL")
}

fn control(words: &[&str]) -> Option<String> {
    let control = match words {
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK", "TO", ..] | ["BEGIN", "NOT", ..] => return None,
        [word @ ("BEGIN" | "COMMIT" | "ROLLBACK" | "XA"), ..] => word,
        ["START", "TRANSACTION", ..] => "START TRANSACTION",
        ["LOCK", "TABLE" | "TABLES", ..] => "LOCK TABLES",
        ["UNLOCK", "TABLE" | "TABLES", ..] => "UNLOCK TABLES",
        _ => return None,
    };
    Some(control.to_owned())
}

#[expect(clippy::match_same_arms, reason = "a table: what belongs together stands together")]
fn plain(statement: &Statement<'_>, words: &[&str]) -> Class {
    match words {
        [] => Class::Ordinary,
        ["SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "WITH" | "DO" | "VALUES" | "TABLE" | "(", ..] => {
            Class::Ordinary
        }
        ["SAVEPOINT" | "RELEASE" | "ROLLBACK", ..] => Class::Ordinary,
        ["SHOW" | "DESCRIBE" | "DESC" | "EXPLAIN" | "HELP" | "CHECKSUM" | "HANDLER" | "SIGNAL" | "GET", ..] => {
            Class::Ordinary
        }
        ["PREPARE" | "DEALLOCATE", ..] | ["DROP", "PREPARE", ..] => Class::Ordinary,
        ["LOAD", "DATA" | "XML", ..] => Class::Ordinary,
        // Tables of the session alone are no part of what others see, and are made and dropped without a commit.
        ["CREATE" | "DROP", "TEMPORARY", ..] | ["CREATE", "OR", "REPLACE", "TEMPORARY", ..] => Class::Ordinary,
        words => Class::Alone(doubt(statement, words)),
    }
}

#[expect(clippy::match_same_arms, reason = "a table: what belongs together stands together")]
fn doubt(statement: &Statement<'_>, words: &[&str]) -> Doubt {
    match words {
        ["CREATE", "OR", "REPLACE", ..] => Doubt::Repeat,
        ["CREATE", ..] => made(words, "IF NOT EXISTS", Doubt::Create),
        ["DROP", ..] => made(words, "IF EXISTS", Doubt::Drop),
        ["ALTER", "TABLE", ..]
        | ["ALTER", "ONLINE" | "IGNORE", "TABLE", ..]
        | ["ALTER", "ONLINE", "IGNORE", "TABLE", ..] => alter::doubt(statement),
        // A new name, or what can be told from it, is the only thing that cannot be said twice.
        ["ALTER", "EVENT", ..] if words.contains(&"RENAME") => Doubt::Unknown,
        [
            "ALTER",
            "DATABASE" | "SCHEMA" | "VIEW" | "ALGORITHM" | "DEFINER" | "SQL" | "PROCEDURE" | "FUNCTION" | "EVENT"
            | "USER" | "SERVER",
            ..,
        ] => Doubt::Repeat,
        ["ANALYZE" | "CHECK" | "OPTIMIZE" | "REPAIR" | "FLUSH" | "GRANT" | "CACHE" | "TRUNCATE" | "PURGE", ..] => {
            Doubt::Repeat
        }
        ["LOAD", "INDEX", ..] => Doubt::Repeat,
        ["REVOKE", "IF", "EXISTS", ..] | ["REVOKE", "ALL", ..]
            if words.contains(&"EXISTS") || !words.contains(&"ON") =>
        {
            Doubt::Repeat
        }
        ["INSTALL", _, "IF", "NOT", "EXISTS", ..] | ["UNINSTALL", _, "IF", "EXISTS", ..] => Doubt::Repeat,
        // Procedures, dynamic statements, and what is not known here.
        _ => Doubt::Unknown,
    }
}

/// `guard` stands directly behind the kind of the object; in the body of a routine it would mean something else.
fn made(words: &[&str], guard: &str, otherwise: Doubt) -> Doubt {
    let Some(kind) = words.iter().position(|word| OBJECTS.contains(word)) else { return Doubt::Unknown };
    let guard: Vec<&str> = guard.split(' ').collect();
    match words[kind] {
        _ if words[kind + 1..].starts_with(&guard) => Doubt::Repeat,
        "PACKAGE" if words[kind + 1..].starts_with(&["BODY"]) && words[kind + 2..].starts_with(&guard) => Doubt::Repeat,
        // The code that says so is that of everything else that can be wrong with an account, and some of several may be done.
        "USER" | "ROLE" => Doubt::Unknown,
        _ => otherwise,
    }
}

/// `MariaDB`: `SET STATEMENT variable = value, … FOR statement`.
fn under_setting(words: &[&str]) -> Class {
    let inner = words.iter().position(|word| *word == "FOR").and_then(|at| words.get(at + 1));
    match inner {
        Some(&("SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "WITH" | "VALUES")) => Class::Ordinary,
        _ => Class::Alone(Doubt::Unknown),
    }
}

fn set(statement: &Statement<'_>, words: &[&str]) -> Class {
    if sets_autocommit(statement) {
        return Class::TransactionControl("SET autocommit".to_owned());
    }
    match words {
        ["SET", "TRANSACTION", ..] => Class::TransactionControl("SET TRANSACTION".to_owned()),
        ["SET", "PASSWORD" | "DEFAULT", ..] => Class::Alone(Doubt::Repeat),
        _ => Class::Ordinary,
    }
}

/// As the variable that is set, with or without `SESSION` and `@@`; not where its value is kept: `SET @old = @@autocommit`.
fn sets_autocommit(statement: &Statement<'_>) -> bool {
    let is_equals = |kind| matches!(kind, TokenKind::Symbol('=' | ':'));
    statement.tokens().windows(2).any(|pair| statement.is_name(pair[0], "AUTOCOMMIT") && is_equals(pair[1].kind))
}
