//! The history of golang-migrate: one row with the newest version. It keeps no checksums, and every file up to that version is taken
//! as applied.

use super::Record;
use super::checksum::crc32;
use super::format::{self, Format, Keeper, LockPlace, field};
use crate::sql::session::{LockName, Row};
use crate::sql::{Dialect, Migration};

pub(super) const FORMAT: Format = Format {
    name: "golang-migrate",
    table: "schema_migrations",
    columns: &["version", "dirty"],
    check: format::has_number,
    create,
    select: |keeper| format!("SELECT version, dirty FROM {}", keeper.table),
    records,
    insert: |keeper, migration, _| newest(keeper, Some(migration)),
    forget: |keeper, _, before| newest(keeper, before),
    is_applied: |keeper, migration| {
        format!("SELECT 1 FROM {} WHERE version >= {}", keeper.table, format::number(migration))
    },
    checksum: format::no_checksum,
    accepts: format::accepts_no_other,
    describe: format::name,
    unordered: false,
    lock,
};

fn create(keeper: &Keeper<'_>) -> Vec<String> {
    let table = keeper.table;
    match keeper.dialect {
        Dialect::Sqlite => vec![format!("CREATE TABLE IF NOT EXISTS {table} (version uint64, dirty bool)")],
        Dialect::Postgres | Dialect::Mysql => {
            vec![format!(
                "CREATE TABLE IF NOT EXISTS {table} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
            )]
        }
    }
}

/// Its one row, without which nothing is applied.
fn newest(keeper: &Keeper<'_>, migration: Option<&Migration>) -> Vec<String> {
    let clean = if keeper.dialect == Dialect::Sqlite { "0" } else { "false" };
    let mut statements = vec![format!("DELETE FROM {}", keeper.table)];
    statements.extend(migration.map(|migration| {
        let version = format::number(migration);
        format!("INSERT INTO {} (version, dirty) VALUES ({version}, {clean})", keeper.table)
    }));
    statements
}

fn records(rows: &[Row], migrations: &[Migration]) -> Result<Vec<Record>, String> {
    let Some(row) = rows.first() else { return Ok(Vec::new()) };
    // -1 stands for a database from which everything was taken back.
    if field(row, 0).is_some_and(|version| version.starts_with('-')) {
        return Ok(Vec::new());
    }
    let newest = format::version(row, 0)?;
    let dirty = format::is_true(field(row, 1));
    let older = migrations.iter().filter_map(|migration| migration.version.clone()).filter(|version| *version < newest);
    let mut records: Vec<Record> = older.map(format::applied).collect();
    records.push(Record { dirty, ..format::applied(newest) });
    Ok(records)
}

fn lock(place: &LockPlace<'_>) -> Option<LockName> {
    const SALT: u32 = 1_486_364_155;
    let number = |name: String| crc32([name.as_bytes()]).wrapping_mul(SALT);
    let LockPlace { database, schema, table, dialect } = place;
    match dialect {
        Dialect::Postgres => Some(LockName::Number(i64::from(number(format!("{schema}\0{table}\0{database}"))))),
        Dialect::Mysql => Some(LockName::Text(number(format!("{database}:{table}")).to_string())),
        Dialect::Sqlite => None,
    }
}
