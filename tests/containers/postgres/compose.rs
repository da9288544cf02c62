//! `examples/compose/postgres`: the first run as a one-shot, and a server that starts only then.

use std::ffi::OsString;
use std::process::Command;

use super::{Client, PASSWORD, built, output};
use crate::containers::project::Project;
use crate::harness::{Scene, last_outcomes, stat};

#[test]
fn the_server_starts_after_the_one_shot_and_keeps_its_data_at_the_second_start() {
    let test = "the_server_starts_after_the_one_shot_and_keeps_its_data_at_the_second_start";
    if !Project::is_possible(test) {
        return;
    }
    let Some(built) = built(test) else { return };
    let scene = Scene::new();
    scene.file("password", format!("{PASSWORD}\n")).mode("password", 0o600);
    scene.file("initdb.d/10-notes.sql", "CREATE TABLE notes (text text);\n");
    scene.file("initdb.d/20-rows.sql", "INSERT INTO notes VALUES ('first');\n");
    output(Command::new("gzip").arg(scene.path("initdb.d/20-rows.sql"))).code(0);
    let environment: Vec<(&'static str, OsString)> = vec![
        ("POSTGRES_IMAGE", built.server.into()),
        ("POSTGRES_INIT_IMAGE", built.init.as_str().into()),
        ("POSTGRES_PASSWORD_SOURCE", scene.path("password").into()),
        ("POSTGRES_INITDB_D", scene.path("initdb.d").into()),
        ("POSTGRES_USER", "app".into()),
        ("POSTGRES_DB", "my notes".into()),
        // The engine chooses a free port.
        ("POSTGRES_PUBLISH", "0".into()),
    ];
    let project = Project::new(built.images.engine, "examples/compose/postgres/compose.yaml", environment);
    let up = || {
        let ran = project.compose(&["up", "--detach"]);
        assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, project.log("init"));
        assert_eq!(project.state("init"), "exited 0");
        project.port("postgres", "5432").to_string()
    };
    let port = up();
    let client =
        |port, password| Client { host: "127.0.0.1".to_owned(), port, user: "app", database: "my notes", password };
    assert_eq!(client(&port, PASSWORD).answer("TABLE notes"), "first");
    client(&port, "wrong").ask("TABLE notes").code(2).stderr_has("password authentication failed for user \"app\"");
    client(&port, PASSWORD).ask("INSERT INTO notes VALUES ('second')").code(0);
    let data = project.volume("data").join("data");
    assert_eq!((stat(&data), stat(&data.join("PG_VERSION"))), ("999:999 0700".into(), "999:999 0600".into()));
    let log = project.log("init");
    assert!(!log.contains("hunter2"), "{log}");

    project.compose(&["stop"]).code(0);
    assert_eq!(project.state("postgres"), "exited 0");
    let port = up();
    assert_eq!(client(&port, PASSWORD).answer("SELECT string_agg(text, ' ') FROM notes"), "first second");
    let log = project.log("init");
    let outcomes = last_outcomes(&log, 8);
    let wanted = ["unchanged", "skipped", "skipped", "unchanged", "skipped", "skipped", "unchanged", "skipped"];
    assert_eq!(outcomes, wanted, "{log}");
}

#[test]
fn without_its_password_the_server_does_not_start() {
    let test = "without_its_password_the_server_does_not_start";
    if !Project::is_possible(test) {
        return;
    }
    let Some(built) = built(test) else { return };
    let scene = Scene::new();
    scene.file("password", "\n").directory("initdb.d");
    let environment: Vec<(&'static str, OsString)> = vec![
        ("POSTGRES_IMAGE", built.server.into()),
        ("POSTGRES_INIT_IMAGE", built.init.as_str().into()),
        ("POSTGRES_PASSWORD_SOURCE", scene.path("password").into()),
        ("POSTGRES_INITDB_D", scene.path("initdb.d").into()),
        ("POSTGRES_PUBLISH", "0".into()),
    ];
    let project = Project::new(built.images.engine, "examples/compose/postgres/compose.yaml", environment);
    project.compose(&["up", "--detach"]).code(1);
    assert_eq!(project.state("init"), "exited 4");
    assert_eq!(project.container("postgres"), None, "the server was started");
    let log = project.log("init");
    assert!(log.contains("cannot initialize a database without a password"), "{log}");
}
