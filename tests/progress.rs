//! What `migrate` tells while it is at work.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::Scene;
use crate::mariadb::server::{PASSWORD as MARIADB_PASSWORD, Server as MariaDb};
use crate::postgres::{PASSWORD, Server, encoded};

const MIGRATE: [&str; 5] = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m"];

/// A run that writes what it tells into `told`, once it has told the text.
fn telling(scene: &Scene, text: &str) -> Child {
    let told = File::create(scene.path("told")).unwrap();
    let mut child = scene.command(&MIGRATE).stderr(told).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while !scene.read("told").contains(text) {
        let is_over = Instant::now() > deadline || child.try_wait().unwrap().is_some();
        assert!(!is_over, "`{text}` is not in\n{}", scene.read("told"));
        std::thread::sleep(Duration::from_millis(50));
    }
    child
}

/// A client that goes on until it is killed.
fn holding(mut client: Command) -> Child {
    client.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

fn finish(scene: &Scene, mut run: Child, mut holder: Child) {
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(0), "{}", scene.read("told"));
}

#[test]
fn each_migration_is_told_and_what_takes_long_with_who_it_waits_for() {
    let Some(server) = Server::start("each_migration_is_told_and_what_takes_long_with_who_it_waits_for") else {
        return;
    };
    server.wait();
    let scene = &server.scene;
    scene.env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port));
    scene.file("m/1_a.sql", "CREATE TABLE a (x int);").file("m/2_b.sql", "CREATE TABLE b (x int);");
    let told = scene.run(&MIGRATE).code(0).stderr_has("2 migrations to apply");
    for (path, number) in [("/m/1_a.sql", "(1 of 2)"), ("/m/2_b.sql", "(2 of 2)")] {
        let line = told.stderr.lines().find(|line| line.contains(&format!("applied `{path}` in "))).unwrap();
        assert!(line.ends_with(number), "{line}");
    }

    scene.file("m/3_c.sql", "-- fitout: lock_timeout=0s\nALTER TABLE a ADD y int;");
    let mut client = server.client("psql");
    client.args(["-X", "-c", "BEGIN; LOCK TABLE a; SELECT pg_sleep(120)"]);
    let holder = holding(client);
    while server.query("SELECT count(*) FROM pg_locks WHERE relation = 'a'::regclass AND granted") == "0" {
        std::thread::sleep(Duration::from_millis(20));
    }
    let run = telling(scene, "it waits for process ");
    let told = scene.read("told");
    let line = told.lines().find(|line| line.contains("it waits for")).unwrap();
    assert!(line.contains("`/m/3_c.sql` has been running for "), "{line}");
    assert!(line.contains("(`psql`, active for "), "{line}");
    server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()");
    finish(scene, run, holder);
}

#[test]
fn the_state_of_a_statement_of_mariadb_is_told() {
    let scene = Scene::in_memory();
    scene.directory("server");
    let Some(server) = MariaDb::start(&scene.path("server"), &[]) else {
        return crate::harness::skip("the_state_of_a_statement_of_mariadb_is_told", "MariaDB");
    };
    let password: String = MARIADB_PASSWORD.bytes().map(|byte| format!("%{byte:02X}")).collect();
    scene.env("DATABASE_URL", format!("mysql://app:{password}@127.0.0.1:{}/app", server.port));
    scene.file("m/1_a.sql", "CREATE TABLE a (x int);");
    scene.run(&MIGRATE).code(0);
    scene.file("m/2_b.sql", "-- fitout: lock_timeout=0s\nALTER TABLE a ADD y int;");
    let client = |statements: &str| {
        let mut client = Command::new("mariadb");
        client.arg(format!("--socket={}", server.socket.display())).args(["--user=app", "app", "-N", "-e", statements]);
        client.env("MYSQL_PWD", MARIADB_PASSWORD);
        client
    };
    let holder = holding(client("BEGIN; SELECT * FROM a; SELECT SLEEP(120)"));
    let sleeping = "SELECT count(*) FROM information_schema.processlist WHERE state = 'User sleep'";
    while client(sleeping).output().unwrap().stdout != b"1\n" {
        std::thread::sleep(Duration::from_millis(20));
    }
    let run = telling(&scene, "waiting for table metadata lock");
    assert!(scene.read("told").contains("statement 1 of `/m/2_b.sql` has been running for "), "{}", scene.read("told"));
    finish(&scene, run, holder);
}
