//! The `seed` step on PostgreSQL and `MariaDB`.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::connect::pooler::Pooler;
use crate::harness::{Ran, Scene, skip};
use crate::mariadb::server::{PASSWORD as MARIADB_PASSWORD, Server as Mariadb};
use crate::postgres::{PASSWORD, Server as Postgres, encoded};

/// A server, and a scene whose `DATABASE_URL` is its address.
enum Stage {
    Postgres(Postgres),
    Mariadb(Scene, Mariadb),
}

impl Stage {
    fn postgres(test: &str) -> Option<Self> {
        let server = Postgres::start(test)?;
        server.wait();
        server.scene.env("DATABASE_URL", postgres_url(server.port));
        Some(Self::Postgres(server))
    }

    fn mariadb(test: &str) -> Option<Self> {
        let scene = Scene::in_memory();
        scene.directory("server");
        let Some(server) = Mariadb::start(&scene.path("server"), &[]) else {
            skip(test, "MariaDB");
            return None;
        };
        let url = format!("mysql://app:{}@127.0.0.1:{}/app", encoded(MARIADB_PASSWORD), server.port);
        scene.env("DATABASE_URL", url);
        Some(Self::Mariadb(scene, server))
    }

    fn scene(&self) -> &Scene {
        match self {
            Self::Postgres(server) => &server.scene,
            Self::Mariadb(scene, _) => scene,
        }
    }

    /// What the database's own client prints, `|` between columns.
    fn query(&self, sql: &str) -> String {
        match self {
            Self::Postgres(server) => server.query(sql),
            Self::Mariadb(_, server) => {
                let output = Command::new("mariadb")
                    .args(["--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4"])
                    .args(["--host=127.0.0.1", "--user=app", &format!("--password={MARIADB_PASSWORD}")])
                    .args([&format!("--port={}", server.port), "app", "-e", sql])
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
                String::from_utf8_lossy(&output.stdout).trim().replace('\t', "|")
            }
        }
    }

    fn plan(&self, fields: &str, tables: &str) {
        self.scene().file(
            "plan.yaml",
            format!(
                "version: 1\ninputs: {{ env: {{ DATABASE_URL: {{ secret: true }}, TOKEN: {{ secret: true, required: false }} }} }}\n\
                 steps:\n  - seed:\n      database: {{ from_env: DATABASE_URL }}\n      {fields}\n      tables:{tables}\n"
            ),
        );
    }

    fn apply(&self) -> Ran {
        self.scene().apply().lacks("hunter2")
    }
}

fn postgres_url(port: u16) -> String {
    format!("postgres://app:{}@127.0.0.1:{port}/postgres", encoded(PASSWORD))
}

const ROLES_AND_USERS: &str = "
      - table: roles
        key: [name]
        rows:
          - { name: admin, description: \"All 'rights' \\\\ \\u00e9\" }
          - { name: \"back\\\\slash'\\\"`; --\" }
      - table: users
        key: [email, role_id]
        rows:
          - { email: \"{{env.TOKEN}}\", role_id: { reference: roles, column: id, where: { name: admin } }, notes: \"{{env.TOKEN}}\" }
          - { email: b, role_id: { reference: roles, column: id, where: { name: \"back\\\\slash'\\\"`; --\", description: null } }, notes: null }
          - { email: c, role_id: { reference: roles, column: id, where: { name: admin } }, parent: { reference: users, column: id, where: { email: b } } }
";

/// Rows with references and hostile values, inserted, found again, changed and set back.
fn rows_are_kept(stage: &Stage) {
    stage.plan("reconcile: true", ROLES_AND_USERS);
    let scene = stage.scene();
    scene.env("TOKEN", "it's \\ s3cret");
    let shown = scene.run(&["show", "plan.yaml"]).code(10).lacks("s3cret");
    assert!(
        shown.stdout.contains("+ users  email = <redacted>, role_id = id of roles with name = admin\n"),
        "{}",
        shown.stdout
    );
    assert_eq!(stage.query("SELECT count(*) FROM roles"), "0");
    stage.apply().code(0).stderr_has("changed, 5 rows inserted");
    let users = "SELECT email, name, notes, parent FROM users JOIN roles ON roles.id = role_id ORDER BY users.id";
    let found = stage.query(users).replace("NULL", "").replace("\\\\", "\\");
    assert_eq!(found, "it's \\ s3cret|admin|it's \\ s3cret|\nb|back\\slash'\"`; --||\nc|admin||2");
    stage.apply().code(0).stderr_has("unchanged");
    scene.run(&["show", "plan.yaml"]).code(0);
    stage.query("UPDATE users SET notes = 'x'; UPDATE roles SET description = NULL WHERE name = 'admin'");
    let shown = scene.run(&["show", "plan.yaml"]).code(10).lacks("s3cret");
    assert!(shown.stdout.contains("~ roles  name = admin: description\n"), "{}", shown.stdout);
    stage.apply().code(0).stderr_has("changed, 3 rows updated");
    stage.apply().code(0).stderr_has("unchanged");
    assert_eq!(stage.query("SELECT count(*) FROM users WHERE notes = 'x'"), "1", "a column that is not declared");
}

#[test]
fn rows_are_kept_in_postgresql() {
    let Some(stage) = Stage::postgres("rows_are_kept_in_postgresql") else { return };
    stage.query(
        "CREATE TABLE roles (id serial PRIMARY KEY, name text NOT NULL UNIQUE, description text);
         CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, role_id int NOT NULL REFERENCES roles, notes text, parent int)",
    );
    rows_are_kept(&stage);
}

#[test]
fn rows_are_kept_in_mariadb() {
    let Some(stage) = Stage::mariadb("rows_are_kept_in_mariadb") else { return };
    stage.query(
        "DROP TABLE users; CREATE TABLE roles (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) COLLATE utf8mb4_unicode_ci NOT NULL UNIQUE, description text);
         CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL, role_id int NOT NULL, notes text, parent int, FOREIGN KEY (role_id) REFERENCES roles (id))",
    );
    rows_are_kept(&stage);
}

#[test]
fn every_type_of_postgresql_comes_to_rest() {
    let Some(stage) = Stage::postgres("every_type_of_postgresql_comes_to_rest") else { return };
    stage.query(
        "CREATE TYPE mood AS ENUM ('fine', 'bad'); CREATE DOMAIN short AS varchar(5); CREATE DOMAIN data AS json; CREATE SCHEMA \"My \"\"schema\"; \
         CREATE TABLE \"My \"\"schema\".\"odd 'table\" (\"a key\" numeric(4,1) PRIMARY KEY, big bigint, n numeric(5,2), r real, d double precision, b boolean, \
         at timestamptz(0), day date, i interval, j json, jb jsonb, u uuid, list int[], bytes bytea, m mood, c char(5), v varchar(10), s short, dj data, \
         p point, ip inet, bits bit(3), x xml, t text)",
    );
    let row = "{ \"a key\": 1.5, big: \"9223372036854775807\", n: 1.234, r: 0.1, d: 0.1, b: true, at: \"2024-01-02T03:04:05.6Z\", day: \"2024-01-02\", \
               i: \"90 minutes\", j: { json: { b: 1, a: [null] } }, jb: { json: { b: 1, a: [null] } }, u: \"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\", \
               list: \"{1,2}\", bytes: \"\\\\x00ff\", m: fine, c: ab, v: abc, s: abc, dj: { json: null }, p: \"(1,2)\", ip: 10.0.0.1, bits: \"101\", \
               x: <a/>, t: 5 }";
    let tables = format!("\n      - table: \"My \\\"schema.odd 'table\"\n        key: [a key]\n        rows: [{row}]");
    stage.plan("reconcile: true", &tables);
    stage.apply().code(0).stderr_has("1 row inserted");
    stage.apply().code(0).stderr_has("unchanged");
    let odd = "\"My \"\"schema\".\"odd 'table\"";
    assert_eq!(
        stage.query(&format!("SELECT n, r, b, j, jb->'a', list[2], c, t FROM {odd}")),
        "1.23|0.1|t|{\"b\":1,\"a\":[null]}|[null]|2|ab   |5"
    );
    stage.query(&format!("UPDATE {odd} SET n = 1.24, j = '{{}}', p = '(2,1)', x = '<b/>', c = 'abc'"));
    stage.apply().code(0).stderr_has("1 row updated");
    stage.apply().code(0).stderr_has("unchanged");

    for (row, place, wanted) in [
        // A key that the column rounds would be inserted again at every run.
        ("{ a key: 2.25 }", "", "what was written is not what is declared"),
        (
            "{ a key: 3, v: 12345678901 }",
            "{ a key",
            "cannot insert into `My \"schema.odd 'table`: value too long for type character varying(10)",
        ),
        ("{ a key: 3, m: s3cret }", "s3cret", "invalid input value for enum mood (SQLSTATE 22P02)"),
        ("{ a key: s3cret }", "{ a key", "invalid input syntax for type numeric (SQLSTATE 22P02)"),
        ("{ a key: 3, big: \"99999999999999999999\" }", "\"999", "value is out of range for type bigint"),
    ] {
        let tables = format!("\n      - {{ table: \"My \\\"schema.odd 'table\", key: [a key], rows: [{row}] }}");
        stage.plan("reconcile: false", &tables);
        let ran = stage.apply().code(7).stderr_has(wanted);
        let line = tables.trim_start_matches('\n');
        let column = line.find(place).unwrap() + 1;
        assert!(place.is_empty() || ran.stderr.contains(&format!("plan.yaml:8:{column} ")), "{place}\n{}", ran.stderr);
        assert!(!ran.stderr.contains("\"s3cret"), "{}", ran.stderr);
        assert_eq!(stage.query(&format!("SELECT count(*) FROM {odd}")), "1");
    }
}

#[test]
fn every_type_of_mariadb_comes_to_rest() {
    let Some(stage) = Stage::mariadb("every_type_of_mariadb_comes_to_rest") else { return };
    stage.query(
        "CREATE DATABASE `my ``schema`; CREATE TABLE `my ``schema`.`odd 'table` (`a key` decimal(4,1) PRIMARY KEY, big bigint unsigned, n decimal(5,2), f float, d double, b boolean, \
         at datetime(0), ts timestamp(3) NULL, day date, t time, j json, l longtext, m enum('fine','bad'), s set('a','b'), c char(5), v varchar(10) COLLATE utf8mb4_bin, \
         bytes blob, y year, bits bit(8), fixed binary(4), latin varchar(10) CHARACTER SET latin1)",
    );
    let row = "{ a key: 1.5, big: \"18446744073709551615\", n: 1.234, f: 0.1, d: 0.1, b: true, at: \"2024-01-02 03:04:05.6\", ts: \"2024-01-02 03:04:05.678\", \
               day: \"2024-01-02\", t: \"03:04:05\", j: { json: { b: 1, a: [null] } }, l: { json: [\"a\\\\b'\"] }, m: fine, s: \"a,b\", c: ab, v: 5, bytes: \"a\\\\b\", y: 2024, \
               bits: 5, fixed: abcd, latin: \"\\u00e9\" }";
    let tables = format!("\n      - table: \"my `schema.odd 'table\"\n        key: [a key]\n        rows: [{row}]");
    stage.plan("reconcile: true", &tables);
    stage.apply().code(0).stderr_has("1 row inserted");
    stage.apply().code(0).stderr_has("unchanged");
    let odd = "`my ``schema`.`odd 'table`";
    assert_eq!(
        stage.query(&format!("SELECT n, f, b, at, s, y, bits + 0 FROM {odd}")),
        "1.23|0.1|1|2024-01-02 03:04:05|a,b|2024|5"
    );
    stage.query(&format!(
        "UPDATE {odd} SET n = 1.24, f = 0.2, j = '{{}}', v = '5a', at = now(), ts = '2024-01-02 03:04:05.679'"
    ));
    stage.apply().code(0).stderr_has("1 row updated");
    stage.apply().code(0).stderr_has("unchanged");
    stage.query(&format!("UPDATE {odd} SET j = '{{ \"b\" : 1, \"a\" : [ null ] }}'"));
    stage.apply().code(0).stderr_has("unchanged");

    for (row, wanted) in [
        ("{ a key: 2.25 }", "what was written is not what is declared"),
        ("{ a key: 3, v: s3cret-s3cret }", "cannot insert into `my `schema.odd 'table`: data too long for column 'v'"),
        ("{ a key: 3, day: s3cret }", "incorrect date value for column"),
        ("{ a key: 3, m: s3cret }", "data truncated for column 'm'"),
    ] {
        let tables = format!("\n      - {{ table: \"my `schema.odd 'table\", key: [a key], rows: [{row}] }}");
        stage.plan("reconcile: false", &tables);
        let ran = stage.apply().code(7).stderr_has(wanted).stderr_has("plan.yaml:8:");
        assert!(!ran.stderr.contains("'s3cret"), "{}", ran.stderr);
        assert_eq!(stage.query(&format!("SELECT count(*) FROM {odd}")), "1");
    }
}

/// Twenty at once, with nothing in the table that keeps a row from being there twice.
fn crowd(stage: &Stage) {
    stage.query("CREATE TABLE goods (name varchar(100), price int)");
    let rows: Vec<String> = (0..50).map(|row| format!("{{ name: \"n{row}\", price: {row} }}")).collect();
    stage.plan("reconcile: true", &format!("\n      - {{ table: goods, key: [name], rows: [{}] }}", rows.join(", ")));
    let children: Vec<Child> = (0..20).map(|_| stage.scene().start(&["apply", "plan.yaml"])).collect();
    let mut inserted = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{log}");
        inserted += usize::from(log.contains("50 rows inserted"));
    }
    assert_eq!(inserted, 1, "runs that say that they inserted the rows");
    assert_eq!(stage.query("SELECT count(*), count(DISTINCT name) FROM goods"), "50|50");
}

#[test]
fn twenty_at_once_seed_postgresql_once_also_through_a_pooler() {
    let test = "twenty_at_once_seed_postgresql_once_also_through_a_pooler";
    let Some(stage) = Stage::postgres(test) else { return };
    crowd(&stage);
    stage.query("DROP TABLE goods");
    let Stage::Postgres(server) = &stage else { return };
    let Some(pooler) = Pooler::start(test, server) else { return };
    stage.scene().env("DATABASE_URL", postgres_url(pooler.port));
    crowd(&stage);
    assert_eq!(stage.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0", "a lock is left");
}

#[test]
fn twenty_at_once_seed_mariadb_once() {
    let Some(stage) = Stage::mariadb("twenty_at_once_seed_mariadb_once") else { return };
    crowd(&stage);
}

/// A run that is told to end while it writes leaves nothing. One that is killed may have left the server with all of its
/// statements: then the server does all of them or none.
fn ended(stage: &Stage, (slow, asleep): (&str, &str), dropped: &str) {
    stage.query("CREATE TABLE goods (name varchar(100) PRIMARY KEY, price int)");
    stage.query(slow);
    let rows: Vec<String> = (0..100).map(|row| format!("{{ name: \"n{row}\", price: {row} }}")).collect();
    stage.plan("reconcile: false", &format!("\n      - {{ table: goods, key: [name], rows: [{}] }}", rows.join(", ")));
    let end = |signal: Signal| {
        let child = stage.scene().start(&["apply", "plan.yaml"]);
        let deadline = Instant::now() + Duration::from_mins(1);
        while stage.query(asleep) == "0" {
            assert!(Instant::now() < deadline, "no row is inserted");
            std::thread::sleep(Duration::from_millis(10));
        }
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        child.wait_with_output().unwrap().status.code()
    };
    assert_eq!(end(Signal::SIGTERM), Some(143));
    assert_eq!(stage.query("SELECT count(*) FROM goods"), "0");
    assert_eq!(end(Signal::SIGKILL), None);
    // Waits until the server is done with it.
    stage.query(dropped);
    let left = stage.query("SELECT count(*) FROM goods");
    assert!(left == "0" || left == "100", "{left} rows are left");
    stage.apply().code(0);
    stage.apply().code(0).stderr_has("unchanged");
    assert_eq!(stage.query("SELECT count(*), sum(price) FROM goods"), "100|4950");
}

#[test]
fn a_run_that_is_ended_leaves_nothing_in_postgresql() {
    let Some(stage) = Stage::postgres("a_run_that_is_ended_leaves_nothing_in_postgresql") else { return };
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END'; \
                CREATE TRIGGER slow BEFORE INSERT ON goods FOR EACH ROW EXECUTE FUNCTION slow()";
    let asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    ended(&stage, (slow, asleep), "DROP TRIGGER slow ON goods");
}

#[test]
fn a_run_that_is_ended_leaves_nothing_in_mariadb() {
    let Some(stage) = Stage::mariadb("a_run_that_is_ended_leaves_nothing_in_mariadb") else { return };
    let slow = "CREATE TRIGGER slow BEFORE INSERT ON goods FOR EACH ROW SET @slept = SLEEP(0.1)";
    let asleep = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'";
    ended(&stage, (slow, asleep), "DROP TRIGGER slow");
}

/// More than fit into one message.
fn many(stage: &Stage) {
    stage.query("CREATE TABLE many (name varchar(100) PRIMARY KEY, level int)");
    let rows: String = (0..2_000).map(|row| format!("    - {{ name: \"name {row}\", level: {row} }}\n")).collect();
    stage.scene().file("rows.yaml", format!("tables:\n- table: many\n  key: [name]\n  rows:\n{rows}"));
    let arguments = ["seed", "--database-env", "DATABASE_URL", "--source", "/rows.yaml", "--reconcile"];
    for wanted in ["2000 rows inserted", "unchanged"] {
        stage.scene().run(&arguments).code(0).stderr_has(wanted);
    }
    assert_eq!(stage.query("SELECT count(*), sum(level) FROM many"), "2000|1999000");
}

#[test]
fn thousands_of_rows_in_postgresql() {
    let Some(stage) = Stage::postgres("thousands_of_rows_in_postgresql") else { return };
    many(&stage);
}

#[test]
fn thousands_of_rows_in_mariadb() {
    let Some(stage) = Stage::mariadb("thousands_of_rows_in_mariadb") else { return };
    many(&stage);
}

#[test]
fn a_table_that_the_application_has_locked_is_waited_for() {
    let Some(stage) = Stage::postgres("a_table_that_the_application_has_locked_is_waited_for") else { return };
    let Stage::Postgres(server) = &stage else { return };
    stage.query("CREATE TABLE goods (name text PRIMARY KEY)");
    stage.plan("lock_timeout: 500ms", "\n      - { table: goods, key: [name], rows: [{ name: a }] }");
    let lock = "BEGIN;\nLOCK TABLE goods IN SHARE MODE;\nSELECT pg_sleep(4);\nCOMMIT;\n";
    let mut application = server.start_file(&stage.scene().file("lock.sql", lock).path("lock.sql"));
    while stage.query("SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock' AND relation = 'goods'::regclass") == "0"
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    stage.apply().code(0).stderr_has("`seed` waits for a lock").stderr_has("1 row inserted");
    assert!(application.wait().unwrap().success());
}
