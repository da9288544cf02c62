//! `migrate --plan`, `--status` and `--wait`.

use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene, skip};
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
    migrate(scene, POSTGRES, &["--wait", "--timeout", "5s"]).code(5).stderr_has("1 migration pending");
}

/// A row that another runner left of the second migration, and its whole history after each answer.
#[test]
fn what_another_runner_left_is_resolved() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        return skip("what_another_runner_left_is_resolved", "sqlite3");
    }
    let sqlx = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, \
         execution_time BIGINT NOT NULL); INSERT INTO _sqlx_migrations VALUES (2, 'rows', 'then', 0, x'00', -1)";
    let golang =
        "CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES (2, 1)";
    let flyway = "CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), \
         description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER, \
         installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
         execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL); \
         INSERT INTO flyway_schema_history VALUES (7, '2', 'rows', 'SQL', 'V2__rows.sql', 1, 'me', 'then', 1, 0)";
    for (left, history, retried, done) in [
        (sqlx, "SELECT version, success FROM _sqlx_migrations", "", "2|1\n"),
        (golang, "SELECT version, dirty FROM schema_migrations", "1|0\n", "2|0\n"),
        (flyway, "SELECT version, success FROM flyway_schema_history", "", "0002|1\n"),
    ] {
        for (verdict, wanted) in [("2=retry", retried), ("2=done", done)] {
            let scene = files();
            let query = |sql: &str| {
                let asked = Command::new("sqlite3").arg(scene.path("app.db")).arg(sql).output().unwrap();
                assert!(asked.status.success(), "{asked:?}");
                String::from_utf8(asked.stdout).unwrap()
            };
            query(left);
            let resolve = "fitout migrate --resolve 2=retry`; or finish it by hand, then `--resolve 2=done`";
            migrate(&scene, SQLITE, &[]).code(7).stderr_has("the history says that it failed").stderr_has(resolve);
            migrate(&scene, SQLITE, &["--resolve", verdict]).code(0).stderr_has("0002_rows.sql");
            assert_eq!(query(history), wanted, "{history}");
            migrate(&scene, SQLITE, &["--resolve", verdict]).code(7).stderr_has("nothing of it is in doubt");
        }
    }
}

#[test]
fn a_resolution_of_nothing_is_refused() {
    let scene = files();
    for (typed, code, message) in [
        ("1=done", 7, "cannot resolve `/m/0001_users.sql`: nothing of it is in doubt"),
        ("3=done", 2, "cannot resolve migration `3`: no file has that version"),
        ("1=perhaps", 2, "say `VERSION=done` or `VERSION=retry`"),
        ("1", 2, "say `VERSION=done` or `VERSION=retry`"),
    ] {
        migrate(&scene, SQLITE, &["--resolve", typed]).code(code).stderr_has(message);
        assert!(!scene.exists("app.db"));
    }
    migrate(&scene, SQLITE, &["--resolve", "1=done", "--plan"]).code(2);
}

#[test]
fn a_database_that_is_there_already_is_taken_over() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        return skip("a_database_that_is_there_already_is_taken_over", "sqlite3");
    }
    let baseline = ["--baseline", "02"];
    let scene = files();
    let query = |sql: &str| {
        let asked = Command::new("sqlite3").arg(scene.path("app.db")).arg(sql).output().unwrap();
        String::from_utf8(asked.stdout).unwrap()
    };
    query("CREATE TABLE users (id int)");
    // Without it the first migration would be run on what is there.
    migrate(&scene, SQLITE, &[]).code(7).stderr_has("table users already exists");
    query("DROP TABLE fitout_migrations; DROP TABLE fitout_migrations_journal");
    let planned = migrate(&scene, SQLITE, &[&baseline[..], &["--plan"]].concat()).code(0);
    assert_eq!(planned.stdout, "1   users   baseline  1\n2   rows    baseline  2\n10  vacuum  steps     1\n");
    let status = migrate(&scene, SQLITE, &[&baseline[..], &["--status"]].concat()).code(10);
    assert_eq!(status.stdout, "1   users   baseline\n2   rows    baseline\n10  vacuum  pending\n");
    assert_eq!(query(".tables"), "users\n");
    let taken = migrate(&scene, SQLITE, &baseline).code(0);
    taken.stderr_has("2 migrations recorded as baseline, 1 migration applied");
    assert_eq!(query("SELECT count(*) FROM users"), "0\n");
    assert_eq!(query("SELECT version FROM fitout_migrations ORDER BY 1"), "1\n10\n2\n");
    migrate(&scene, SQLITE, &baseline).code(0).stderr_has("unchanged");
    // It stays in the plan, and an empty database gets everything.
    let fresh = files();
    migrate(&fresh, SQLITE, &baseline).code(0).stderr_has("3 migrations applied");
    migrate(&fresh, SQLITE, &["--baseline", "3"])
        .code(3)
        .stderr_has("cannot take `3` as the baseline: no file has that version");
}

const WAIT: &str = "\
version: 1
steps:
  - wait:
      targets: ['file:///ready', { migrated: { database: 'sqlite:///app.db', source: /m } }]
      timeout: TIMEOUT
";

#[test]
fn a_step_waits_until_another_run_has_migrated() {
    let scene = files();
    scene.file("ready", "").file("plan.yaml", WAIT.replace("TIMEOUT", "300ms"));
    scene
        .apply()
        .code(5)
        .stderr_has("timed out waiting for the migrations: 3 migrations pending, from `/m/0001_users.sql` on");
    let shown = scene.run(&["show", "plan.yaml"]).code(0).stdout;
    assert!(shown.contains("/m  3 migrations pending, from `/m/0001_users.sql` on"), "{shown}");
    assert!(!scene.exists("app.db"));
    scene.file("plan.yaml", WAIT.replace("TIMEOUT", "60s"));
    let waiting = scene.start(&["apply", "plan.yaml"]);
    migrate(&scene, SQLITE, &[]).code(0);
    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
    scene.apply().code(0).stderr_has("unchanged");
    let shown = scene.run(&["show", "plan.yaml"]).code(0).stdout;
    assert!(!shown.contains("pending"), "{shown}");

    // What will not pass is not waited for.
    scene.file("m/0001_users.sql", "CREATE TABLE other (id int);\n");
    scene.apply().code(7).stderr_has("it was changed after it was applied").stderr_has("plan.yaml:4:58");
}

#[test]
fn a_wait_for_migrations_is_checked_without_a_database() {
    let scene = files();
    let check = |plan: &str| scene.file("plan.yaml", plan).run(&["check", "plan.yaml"]).code(3);
    let undeclared =
        "version: 1\nsteps:\n  - wait: { targets: [{ migrated: { database: { from_env: URL }, source: /m } }] }\n";
    check(undeclared).stderr_has("`URL` is not declared under `inputs.env`").stderr_has("plan.yaml:3:59");
    check("version: 1\nsteps:\n  - wait: { targets: [{ migrate: {} }] }\n").stderr_has("did you mean `migrated`?");
    check("version: 1\nsteps:\n  - wait: { targets: [7] }\n").stderr_has("expected a target");
    scene.file("m/0002_rows.sql", "SELECT 'open");
    check(&WAIT.replace("TIMEOUT", "1s")).stderr_has("the string is not closed").stderr_has("/m/0002_rows.sql:1:8");
}

#[test]
fn a_pattern_names_the_migrations_of_a_directory() {
    let scene = files();
    scene.file("m/other.sql", "no migration").file("m/0003_OTHER.sql", "broken '");
    let pattern = |source: &str| {
        let database = ["--database", "sqlite:///app.db", "--source", source];
        migrate(&scene, database, &["--plan"])
    };
    assert_eq!(pattern("/m/00[01][02]_*s*.sql").code(0).stdout, "2  rows  transaction  2\n");
    pattern("/m/V*.sql").code(3).stderr_has("cannot find migrations in `/m/V*.sql`: no file in it is one");
    pattern("/m?/*.sql").code(3).stderr_has("cannot read `/m?/*.sql`: only its last part may be a pattern");
    pattern("/missing/*.sql").code(6).stderr_has("cannot read `/missing`");
    // A directory that is called so is one.
    scene.file("m*/1_a.sql", "SELECT 1;");
    assert_eq!(pattern("/m*").code(0).stdout, "1  a  transaction  1\n");
}
