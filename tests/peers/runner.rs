//! The other runners themselves, as `tools/install test` builds and installs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::database::{Database, Kind};
use crate::harness::skip;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    Sqlx,
    Refinery,
    Dbmate,
}

/// What a migration does, in the words of every runner and database.
pub(super) struct Text {
    pub(super) number: usize,
    pub(super) name: &'static str,
    pub(super) sql: String,
    /// It is no transaction. Only for [`Runner::has_steps`].
    pub(super) stepwise: bool,
}

impl Runner {
    /// As the plan names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqlx => "sqlx",
            Self::Refinery => "refinery",
            Self::Dbmate => "dbmate",
        }
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Sqlx => "_sqlx_migrations",
            Self::Refinery => "refinery_schema_history",
            Self::Dbmate => "schema_migrations",
        }
    }

    /// It compares the files with what it has applied.
    pub(super) fn keeps_checksums(self) -> bool {
        self != Self::Dbmate
    }

    /// It has a word for a migration that is no transaction.
    pub(super) fn has_steps(self) -> bool {
        self != Self::Refinery
    }

    /// Everything of a row but the times, for [`Database::query`].
    pub(super) fn rows(self, kind: Kind) -> String {
        let digits = if kind == Kind::Postgres { "encode(checksum, 'hex')" } else { "lower(hex(checksum))" };
        let columns = match self {
            Self::Sqlx => format!("version, description, success, {digits}"),
            Self::Refinery => "version, name, checksum".to_owned(),
            Self::Dbmate => "version".to_owned(),
        };
        format!("SELECT {columns} FROM {} ORDER BY version", self.table())
    }

    /// How many rows have times that the runner itself could have written.
    pub(super) fn sound_times(self, kind: Kind) -> String {
        let condition = match (self, kind) {
            (Self::Dbmate, _) => "1 = 1",
            (Self::Refinery, Kind::Sqlite) => "applied_on GLOB '2[0-9][0-9][0-9]-*T[0-9][0-9]:*Z'",
            (Self::Refinery, Kind::Postgres) => {
                "applied_on ~ '^2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$'"
            }
            (Self::Refinery, Kind::Mariadb) => {
                "applied_on REGEXP '^2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z$'"
            }
            (Self::Sqlx, Kind::Sqlite) => {
                "installed_on GLOB '2[0-9][0-9][0-9]-*' AND execution_time BETWEEN 0 AND 600000000000"
            }
            (Self::Sqlx, _) => {
                "installed_on > CURRENT_TIMESTAMP - INTERVAL '600' SECOND AND execution_time BETWEEN 0 AND 600000000000"
            }
        };
        format!("SELECT count(*) FROM {} WHERE {condition}", self.table())
    }

    pub(super) fn write(self, database: &Database, text: &Text) {
        let Text { number, name, sql, stepwise } = text;
        let file = |name: &str, text: &str| {
            database.scene.file(&format!("m/{name}"), text);
        };
        match self {
            Self::Sqlx => {
                let option = if *stepwise { "-- no-transaction\n" } else { "" };
                let directions = if *number == 5 { (".up", ".down") } else { ("", "") };
                file(&format!("{number:04}_{name}{}.sql", directions.0), &format!("{option}{sql}"));
                if !directions.1.is_empty() {
                    file(&format!("{number:04}_{name}{}.sql", directions.1), "DROP TABLE runs;");
                }
            }
            Self::Refinery => file(&format!("V{number}__{name}.sql"), sql),
            Self::Dbmate => {
                let option = if *stepwise { " transaction:false" } else { "" };
                let text = format!("-- migrate:up{option}\n{sql}\n-- migrate:down\nDROP TABLE runs;\n");
                file(&format!("2026010112{number:04}_{name}.sql"), &text);
            }
        }
    }

    /// The version that the status shows for a number.
    pub(super) fn version(self, number: usize) -> String {
        if self == Self::Dbmate { format!("2026010112{number:04}") } else { number.to_string() }
    }

    /// The file of a migration that has no way down.
    pub(super) fn file(self, number: usize, name: &str) -> String {
        match self {
            Self::Sqlx => format!("m/{number:04}_{name}.sql"),
            Self::Refinery => format!("m/V{number}__{name}.sql"),
            Self::Dbmate => format!("m/2026010112{number:04}_{name}.sql"),
        }
    }

    /// The program, or a skipped test.
    pub(super) fn program(self, test: &str) -> Option<PathBuf> {
        let program = match self {
            Self::Sqlx => "bin/sqlx",
            Self::Refinery => "bin/refinery",
            Self::Dbmate => "dbmate/bin/dbmate",
        };
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/peers").join(program);
        if !program.exists() {
            skip(test, &format!("{}, which `tools/install test` builds", self.name()));
            return None;
        }
        Some(program)
    }

    /// Has it apply all files. Where it can be told to mind changed and missing files, or to take a lock, it is.
    pub(super) fn command(self, program: &Path, database: &Database) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").current_dir(&database.scene.directory).stdin(Stdio::null());
        match self {
            Self::Sqlx => {
                let url = database.outer_url(if database.kind() == Kind::Sqlite { "?mode=rwc" } else { "" });
                command.args(["migrate", "run", "--source", "m", "--no-dotenv", "--database-url", &url]);
            }
            Self::Refinery => {
                if database.kind() == Kind::Sqlite && !database.file().exists() {
                    std::fs::write(database.file(), "").unwrap();
                }
                command.env("DATABASE_URL", database.outer_url(""));
                command.args(["migrate", "-e", "DATABASE_URL", "-d", "-m", "-p", "m"]);
            }
            Self::Dbmate => {
                let on_postgres = database.kind() == Kind::Postgres;
                let url = database.outer_url(if on_postgres { "?sslmode=disable" } else { "" });
                command.args([
                    "--url",
                    &url.replace("sqlite://", "sqlite:"),
                    "--migrations-dir",
                    "m",
                    "--no-dump-schema",
                ]);
                command.args(on_postgres.then_some("--migration-lock")).arg("migrate");
            }
        }
        command
    }
}
