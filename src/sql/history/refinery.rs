//! The history of refinery: `refinery_schema_history`.

use super::Record;
use super::checksum::siphash;
use super::format::{self, Format, Keeper, field};
use crate::sql::session::Row;
use crate::sql::{Dialect, Migration};

pub(super) const FORMAT: Format = Format {
    name: "refinery",
    table: "refinery_schema_history",
    columns: &["version", "name", "applied_on", "checksum"],
    check,
    create: |keeper| {
        vec![format!(
            "CREATE TABLE IF NOT EXISTS {} (version {} PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), \
             checksum VARCHAR(255))",
            keeper.table,
            if keeper.wide { "int8" } else { "int4" }
        )]
    },
    select: |keeper| format!("SELECT version, name, checksum FROM {} ORDER BY version", keeper.table),
    records: |rows, _| rows.iter().map(record).collect(),
    insert,
    forget: format::leaves_none,
    is_applied: |keeper, migration| {
        format!("SELECT 1 FROM {} WHERE version = {}", keeper.table, format::number(migration))
    },
    checksum: |keeper, migration| Some(checksum(migration, keeper.wide).to_string()),
    accepts: |migration, stored| [false, true].iter().any(|wide| checksum(migration, *wide).to_string() == stored),
    describe: format::name,
    unordered: false,
    lock: format::no_lock,
};

/// The table of a refinery that was built with `int8-versions` has the wider numbers.
fn check(keeper: &Keeper<'_>, migration: &Migration) -> Result<(), &'static str> {
    format::has_number(keeper, migration)?;
    let fits = keeper.wide || i32::try_from(format::number(migration)).is_ok();
    if fits { Ok(()) } else { Err("its version is too large for the `int4` of the table") }
}

fn record(row: &Row) -> Result<Record, String> {
    let name = field(row, 1).cloned().unwrap_or_default();
    Ok(Record { version: Some(format::version(row, 0)?), name, checksum: field(row, 2).cloned(), dirty: false })
}

/// The time is RFC 3339 as text.
fn insert(keeper: &Keeper<'_>, migration: &Migration, _: &str) -> Vec<String> {
    let now = match keeper.dialect {
        Dialect::Postgres => "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        Dialect::Mysql => "DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')",
        Dialect::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    };
    vec![format!(
        "INSERT INTO {} (version, name, applied_on, checksum) VALUES ({}, {}, {now}, '{}')",
        keeper.table,
        format::number(migration),
        keeper.text(&migration.name),
        checksum(migration, keeper.wide)
    )]
}

/// The name, the version as a number of 32 or 64 bits, and the text, in the way that Rust hashes them.
fn checksum(migration: &Migration, wide: bool) -> u64 {
    let version = format::number(migration);
    let mut bytes = migration.name.as_bytes().to_vec();
    bytes.push(0xff);
    let length = if wide { 8 } else { 4 };
    bytes.extend(version.to_le_bytes().iter().take(length));
    bytes.extend(migration.bytes().concat());
    bytes.push(0xff);
    siphash(&bytes)
}
