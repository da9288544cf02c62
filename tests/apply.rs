//! A whole plan, from its first start to its third.

use crate::harness::Scene;

#[test]
fn an_empty_plan_does_nothing() {
    let ran = Scene::with_plan("version: 1\n").apply().code(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn a_failing_step_stops_the_plan_and_a_repaired_world_lets_it_finish() {
    let scene = Scene::with_plan(
        "version: 1
steps:
  - render: { text: one, path: /one }
  - render: { text: two, path: /missing/two }
  - render: { text: three, path: /three }
exec: { command: [/bin/echo, started] }
",
    );
    let ran = scene.apply().code(6).stderr_has("step 2 `render`");
    assert_eq!(ran.stdout, "");
    assert!(scene.exists("one") && !scene.exists("three"));
    scene.directory("missing");
    let ran = scene.apply().code(0).stderr_has("step 1 `render`: unchanged");
    assert_eq!(ran.stdout, "started\n");
    let ran = scene.apply().code(0);
    assert_eq!(ran.stderr.matches(": unchanged").count(), 3, "{}", ran.stderr);
}

#[test]
fn a_database_in_a_volume_is_migrated_once() {
    let plan = "version: 1\nsteps:\n  - migrate: { database: { driver: sqlite, path: /data/app.db }, source: /m, mode: \"0640\" }\n";
    let scene = Scene::with_plan(plan);
    scene
        .directory("data")
        .file("m/0001_users.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n");
    scene.run(&["show", "plan.yaml"]).code(10);
    assert!(!scene.exists("data/app.db"), "show made the database");
    scene.apply().code(0).stderr_has("1 migration");
    assert!(scene.stat("data/app.db").ends_with(" 0640"));
    scene.apply().code(0).stderr_has("unchanged");
    scene.file("m/0002_more.sql", "INSERT INTO users (name) VALUES ('a');\nINSERT INTO nope VALUES (1);\n");
    let ran = scene.apply().code(7);
    assert!(ran.stderr.contains("no such table: nope") && ran.stderr.contains("/m/0002_more.sql:2"), "{}", ran.stderr);
    scene.file("m/0002_more.sql", "INSERT INTO users (name) VALUES ('a');\n");
    scene.apply().code(0);
    let connection = rusqlite::Connection::open(scene.path("data/app.db")).unwrap();
    let count: i64 = connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1, "the failed migration left something behind");
    drop(connection);
    scene.file("m/0001_users.sql", "CREATE TABLE users (id INTEGER);\n");
    let ran = scene.apply().code(7);
    assert!(ran.stderr.contains("0001_users.sql"), "{}", ran.stderr);
    assert_eq!(scene.names("data"), ["app.db"]);
}
