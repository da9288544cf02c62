//! The `sql` step: statements in a database. PostgreSQL is in `postgres.rs`.

mod pooler;
mod recipes;

use rusqlite::Connection;

use crate::harness::Scene;
use crate::postgres::{PASSWORD, Server, encoded};

fn plan(fields: &str) -> String {
    format!(
        "version: 1\ninputs: {{ env: {{ NAME: {{ default: none }}, TOKEN: {{ secret: true }} }} }}\nsteps:\n  - sql: {{ database: {{ driver: \
         sqlite, path: /app.db }}, {fields} }}\n"
    )
}

fn database(scene: &Scene) -> Connection {
    Connection::open(scene.path("app.db")).unwrap()
}

fn prepared(fields: &str) -> Scene {
    let scene = Scene::new();
    scene.env("TOKEN", "unused").file("plan.yaml", plan(fields));
    database(&scene).execute_batch("create table people(name text)").unwrap();
    scene
}

fn names(scene: &Scene) -> String {
    let sql = "select coalesce(group_concat(name, '|'), '') from people";
    database(scene).query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn values_in_statements_are_values() {
    let unless = r#"unless: "select 1 from people where name = '{{env.NAME}}'""#;
    let scene = prepared(&format!(r#"text: "insert into people values ('{{{{env.NAME}}}}');", {unless}"#));
    scene.env("NAME", "Robert'); drop table people; --");
    scene.run(&["show", "plan.yaml"]).code(10);
    assert_eq!(names(&scene), "", "show changed something");
    scene.apply().code(0).stderr_has("step 1 `sql`: changed, 1 statement executed");
    scene.apply().code(0).stderr_has("step 1 `sql`: unchanged");
    assert_eq!(names(&scene), "Robert'); drop table people; --");
    scene.run(&["show", "plan.yaml"]).code(0);
}

#[test]
fn a_value_does_not_say_which_part_of_a_text_is_run_or_how() {
    let scene = prepared(r#"text: "-- fitout: lock_timeout=1s\ninsert into people values ('{{env.NAME}}')""#);
    for value in [
        "x\n-- migrate:up\ndrop table people; --\n-- migrate:down\n",
        "x\n-- +goose Up\ndrop table people; --\n-- +goose Down\n",
        "x\n-- migrate:down\n",
        "x\n-- +goose ENVSUB ON\n",
        "\n-- fitout: nonsense\n",
    ] {
        scene.env("NAME", value);
        scene.apply().code(0).stderr_has("changed, 1 statement executed");
        assert_eq!(names(&scene), value);
        database(&scene).execute_batch("delete from people").unwrap();
    }
    for text in
        ["-- fitout: nonsense\\nselect 1", "\\n-- no-transaction\\n-- fitout: lock_timeout={{env.NAME}}\\nselect 1"]
    {
        let scene = prepared(&format!("text: \"{text}\""));
        scene.apply().code(3).stderr_has("cannot use `text` as a script: `");
    }
}

#[test]
fn without_a_query_statements_are_executed_at_every_run() {
    let scene = prepared("source: /sql, unsupported: skip");
    scene
        .file("sql/2_b.sql", "vacuum;\ninsert into people select name || '!' from people;")
        .file("sql/1_a.sql", "insert into people values ('a');")
        .file("sql/.hidden.sql", "nonsense")
        .file("sql/read.me", "nonsense");
    scene.apply().code(0).stderr_has("changed, 3 statements executed");
    assert_eq!(names(&scene), "a|a!");
    scene.apply().code(0).stderr_has("changed");
    assert_eq!(names(&scene), "a|a!|a|a!|a!!|a!");
}

#[test]
fn a_statement_that_fails_takes_back_all_of_its_text_and_is_shown() {
    let scene = prepared(r#"text: "insert into people values ('a');\ninsert into nobody values (1);""#);
    let ran = scene.apply().code(7);
    ran.stderr_has("cannot apply `text`: no such table: nobody").stderr_has("insert into nobody values (1);");
    assert_eq!(names(&scene), "");
}

#[test]
fn a_line_with_a_secret_is_not_shown() {
    let scene = prepared(r#"text: "insert into nobody values ('{{env.TOKEN}}');""#);
    scene.env("TOKEN", "it's secret");
    let ran = scene.apply().code(7);
    ran.stderr_has("no such table: nobody").lacks("secret'").lacks("it''s");
}

#[test]
fn what_is_wrong_is_found_without_a_database() {
    for (fields, wanted) in [
        ("lock_wait: 1s", "`sql` needs either `text` or `source`"),
        ("text: select 1, source: /sql", "`sql` needs either `text` or `source`"),
        (r#"text: "select '{{env.NAMES}}'""#, "did you mean `NAME`"),
        (r#"text: "select 1", unless: "select {{nonsense}}""#, "nonsense"),
    ] {
        let scene = Scene::new();
        scene.file("plan.yaml", plan(fields));
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(wanted);
    }
}

#[test]
fn what_a_text_cannot_hold() {
    for (text, code, wanted) in [
        ("select 'a", 3, "cannot use `text` as a script: the string is not closed"),
        ("begin; select 1", 3, "cannot use `text` as a script: `BEGIN` controls"),
        ("attach '/x' as y", 3, "cannot use `text` as a script: `ATTACH`"),
        ("", 0, "unchanged"),
    ] {
        let scene = prepared(&format!("text: \"{text}\""));
        scene.apply().code(code).stderr_has(wanted);
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let scene = Scene::new();
    let ran = scene.run(&["sql", "--database", "sqlite:///app.db", "--text", "select 1"]).code(7);
    ran.stderr_has("cannot open the database `/app.db`: there is no such file").stderr_has("a `migrate` step makes it");
    assert!(!scene.exists("app.db"));
    database(&scene).execute_batch("create table people(name text)").unwrap();
    let arguments = [
        "sql",
        "--database",
        "sqlite:///app.db",
        "--text",
        "insert into people values ('a')",
        "--unless",
        "select 1 from people",
    ];
    scene.run(&arguments).code(0).stderr_has("1 statement executed");
    scene.run(&arguments).code(0).stderr_has("unchanged");
    assert_eq!(names(&scene), "a");
}

#[test]
fn eight_at_once_execute_once() {
    let scene = prepared(r#"text: "insert into people values ('a')", unless: "select 1 from people""#);
    let mut children: Vec<_> = (0..8).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(names(&scene), "a");
}

#[test]
fn parts_of_a_secret_are_not_in_what_postgresql_says() {
    let Some(server) = Server::start("parts_of_a_secret_are_not_in_what_postgresql_says") else { return };
    server.wait();
    let scene = &server.scene;
    // The server shows 63 characters of a name.
    let secret = format!("Hunter2{}", "0123456789".repeat(8));
    scene.env("TOKEN", &secret);
    scene.env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port));
    for (fields, wanted) in [
        (r#"text: "SELECT 1 FROM \"{{env.TOKEN}}\"""#, "cannot apply `text`: relation does not exist (SQLSTATE 42P01)"),
        (
            r#"text: "SELECT '{{env.TOKEN}}'::int""#,
            "cannot apply `text`: invalid input syntax for type integer (SQLSTATE 22P02)",
        ),
        (r#"text: "DO $$ BEGIN RAISE EXCEPTION 'Hunter%', substr('{{env.TOKEN}}', 7); END $$""#, ""),
        (
            r#"text: SELECT 1, unless: "SELECT 1 FROM \"{{env.TOKEN}}\"""#,
            "cannot ask the query of `unless`: relation does not exist (SQLSTATE 42P01)",
        ),
    ] {
        let plan = format!(
            "version: 1\ninputs: {{ env: {{ TOKEN: {{ secret: true }}, DATABASE_URL: {{ secret: true }} }} }}\nsteps:\n  \
             - sql: {{ database: {{ from_env: DATABASE_URL }}, {fields} }}\n"
        );
        scene.file("plan.yaml", plan);
        let ran = scene.apply().stderr_has(wanted).lacks("0123456789");
        assert_ne!(ran.code, 0, "{fields}");
    }
}
