//! The history of Prisma: `_prisma_migrations`, by the names of directories.

use super::format::{self, Format, Keeper, LockPlace, field};
use super::{Record, fitout};
use crate::sql::session::{LockName, Row};
use crate::sql::{Dialect, Migration, Version};

pub(super) const FORMAT: Format = Format {
    name: "prisma",
    table: "_prisma_migrations",
    columns: &[
        "id",
        "checksum",
        "finished_at",
        "migration_name",
        "rolled_back_at",
        "started_at",
        "applied_steps_count",
    ],
    check: format::has_version,
    create,
    select: |keeper| {
        format!(
            "SELECT migration_name, checksum, finished_at IS NOT NULL FROM {} WHERE rolled_back_at IS NULL ORDER BY started_at",
            keeper.table
        )
    },
    records: |rows, _| rows.iter().map(record).collect(),
    insert,
    forget: |keeper, record, _| {
        let name = keeper.text(&record.name);
        vec![format!(
            "UPDATE {} SET rolled_back_at = {} WHERE migration_name = {name} AND finished_at IS NULL AND rolled_back_at IS NULL",
            keeper.table,
            now(keeper.dialect)
        )]
    },
    is_applied: |keeper, migration| {
        format!(
            "SELECT 1 FROM {} WHERE migration_name = {} AND finished_at IS NOT NULL AND rolled_back_at IS NULL",
            keeper.table,
            keeper.text(&migration.entry)
        )
    },
    checksum: |_, migration| Some(migration.checksum.clone()),
    // Prisma does not count line ends; its older rows are hexadecimal digits without leading zeros.
    accepts: |migration, stored| fitout::accepts(migration, stored) || stored == unpadded(&migration.checksum),
    describe: format::name,
    unordered: true,
    lock,
};

fn create(keeper: &Keeper<'_>) -> Vec<String> {
    let (time, now) = match keeper.dialect {
        Dialect::Postgres => ("TIMESTAMPTZ", "now()"),
        Dialect::Mysql => ("DATETIME(3)", "CURRENT_TIMESTAMP(3)"),
        Dialect::Sqlite => ("DATETIME", "current_timestamp"),
    };
    vec![format!(
        "CREATE TABLE IF NOT EXISTS {} (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at {time}, \
         migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at {time}, started_at {time} NOT NULL DEFAULT {now}, \
         applied_steps_count INTEGER NOT NULL DEFAULT 0)",
        keeper.table
    )]
}

fn record(row: &Row) -> Result<Record, String> {
    let name = field(row, 0).ok_or("a name is missing")?;
    let digits = name.split('_').next().unwrap_or_default();
    let version = Version::parse(digits).map_err(|_| format!("`{name}` does not start with a version"))?;
    let dirty = !format::is_true(field(row, 2));
    Ok(Record { version: Some(version), name: name.clone(), checksum: field(row, 1).cloned(), dirty })
}

fn insert(keeper: &Keeper<'_>, migration: &Migration, _: &str) -> Vec<String> {
    let id = match keeper.dialect {
        Dialect::Postgres => "md5(random()::text || clock_timestamp()::text)::uuid::text",
        Dialect::Mysql => "uuid()",
        Dialect::Sqlite => {
            "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || \
             '-' || hex(randomblob(6)))"
        }
    };
    let now = now(keeper.dialect);
    vec![format!(
        "INSERT INTO {} (id, checksum, finished_at, migration_name, started_at, applied_steps_count) \
         VALUES ({id}, '{}', {now}, {}, {now}, 1)",
        keeper.table,
        migration.checksum,
        keeper.text(&migration.entry)
    )]
}

fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "clock_timestamp()",
        Dialect::Mysql => "CURRENT_TIMESTAMP(3)",
        // Prisma keeps milliseconds there.
        Dialect::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS integer)",
    }
}

fn unpadded(checksum: &str) -> String {
    let bytes = checksum.as_bytes().chunks(2);
    bytes.map(|pair| String::from_utf8_lossy(pair.strip_prefix(b"0").unwrap_or(pair)).into_owned()).collect()
}

fn lock(place: &LockPlace<'_>) -> Option<LockName> {
    match place.dialect {
        Dialect::Postgres => Some(LockName::Number(72_707_369)),
        Dialect::Mysql => Some(LockName::Text("prisma_migrate".to_owned())),
        Dialect::Sqlite => None,
    }
}
