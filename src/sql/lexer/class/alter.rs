//! `ALTER TABLE` of `MySQL` and `MariaDB`: whether it can be done a second time.
//!
//! It is done as a whole or not at all, since `MySQL` 8.0 and `MariaDB` 10.6.

use super::Doubt;
use crate::sql::lexer::scanner::{Token, TokenKind};
use crate::sql::lexer::statement::Statement;

pub(super) fn doubt(statement: &Statement<'_>) -> Doubt {
    let doubts: Vec<Doubt> = actions(statement).into_iter().map(|tokens| action(&words(statement, tokens))).collect();
    match doubts.as_slice() {
        [only] => only.clone(),
        // With several, an answer about one of them says nothing about the others.
        several if several.iter().all(|doubt| *doubt == Doubt::Repeat) => Doubt::Repeat,
        _ => Doubt::Unknown,
    }
}

/// What is done to the table, parted at the commas outside of parentheses.
fn actions<'a>(statement: &'a Statement<'_>) -> Vec<&'a [Token]> {
    let mut depth = 0_usize;
    let tokens = &statement.tokens()[behind_name(statement)..];
    let is_comma = |token: &Token| {
        match token.kind {
            TokenKind::Symbol('(') => depth += 1,
            TokenKind::Symbol(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.kind == TokenKind::Symbol(',')
    };
    tokens.split(is_comma).collect()
}

/// Behind `ALTER [ONLINE] [IGNORE] TABLE [IF EXISTS] name [WAIT n | NOWAIT]`.
fn behind_name(statement: &Statement<'_>) -> usize {
    let tokens = statement.tokens();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| statement.is(*token, word));
    let mut at = tokens.iter().position(|token| statement.is(*token, "TABLE")).map_or(tokens.len(), |at| at + 1);
    if is(at, "IF") && is(at + 1, "EXISTS") {
        at += 2;
    }
    at += 1;
    while tokens.get(at).is_some_and(|token| token.kind == TokenKind::Symbol('.')) {
        at += 2;
    }
    if is(at, "WAIT") {
        at += 2;
    } else if is(at, "NOWAIT") {
        at += 1;
    }
    at.min(tokens.len())
}

/// More than an action needs to be known.
const WORDS: usize = 12;

fn words(statement: &Statement<'_>, tokens: &[Token]) -> Vec<String> {
    let word = |token: &Token| match token.kind {
        TokenKind::Word | TokenKind::Symbol(_) => statement.token(*token).to_ascii_uppercase(),
        // As a name it equals itself however it is quoted.
        TokenKind::QuotedIdentifier => format!("`{}", statement.token(*token).trim_matches('`').to_ascii_uppercase()),
        _ => "'".to_owned(),
    };
    tokens.iter().take(WORDS).map(word).collect()
}

#[expect(clippy::match_same_arms, reason = "a table: what belongs together stands together")]
fn action(words: &[String]) -> Doubt {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ADD", rest @ ..] => added(rest),
        ["DROP", rest @ ..] => dropped(rest),
        ["MODIFY", ..] => Doubt::Repeat,
        // A column that keeps its name.
        ["CHANGE", "COLUMN", old, new, ..] if old.trim_start_matches('`') == new.trim_start_matches('`') => {
            Doubt::Repeat
        }
        ["CHANGE", old, new, ..] if *old != "COLUMN" && old.trim_start_matches('`') == new.trim_start_matches('`') => {
            Doubt::Repeat
        }
        ["ALTER", ..] | ["CONVERT", "TO", ..] | ["ENABLE" | "DISABLE", "KEYS"] | ["FORCE"] | ["ORDER", "BY", ..] => {
            Doubt::Repeat
        }
        ["DEFAULT", "CHARACTER" | "CHARSET" | "COLLATE", ..] | ["CHARACTER", "SET", ..] => Doubt::Repeat,
        ["ANALYZE" | "CHECK" | "OPTIMIZE" | "REBUILD" | "REPAIR", "PARTITION", ..] => Doubt::Repeat,
        // What holds of the whole table is what it is the second time too.
        [option, "=", ..] if is_option(option) => Doubt::Repeat,
        [option, _] if is_option(option) => Doubt::Repeat,
        // `RENAME`, `EXCHANGE PARTITION`, `PARTITION BY`, and what is not known here.
        _ => Doubt::Unknown,
    }
}

fn is_option(word: &str) -> bool {
    [
        "ALGORITHM",
        "LOCK",
        "ENGINE",
        "COMMENT",
        "AUTO_INCREMENT",
        "CHARSET",
        "COLLATE",
        "ROW_FORMAT",
        "KEY_BLOCK_SIZE",
        "CHECKSUM",
        "AVG_ROW_LENGTH",
        "MAX_ROWS",
        "MIN_ROWS",
        "PACK_KEYS",
        "STATS_PERSISTENT",
        "STATS_AUTO_RECALC",
        "STATS_SAMPLE_PAGES",
        "ENCRYPTION",
        "ENCRYPTED",
        "COMPRESSION",
        "PAGE_COMPRESSED",
        "DELAY_KEY_WRITE",
    ]
    .contains(&word)
}

/// Without a name a second index, key or check is made beside the first; with one the server knows it again.
#[expect(clippy::match_same_arms, reason = "a table: what belongs together stands together")]
fn added(rest: &[&str]) -> Doubt {
    let named = |name: Option<&&str>| {
        name.is_some_and(|name| !["(", "USING", "FOREIGN", "UNIQUE", "CHECK", "PRIMARY"].contains(name))
    };
    let guarded = |rest: &[&str]| rest.starts_with(&["IF", "NOT", "EXISTS"]);
    let create = |is: bool| if is { Doubt::Create } else { Doubt::Unknown };
    match rest {
        ["COLUMN" | "INDEX" | "KEY" | "CONSTRAINT" | "PARTITION", rest @ ..] if guarded(rest) => Doubt::Repeat,
        ["UNIQUE" | "FULLTEXT" | "SPATIAL", "INDEX" | "KEY", rest @ ..]
        | ["UNIQUE" | "FULLTEXT" | "SPATIAL" | "FOREIGN", rest @ ..]
            if guarded(rest) =>
        {
            Doubt::Repeat
        }
        ["FOREIGN", "KEY", rest @ ..] if guarded(rest) => Doubt::Repeat,
        rest if guarded(rest) => Doubt::Repeat,
        ["COLUMN", ..] | ["PRIMARY", "KEY", ..] => Doubt::Create,
        ["CONSTRAINT", "PRIMARY", ..] | ["CONSTRAINT", _, "PRIMARY", ..] => Doubt::Create,
        ["UNIQUE" | "FULLTEXT" | "SPATIAL", "INDEX" | "KEY", rest @ ..] => create(named(rest.first())),
        ["INDEX" | "KEY" | "UNIQUE" | "FULLTEXT" | "SPATIAL" | "CONSTRAINT", rest @ ..] => create(named(rest.first())),
        ["FOREIGN" | "CHECK", ..] => Doubt::Unknown,
        ["PARTITION", ..] => Doubt::Unknown,
        _ => Doubt::Create,
    }
}

fn dropped(rest: &[&str]) -> Doubt {
    match rest {
        ["COLUMN" | "INDEX" | "KEY" | "CONSTRAINT" | "PARTITION", "IF", "EXISTS", ..]
        | ["FOREIGN", "KEY", "IF", "EXISTS", ..]
        | ["IF", "EXISTS", ..] => Doubt::Repeat,
        ["PARTITION" | "SYSTEM" | "PERIOD", ..] => Doubt::Unknown,
        _ => Doubt::Drop,
    }
}
