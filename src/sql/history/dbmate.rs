//! The history of dbmate: the versions, as the files spell them.

use super::format::{self, Format, spelling};
use crate::sql::Dialect;
use crate::sql::session::LockName;

pub(super) const FORMAT: Format = Format {
    name: "dbmate",
    table: "schema_migrations",
    columns: &["version"],
    check: format::has_version,
    create: |keeper| {
        let kind = if keeper.dialect == Dialect::Postgres { "varchar" } else { "varchar(128)" };
        vec![format!("CREATE TABLE IF NOT EXISTS {} (version {kind} PRIMARY KEY)", keeper.table)]
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
    // The same in every database, and taken only with `--migration-lock`.
    lock: |place| (place.dialect == Dialect::Postgres).then_some(LockName::Number(48_372_615)),
};
