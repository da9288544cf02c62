//! A migration as statements: where each ends, and which of them cannot be in a migration.

use super::scanner::{Token, TokenKind, Unterminated, scan};
use crate::sql::Dialect;

/// One statement with the space and the comments before it. The texts of all statements, one after the other, are the file.
#[derive(Debug, Clone)]
pub(crate) struct Statement<'a> {
    pub(crate) text: &'a str,
    /// Where `text` starts in the file.
    pub(crate) start: usize,
    /// The tokens that are neither space nor comment nor the final semicolon.
    tokens: Vec<Token>,
    file: &'a str,
}

/// The statements of a file.
pub(crate) fn statements(file: &str, dialect: Dialect) -> Result<Vec<Statement<'_>>, Unterminated> {
    let mut statements = Vec::new();
    let mut current = Current::default();
    let mut start = 0;
    for token in scan(file, dialect)? {
        match token.kind {
            TokenKind::Space | TokenKind::Comment => {}
            TokenKind::Symbol(';') if current.ends(file, dialect) => {
                let tokens = std::mem::take(&mut current).tokens;
                statements.push(Statement { text: &file[start..token.end], start, tokens, file });
                start = token.end;
            }
            _ => current.push(token, file, dialect),
        }
    }
    if start < file.len() {
        statements.push(Statement { text: &file[start..], start, tokens: current.tokens, file });
    }
    Ok(statements)
}

/// The statement that is being read, and the blocks that are open in it.
#[derive(Default)]
struct Current {
    tokens: Vec<Token>,
    parentheses: usize,
    /// `BEGIN ATOMIC` of an SQL function, and `CASE` inside of it.
    blocks: usize,
}

impl Current {
    fn push(&mut self, token: Token, file: &str, dialect: Dialect) {
        let word = word(token, file);
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
        if token.kind == TokenKind::Symbol('(') {
            self.parentheses += 1;
        } else if token.kind == TokenKind::Symbol(')') {
            self.parentheses = self.parentheses.saturating_sub(1);
        } else if dialect == Dialect::Postgres && token.kind == TokenKind::Word {
            let after_begin = self.tokens.last().is_some_and(|last| word_is(*last, file, "BEGIN"));
            if is("ATOMIC") && after_begin && self.starts_with(file, "CREATE") || is("CASE") && self.blocks > 0 {
                self.blocks += 1;
            } else if is("END") {
                self.blocks = self.blocks.saturating_sub(1);
            }
        }
        self.tokens.push(token);
    }

    /// A semicolon inside a block or, as in `CREATE RULE`, inside parentheses, ends no statement. The body of an SQLite trigger
    /// ends with `; END`, as SQLite's own shell sees it.
    fn ends(&self, file: &str, dialect: Dialect) -> bool {
        let trigger = dialect == Dialect::Sqlite && self.is_trigger(file);
        match (dialect, self.tokens.as_slice()) {
            (Dialect::Postgres | Dialect::Mysql, _) => self.parentheses == 0 && self.blocks == 0,
            (Dialect::Sqlite, [.., before, end]) if trigger => {
                before.kind == TokenKind::Symbol(';') && word_is(*end, file, "END")
            }
            (Dialect::Sqlite, _) => !trigger,
        }
    }

    fn starts_with(&self, file: &str, wanted: &str) -> bool {
        self.tokens.first().is_some_and(|first| word_is(*first, file, wanted))
    }

    fn is_trigger(&self, file: &str) -> bool {
        let mut words = self.tokens.iter().take(3).map(|token| word(*token, file).to_ascii_uppercase());
        words.next().as_deref() == Some("CREATE")
            && match words.next().as_deref() {
                Some("TRIGGER") => true,
                Some("TEMP" | "TEMPORARY") => words.next().as_deref() == Some("TRIGGER"),
                _ => false,
            }
    }
}

fn word(token: Token, file: &str) -> &str {
    if token.kind == TokenKind::Word { &file[token.start..token.end] } else { "" }
}

fn word_is(token: Token, file: &str, wanted: &str) -> bool {
    word(token, file).eq_ignore_ascii_case(wanted)
}

impl Statement<'_> {
    /// Where the statement itself starts in the file; nothing when it is only space and comments.
    pub(crate) fn head(&self) -> Option<Token> {
        self.tokens.first().copied()
    }

    /// The value of `PRAGMA foreign_keys = …`.
    pub(crate) fn foreign_keys(&self) -> Option<bool> {
        let words = self.words(4);
        let [pragma, name, rest @ ..] = words.as_slice() else { return None };
        if pragma != "PRAGMA" || name != "FOREIGN_KEYS" {
            return None;
        }
        rest.iter().find(|word| !["=", "("].contains(&word.as_str())).map(|value| {
            let value = value.trim_matches(['\'', '"']);
            ["ON", "YES", "TRUE"].contains(&value) || value.parse::<i64>().is_ok_and(|number| number != 0)
        })
    }

    /// What is sent: the statement without what stands around it.
    pub(crate) fn sql(&self) -> &str {
        match self.tokens.as_slice() {
            [first, .., last] => &self.file[first.start..last.end],
            [only] => &self.file[only.start..only.end],
            [] => "",
        }
    }

    /// The lines that `COPY … FROM stdin` reads.
    #[allow(dead_code, clippy::unused_self, reason = "for the session that sends them")]
    pub(crate) fn copy_data(&self) -> Option<&str> {
        None
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub(super) fn token(&self, token: Token) -> &str {
        &self.file[token.start..token.end]
    }

    pub(super) fn is_copy_of_client(&self) -> bool {
        let is = |token: &Token, wanted| word_is(*token, self.file, wanted);
        let client = |pair: &[Token]| {
            is(&pair[0], "FROM") && is(&pair[1], "STDIN") || is(&pair[0], "TO") && is(&pair[1], "STDOUT")
        };
        self.tokens.windows(2).any(client)
    }

    fn words(&self, limit: usize) -> Vec<String> {
        self.tokens.iter().take(limit).map(|token| self.file[token.start..token.end].to_ascii_uppercase()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::statements;
    use crate::sql::Dialect::{self, Postgres, Sqlite};

    fn heads(text: &str, dialect: Dialect) -> Vec<String> {
        let found = statements(text, dialect).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let joined: String = found.iter().map(|statement| statement.text).collect();
        assert_eq!(joined, text, "the statements are the file");
        let head =
            |statement: &super::Statement<'_>| statement.head().map(|token| text[token.start..token.end].to_owned());
        found.iter().filter_map(head).collect()
    }

    #[test]
    fn statements_end_where_they_should() {
        let routine = "create or replace function f() returns int language sql begin atomic select case when true then 1 \
                       else 2 end; select 3; end;";
        let trigger =
            "create trigger t after insert on a begin update a set x = case when 1 then 2 end; delete from b; end;";
        for (dialect, text, wanted) in [
            (Postgres, "select 1; update x; -- end", vec!["select", "update"]),
            (Postgres, ";;/* nothing */;\n", vec![]),
            (
                Postgres,
                "create rule r as on insert to a do also (insert into b values (1); delete from c); select 1",
                vec!["create", "select"],
            ),
            (
                Postgres,
                "create function begin() returns int as $$begin; end;$$ language plpgsql; drop table x;",
                vec!["create", "drop"],
            ),
            (Postgres, "do $x$ begin commit; end $x$; select 1", vec!["do", "select"]),
            (Sqlite, "create table a(x); insert into a values (';')", vec!["create", "insert"]),
            (Sqlite, "create table trigger_end(x); select 1;", vec!["create", "select"]),
        ] {
            assert_eq!(heads(text, dialect), wanted, "{dialect:?} {text}");
        }
        assert_eq!(heads(&format!("{routine} select 1;"), Postgres), ["create", "select"]);
        for prefix in ["", "/* a */ "] {
            assert_eq!(heads(&format!("{prefix}{trigger}\nselect 1;"), Sqlite), ["create", "select"]);
        }
        let temporary = trigger.replacen("create", "create temp", 1).replace("end;", "END /* x */ ;");
        assert_eq!(heads(&format!("{temporary}select 1"), Sqlite), ["create", "select"]);
    }

    #[test]
    fn refused_statements() {
        for (dialect, text, wanted) in [
            (Postgres, "BEGIN;", Some("`BEGIN` controls")),
            (Postgres, " /* x */ commit and chain;", Some("`COMMIT` controls")),
            (Postgres, "start transaction", Some("`START` controls")),
            (Postgres, "prepare transaction 'x'", Some("`PREPARE` controls")),
            (Postgres, "prepare x as select 1", None),
            (Postgres, "end", Some("`END` controls")),
            (Postgres, "abort", Some("`ABORT` controls")),
            (Postgres, "rollback", Some("`ROLLBACK` controls")),
            (Postgres, "rollback to savepoint a", None),
            (Postgres, "rollback work to a", None),
            (Postgres, "savepoint a", None),
            (Postgres, "release a", None),
            (Postgres, "do $$begin commit; end$$", None),
            (
                Postgres,
                "create unique index concurrently on a(b)",
                Some("`CREATE INDEX CONCURRENTLY` cannot run inside"),
            ),
            (Postgres, "create index \"concurrently\" on a(b)", None),
            (Postgres, "refresh materialized view concurrently a", None),
            (Postgres, "reindex (verbose) table concurrently a", Some("`REINDEX CONCURRENTLY`")),
            (Postgres, "alter table a detach partition b concurrently", Some("`DETACH PARTITION CONCURRENTLY`")),
            (Postgres, "vacuum", Some("`VACUUM`")),
            (Postgres, "copy a (b, c, d, e, f, g, h, i, j) from stdin", Some("`COPY` from or to")),
            (Postgres, "copy a from '/x'", None),
            (Postgres, "\\restrict abc\nselect 1", Some("a backslash")),
            (Sqlite, "begin immediate", Some("`BEGIN` controls")),
            (Sqlite, "end transaction", Some("`END` controls")),
            (Sqlite, "vacuum into 'x'", Some("`VACUUM`")),
            (Sqlite, "attach '/etc/x' as y", Some("`ATTACH`")),
            (Sqlite, "create trigger a after insert on b begin select 1; end", None),
        ] {
            let found = statements(text, dialect).unwrap();
            let cause = found.iter().find_map(|statement| statement.refused(dialect)).map(|refused| refused.cause);
            match wanted {
                Some(wanted) => assert!(cause.as_deref().is_some_and(|c| c.starts_with(wanted)), "{text}: {cause:?}"),
                None => assert_eq!(cause, None, "{text}"),
            }
        }
    }

    #[test]
    fn foreign_keys_pragma() {
        for (text, wanted) in [
            ("PRAGMA foreign_keys=OFF;", Some(false)),
            ("pragma foreign_keys = on;", Some(true)),
            ("pragma foreign_keys(1);", Some(true)),
            ("pragma foreign_keys;", None),
            ("pragma journal_mode = wal;", None),
        ] {
            assert_eq!(statements(text, Sqlite).unwrap()[0].foreign_keys(), wanted, "{text}");
        }
    }
}
