//! Fitout's own history: one row for each migration, with its checksum.

use sha2::{Digest, Sha256};

use super::Record;
use super::format::{self, Format, Keeper, field};
use crate::hexadecimal::hexadecimal;
use crate::sql::session::Row;
use crate::sql::{Dialect, Migration};

pub(super) const FORMAT: Format = Format {
    name: "fitout",
    table: "fitout_migrations",
    columns: &["version", "name", "checksum", "applied_at", "execution_milliseconds"],
    check: |_, _| Ok(()),
    create,
    select: |keeper| format!("SELECT version, name, checksum FROM {}", keeper.table),
    records: |rows, _| rows.iter().map(record).collect(),
    insert,
    forget: format::leaves_none,
    is_applied,
    checksum: |_, migration| Some(migration.checksum.clone()),
    accepts,
    describe: format::name,
    unordered: false,
    lock: format::no_lock,
};

/// What stands before the name of a migration without version.
const REPEATABLE: &str = "R__";

fn create(keeper: &Keeper<'_>) -> Vec<String> {
    // MySQL has no key over a text without length.
    let (version, time, number) = match keeper.dialect {
        Dialect::Postgres => ("text", "timestamptz NOT NULL DEFAULT now()", "bigint"),
        Dialect::Mysql => ("varchar(255)", "timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)", "bigint"),
        Dialect::Sqlite => ("text", "text NOT NULL", "integer"),
    };
    vec![format!(
        "CREATE TABLE IF NOT EXISTS {} (version {version} PRIMARY KEY NOT NULL, name text NOT NULL, checksum text NOT NULL, \
         applied_at {time}, execution_milliseconds {number} NOT NULL){}",
        keeper.table,
        if keeper.dialect == Dialect::Mysql { " ENGINE=InnoDB" } else { "" }
    )]
}

fn record(row: &Row) -> Result<Record, String> {
    let repeatable = field(row, 0).is_some_and(|version| version.starts_with(REPEATABLE));
    let version = if repeatable { None } else { Some(format::version(row, 0)?) };
    let name = field(row, 1).cloned().unwrap_or_default();
    Ok(Record { version, name, checksum: field(row, 2).cloned(), dirty: false })
}

fn insert(keeper: &Keeper<'_>, migration: &Migration, milliseconds: &str) -> Vec<String> {
    let now = match keeper.dialect {
        Dialect::Postgres => "clock_timestamp()",
        Dialect::Mysql => "CURRENT_TIMESTAMP(6)",
        Dialect::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    };
    let (table, version, name) = (keeper.table, keeper.text(&migration.label()), keeper.text(&migration.name));
    let insert = format!(
        "INSERT INTO {table} (version, name, checksum, applied_at, execution_milliseconds) \
         VALUES ({version}, {name}, '{}', {now}, {milliseconds})",
        migration.checksum
    );
    if migration.version.is_some() {
        return vec![insert];
    }
    // What is applied again has a row already; the key refuses a second runner only where there is a version.
    vec![format!("DELETE FROM {table} WHERE version = {version}"), insert]
}

fn is_applied(keeper: &Keeper<'_>, migration: &Migration) -> String {
    let version = keeper.text(&migration.label());
    let checksum = match migration.version {
        Some(_) => String::new(),
        None => format!(" AND checksum = '{}'", migration.checksum),
    };
    format!("SELECT 1 FROM {} WHERE version = {version}{checksum}", keeper.table)
}

/// A file with other line ends, as another system's checkout of the repository makes it, is the same file.
pub(super) fn accepts(migration: &Migration, stored: &str) -> bool {
    let lines = migration.text().replace("\r\n", "\n");
    [lines.replace('\n', "\r\n"), lines].iter().any(|text| hexadecimal(&Sha256::digest(text)) == stored)
}
