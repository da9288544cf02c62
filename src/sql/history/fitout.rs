//! Fitout's own history: one row for each migration, with its checksum.

use sha2::{Digest, Sha256};

use super::{Format, Keeper, Record};
use crate::failure::{Failure, Kind};
use crate::hexadecimal::hexadecimal;
use crate::sql::session::Row;
use crate::sql::{Dialect, Migration, Version};

pub(super) const FORMAT: Format = Format {
    name: "fitout",
    table: "fitout_migrations",
    columns: &["version", "name", "checksum", "applied_at", "execution_milliseconds"],
    create,
    select,
    record,
    insert,
    checksum,
    accepts,
    unordered: false,
};

/// What stands before the name of a migration without version.
const REPEATABLE: &str = "R__";

fn create(keeper: &Keeper<'_>) -> String {
    let Keeper { table, dialect } = keeper;
    // MySQL has no key over a text without length.
    let (version, time, number) = match dialect {
        Dialect::Postgres => ("text", "timestamptz NOT NULL DEFAULT now()", "bigint"),
        Dialect::Mysql => ("varchar(255)", "timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)", "bigint"),
        Dialect::Sqlite => ("text", "text NOT NULL", "integer"),
    };
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (version {version} PRIMARY KEY NOT NULL, name text NOT NULL, checksum text NOT NULL, \
         applied_at {time}, execution_milliseconds {number} NOT NULL)"
    )
}

fn select(keeper: &Keeper<'_>) -> String {
    format!("SELECT version, name, checksum FROM {}", keeper.table)
}

fn record(row: &Row) -> Result<Record, Failure> {
    let [version, name, checksum] = row.as_slice() else {
        return Err(Failure::new(Kind::Internal, "cannot read the history: a row has another number of columns"));
    };
    let spelling = version.clone().unwrap_or_default();
    let version = if spelling.starts_with(REPEATABLE) {
        None
    } else {
        let version = Version::parse(&spelling).map_err(|_| {
            Failure::new(Kind::Drift, format!("cannot read the history: `{spelling}` is not a version"))
                .hint("the table belongs to another program: name another with `table`")
        })?;
        Some(version)
    };
    Ok(Record { version, name: name.clone().unwrap_or_default(), checksum: checksum.clone(), dirty: false })
}

fn insert(keeper: &Keeper<'_>, migration: &Migration, milliseconds: &str) -> Vec<String> {
    let Keeper { table, dialect } = keeper;
    let now = match dialect {
        Dialect::Postgres => "clock_timestamp()",
        Dialect::Mysql => "CURRENT_TIMESTAMP(6)",
        Dialect::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    };
    let (version, name) = (keeper.text(&migration.label()), keeper.text(&migration.name));
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

pub(super) fn is_applied(keeper: &Keeper<'_>, migration: &Migration) -> String {
    let version = keeper.text(&migration.label());
    let checksum =
        if migration.version.is_some() { String::new() } else { format!(" AND checksum = '{}'", migration.checksum) };
    format!("SELECT 1 FROM {} WHERE version = {version}{checksum}", keeper.table)
}

#[allow(clippy::unnecessary_wraps, reason = "the form of every history: some keep none")]
fn checksum(migration: &Migration) -> Option<String> {
    Some(migration.checksum.clone())
}

/// A file with other line ends, as another system's checkout of the repository makes it, is the same file.
fn accepts(migration: &Migration, stored: &str) -> bool {
    let lines = migration.text().replace("\r\n", "\n");
    [lines.replace('\n', "\r\n"), lines].iter().any(|text| hexadecimal(&Sha256::digest(text)) == stored)
}
