//! The history of sqlx: `_sqlx_migrations`.

use sha2::{Digest, Sha384};

use super::Record;
use super::checksum::crc32;
use super::format::{self, Format, Keeper, LockPlace, field};
use crate::hexadecimal::hexadecimal;
use crate::sql::session::{LockName, Row};
use crate::sql::{Dialect, Migration, Version, literal};

pub(super) const FORMAT: Format = Format {
    name: "sqlx",
    table: "_sqlx_migrations",
    columns: &["version", "description", "installed_on", "success", "checksum", "execution_time"],
    check: format::has_number,
    create,
    select: |keeper| {
        let checksum = keeper.digits("checksum");
        format!("SELECT version, description, success, {checksum} FROM {} ORDER BY version", keeper.table)
    },
    records: |rows, _| rows.iter().map(record).collect(),
    insert,
    forget: |keeper, record, _| {
        let number = record.version.as_ref().and_then(Version::number).unwrap_or_default();
        vec![format!("DELETE FROM {} WHERE version = {number}", keeper.table)]
    },
    is_applied: |keeper, migration| {
        format!("SELECT 1 FROM {} WHERE version = {}", keeper.table, format::number(migration))
    },
    checksum: |_, migration| Some(hexadecimal(&digest(migration))),
    accepts: format::accepts_no_other,
    describe: description,
    unordered: true,
    lock,
};

fn create(keeper: &Keeper<'_>) -> Vec<String> {
    let (time, bytes) = match keeper.dialect {
        Dialect::Postgres => ("TIMESTAMPTZ NOT NULL DEFAULT now()", "BYTEA"),
        Dialect::Mysql | Dialect::Sqlite => ("TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "BLOB"),
    };
    vec![format!(
        "CREATE TABLE IF NOT EXISTS {} (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on {time}, \
         success BOOLEAN NOT NULL, checksum {bytes} NOT NULL, execution_time BIGINT NOT NULL)",
        keeper.table
    )]
}

fn record(row: &Row) -> Result<Record, String> {
    let name = field(row, 1).cloned().unwrap_or_default();
    let dirty = !format::is_true(field(row, 2));
    Ok(Record { version: Some(format::version(row, 0)?), name, checksum: field(row, 3).cloned(), dirty })
}

/// The time is in nanoseconds.
fn insert(keeper: &Keeper<'_>, migration: &Migration, milliseconds: &str) -> Vec<String> {
    vec![format!(
        "INSERT INTO {} (version, description, success, checksum, execution_time) \
         VALUES ({}, {}, {}, {}, ({milliseconds}) * 1000000)",
        keeper.table,
        format::number(migration),
        keeper.text(&description(migration)),
        keeper.truth(),
        literal::bytes(&digest(migration), keeper.dialect)
    )]
}

/// All of the file's name behind the first `_`, also where a second one follows it.
fn description(migration: &Migration) -> String {
    let Some((_, rest)) = migration.entry.split_once('_') else { return format::description(migration) };
    let suffix = if rest.ends_with(".up.sql") { ".up.sql" } else { ".sql" };
    rest.trim_end_matches(suffix).replace('_', " ")
}

fn digest(migration: &Migration) -> Vec<u8> {
    let hash = migration.bytes().iter().fold(Sha384::new(), Digest::chain_update);
    hash.finalize().to_vec()
}

/// On the name of the database alone: sqlx has one history in each.
fn lock(place: &LockPlace<'_>) -> Option<LockName> {
    let key = 0x3d32_ad9e_i64.wrapping_mul(i64::from(crc32([place.database.as_bytes()])));
    match place.dialect {
        Dialect::Postgres => Some(LockName::Number(key)),
        Dialect::Mysql => Some(LockName::Text(format!("{key:x}"))),
        Dialect::Sqlite => None,
    }
}
