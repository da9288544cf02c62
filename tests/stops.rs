//! A signal while a statement runs that cannot be rolled back: it has its grace, its answer is read, and the next run goes on.

use std::process::Child;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rusqlite::Connection;

use crate::harness::{Ran, Scene};
use crate::mariadb::Stage;
use crate::mariadb::server::PASSWORD as MARIADB_PASSWORD;
use crate::postgres::{PASSWORD, Server, encoded};

#[track_caller]
fn until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn terminate(child: &Child) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[track_caller]
fn ran(child: Child) -> Ran {
    Ran::from(child.wait_with_output().unwrap())
}

const SEEN: &str = "the statement that runs cannot be rolled back: it has ";
const AGAIN: &str = "hint: the plan can be run again";

fn postgres(scene: &Scene, grace: &str) -> Child {
    scene.start(&["migrate", "--database-env", "DATABASE_URL", "--source", "/m", "--grace", grace])
}

#[test]
fn an_index_that_is_built_has_its_grace() {
    let Some(server) = Server::start("an_index_that_is_built_has_its_grace") else { return };
    server.wait();
    let scene = &server.scene;
    scene.env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port));
    scene
        .file("m/1_a.sql", "CREATE TABLE a (x int);\n")
        .file("block.sql", "BEGIN; INSERT INTO a VALUES (1); SELECT pg_sleep(600);\n");
    ran(postgres(scene, "0s")).code(0);
    scene.file(
        "m/2_b.sql",
        "INSERT INTO a VALUES (2);\nCREATE INDEX CONCURRENTLY i ON a (x);\nINSERT INTO a VALUES (3);\nVACUUM a;\n",
    );
    let block = || {
        let blocker = server.start_file(&scene.path("block.sql"));
        until("the table is not in use", || {
            server.query(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'",
            ) == "1"
        });
        blocker
    };
    // A server does not look at a connection while it works for it.
    let release = |blocker: Child| {
        server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'");
        end(blocker);
    };
    let building =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fitout/migrate' AND wait_event_type = 'Lock'";
    let journal = || server.query("SELECT step || ' ' || state FROM fitout_migrations_journal");

    // It does not come to its end in time: it is cancelled, and it is certain that it is not done.
    let (blocker, child) = (block(), postgres(scene, "300ms"));
    until("the index is not built", || server.query(building) == "1");
    terminate(&child);
    let stopped = ran(child).code(143).stderr_has(SEEN).stderr_has(AGAIN).stderr_has("interrupted by SIGTERM");
    stopped.stderr_has("it was applying `/m/2_b.sql`").stderr_has("what was done before this statement stays");
    assert_eq!(journal(), "1 next");
    assert_eq!(server.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
    release(blocker);

    // It comes to its end: that is written, and nothing more is begun.
    let (blocker, child) = (block(), postgres(scene, "1h"));
    until("the index is not built", || server.query(building) == "1");
    terminate(&child);
    release(blocker);
    ran(child).code(143).stderr_has(SEEN).stderr_has(AGAIN);
    assert_eq!(journal(), "2 next");
    assert_eq!(server.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");

    ran(postgres(scene, "0s")).code(0).stderr_has("goes on with its statement 3");
    assert_eq!(server.query("SELECT string_agg(x::text, ' ' ORDER BY x) FROM a"), "2 3");
}

#[test]
fn a_transaction_has_no_grace() {
    let Some(server) = Server::start("a_transaction_has_no_grace") else { return };
    server.wait();
    let scene = &server.scene;
    scene.env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port));
    scene.file("m/1_a.sql", "CREATE TABLE a (x int);\nSELECT pg_sleep(600);\n");
    let child = postgres(scene, "1h");
    until("the migration does not run", || {
        server.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1"
    });
    terminate(&child);
    ran(child).code(143).lacks(SEEN).stderr_has("nothing of this migration is left").stderr_has(AGAIN);
    assert_eq!(server.query("SELECT to_regclass('a') IS NULL"), "t");
}

#[test]
fn a_routine_that_was_cancelled_is_for_a_person_to_settle() {
    let Some(server) = Server::start("a_routine_that_was_cancelled_is_for_a_person_to_settle") else { return };
    server.wait();
    let scene = &server.scene;
    scene.env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port));
    scene.file(
        "m/1_a.sql",
        "-- fitout: no-transaction\nCREATE TABLE a (x int);\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN \
         INSERT INTO a VALUES (1); COMMIT; PERFORM pg_sleep(600); END $$;\nCALL p();\n",
    );
    let child = postgres(scene, "0s");
    until("the routine does not run", || {
        server.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1"
    });
    terminate(&child);
    ran(child).code(143);
    assert_eq!(server.query("SELECT count(*) FROM a"), "1");
    ran(postgres(scene, "0s")).code(7).stderr_has("an earlier run was ended in the middle of this statement");
}

#[test]
fn a_table_of_mariadb_that_is_altered_has_its_grace() {
    let Some(stage) = Stage::new("a_table_of_mariadb_that_is_altered_has_its_grace") else { return };
    let scene = &stage.scene;
    scene.env("DATABASE_URL", stage.url(MARIADB_PASSWORD, "127.0.0.1", ""));
    let start = |grace: &str| {
        let arguments = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m", "--lock-timeout", "0s"];
        scene.start(&[&arguments[..], &["--grace", grace]].concat())
    };
    scene.file("m/1_a.sql", "CREATE TABLE a (x int PRIMARY KEY);\nINSERT INTO a VALUES (1);\n");
    ran(start("0s")).code(0);
    scene.file(
        "m/2_b.sql",
        "ALTER TABLE a ADD COLUMN y int;\nINSERT INTO a VALUES (2, 2);\nALTER TABLE a ADD COLUMN z int;\n",
    );
    // Whoever reads a table in a transaction keeps it from being altered.
    let block = || {
        let blocker = stage.client("START TRANSACTION; SELECT * FROM a; DO SLEEP(600)").spawn().unwrap();
        until("the table is not in use", || {
            stage.said("SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'DO SLEEP(600)'") == "1"
        });
        blocker
    };
    let release = || {
        let number = stage.said("SELECT MAX(id) FROM information_schema.processlist WHERE info = 'DO SLEEP(600)'");
        stage.said(&format!("KILL {number}"));
    };
    let waits = || {
        stage.said(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata lock%'",
        ) == "1"
    };
    let journal = || stage.said("SELECT CONCAT(step, ' ', state) FROM fitout_migrations_journal");

    let (blocker, child) = (block(), start("300ms"));
    until("the table is not altered", waits);
    terminate(&child);
    ran(child).code(143).stderr_has(SEEN).stderr_has(AGAIN).stderr_has("it was applying `/m/2_b.sql`");
    assert_eq!(journal(), "0 next");
    release();
    end(blocker);

    let (blocker, child) = (block(), start("1h"));
    until("the table is not altered", waits);
    terminate(&child);
    release();
    ran(child).code(143).stderr_has(SEEN).stderr_has(AGAIN);
    assert_eq!(journal(), "1 next");
    end(blocker);

    ran(start("0s")).code(0).stderr_has("goes on with its statement 2");
    assert_eq!(stage.said("SELECT CONCAT(COUNT(*), ' ', COUNT(y), ' ', COUNT(z)) FROM a"), "2 1 0");
}

#[test]
fn a_statement_of_sqlite_that_waits_for_the_file_has_its_grace() {
    let scene = Scene::new();
    let start =
        |grace: &str| scene.start(&["migrate", "--database", "sqlite:///app.db", "--source", "/m", "--grace", grace]);
    scene.file("m/1_a.sql", "PRAGMA journal_mode = wal;\nCREATE TABLE a (x);\nINSERT INTO a VALUES (1);\n");
    ran(start("0s")).code(0);
    scene.file("m/2_b.sql", "INSERT INTO a VALUES (2);\nPRAGMA journal_mode = delete;\nINSERT INTO a VALUES (3);\n");
    let database = || Connection::open(scene.path("app.db")).unwrap();
    let ask = |sql: &str| database().query_row(sql, [], |row| row.get::<_, String>(0)).unwrap_or_default();
    let journal = || ask("SELECT step || ' ' || state FROM fitout_migrations_journal");
    for (grace, wanted) in [("300ms", "1 next"), ("1h", "2 next")] {
        // As long as anybody has the file open its log stays, beside which it can be written to.
        let reader = database();
        reader.execute_batch("BEGIN; SELECT * FROM a;").unwrap();
        let child = start(grace);
        until("the statement is not begun", || journal() == "1 running");
        std::thread::sleep(Duration::from_millis(300));
        terminate(&child);
        if grace == "1h" {
            std::thread::sleep(Duration::from_millis(300));
            drop(reader);
        }
        ran(child).code(143).stderr_has(SEEN).stderr_has(AGAIN);
        assert_eq!(journal(), wanted);
    }
    ran(start("0s")).code(0).stderr_has("goes on with its statement 3");
    assert_eq!(ask("SELECT group_concat(x) FROM a"), "1,2,3");
}
