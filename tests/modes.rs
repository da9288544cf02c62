//! `migrate --plan`, `--status` and `--wait`.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene};
use crate::postgres::{PASSWORD, Server, encoded};

const SQLITE: [&str; 4] = ["--database", "sqlite:///app.db", "--source", "/m"];
const POSTGRES: [&str; 4] = ["--database-env", "DATABASE_URL", "--source", "/m"];

fn migrate(scene: &Scene, database: [&str; 4], further: &[&str]) -> Ran {
    scene.run(&[&["migrate"], &database[..], further].concat())
}

fn files() -> Scene {
    let scene = Scene::new();
    scene
        .file("m/0001_users.sql", "CREATE TABLE users (id int);\n")
        .file("m/0002_rows.sql", "INSERT INTO users VALUES (1);\nINSERT INTO users VALUES (2);\n")
        .file("m/0010_vacuum.sql", "VACUUM;\n");
    scene
}

#[test]
fn a_plan_is_printed_and_nothing_is_made() {
    let scene = files();
    let planned = migrate(&scene, SQLITE, &["--plan"]).code(0);
    assert_eq!(planned.stdout, "1   users   transaction  1\n2   rows    transaction  2\n10  vacuum  steps        1\n");
    assert!(!scene.exists("app.db"));
    migrate(&scene, SQLITE, &[]).code(0);
    assert_eq!(migrate(&scene, SQLITE, &["--plan"]).code(0).stdout, "");
}

#[test]
fn the_status_tells_how_each_migration_stands() {
    let scene = files();
    let pending = migrate(&scene, SQLITE, &["--status"]).code(10);
    assert_eq!(pending.stdout, "1   users   pending\n2   rows    pending\n10  vacuum  pending\n");
    assert!(!scene.exists("app.db"));
    migrate(&scene, SQLITE, &[]).code(0);
    assert_eq!(
        migrate(&scene, SQLITE, &["--status", "--log", "json"]).code(0).stdout.matches("\"applied\"").count(),
        3
    );

    scene.file("m/0011_more.sql", "SELECT 1;");
    let json = migrate(&scene, SQLITE, &["--status", "--json"]).code(10).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let states: Vec<&str> = json.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["applied", "applied", "applied", "pending"]);
    assert_eq!(json[3]["version"], "11");
    assert_eq!(json[3]["name"], "more");

    scene.file("m/0001_users.sql", "CREATE TABLE users (id bigint);\n");
    let changed = migrate(&scene, SQLITE, &["--status"]).code(7).stderr_has("0001_users.sql");
    assert!(changed.stdout.starts_with("1   users   changed\n2   rows    applied\n"), "{}", changed.stdout);
    scene.file("m/0001_users.sql", "CREATE TABLE users (id int);\n");
    std::fs::remove_file(scene.path("m/0002_rows.sql")).unwrap();
    let missing = migrate(&scene, SQLITE, &["--status"]).code(7).stderr_has("it is applied, but has no file");
    assert!(missing.stdout.contains("2   rows    missing\n"), "{}", missing.stdout);

    scene.file("m/0002_rows.sql", "INSERT INTO users VALUES (1);\nINSERT INTO users VALUES (2);\n");
    for later in ["m/0010_vacuum.sql", "m/0011_more.sql"] {
        std::fs::remove_file(scene.path(later)).unwrap();
    }
    let newer = migrate(&scene, SQLITE, &["--status"]).code(0);
    assert_eq!(newer.stdout, "1   users   applied\n2   rows    applied\n10  vacuum  newer\n");
    migrate(&scene, SQLITE, &["--status", "--on-newer", "fail"]).code(7);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let scene = files();
    migrate(&scene, SQLITE, &["--plan", "--wait"]).code(2);
    migrate(&scene, SQLITE, &["--json"]).code(2);
    migrate(&scene, SQLITE, &["--history", "other"]).code(2);
    migrate(&scene, SQLITE, &["--on-newer", "other"]).code(2);
}

#[test]
fn every_field_has_a_flag() {
    let scene = files();
    let flags = [
        ["--history", "dbmate"],
        ["--table", "versions"],
        ["--lock-wait", "5s"],
        ["--lock-timeout", "1s"],
        ["--on-newer", "fail"],
        ["--session", "PRAGMA foreign_keys = OFF"],
        ["--session", "CREATE TEMP TABLE seen (x)"],
        ["--timeout", "60s"],
    ];
    let flags: Vec<&str> = flags.into_iter().flatten().chain(["--out-of-order"]).collect();
    migrate(&scene, SQLITE, &flags).code(0).stderr_has("versions").stderr_has("of dbmate");
    scene.file("m/0005_late.sql", "INSERT INTO seen VALUES (1);\n");
    migrate(&scene, SQLITE, &flags).code(0).stderr_has("1 migration applied");
}

#[test]
fn a_wait_ends_when_another_has_migrated_or_when_the_time_is_over() {
    let scene = files();
    migrate(&scene, SQLITE, &["--wait", "--timeout", "300ms"]).code(5).stderr_has("3 migrations pending");
    assert!(!scene.exists("app.db"));
    let waiting = scene.start(&[&["migrate"], &SQLITE[..], &["--wait", "--timeout", "60s"]].concat());
    migrate(&scene, SQLITE, &[]).code(0);
    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn a_wait_is_for_a_server_that_is_not_there_yet_and_ends_with_a_signal() {
    let Some(server) = Server::start("a_wait_is_for_a_server_that_is_not_there_yet_and_ends_with_a_signal") else {
        return;
    };
    let scene = &server.scene;
    scene.env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port));
    scene.file("m/1_a.sql", "CREATE TABLE a (x int);").file("m/2_i.sql", "CREATE INDEX CONCURRENTLY i ON a (x);");
    let wait = [&["migrate"], &POSTGRES[..], &["--wait", "--timeout", "60s"]].concat();
    // Both begin before the server takes logins.
    let (waiting, ended) = (scene.start(&wait), scene.start(&wait));
    server.wait();
    kill(Pid::from_raw(i32::try_from(ended.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(ended.wait_with_output().unwrap().status.code(), Some(143));
    migrate(scene, POSTGRES, &[]).code(0);
    let waited = waiting.wait_with_output().unwrap();
    assert_eq!(waited.status.code(), Some(0), "{}", String::from_utf8_lossy(&waited.stderr));

    // With the right to read and nothing else.
    server.query("CREATE ROLE reader LOGIN PASSWORD 'r'");
    server.query("GRANT SELECT ON fitout_migrations, fitout_migrations_journal TO reader");
    scene.env("DATABASE_URL", format!("postgres://reader:r@127.0.0.1:{}/postgres", server.port));
    scene.run(&wait).code(0);
    assert_eq!(migrate(scene, POSTGRES, &["--status"]).code(0).stdout, "1  a  applied\n2  i  applied\n");
    scene.file("m/3_b.sql", "CREATE TABLE b (x int);");
    assert_eq!(migrate(scene, POSTGRES, &["--plan"]).code(0).stdout, "3  b  transaction  1\n");
    migrate(scene, POSTGRES, &["--wait", "--timeout", "300ms"]).code(5).stderr_has("1 migration pending");
}
