//! The history of Flyway: `flyway_schema_history`. SQL files only; what Java code did is taken as done.

use super::Record;
use super::checksum::{crc32, java_hash};
use super::format::{self, Format, Keeper, LockPlace, field};
use crate::sql::session::{LockName, Row};
use crate::sql::{Dialect, Migration, Version, literal};

pub(super) const FORMAT: Format = Format {
    name: "flyway",
    table: "flyway_schema_history",
    columns: &["installed_rank", "version", "description", "type", "script", "checksum", "success"],
    check: |_, _| Ok(()),
    create,
    select: |keeper| {
        format!("SELECT version, description, type, checksum, success FROM {} ORDER BY installed_rank", keeper.table)
    },
    records,
    insert,
    forget: |keeper, record, _| {
        let version = record.version.as_ref().map_or("", |version| version.spelling.as_str());
        let version = keeper.text(version);
        vec![format!("DELETE FROM {} WHERE version = {version} AND NOT success", keeper.table)]
    },
    is_applied,
    checksum: |_, migration| Some(checksum(migration).to_string()),
    accepts: format::accepts_no_other,
    describe: format::description,
    unordered: false,
    lock,
};

fn create(keeper: &Keeper<'_>) -> Vec<String> {
    let time = match keeper.dialect {
        Dialect::Postgres => "now()",
        Dialect::Mysql | Dialect::Sqlite => "CURRENT_TIMESTAMP",
    };
    vec![format!(
        "CREATE TABLE IF NOT EXISTS {} (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), description VARCHAR(200) NOT NULL, \
         type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER, installed_by VARCHAR(100) NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT {time}, execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL)",
        keeper.table
    )]
}

/// A baseline stands for every file up to its version. A row of type `DELETE` takes back the one before it.
fn records(rows: &[Row], migrations: &[Migration]) -> Result<Vec<Record>, String> {
    let mut records: Vec<Record> = Vec::new();
    for row in rows {
        let kind = field(row, 2).map_or("", String::as_str);
        let version = field(row, 0).map(|_| format::version(row, 0)).transpose()?;
        match (kind, version) {
            ("SCHEMA", _) => {}
            ("DELETE", None) => {
                let name = field(row, 1).cloned().unwrap_or_default();
                records.retain(|record| record.version.is_some() || record.name != name);
            }
            ("DELETE", version) => records.retain(|record| record.version != version),
            (undo, version) if undo.starts_with("UNDO") => records.retain(|record| record.version != version),
            ("BASELINE" | "SQL_BASELINE", Some(baseline)) => records.extend(up_to(&baseline, migrations)),
            (_, version) => records.push(Record {
                version,
                name: field(row, 1).cloned().unwrap_or_default(),
                checksum: field(row, 3).filter(|_| kind == "SQL").cloned(),
                dirty: !format::is_true(field(row, 4)),
            }),
        }
    }
    Ok(records)
}

fn up_to(baseline: &Version, migrations: &[Migration]) -> Vec<Record> {
    let versions = migrations.iter().filter_map(|migration| migration.version.clone());
    versions.filter(|version| version <= baseline).map(format::applied).collect()
}

fn insert(keeper: &Keeper<'_>, migration: &Migration, milliseconds: &str) -> Vec<String> {
    let version = match &migration.version {
        Some(version) => keeper.text(&version.spelling),
        None => "NULL".to_owned(),
    };
    let user = match keeper.dialect {
        Dialect::Postgres => "current_user",
        Dialect::Mysql => "substring_index(user(), '@', 1)",
        Dialect::Sqlite => "''",
    };
    vec![format!(
        "INSERT INTO {table} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) \
         SELECT coalesce(max(installed_rank), 0) + 1, {version}, {}, 'SQL', {}, {}, {user}, {milliseconds}, {} FROM {table}",
        keeper.text(&format::description(migration)),
        keeper.text(&migration.entry),
        checksum(migration),
        keeper.truth(),
        table = keeper.table,
    )]
}

fn is_applied(keeper: &Keeper<'_>, migration: &Migration) -> String {
    let which = match &migration.version {
        Some(version) => format!("version = {}", keeper.text(&version.spelling)),
        None => format!(
            "version IS NULL AND description = {} AND checksum = {}",
            keeper.text(&format::description(migration)),
            checksum(migration)
        ),
    };
    format!("SELECT 1 FROM {} WHERE {which}", keeper.table)
}

/// Over the lines without their ends, so that those do not count; a mark of the byte order neither.
fn checksum(migration: &Migration) -> i32 {
    let text = migration.text().replace("\r\n", "\n").replace('\r', "\n");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    crc32(text.split('\n').map(str::as_bytes)).cast_signed()
}

/// On the table with its schema, as Flyway quotes it.
fn lock(place: &LockPlace<'_>) -> Option<LockName> {
    let quoted = |dialect| format!("{}.{}", literal::name(place.schema, dialect), literal::name(place.table, dialect));
    let hash = java_hash(&quoted(place.dialect));
    match place.dialect {
        Dialect::Postgres => Some(LockName::Number(0x466c_7977_6179 + i64::from(hash))),
        Dialect::Mysql => Some(LockName::Text(format!("Flyway-{hash}"))),
        Dialect::Sqlite => None,
    }
}
