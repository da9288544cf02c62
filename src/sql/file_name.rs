//! Names of migration files: `<version>_<name>.sql`.

/// What a name in the directory of the migrations says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileName {
    Migration {
        version: u64,
        name: String,
    },
    /// Not a migration: another extension, hidden, or the way back (`.down.sql`), which is never taken.
    Ignored,
    /// Meant as SQL and not understood: a migration that is silently left out is worse than a failure.
    Malformed(&'static str),
}

impl FileName {
    /// Leading zeros do not count and a `V` may stand before: `0001_a.sql`, `V1__a.sql` and `1_a.up.sql` are all version 1. A
    /// `ConfigMap` mount has `..data` and `..2026_…` beside the files, so names that start with a dot are not looked at.
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
        let numbered = stem.strip_prefix(['V', 'v']).unwrap_or(stem);
        let digits = numbered.bytes().take_while(u8::is_ascii_digit).count();
        let (version, name) = numbered.split_at(digits);
        if version.is_empty() {
            return Self::Malformed("the name does not start with a version");
        }
        let Ok(version) = version.parse() else { return Self::Malformed("the version is too large") };
        let Some(name) = name.strip_prefix('_') else {
            return Self::Malformed("no `_` follows the digits of the version");
        };
        let name = name.strip_prefix('_').unwrap_or(name);
        if name.is_empty() {
            return Self::Malformed("no name follows the version");
        }
        Self::Migration { version, name: name.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::FileName::{self, Ignored, Malformed};

    #[test]
    fn names() {
        let migration = |version, name: &str| FileName::Migration { version, name: name.to_owned() };
        for (file, wanted) in [
            ("1_a.sql", migration(1, "a")),
            ("0001_create_users.sql", migration(1, "create_users")),
            ("000_zero.sql", migration(0, "zero")),
            ("20260131120000_b.up.sql", migration(20_260_131_120_000, "b")),
            ("V7__my_name.sql", migration(7, "my_name")),
            ("v7_my name.sql", migration(7, "my name")),
            ("1_ü.sql", migration(1, "ü")),
            ("1_a.down.sql", Ignored),
            (".1_a.sql", Ignored),
            ("..data", Ignored),
            ("..2026_01_01", Ignored),
            ("README.md", Ignored),
            ("1_a.sql.bak", Ignored),
            ("sql", Ignored),
            ("ü", Ignored),
            ("a.sql", Malformed("the name does not start with a version")),
            ("R__views.sql", Malformed("the name does not start with a version")),
            ("1.sql", Malformed("no `_` follows the digits of the version")),
            ("1.2_a.sql", Malformed("no `_` follows the digits of the version")),
            ("1_.sql", Malformed("no name follows the version")),
            ("1__.sql", Malformed("no name follows the version")),
            ("1_a.SQL", Malformed("the extension is not in lower case")),
            ("99999999999999999999_a.sql", Malformed("the version is too large")),
        ] {
            assert_eq!(FileName::parse(file), wanted, "{file}");
        }
    }
}
