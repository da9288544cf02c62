//! What the name of a file or directory says about the migration in it.

use crate::sql::Version;

/// How a migration is laid out; each runner knows one or two of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `<version>_<name>.sql` or `.up.sql`: fitout, sqlx, golang-migrate, dbmate, goose.
    Plain,
    /// `V<version>__<name>.sql`, and `R__<name>.sql`: Flyway, refinery.
    Prefixed,
    /// `<version>_<name>/up.sql`: diesel.
    Diesel,
    /// `<version>_<name>/migration.sql`: Prisma.
    Prisma,
}

/// What a name in the directory of the migrations says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileName {
    Migration {
        /// Nothing for one that is applied whenever it has changed.
        version: Option<Version>,
        name: String,
        style: Style,
    },
    /// Not a migration: another extension, hidden, or the way back (`.down.sql`), which is never taken.
    Ignored,
    /// `U<version>__<name>.sql`: the way back for Flyway, a migration for refinery.
    Ambiguous,
    /// Meant as SQL and not understood: a migration that is silently left out is worse than a failure.
    Malformed(&'static str),
}

impl FileName {
    /// Of a file. A `ConfigMap` mount has `..data` and `..2026_…` beside the files, so names that start with a dot are not
    /// looked at.
    pub(crate) fn parse(file: &str) -> Self {
        let extension = file.len().checked_sub(4).and_then(|at| file.get(at..)).unwrap_or_default();
        if file.starts_with('.') || !extension.eq_ignore_ascii_case(".sql") {
            return Self::Ignored;
        }
        let Some(stem) = file.strip_suffix(".sql") else {
            return Self::Malformed("the extension is not in lower case");
        };
        if stem.strip_suffix(".down").is_some() {
            return Self::Ignored;
        }
        let stem = stem.strip_suffix(".up").unwrap_or(stem);
        if let Some(name) = stem.strip_prefix("R__") {
            return Self::repeatable(name);
        }
        match stem.strip_prefix(['V', 'v', 'U']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            Some(_) if stem.starts_with('U') => Self::Ambiguous,
            Some(rest) => match rest.split_once("__") {
                Some((version, name)) => Self::versioned(&version.replace('_', "."), name, Style::Prefixed),
                // Accepted since the first version of Fitout.
                None => Self::plain(rest, Style::Plain),
            },
            None => Self::plain(stem, Style::Plain),
        }
    }

    /// Of a directory with an `up.sql` or a `migration.sql`.
    pub(crate) fn of_directory(name: &str, style: Style) -> Self {
        let (digits, rest) = name.split_once('_').unwrap_or((name, ""));
        if rest.is_empty() {
            return Self::Malformed("no `_` and no name follow the version");
        }
        Self::versioned(&digits.replace('-', ""), rest, style)
    }

    fn repeatable(name: &str) -> Self {
        if name.is_empty() {
            return Self::Malformed("no name follows `R__`");
        }
        Self::Migration { version: None, name: name.to_owned(), style: Style::Prefixed }
    }

    fn plain(stem: &str, style: Style) -> Self {
        let digits = stem.bytes().take_while(u8::is_ascii_digit).count();
        let (version, name) = stem.split_at(digits);
        if version.is_empty() {
            return Self::Malformed("the name does not start with a version");
        }
        let Some(name) = name.strip_prefix('_') else {
            return Self::Malformed("no `_` follows the digits of the version");
        };
        Self::versioned(version, name.strip_prefix('_').unwrap_or(name), style)
    }

    fn versioned(version: &str, name: &str, style: Style) -> Self {
        if name.is_empty() {
            return Self::Malformed("no name follows the version");
        }
        match Version::parse(version) {
            Ok(version) => Self::Migration { version: Some(version), name: name.to_owned(), style },
            Err(cause) => Self::Malformed(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FileName::{self, Ambiguous, Ignored, Malformed};
    use super::Style::{self, Diesel, Plain, Prefixed, Prisma};
    use crate::sql::Version;

    fn migration(version: &str, name: &str, style: Style) -> FileName {
        FileName::Migration { version: Some(Version::parse(version).unwrap()), name: name.to_owned(), style }
    }

    #[test]
    fn names() {
        let repeatable = FileName::Migration { version: None, name: "views".to_owned(), style: Prefixed };
        for (file, wanted) in [
            ("1_a.sql", migration("1", "a", Plain)),
            ("0001_create_users.sql", migration("1", "create_users", Plain)),
            ("000_zero.sql", migration("0", "zero", Plain)),
            ("20260131120000_b.up.sql", migration("20260131120000", "b", Plain)),
            ("V7__my_name.sql", migration("7", "my_name", Prefixed)),
            ("V1.2__a.sql", migration("1.2", "a", Prefixed)),
            ("V1_2__a_b.sql", migration("1.2", "a_b", Prefixed)),
            ("v7_my name.sql", migration("7", "my name", Plain)),
            ("1_ü.sql", migration("1", "ü", Plain)),
            ("R__views.sql", repeatable),
            ("U1__a.sql", Ambiguous),
            ("1_a.down.sql", Ignored),
            (".1_a.sql", Ignored),
            ("..data", Ignored),
            ("..2026_01_01", Ignored),
            ("README.md", Ignored),
            ("1_a.sql.bak", Ignored),
            ("sql", Ignored),
            ("ü", Ignored),
            ("a.sql", Malformed("the name does not start with a version")),
            ("R__.sql", Malformed("no name follows `R__`")),
            ("1.sql", Malformed("no `_` follows the digits of the version")),
            ("1.2_a.sql", Malformed("no `_` follows the digits of the version")),
            ("1_.sql", Malformed("no name follows the version")),
            ("1__.sql", Malformed("no name follows the version")),
            ("V1.__a.sql", Malformed("its version is not a number")),
            ("1_a.SQL", Malformed("the extension is not in lower case")),
            ("99999999999999999999_a.sql", Malformed("the version is too large")),
        ] {
            assert_eq!(FileName::parse(file), wanted, "{file}");
        }
    }

    #[test]
    fn names_of_directories() {
        for (name, style, wanted) in [
            ("2024-01-01-000000_create_x", Diesel, migration("20240101000000", "create_x", Diesel)),
            ("20240101000000_init", Prisma, migration("20240101000000", "init", Prisma)),
            ("init", Prisma, Malformed("no `_` and no name follow the version")),
            ("a_b", Diesel, Malformed("its version is not a number")),
        ] {
            assert_eq!(FileName::of_directory(name, style), wanted, "{name}");
        }
    }
}
