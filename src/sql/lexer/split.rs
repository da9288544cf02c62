//! A file as statements.

use std::ops::Range;

use super::mysql::{self, Routine};
use super::postgres::{self, Blocks};
use super::scanner::{Scanner, Token, TokenKind, Unterminated};
use super::sqlite::Trigger;
use super::statement::{Aside, Statement};
use crate::sql::Dialect;

/// The statements of a file. What stands behind the last one, if it is no statement, comes as one more without a head.
pub(crate) fn statements(file: &str, dialect: Dialect) -> Result<Vec<Statement<'_>>, Unterminated> {
    let mut splitter =
        Splitter { file, dialect, scanner: Scanner::new(file, dialect), start: 0, statements: Vec::new() };
    let mut current = Current::new(dialect);
    while let Some(token) = splitter.scanner.next()? {
        match token.kind {
            TokenKind::Space | TokenKind::Comment => {}
            TokenKind::Mark => current.extend(token),
            TokenKind::Delimiter => splitter.finish(&mut current, None),
            TokenKind::Symbol(';') if splitter.scanner.ends_by_semicolon() && current.ends() => {
                splitter.end(&mut current)?;
            }
            _ if current.tokens.is_empty() => splitter.begin(&mut current, token),
            _ => current.push(token, file),
        }
    }
    if splitter.start < file.len() {
        let last = splitter.statement(&mut current, None);
        splitter.statements.push(last);
    }
    Ok(splitter.statements)
}

struct Splitter<'a> {
    file: &'a str,
    dialect: Dialect,
    scanner: Scanner<'a>,
    /// Where the statement that is being read starts.
    start: usize,
    statements: Vec<Statement<'a>>,
}

impl<'a> Splitter<'a> {
    /// The first token of a statement, which may be a line for a client.
    fn begin(&mut self, current: &mut Current, token: Token) {
        let first_of_line = self.scanner.is_first_of_line(token.start);
        let text = &self.file[token.start..token.end];
        match (self.dialect, token.kind) {
            (Dialect::Postgres, TokenKind::Command) if first_of_line && postgres::is_passed_over(text) => {
                current.aside = Some(Aside::Skipped(token));
            }
            (Dialect::Sqlite, TokenKind::Symbol('.')) if first_of_line => {
                self.scanner.rest_of_line();
                let token = Token { kind: TokenKind::Command, start: token.start, end: self.scanner.at };
                current.push(token, self.file);
            }
            (Dialect::Mysql, TokenKind::Word) if first_of_line && text.eq_ignore_ascii_case("DELIMITER") => {
                let line = self.scanner.rest_of_line();
                match mysql::delimiter(line) {
                    Some(delimiter) => self.scanner.set_delimiter(delimiter),
                    None => {
                        let token = Token { kind: TokenKind::Command, start: token.start, end: self.scanner.at };
                        current.push(token, self.file);
                    }
                }
            }
            _ => current.push(token, self.file),
        }
    }

    /// A semicolon that ends the statement.
    fn end(&mut self, current: &mut Current) -> Result<(), Unterminated> {
        let copy = (self.dialect == Dialect::Postgres).then(|| postgres::copy_from_stdin(self.file, &current.tokens));
        let Some(copy) = copy.flatten() else {
            self.finish(current, None);
            return Ok(());
        };
        let start = self.scanner.at;
        let behind = self.scanner.rest_of_line();
        let blank = behind.trim_start();
        if !blank.is_empty() && !blank.starts_with("--") {
            let token =
                Token { kind: TokenKind::Command, start: start + behind.len() - blank.len(), end: self.scanner.at };
            current.aside = Some(Aside::BehindCopy(token));
        }
        let open = Unterminated { what: "data of `COPY`", start: copy.start, length: copy.end - copy.start };
        let data = self.scanner.copy_data().ok_or(open)?;
        self.finish(current, Some(data));
        Ok(())
    }

    fn finish(&mut self, current: &mut Current, data: Option<Range<usize>>) {
        // A semicolon that ends nothing is space before the next statement.
        if !current.tokens.is_empty() {
            let statement = self.statement(current, data);
            self.statements.push(statement);
        }
    }

    fn statement(&mut self, current: &mut Current, copy_data: Option<Range<usize>>) -> Statement<'a> {
        let start = std::mem::replace(&mut self.start, self.scanner.at);
        let current = std::mem::replace(current, Current::new(self.dialect));
        let (text, file) = (&self.file[start..self.scanner.at], self.file);
        let sent = current.sent.unwrap_or(start..start);
        Statement { text, start, file, tokens: current.tokens, sent, copy_data, aside: current.aside }
    }
}

/// The statement that is being read, and what is open in it.
struct Current {
    tokens: Vec<Token>,
    sent: Option<Range<usize>>,
    aside: Option<Aside>,
    body: Body,
}

enum Body {
    Postgres(Blocks),
    Mysql(Routine),
    Sqlite(Trigger),
}

impl Current {
    fn new(dialect: Dialect) -> Self {
        let body = match dialect {
            Dialect::Postgres => Body::Postgres(Blocks::default()),
            Dialect::Mysql => Body::Mysql(Routine::default()),
            Dialect::Sqlite => Body::Sqlite(Trigger::default()),
        };
        Self { tokens: Vec::new(), sent: None, aside: None, body }
    }

    fn push(&mut self, token: Token, file: &str) {
        let word = if token.kind == TokenKind::Word { &file[token.start..token.end] } else { "" };
        match &mut self.body {
            Body::Postgres(blocks) => blocks.push(token.kind, word),
            Body::Mysql(routine) => routine.push(token.kind, word),
            Body::Sqlite(trigger) => trigger.push(token.kind, word),
        }
        self.tokens.push(token);
        self.extend(token);
    }

    fn extend(&mut self, token: Token) {
        let start = self.sent.as_ref().map_or(token.start, |sent| sent.start);
        self.sent = Some(start..token.end);
    }

    /// Whether a semicolon ends the statement here.
    fn ends(&self) -> bool {
        match &self.body {
            Body::Postgres(blocks) => blocks.are_closed(),
            Body::Mysql(routine) => routine.is_closed(),
            Body::Sqlite(trigger) => trigger.is_closed(),
        }
    }
}
