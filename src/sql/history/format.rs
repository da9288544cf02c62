//! How a runner keeps its history. All of it is text: a driver only carries it.

use super::Record;
use crate::sql::session::{LockName, Row};
use crate::sql::{Dialect, Migration, Version, literal};

/// Rows as records, or why they are none. Some runners only keep the newest version: the rest of the files say.
pub(super) type Reading = fn(&[Row], &[Migration]) -> Result<Vec<Record>, String>;

/// What is to be known about a runner.
pub(super) struct Format {
    pub(super) name: &'static str,
    /// The table, where the plan names none.
    pub(super) table: &'static str,
    /// Columns that tell its table from those of others.
    pub(super) columns: &'static [&'static str],
    /// Why a file cannot be in such a history.
    pub(super) check: fn(&Keeper<'_>, &Migration) -> Result<(), &'static str>,
    pub(super) create: fn(&Keeper<'_>) -> Vec<String>,
    pub(super) select: fn(&Keeper<'_>) -> String,
    pub(super) records: Reading,
    /// What is recorded of a migration, in the transaction that applies it. The text is the time that it took, in milliseconds, as an
    /// expression.
    pub(super) insert: fn(&Keeper<'_>, &Migration, &str) -> Vec<String>,
    /// The statements that take back what the runner left of a migration that failed: its record, and the migration before it.
    pub(super) forget: fn(&Keeper<'_>, &Record, Option<&Migration>) -> Vec<String>,
    pub(super) is_applied: fn(&Keeper<'_>, &Migration) -> String,
    /// What the history has to hold for the file.
    pub(super) checksum: fn(&Keeper<'_>, &Migration) -> Option<String>,
    /// Whether another checksum is of the same file as well, for instance with other line ends.
    pub(super) accepts: fn(&Migration, &str) -> bool,
    pub(super) describe: fn(&Migration) -> String,
    /// The runner applies what is older than the newest that is applied.
    pub(super) unordered: bool,
    /// The lock that the runner itself takes.
    pub(super) lock: fn(&LockPlace<'_>) -> Option<LockName>,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// The place of a history and its dialect, for statements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keeper<'a> {
    /// With its schema, quoted.
    pub(super) table: &'a str,
    pub(super) dialect: Dialect,
    /// Its versions are numbers of 64 bits.
    pub(super) wide: bool,
}

/// What the lock of a runner depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct LockPlace<'a> {
    pub(super) database: &'a str,
    pub(super) schema: &'a str,
    pub(super) table: &'a str,
    pub(super) dialect: Dialect,
}

impl Keeper<'_> {
    pub(super) fn text(&self, text: &str) -> String {
        literal::text(text, self.dialect)
    }

    /// Bytes of a column as hexadecimal digits.
    pub(super) fn digits(&self, column: &str) -> String {
        match self.dialect {
            Dialect::Postgres => format!("encode({column}, 'hex')"),
            Dialect::Mysql | Dialect::Sqlite => format!("lower(hex({column}))"),
        }
    }

    pub(super) fn truth(&self) -> &'static str {
        if self.dialect == Dialect::Sqlite { "1" } else { "true" }
    }
}

/// No lock, or no way to tell which.
pub(super) fn no_lock(_: &LockPlace<'_>) -> Option<LockName> {
    None
}

/// Its rows are those of migrations that came to their end.
pub(super) fn leaves_none(_: &Keeper<'_>, _: &Record, _: Option<&Migration>) -> Vec<String> {
    Vec::new()
}

pub(super) fn no_checksum(_: &Keeper<'_>, _: &Migration) -> Option<String> {
    None
}

pub(super) fn accepts_no_other(_: &Migration, _: &str) -> bool {
    false
}

/// For runners that know versions and nothing else.
pub(super) fn has_version(_: &Keeper<'_>, migration: &Migration) -> Result<(), &'static str> {
    if migration.version.is_some() { Ok(()) } else { Err("it has no version") }
}

/// For runners whose versions are one number.
pub(super) fn has_number(_: &Keeper<'_>, migration: &Migration) -> Result<(), &'static str> {
    let number = migration.version.as_ref().ok_or("it has no version")?.number();
    match number.map(i64::try_from) {
        Some(Ok(_)) => Ok(()),
        Some(Err(_)) => Err("its version is too large"),
        None => Err("its version is not one number"),
    }
}

/// The version of a file that [`has_number`] let pass.
pub(super) fn number(migration: &Migration) -> u64 {
    migration.version.as_ref().and_then(Version::number).unwrap_or_default()
}

/// The version as the file spells it.
pub(super) fn spelling(migration: &Migration) -> &str {
    migration.version.as_ref().map_or("", |version| version.spelling.as_str())
}

/// The name with spaces for `_`, which several runners call its description.
pub(super) fn description(migration: &Migration) -> String {
    migration.name.replace('_', " ")
}

pub(super) fn name(migration: &Migration) -> String {
    migration.name.clone()
}

pub(super) fn is_true(value: Option<&String>) -> bool {
    value.is_some_and(|value| ["t", "true", "1"].contains(&value.as_str()))
}

/// The value of a column, or nothing for NULL.
pub(super) fn field(row: &Row, index: usize) -> Option<&String> {
    row.get(index).and_then(Option::as_ref)
}

pub(super) fn version(row: &Row, index: usize) -> Result<Version, String> {
    let text = field(row, index).ok_or("a version is missing")?;
    Version::parse(text).map_err(|_| format!("`{text}` is not a version"))
}

/// A migration that is applied, of which nothing is known but its version.
pub(super) fn applied(version: Version) -> Record {
    Record { version: Some(version), name: String::new(), checksum: None, dirty: false }
}
