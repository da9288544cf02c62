//! `sql`: statements were executed.

use std::path::Path;

use serde::Deserialize;

use super::program::program_spec;
use super::{AbsolutePath, DatabaseSpec, Driver, Duration};
use crate::document::Located;
use crate::failure::{Failure, Kind, Span};

/// Clients by their names, and what they speak.
const CLIENTS: [(&str, Driver); 7] = [
    ("psql", Driver::Postgres),
    ("postgres", Driver::Postgres),
    ("mariadb", Driver::Mysql),
    ("mysql", Driver::Mysql),
    ("mariadbd", Driver::Mysql),
    ("mysqld", Driver::Mysql),
    ("sqlite3", Driver::Sqlite),
];

program_spec! {
    /// Statements were executed: in a database, in one transaction where they can be in one, or by a client program.
    #[cfg_attr(feature = "schema", schemars(rename = "sql"))]
    struct SqlSpec {
        /// Where the database is.
        pub(crate) database: Option<Located<DatabaseSpec>>,
        /// In place of `database`: a program that reads the statements from its standard input, for instance `psql`.
        #[serde(default)]
        pub(crate) command: Vec<Located<String>>,
        /// What the program speaks; told by its name for `psql`, `mariadb`, `mysql`, `sqlite3` and servers that read statements.
        pub(crate) dialect: Option<Located<Driver>>,
        /// The statements; a template of its own, whose values are escaped for SQL.
        pub(crate) text: Option<Located<String>>,
        /// A file with the statements, or a directory with files that end in `.sql`, `.sql.gz`, `.sql.xz`, `.sql.zst` or
        /// `.sql.bz2`, taken in the order of the bytes of their names. Not templates.
        pub(crate) source: Option<Located<AbsolutePath>>,
        /// What happens when something else is in the directory; `fail` without it, before anything is executed.
        pub(crate) unsupported: Option<Located<Unsupported>>,
        /// A query; if it gives a row, or the program prints something, nothing is executed. Without it the statements are
        /// executed at every run. A template as `text`.
        pub(crate) unless: Option<Located<String>>,
        /// Statements for the start of the session. Not with `command`, nor are the following three.
        #[serde(default)]
        pub(crate) session: Vec<Located<String>>,
        /// How long to wait for another run of the same step, or for a file of SQLite that is locked; 10m without it.
        pub(crate) lock_wait: Option<Located<Duration>>,
        /// How long a statement waits for a lock on a table or row before everything is tried again; 5s without it, "0s" is no
        /// limit.
        pub(crate) lock_timeout: Option<Located<Duration>>,
        /// How long a statement that cannot be rolled back may go on after a signal that ends the run, before it is cancelled; 20s
        /// without it. Anything else is rolled back at once.
        pub(crate) grace: Option<Located<Duration>>,
    }
}

/// What happens to what cannot be executed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unsupported {
    #[default]
    Fail,
    Warn,
    Skip,
}

impl SqlSpec {
    pub(crate) fn lock_wait(&self) -> Duration {
        self.lock_wait.as_ref().map_or(Duration::from_seconds(600), |wait| wait.value)
    }

    pub(crate) fn lock_timeout(&self) -> Duration {
        self.lock_timeout.as_ref().map_or(Duration::from_seconds(5), |timeout| timeout.value)
    }

    /// Less than the half minute that Kubernetes gives.
    pub(crate) fn grace(&self) -> Duration {
        self.grace.as_ref().map_or(Duration::from_seconds(20), |grace| grace.value)
    }

    pub(crate) fn unsupported(&self) -> Unsupported {
        self.unsupported.as_ref().map_or(Unsupported::default(), |unsupported| unsupported.value)
    }

    /// Whether a program executes the statements.
    pub(crate) fn has_client(&self) -> bool {
        !self.command.is_empty()
    }

    /// What the program speaks, if that is known.
    pub(crate) fn dialect(&self) -> Option<Driver> {
        let by_name = || CLIENTS.iter().find(|(name, _)| self.is_client(name)).map(|(_, dialect)| *dialect);
        self.dialect.as_ref().map(|dialect| dialect.value).or_else(by_name)
    }

    /// What is wrong across fields; `span` is the place of the step. Asked again when the step is done: words may come from
    /// templates.
    pub(crate) fn findings(&self, span: Span) -> Vec<Failure> {
        let mut findings = Vec::new();
        if self.text.is_some() == self.source.is_some() {
            findings.push(finding(span, "`sql` needs either `text` or `source`"));
        }
        if let (Some(unsupported), None) = (&self.unsupported, &self.source) {
            findings.push(finding(unsupported.span, "`unsupported` has no meaning without `source`"));
        }
        match (&self.database, self.command.first()) {
            (Some(_), Some(program)) => {
                let failure = finding(program.span, "`sql` has both `database` and `command`");
                findings.push(failure.hint("remove one of them"));
            }
            (None, None) => findings.push(finding(span, "`sql` needs either `database` or `command`")),
            (Some(_), None) => findings.extend(self.field_of_client().map(|(field, span)| {
                let failure = finding(span, format!("`{field}` has no meaning without `command`"));
                failure.hint("it is for a client program, and here Fitout itself speaks to the database")
            })),
            (None, Some(_)) => {
                findings.extend(self.field_of_database().map(|(field, span)| {
                    finding(span, format!("`{field}` has no meaning beside `command`"))
                        .hint("let the program do it, by its arguments or by the first statements")
                }));
                findings.extend(self.findings_of_client());
            }
        }
        findings
    }

    fn field_of_client(&self) -> Option<(&'static str, Span)> {
        let dialect = self.dialect.as_ref().map(|dialect| ("dialect", dialect.span));
        dialect.or_else(|| self.program().first_field())
    }

    fn field_of_database(&self) -> Option<(&'static str, Span)> {
        let span = |duration: &Option<Located<Duration>>| duration.as_ref().map(|duration| duration.span);
        [
            ("session", self.session.first().map(|statement| statement.span)),
            ("lock_wait", span(&self.lock_wait)),
            ("lock_timeout", span(&self.lock_timeout)),
            ("grace", span(&self.grace)),
        ]
        .into_iter()
        .find_map(|(name, span)| Some((name, span?)))
    }

    /// What clients are known to do that nobody means.
    fn findings_of_client(&self) -> Vec<Failure> {
        let mut findings = Vec::new();
        let Some(program) = self.command.first() else { return findings };
        let says = |wanted: &dyn Fn(&str) -> bool| self.command.iter().skip(1).any(|word| wanted(word));
        if self.is_client("psql") && !says(&|word| word.contains("ON_ERROR_STOP")) {
            let failure = finding(program.span, "`psql` goes on after a statement that failed, and ends with 0");
            findings.push(failure.hint("add the words `-v` and `ON_ERROR_STOP=1`"));
        }
        if self.is_client("postgres") && !says(&|word| word.contains("exit_on_error")) {
            let failure = finding(program.span, "`postgres` goes on after a statement that failed, and ends with 0");
            findings.push(failure.hint("add the words `-c` and `exit_on_error=true`"));
        }
        let is_bare = |word: &str| {
            word == "--tuples-only" || (word.starts_with('-') && !word.starts_with("--") && word.contains('t'))
        };
        if let (Some(unless), true) = (&self.unless, self.is_client("psql") && !says(&is_bare)) {
            let failure = finding(unless.span, "`psql` prints something also when the query gives no row");
            findings.push(failure.hint("add the word `-At` to the command"));
        }
        let has_values = |text: &&Located<String>| text.contains("{{");
        if let (Some(text), None) = (self.text.iter().chain(&self.unless).find(has_values), self.dialect()) {
            let message = format!("cannot tell how values are written for `{}`", program.value);
            findings.push(finding(text.span, message).hint("add `dialect: postgres`, `mysql` or `sqlite`"));
        }
        findings
    }

    fn is_client(&self, name: &str) -> bool {
        self.command.first().is_some_and(|word| Path::new(&word.value).file_name().is_some_and(|file| file == name))
    }
}

fn finding(span: Span, message: impl Into<String>) -> Failure {
    Failure::new(Kind::Plan, message).at(span)
}
