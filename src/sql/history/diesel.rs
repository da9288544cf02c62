//! The history of diesel: the versions, without their dashes.

use super::format::{self, Format, spelling};

pub(super) const FORMAT: Format = Format {
    name: "diesel",
    table: "__diesel_schema_migrations",
    columns: &["version", "run_on"],
    check: format::has_version,
    create: |keeper| {
        vec![format!(
            "CREATE TABLE IF NOT EXISTS {} (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
            keeper.table
        )]
    },
    select: |keeper| format!("SELECT version FROM {}", keeper.table),
    records: |rows, _| rows.iter().map(|row| format::version(row, 0).map(format::applied)).collect(),
    insert: |keeper, migration, _| {
        vec![format!("INSERT INTO {} (version) VALUES ({})", keeper.table, keeper.text(spelling(migration)))]
    },
    forget: format::leaves_none,
    is_applied: |keeper, migration| {
        format!("SELECT 1 FROM {} WHERE version = {}", keeper.table, keeper.text(spelling(migration)))
    },
    checksum: format::no_checksum,
    accepts: format::accepts_no_other,
    describe: format::name,
    unordered: true,
    lock: format::no_lock,
};
