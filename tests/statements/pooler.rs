//! The `sql` step through a pooler that has a session of the server for each transaction.

use std::process::Child;

use crate::connect::pooler::Pooler;
use crate::postgres::{PASSWORD, Server, encoded};

#[test]
fn statements_through_a_pooler_are_executed_once_and_leave_no_lock() {
    let test = "statements_through_a_pooler_are_executed_once_and_leave_no_lock";
    let Some(server) = Server::start(test) else { return };
    server.wait();
    let Some(pooler) = Pooler::start(test, &server) else { return };
    let scene = &server.scene;
    scene.env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), pooler.port));
    server.query("CREATE TABLE people (name text)");
    scene.file("sql/1.sql", "INSERT INTO people VALUES ('a'); INSERT INTO people VALUES ('b');");
    let run = ["sql", "--database-env", "DATABASE_URL", "--lock-wait", "60s"];
    let once = [&run[..], &["--source", "/sql", "--unless", "SELECT 1 FROM people WHERE name = 'b'"]].concat();
    let children: Vec<Child> = (0..20).map(|_| scene.start(&once)).collect();
    let mut executed = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{log}");
        executed += usize::from(log.contains("2 statements executed"));
    }
    assert_eq!(executed, 1);
    assert_eq!(server.query("SELECT string_agg(name, '' ORDER BY name) FROM people"), "ab");
    assert_eq!(server.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0", "a lock is left");

    let always = [&run[..], &["--text", "INSERT INTO people VALUES ('c')"]].concat();
    scene.run(&always).code(0).stderr_has("1 statement executed");
    scene.run(&always).code(0).stderr_has("1 statement executed");
    scene.run(&[&run[..], &["--text", "INSERT INTO people VALUES (nobody)"]].concat()).code(7).stderr_has("nobody");
    let ran =
        scene.run(&[&run[..], &["--text", "INSERT INTO people VALUES ('d'); CREATE DATABASE other"]].concat()).code(7);
    ran.stderr_has("cannot execute `text`: it cannot be one transaction")
        .stderr_has("name an address of the server itself");
    assert_eq!(server.query("SELECT string_agg(name, '' ORDER BY name) FROM people"), "abcc");
    assert_eq!(server.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0", "a lock is left");
}
