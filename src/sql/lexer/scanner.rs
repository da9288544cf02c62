//! SQL as tokens: just enough to see where quotes, comments and statements end.
//!
//! The tokens of a text, one after the other, are the text. Nothing is understood beyond that: the server parses, this
//! only keeps what looks like a semicolon or a `COMMIT` inside a string from being taken for one.

use crate::sql::Dialect;

/// What a stretch of SQL is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Space,
    Comment,
    Word,
    Number,
    /// A string, in quotes or in dollars.
    Text,
    QuotedIdentifier,
    /// One character of anything else.
    Symbol(char),
}

/// A stretch of SQL, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A quote or comment that the text ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unterminated {
    pub(crate) what: &'static str,
    pub(crate) start: usize,
    pub(crate) length: usize,
}

/// All tokens of a text.
pub(crate) fn scan(text: &str, dialect: Dialect) -> Result<Vec<Token>, Unterminated> {
    let mut scanner = Scanner { text, dialect, at: 0, escapes: false };
    let mut tokens = Vec::new();
    while let Some(token) = scanner.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Scanner<'a> {
    text: &'a str,
    dialect: Dialect,
    at: usize,
    /// The string before was an `E''` and only a line break has followed: a string that follows now continues it.
    escapes: bool,
}

impl Scanner<'_> {
    fn next(&mut self) -> Result<Option<Token>, Unterminated> {
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let postgres = self.dialect == Dialect::Postgres;
        let continues = std::mem::take(&mut self.escapes);
        let (kind, length) = if first.is_ascii_whitespace() || first == '\u{b}' {
            let length = length_while(rest, |c| c.is_ascii_whitespace() || c == '\u{b}');
            self.escapes = continues && rest[..length].contains(['\n', '\r']);
            (TokenKind::Space, length)
        } else if rest.starts_with("--") {
            let ends: &[char] = if postgres { &['\n', '\r'] } else { &['\n'] };
            (TokenKind::Comment, rest.find(ends).unwrap_or(rest.len()))
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let end = if postgres { nested_comment(rest) } else { comment.find("*/").map(|end| end + 4) };
            (TokenKind::Comment, self.closed(end, "comment", 2)?)
        } else if first == '\'' {
            (TokenKind::Text, self.string(rest, continues)?)
        } else if first == '"' || (!postgres && first == '`') {
            (TokenKind::QuotedIdentifier, self.closed(quoted(rest, first, false), "quoted identifier", 1)?)
        } else if !postgres && first == '[' {
            (TokenKind::QuotedIdentifier, self.closed(rest.find(']').map(|end| end + 1), "quoted identifier", 1)?)
        } else if let Some(tag) = dollar_tag(rest).filter(|_| postgres) {
            let end = rest[tag.len()..].find(tag).map(|end| end + 2 * tag.len());
            (TokenKind::Text, self.closed(end, "dollar quote", tag.len())?)
        } else if is_word_start(first) {
            let length = length_while(rest, is_word);
            // `E'…'` is one string; every other prefix may stand apart from a string with plain rules.
            if postgres && rest[..length].eq_ignore_ascii_case("e") && rest[length..].starts_with('\'') {
                self.at += length;
                let string = self.string(&rest[length..], true)?;
                self.at -= length;
                (TokenKind::Text, length + string)
            } else {
                (TokenKind::Word, length)
            }
        } else if first.is_ascii_digit() {
            (TokenKind::Number, length_while(rest, |c| is_word(c) || c == '.'))
        } else {
            (TokenKind::Symbol(first), first.len_utf8())
        };
        self.at = start + length;
        Ok(Some(Token { kind, start, end: self.at }))
    }

    fn string(&mut self, rest: &str, escapes: bool) -> Result<usize, Unterminated> {
        self.escapes = escapes;
        self.closed(quoted(rest, '\'', escapes), "string", 1)
    }

    fn closed(&self, end: Option<usize>, what: &'static str, length: usize) -> Result<usize, Unterminated> {
        end.ok_or(Unterminated { what, start: self.at, length })
    }
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_word(c: char) -> bool {
    is_word_start(c) || c.is_ascii_digit() || c == '$'
}

fn length_while(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}

/// The length of a text in quotes: a doubled quote is one in the text, and so is one after a backslash if those escape.
fn quoted(text: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if escapes && c == '\\' {
            characters.next();
        } else if c == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + quote.len_utf8());
        }
    }
    None
}

fn nested_comment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" if depth == 1 => return Some(at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    None
}

/// `$$` or `$tag$`, when the text starts with it. `$1` is a parameter.
fn dollar_tag(text: &str) -> Option<&str> {
    let tag = text.strip_prefix('$')?;
    let length = length_while(tag, |c| is_word(c) && c != '$');
    (tag[length..].starts_with('$') && !tag.starts_with(|c: char| c.is_ascii_digit())).then(|| &text[..length + 2])
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, scan};
    use crate::sql::Dialect::{Postgres, Sqlite};

    #[test]
    fn tokens_together_are_the_text() {
        let texts = [
            "select 'it''s' /* a /* b */ c */ from \"x\"\"y\" -- end",
            "do $body$ begin; perform $1; $$ in $$; end $body$; select $1, a$b$c",
            "select E'\\'' ; select e'a\\\\' ; select 'a\\'",
            "insert into `a;b` values ([c;d], :x, ?1, 1.5e3)\r\n;;",
            "é ü\u{b}\t\"ß\" '💥'",
            "",
        ];
        for text in texts {
            for dialect in [Postgres, Sqlite] {
                let Ok(tokens) = scan(text, dialect) else { continue };
                let joined: String = tokens.iter().map(|token| &text[token.start..token.end]).collect();
                assert_eq!(joined, text, "{dialect:?}");
            }
        }
    }

    #[test]
    fn semicolons_that_end_nothing() {
        for (dialect, text, wanted) in [
            (Postgres, "';'", 0),
            (Postgres, "'a'';'", 0),
            (Postgres, r"E'\';'", 0),
            (Postgres, r"e'\\';", 1),
            (Postgres, r"'\';", 1),
            (Postgres, "E'a'\n'\\';'", 0),
            (Postgres, "U&'\\';", 1),
            (Postgres, "\"a;\"\"b;\"", 0),
            (Postgres, "/* ; /* ; */ ; */", 0),
            (Postgres, "-- ;\n;", 1),
            (Postgres, "-- ;\r;", 1),
            (Postgres, "$$;$$", 0),
            (Postgres, "$a$;$$;$b$;$a$", 0),
            (Postgres, "$1;$2", 1),
            (Postgres, "a$$;b$$", 1),
            (Postgres, "$é$;$é$", 0),
            (Postgres, "`;`", 1),
            (Postgres, "[;]", 1),
            (Sqlite, "`;`", 0),
            (Sqlite, "[;]", 0),
            (Sqlite, "/* ; /* ; */ ; ", 1),
            (Sqlite, "-- ;\r;", 0),
            (Sqlite, r"E'\';", 1),
            (Sqlite, "$$;$$", 1),
        ] {
            let tokens = scan(text, dialect).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let found = tokens.iter().filter(|token| token.kind == TokenKind::Symbol(';')).count();
            assert_eq!(found, wanted, "{dialect:?} {text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_found() {
        for (dialect, text, what, start) in [
            (Postgres, "select 'a", "string", 7),
            (Postgres, r"select E'a\'", "string", 8),
            (Postgres, "select \"a", "quoted identifier", 7),
            (Postgres, "/* /* */", "comment", 0),
            (Postgres, "/*/", "comment", 0),
            (Postgres, " $x$ $y$", "dollar quote", 1),
            (Sqlite, "[a", "quoted identifier", 0),
            (Sqlite, "`a``", "quoted identifier", 0),
            (Sqlite, "/*/", "comment", 0),
        ] {
            let found = scan(text, dialect).map_err(|error| (error.what, error.start));
            assert_eq!(found.err(), Some((what, start)), "{dialect:?} {text}");
        }
    }
}
