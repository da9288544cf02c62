//! Many processes that migrate the same database at the same time.

use std::process::Child;

use crate::connect::pooler::Pooler;
use crate::harness::Scene;
use crate::mariadb::Stage;
use crate::mariadb::server::PASSWORD as MARIADB_PASSWORD;
use crate::postgres::{PASSWORD, Server, encoded};

const PROCESSES: usize = 20;

/// Each migration counts how often it is run; those with an index are no transaction.
fn migrations(scene: &Scene, numbers: std::ops::RangeInclusive<usize>, stepwise: bool) {
    for number in numbers {
        let count = format!("INSERT INTO runs VALUES ({number});\n");
        let text = match number {
            1 => format!("CREATE TABLE runs (number int);\nCREATE TABLE items (id int, label text);\n{count}"),
            _ if stepwise && number % 4 == 0 => {
                format!("{count}CREATE INDEX CONCURRENTLY items_{number} ON items (id);\n{count}")
            }
            _ => format!("CREATE TABLE more_{number} (id int);\n{count}"),
        };
        scene.file(&format!("m/{number:04}_a.sql"), text);
    }
}

/// How often each of the migrations counts itself, as the databases print it.
fn expected(last: usize, stepwise: bool) -> String {
    let times = |number: usize| if stepwise && number.is_multiple_of(4) { 2 } else { 1 };
    (1..=last).map(|number| format!("{number}|{}", times(number))).collect::<Vec<_>>().join("\n")
}

const RUNS: &str = "SELECT number, count(*) FROM runs GROUP BY number ORDER BY number";

/// Starts them all and waits until each has ended well. The work is done once: what they say they applied, taken together.
#[track_caller]
fn start_all(start: impl Fn() -> Child, migrations: usize) {
    let children: Vec<Child> = (0..PROCESSES).map(|_| start()).collect();
    let mut applied = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{log}");
        let of_line = |line: &str| line.strip_suffix(" applied")?.split(' ').rev().nth(1)?.parse::<usize>().ok();
        applied += log.lines().filter_map(of_line).sum::<usize>();
    }
    assert_eq!(applied, migrations, "what the processes say that they applied");
}

#[test]
fn twenty_processes_migrate_postgresql_once() {
    let Some(server) = Server::start("twenty_processes_migrate_postgresql_once") else { return };
    server.wait();
    let url = format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port);
    crowd_on_postgresql(&server, &url, true, OWN);
}

#[test]
fn twenty_processes_migrate_postgresql_once_through_a_pooler() {
    let test = "twenty_processes_migrate_postgresql_once_through_a_pooler";
    let Some(server) = Server::start(test) else { return };
    server.wait();
    let Some(pooler) = Pooler::start(test, &server) else { return };
    let url = format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), pooler.port);
    crowd_on_postgresql(&server, &url, false, OWN);
    assert_eq!(server.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0", "a lock is left");
}

/// The history, its table, and how many rows it has of no migration. Nothing in the table of goose keeps a version from being there twice.
type History = (&'static str, &'static str, usize);
const OWN: History = ("fitout", "fitout_migrations", 0);
const GOOSE: History = ("goose", "goose_db_version", 1);

#[test]
fn twenty_processes_keep_a_history_without_keys_through_a_pooler() {
    let test = "twenty_processes_keep_a_history_without_keys_through_a_pooler";
    let Some(server) = Server::start(test) else { return };
    server.wait();
    // Whoever gets the lock must see what the one before has committed, whatever transactions are by default.
    server.query("ALTER DATABASE postgres SET default_transaction_isolation = 'repeatable read'");
    let Some(pooler) = Pooler::start(test, &server) else { return };
    let url = format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), pooler.port);
    crowd_on_postgresql(&server, &url, false, GOOSE);
}

/// On an empty database, and then on one that lacks half of the migrations.
fn crowd_on_postgresql(server: &Server, url: &str, stepwise: bool, (history, table, further): History) {
    let scene = &server.scene;
    scene.env("DATABASE_URL", url);
    let start = || scene.start(&["migrate", "--database-env", "DATABASE_URL", "--source", "/m", "--history", history]);
    for (first, last) in [(1, 8), (9, 16)] {
        migrations(scene, first..=last, stepwise);
        start_all(start, last - first + 1);
        assert_eq!(server.query(RUNS), expected(last, stepwise));
        assert_eq!(server.query(&format!("SELECT count(*) FROM {table}")), (last + further).to_string());
    }
    assert_eq!(server.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
}

#[test]
fn twenty_processes_migrate_mariadb_once() {
    let Some(stage) = Stage::new("twenty_processes_migrate_mariadb_once") else { return };
    let scene = &stage.scene;
    scene.env("DATABASE_URL", stage.url(MARIADB_PASSWORD, "127.0.0.1", ""));
    for (history, table, further) in [OWN, GOOSE] {
        stage.said("DROP DATABASE app; CREATE DATABASE app");
        let _ = std::fs::remove_dir_all(scene.path("m"));
        let start =
            || scene.start(&["migrate", "--database-env", "DATABASE_URL", "--source", "/m", "--history", history]);
        for (first, last) in [(1, 8), (9, 16)] {
            migrations(scene, first..=last, false);
            start_all(start, last - first + 1);
            assert_eq!(stage.said(RUNS).replace('\t', "|"), expected(last, false));
            assert_eq!(stage.said(&format!("SELECT COUNT(*) FROM {table}")), (last + further).to_string());
            assert_eq!(stage.said(&format!("SELECT COUNT(*) FROM {table}_journal")), "0");
        }
    }
}

#[test]
fn twenty_processes_migrate_sqlite_once() {
    for (history, table, further) in [OWN, GOOSE] {
        let scene = Scene::new();
        let arguments = ["migrate", "--database", "sqlite:///app.db", "--source", "/m", "--history", history];
        for (first, last) in [(1, 8), (9, 16)] {
            migrations(&scene, first..=last, false);
            // A statement that runs alone, with another before and behind it.
            scene.file(
                &format!("m/{last:04}_a.sql"),
                format!("INSERT INTO runs VALUES ({last});\nVACUUM;\nSELECT 1;\n"),
            );
            start_all(|| scene.start(&arguments), last - first + 1);
            let connection = rusqlite::Connection::open(scene.path("app.db")).unwrap();
            let mut rows = connection.prepare(RUNS).unwrap();
            let found = rows.query_map([], |row| Ok(format!("{}|{}", row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
            let found: Vec<String> = found.unwrap().map(Result::unwrap).collect();
            assert_eq!(found.join("\n"), expected(last, false));
            let count = format!("SELECT count(*) FROM {table}");
            let count: u32 = connection.query_row(&count, [], |row| row.get(0)).unwrap();
            assert_eq!(count, u32::try_from(last + further).unwrap());
        }
    }
}

#[test]
fn a_pooler_is_refused_what_needs_a_session() {
    let test = "a_pooler_is_refused_what_needs_a_session";
    let Some(server) = Server::start(test) else { return };
    server.wait();
    let Some(pooler) = Pooler::start(test, &server) else { return };
    let scene = &server.scene;
    let url = |port: u16| format!("postgres://app:{}@127.0.0.1:{port}/postgres", encoded(PASSWORD));
    scene.env("DATABASE_URL", url(pooler.port)).env("DIRECT_URL", url(server.port));
    migrations(scene, 1..=4, true);
    let plan = |fields: &str| {
        let text = format!(
            "version: 1\ninputs: {{ env: {{ DATABASE_URL: {{ secret: true }}, DIRECT_URL: {{ secret: true }} }} }}\n\
             steps:\n- migrate: {{ database: {{ from_env: DATABASE_URL }}, source: /m{fields} }}\n"
        );
        scene.file("plan.yaml", text);
    };
    plan("");
    scene
        .apply()
        .code(7)
        .stderr_has("cannot apply `/m/0004_a.sql`: it cannot be one transaction")
        .stderr_has("`direct`");
    assert_eq!(server.query("SELECT to_regclass('runs') IS NULL AND to_regclass('fitout_migrations') IS NULL"), "t");
    plan(", session: [\"SET search_path = public\"]");
    scene.apply().code(7).stderr_has("cannot run statements at the start of the session: a pooler shares it");
    plan(", direct: { from_env: DIRECT_URL }, session: [\"SET search_path = public\"]");
    scene.apply().code(0);
    assert_eq!(server.query(RUNS), expected(4, true));
    plan(", direct: { from_env: NONE }");
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has("`NONE` is not declared under `inputs.env`");

    // A statement that fails leaves nothing, also with the pooler, and no setting reaches the next client.
    scene.file("m/0005_a.sql", "SET search_path = nowhere;\nCREATE TABLE public.left_over ();\nSELEC 1;\n");
    plan("");
    scene.apply().code(7).stderr_has("/m/0005_a.sql:3:1");
    scene.file("m/0005_a.sql", "SET search_path = nowhere;\nCREATE TABLE public.left_over ();\n");
    scene.apply().code(0);
    scene.file("m/0006_a.sql", "CREATE TABLE next_one ();\n");
    scene.apply().code(0);
    assert_eq!(server.query("SELECT to_regclass('public.next_one') IS NOT NULL"), "t");

    // Whoever holds the lock is waited for, and for so long only.
    scene.file("m/0007_a.sql", "SELECT 1;\n");
    scene.file("hold.sql", "SELECT pg_advisory_lock(('x0a2ab988f7ed2d87')::bit(64)::bigint);\nSELECT pg_sleep(600);\n");
    plan(", lock_wait: 1s");
    let mut holder = server.start_file(&scene.path("hold.sql"));
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while server.query(held) != "1" {
        assert!(std::time::Instant::now() < deadline, "the lock is not held");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    scene.apply().code(7).stderr_has("cannot lock the history: after 1 s it is held by another session");
    holder.kill().unwrap();
    holder.wait().unwrap();
}
