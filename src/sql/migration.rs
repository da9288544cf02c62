//! A migration, as its file says.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::files::{Directives, read_directives, read_leading};
use super::lexer::{Class, Refused, Statement, statements};
use super::{Dialect, Version};
use crate::failure::{Failure, Kind, Source, Span};
use crate::hexadecimal::hexadecimal;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A migration, as its file says.
#[derive(Debug, Clone)]
pub(crate) struct Migration {
    /// Nothing for one that is applied whenever it has changed.
    pub(crate) version: Option<Version>,
    pub(crate) name: String,
    /// The name of the file or, where a directory is the migration, of that.
    pub(crate) entry: String,
    pub(crate) directives: Directives,
    /// SHA-256 over the bytes of the file, in hexadecimal digits.
    pub(crate) checksum: String,
    /// The path of the file and its text, without byte order mark.
    pub(crate) source: Arc<Source>,
    marked: bool,
    /// The bytes of the text that are run.
    body: Range<usize>,
    /// What messages call it: `a migration`.
    role: &'static str,
    /// No line of it may be shown.
    hidden: bool,
}

impl Migration {
    /// Statements that are no migration, but are read, divided and run as one.
    pub(crate) fn script(path: String, bytes: &[u8]) -> Result<Self, Failure> {
        let script = Self::parse(path, (None, String::new()), bytes)?;
        Ok(Self { role: "a script", ..script })
    }

    /// The same with values put in. Only the template says how it is run: what a value holds may look like such a comment.
    pub(crate) fn rendered(path: String, template: &str, text: &str) -> Result<Self, Failure> {
        let mut script = Self { role: "a script", ..Self::whole(path, (None, String::new()), text.as_bytes())? };
        script.directives =
            read_leading(template).map_err(|wrong| script.finding(&wrong.cause, wrong.start, wrong.length))?;
        Ok(script)
    }

    /// With values in it that are secret, and escaped: so nobody could recognize them in a line that is shown.
    pub(crate) fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Of a file's bytes.
    pub(super) fn parse(path: String, names: (Option<Version>, String), bytes: &[u8]) -> Result<Self, Failure> {
        let mut migration = Self::whole(path, names, bytes)?;
        let (body, directives) = read_directives(migration.text())
            .map_err(|wrong| migration.finding(&wrong.cause, wrong.start, wrong.length))?;
        migration.body = body;
        migration.directives = directives;
        Ok(migration)
    }

    /// All of a file, whatever its comments say.
    fn whole(path: String, (version, name): (Option<Version>, String), bytes: &[u8]) -> Result<Self, Failure> {
        let unmarked = bytes.strip_prefix(BYTE_ORDER_MARK);
        let text = std::str::from_utf8(unmarked.unwrap_or(bytes)).map_err(|error| {
            let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            Failure::new(Kind::Plan, format!("cannot read `{path}`: line {line} is not UTF-8"))
                .hint("save the file as UTF-8")
        })?;
        Ok(Self {
            version,
            name,
            entry: String::new(),
            directives: Directives::default(),
            checksum: hexadecimal(&Sha256::digest(bytes)),
            source: Source::new(path, text),
            marked: unmarked.is_some(),
            body: 0..text.len(),
            role: "a migration",
            hidden: false,
        })
    }

    pub(crate) fn path(&self) -> &str {
        &self.source.name
    }

    /// The whole text of the file.
    pub(crate) fn text(&self) -> &str {
        &self.source.text
    }

    /// What messages and the log call it, and what its history is kept under.
    pub(crate) fn label(&self) -> String {
        self.version.as_ref().map_or_else(|| format!("R__{}", self.name), ToString::to_string)
    }

    /// The bytes of the file: its mark, if it has one, and its text.
    pub(crate) fn bytes(&self) -> [&[u8]; 2] {
        [if self.marked { BYTE_ORDER_MARK } else { &[] }, self.text().as_bytes()]
    }

    /// The part of the text that is run.
    fn body(&self) -> &str {
        self.text().get(self.body.clone()).unwrap_or_default()
    }

    /// The statements that are run, with places in that part. The file was checked when it was read.
    pub(crate) fn statements(&self, dialect: Dialect) -> Vec<Statement<'_>> {
        statements(self.body(), dialect).map(|found| that_run(found, dialect)).unwrap_or_default()
    }

    /// It cannot be one transaction.
    pub(crate) fn is_stepwise(&self, dialect: Dialect) -> bool {
        let alone = |statement: &Statement<'_>| statement.alone(dialect, false).is_some();
        let statements = self.statements(dialect);
        self.directives.no_transaction && !statements.is_empty() || statements.iter().any(alone)
    }

    /// By version; those without one come last, by name.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (&self.version, &other.version) {
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.name.cmp(&other.name),
        }
    }

    /// Everything that is wrong with the statements.
    pub(crate) fn check(&self, dialect: Dialect) -> Vec<Failure> {
        if let Some(at) = self.text().find('\0') {
            return vec![self.finding("it holds a NUL character", at, 1)];
        }
        let shift = self.body.start;
        match statements(self.body(), dialect) {
            Err(open) => {
                vec![self.finding(&format!("the {} is not closed", open.what), shift + open.start, open.length)]
            }
            Ok(found) => {
                let found = that_run(found, dialect).into_iter();
                let refused = found.filter_map(|statement| statement.refused(dialect));
                let finding = |refused: Refused| {
                    self.finding(&refused.cause, shift + refused.start, refused.length).hint(refused.hint)
                };
                refused.map(finding).collect()
            }
        }
    }

    fn finding(&self, cause: &str, start: usize, length: usize) -> Failure {
        let failure = Failure::new(Kind::Plan, format!("cannot use `{}` as {}: {cause}", self.path(), self.role));
        self.locate(failure, start, length)
    }

    /// The failure with its place in the file.
    pub(crate) fn locate(&self, failure: Failure, start: usize, length: usize) -> Failure {
        if self.hidden {
            return failure;
        }
        failure.at(span(self.text(), start, length)).in_source(&self.source)
    }

    /// The failure with the word that starts there in the part that is run.
    pub(super) fn locate_word(&self, failure: Failure, start: usize) -> Failure {
        let start = self.body.start + start;
        let rest = self.text().get(start..).unwrap_or_default();
        let length = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
        self.locate(failure, start, length.max(1))
    }
}

/// All but what is no statement, or done anyway.
fn that_run(mut found: Vec<Statement<'_>>, dialect: Dialect) -> Vec<Statement<'_>> {
    found.retain(|statement| statement.head().is_some());
    without_frame(&mut found, dialect);
    found
}

/// A `BEGIN` at the start and the `COMMIT` at the end are what is done anyway: many write them for runners that do not.
fn without_frame(statements: &mut Vec<Statement<'_>>, dialect: Dialect) {
    let control = |statement: Option<&Statement<'_>>, wanted: &[&str]| match statement.map(|it| it.class(dialect)) {
        Some(Class::TransactionControl(words)) => wanted.contains(&words.as_str()),
        _ => false,
    };
    let (first, last) = (statements.first(), statements.last());
    if statements.len() > 1
        && control(first, &["BEGIN", "START", "START TRANSACTION"])
        && control(last, &["COMMIT", "END"])
    {
        statements.pop();
        statements.remove(0);
    }
}

/// The place of a byte in a text.
pub(super) fn span(text: &str, start: usize, length: usize) -> Span {
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Span::new(line, column, length)
}
