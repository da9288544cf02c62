//! Databases that other runners have begun are continued, and go back to them: with the real runners.

mod database;
mod runner;

use std::path::PathBuf;
use std::process::Stdio;

use self::database::{Database, Kind, Shared};
use self::runner::{Runner, Text};
use crate::harness::{Ran, Scene, wait_until_said};

/// A runner and a kind of database.
struct Stage {
    runner: Runner,
    program: PathBuf,
    kind: Kind,
    server: Shared,
}

const RUNS: &str = "SELECT number, count(*) FROM runs GROUP BY number ORDER BY number";

/// How many files there are at first, and how many of them the other one applies.
const FILES: usize = 6;
const HALF: usize = 3;

fn every(test: &str, runner: Runner, kind: Kind) {
    let (Some(program), Some(server)) = (runner.program(test), kind.server(test)) else { return };
    let stage = Stage { runner, program, kind, server };
    stage.begun_by_the_other();
    stage.begun_by_us();
    stage.changed();
    stage.failed();
}

#[test]
fn sqlx_on_postgresql() {
    every("sqlx_on_postgresql", Runner::Sqlx, Kind::Postgres);
}

#[test]
fn sqlx_on_mariadb() {
    every("sqlx_on_mariadb", Runner::Sqlx, Kind::Mariadb);
}

#[test]
fn sqlx_on_sqlite() {
    every("sqlx_on_sqlite", Runner::Sqlx, Kind::Sqlite);
}

#[test]
fn refinery_on_postgresql() {
    every("refinery_on_postgresql", Runner::Refinery, Kind::Postgres);
}

#[test]
fn refinery_on_mariadb() {
    every("refinery_on_mariadb", Runner::Refinery, Kind::Mariadb);
}

#[test]
fn refinery_on_sqlite() {
    every("refinery_on_sqlite", Runner::Refinery, Kind::Sqlite);
}

#[test]
fn dbmate_on_postgresql() {
    every("dbmate_on_postgresql", Runner::Dbmate, Kind::Postgres);
}

#[test]
fn dbmate_on_mariadb() {
    every("dbmate_on_mariadb", Runner::Dbmate, Kind::Mariadb);
}

#[test]
fn dbmate_on_sqlite() {
    every("dbmate_on_sqlite", Runner::Dbmate, Kind::Sqlite);
}

/// Whoever comes second waits, and finds everything done. Of the others only dbmate, when it is asked to, takes a lock: sqlx does so
/// in a program, and not from the command line.
#[test]
fn dbmate_and_we_wait_for_each_other() {
    let (test, runner, kind) = ("dbmate_and_we_wait_for_each_other", Runner::Dbmate, Kind::Postgres);
    let (Some(program), Some(server)) = (runner.program(test), kind.server(test)) else { return };
    let stage = Stage { runner, program, kind, server };
    for we_are_first in [true, false] {
        let database = stage.database(if we_are_first { "after_us" } else { "before_us" });
        stage.write(&database, 1..=1);
        let sql = format!("SELECT pg_advisory_xact_lock({GATE});\nINSERT INTO runs (number) VALUES (2);");
        runner.write(&database, &Text { number: 2, name: "gate", sql, stepwise: false });
        let mut gate = database.hold(GATE);
        let us = || database.scene.start(&[&MIGRATE[..], &["--history", "dbmate", "--lock-timeout", "0s"]].concat());
        let them = || {
            let mut command = runner.command(&stage.program, &database);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let first = if we_are_first { us() } else { them() };
        database.wait_for(&waiting(GATE));
        let mut second = if we_are_first { them() } else { us() };
        if we_are_first {
            database.wait_for(&waiting(LOCK_OF_DBMATE));
        } else {
            // We only try, so the server sees nobody wait.
            wait_until_said(&mut second, "waiting for the lock on the history, held by process");
        }
        drop(gate.stdin.take());
        gate.wait().unwrap();
        let [first, second] = [first, second].map(|child| Ran::from(child.wait_with_output().unwrap()).code(0));
        if !we_are_first {
            second.stderr_has("unchanged");
        }
        drop(first);
        stage.check(&database, 2);
    }
}

const GATE: u32 = 7;
const LOCK_OF_DBMATE: u32 = 48_372_615;

/// Sessions that wait for an advisory lock.
fn waiting(lock: u32) -> String {
    format!(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = {lock} \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
}

/// Versions that are times do not fit into the table that refinery makes unless it was built for them.
#[test]
fn a_table_for_refinery_is_as_wide_as_the_versions() {
    for (version, kind) in [("7", "int4"), ("20260101120000", "int8")] {
        let scene = Scene::new();
        scene.file(&format!("m/V{version}__a.sql"), "CREATE TABLE a (id int);");
        let arguments = ["migrate", "--database", "sqlite:///app.db", "--source", "/m", "--history", "refinery"];
        scene.run(&arguments).code(0);
        let connection = rusqlite::Connection::open(scene.path("app.db")).unwrap();
        let types = "SELECT type FROM pragma_table_info('refinery_schema_history') WHERE name = 'version'";
        assert_eq!(connection.query_row(types, [], |row| row.get::<_, String>(0)).unwrap(), kind);
        scene.run(&arguments).code(0).stderr_has("unchanged");

        scene.file("m/V20270101120000__b.sql", "CREATE TABLE b (id int);");
        let further = scene.run(&arguments);
        if kind == "int8" {
            further.code(0).stderr_has("1 migration applied");
        } else {
            further.code(7).stderr_has(
                "cannot keep `/m/V20270101120000__b.sql` in the history \"main\".\"refinery_schema_history\" of refinery: \
                 its version is too large for the `int4` of the table",
            );
        }
    }
}

impl Stage {
    fn database(&self, purpose: &str) -> Database {
        self.server.database(&format!("{}_{purpose}", self.runner.name()))
    }

    fn write(&self, database: &Database, numbers: std::ops::RangeInclusive<usize>) {
        for number in numbers {
            self.runner.write(database, &self.text(number));
        }
    }

    /// Each migration counts its runs.
    fn text(&self, number: usize) -> Text {
        let count = format!("INSERT INTO runs (number, label) VALUES ({number}, 'a;b');\n");
        let table = format!("CREATE TABLE more_{number} (id int);\n");
        let mut stepwise = false;
        let (name, sql) = match number {
            1 => ("create_runs", format!("CREATE TABLE runs (number int, label varchar(99));\n{count}")),
            2 => ("_lines_of_windows", format!("{table}{count}").replace('\n', "\r\n")),
            3 => ("größe", format!("-- ü; it's\n{table}{}", count.replace("a;b", "é''; --"))),
            4 if self.kind == Kind::Postgres && self.runner.has_steps() => {
                stepwise = true;
                ("an_index", "CREATE INDEX CONCURRENTLY runs_number ON runs (number);".to_owned())
            }
            4 => ("without_end_of_line", format!("{table}{}", count.trim_end())),
            5 => ("two_ways", format!("{table}{count}/* the end; */\n")),
            _ => ("more", format!("{table}{count}")),
        };
        Text { number, name, sql, stepwise }
    }

    /// What [`RUNS`] finds after so many files.
    fn runs(&self, last: usize) -> String {
        let counting = (1..=last).filter(|number| !self.text(*number).stepwise);
        counting.map(|number| format!("{number}|1")).collect::<Vec<_>>().join("\n")
    }

    fn run_other(&self, database: &Database) -> Ran {
        self.runner.command(&self.program, database).output().unwrap().into()
    }

    /// All files applied once, and nothing but the history of the other.
    #[track_caller]
    fn check(&self, database: &Database, last: usize) {
        assert_eq!(database.query(RUNS), self.runs(last));
        let count = database.query(&format!("SELECT count(*) FROM {}", self.runner.table()));
        assert_eq!(count, last.to_string(), "rows of the history");
        assert_eq!(database.query(&self.runner.sound_times(self.kind)), last.to_string(), "rows with sound times");
        assert_eq!(self.tables_of_ours(database), "0", "tables of ours");
        let status = migrate(database, &["--status"]).code(0);
        let shown: Vec<(&str, &str)> = status.stdout.lines().map(|line| (first_word(line), last_word(line))).collect();
        let versions: Vec<String> = (1..=last).map(|number| self.runner.version(number)).collect();
        assert_eq!(shown, versions.iter().map(|version| (version.as_str(), "applied")).collect::<Vec<_>>());
    }

    /// The journal is beside the history, and is there only where something was done in steps.
    fn tables_of_ours(&self, database: &Database) -> String {
        database.query(match self.kind {
            Kind::Sqlite => "SELECT count(*) FROM sqlite_master WHERE name = 'fitout_migrations'",
            Kind::Postgres => "SELECT count(*) FROM pg_class WHERE relname = 'fitout_migrations'",
            Kind::Mariadb => {
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_name = 'fitout_migrations'"
            }
        })
    }

    /// The history as messages call it.
    fn quoted_table(&self, database: &Database) -> String {
        let table = self.runner.table();
        match self.kind {
            Kind::Postgres => format!("\"public\".\"{table}\""),
            Kind::Mariadb => format!("`{}`.`{table}`", database.name),
            Kind::Sqlite => format!("\"main\".\"{table}\""),
        }
    }

    /// What the other one itself writes for as many files.
    fn rows_of_other(&self, purpose: &str, last: usize) -> (String, String) {
        let database = self.database(purpose);
        self.write(&database, 1..=last);
        self.run_other(&database).code(0);
        (database.query(&self.runner.rows(self.kind)), database.definition(self.runner.table()))
    }

    fn begun_by_the_other(&self) {
        let database = self.database("theirs");
        self.write(&database, 1..=HALF);
        self.run_other(&database).code(0);
        let found = format!("{} of {}", self.quoted_table(&database), self.runner.name());
        let begun = migrate(&database, &["--status"]).code(0).stderr_has(&format!("the history is {found}\n"));
        assert_eq!(begun.stdout.matches(" applied\n").count(), HALF, "{}", begun.stdout);
        self.write(&database, HALF + 1..=FILES);
        let planned = migrate(&database, &["--plan"]).code(0);
        assert_eq!(planned.stdout.lines().count(), FILES - HALF, "{}", planned.stdout);
        let history = format!("of {}", self.runner.name());
        migrate(&database, &[]).code(0).stderr_has("3 migrations applied").stderr_has(&history);
        self.check(&database, FILES);
        migrate(&database, &[]).code(0).stderr_has("unchanged");

        // The other one accepts what we wrote, and goes on.
        self.run_other(&database).code(0);
        self.check(&database, FILES);
        self.write(&database, FILES + 1..=FILES + 1);
        self.run_other(&database).code(0);
        self.check(&database, FILES + 1);
        migrate(&database, &[]).code(0).stderr_has("unchanged");
        let (rows, _) = self.rows_of_other("alone", FILES + 1);
        assert_eq!(database.query(&self.runner.rows(self.kind)), rows);
    }

    fn begun_by_us(&self) {
        let database = self.database("ours");
        self.write(&database, 1..=FILES);
        let chosen = ["--history", self.runner.name()];
        let found = format!("{} of {}", self.quoted_table(&database), self.runner.name());
        let before = migrate(&database, &[&chosen[..], &["--status"]].concat()).code(10);
        if self.kind != Kind::Sqlite {
            // Where there is no file yet, nothing is looked at.
            before.stderr_has(&format!("there is no history; the first run would begin {found}\n"));
        }
        migrate(&database, &chosen).code(0).stderr_has("6 migrations applied");
        self.check(&database, FILES);
        let (rows, definition) = self.rows_of_other("same", FILES);
        assert_eq!(database.query(&self.runner.rows(self.kind)), rows);
        assert_eq!(database.definition(self.runner.table()), definition);
        self.write(&database, FILES + 1..=FILES + 1);
        self.run_other(&database).code(0);
        self.check(&database, FILES + 1);
    }

    /// A file that was changed after it was applied.
    fn changed(&self) {
        let database = self.database("changed");
        self.write(&database, 1..=HALF);
        self.run_other(&database).code(0);
        let file = self.runner.file(1, "create_runs");
        let text = database.scene.read(&file);
        database.scene.file(&file, text.replace("99", "100"));
        self.write(&database, HALF + 1..=FILES);
        if !self.runner.keeps_checksums() {
            migrate(&database, &[]).code(0).stderr_has("3 migrations applied");
            return self.check(&database, FILES);
        }
        let message = format!("cannot accept `/{file}`: it was changed after it was applied");
        migrate(&database, &[]).code(7).stderr_has(&message).stderr_has("stored: ").stderr_has("found: ");
        assert_eq!(kind_of(&migrate(&database, &["--log", "json"]).code(7)), "drift");
        let status = migrate(&database, &["--status"]).code(7).stderr_has(&message);
        assert!(status.stdout.starts_with("1  create_runs"), "{}", status.stdout);
        assert!(status.stdout.lines().next().unwrap().ends_with(" changed"), "{}", status.stdout);
        assert_eq!(database.query(RUNS), self.runs(HALF));
        // It refuses that too, so its silence elsewhere says that checksums are equal.
        assert_ne!(self.run_other(&database).code, 0);
        database.scene.file(&file, text);
        migrate(&database, &[]).code(0);
        self.check(&database, FILES);
    }

    /// A migration that failed in the hands of the other one, in its second statement.
    fn failed(&self) {
        let database = self.database("failed");
        self.write(&database, 1..=HALF);
        let broken = Text { number: HALF + 1, name: "broken", sql: BROKEN.to_owned(), stepwise: false };
        self.runner.write(&database, &broken);
        let file = self.runner.file(HALF + 1, "broken");
        let failed = self.run_other(&database);
        let mended = |database: &Database| {
            database.scene.file(&file, database.scene.read(&file).replace("nowhere", "half"));
        };
        match (self.runner, self.kind) {
            // It looks at the outcome of the first statement only, and takes the whole file for applied.
            (Runner::Refinery, Kind::Mariadb) => {
                failed.code(0);
                migrate(&database, &[]).code(0).stderr_has("unchanged");
            }
            // The table stays, as each such statement commits.
            (Runner::Sqlx, Kind::Mariadb) => {
                assert_ne!(failed.code, 0);
                let message = "cannot go on after migration 4 `broken`: the history says that it failed";
                migrate(&database, &[]).code(7).stderr_has(message).stderr_has("another runner began it");
                assert_eq!(kind_of(&migrate(&database, &["--log", "json"]).code(7)), "in-doubt");
                let status = migrate(&database, &["--status"]);
                assert!(status.stdout.lines().nth(HALF).unwrap().ends_with(" begun"), "{}", status.stdout);
                // What the hint says.
                database.query("DROP TABLE half; DELETE FROM _sqlx_migrations WHERE version = 4");
                mended(&database);
                migrate(&database, &[]).code(0).stderr_has("1 migration applied");
                self.check_after_failure(&database);
            }
            (Runner::Dbmate, Kind::Mariadb) => {
                assert_ne!(failed.code, 0);
                mended(&database);
                migrate(&database, &[]).code(7).stderr_has("table 'half' already exists").stderr_has(":2:1");
                database.query("DROP TABLE half");
                migrate(&database, &[]).code(0).stderr_has("1 migration applied");
                self.check_after_failure(&database);
            }
            // Nothing of it is left, so there is nothing to tell.
            (_, Kind::Postgres | Kind::Sqlite) => {
                assert_ne!(failed.code, 0);
                migrate(&database, &[]).code(7).stderr_has("nowhere").stderr_has(&format!("/{file}:"));
                mended(&database);
                migrate(&database, &[]).code(0).stderr_has("1 migration applied");
                self.check_after_failure(&database);
            }
        }
    }

    #[track_caller]
    fn check_after_failure(&self, database: &Database) {
        assert_eq!(database.query("SELECT count(*) FROM half"), "1");
        self.run_other(database).code(0);
        assert_eq!(database.query("SELECT count(*) FROM half"), "1");
    }
}

const BROKEN: &str = "CREATE TABLE half (id int);\nINSERT INTO nowhere (id) VALUES (1);\n";

const MIGRATE: [&str; 5] = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m"];

fn migrate(database: &Database, further: &[&str]) -> Ran {
    database.scene.run(&[&MIGRATE[..], further].concat())
}

/// The kind of the failure that ends a log of JSON.
fn kind_of(ran: &Ran) -> String {
    let last = ran.stderr.lines().rfind(|line| line.contains("\"kind\"")).unwrap_or_default();
    let line: serde_json::Value = serde_json::from_str(last).unwrap();
    line["kind"].as_str().unwrap_or_default().to_owned()
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

fn last_word(line: &str) -> &str {
    line.split_whitespace().last().unwrap_or_default()
}
