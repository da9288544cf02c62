//! The `seed` step, on SQLite. The servers are in `seeding/`.

mod servers;

use rusqlite::Connection;

use crate::harness::{Ran, Scene};

const TABLES: &str = "create table roles(id integer primary key, name text not null unique, description text, level integer default 7);
    create table users(id integer primary key, email text not null unique, role_id integer references roles(id), settings text, active boolean);
    create table plain(a, b);";

const ROLES_AND_USERS: &str = "
      - table: roles
        key: [name]
        rows:
          - { name: admin, description: \"All 'rights'\", level: 1 }
          - { name: reader }
      - table: users
        key: [email]
        rows:
          - email: \"{{env.EMAIL}}\"
            role_id: { reference: roles, column: id, where: { name: admin } }
            settings: { json: { theme: dark, tags: [a, 1, null] } }
            active: true
";

fn plan(tables: &str, fields: &str) -> String {
    format!(
        "version: 1\ninputs: {{ env: {{ EMAIL: {{ default: \"a@b\" }}, TOKEN: {{ secret: true, required: false }}, DATA: {{ type: json, \
         required: false }} }} }}\nsteps:\n  - seed:\n      database: {{ driver: sqlite, path: /app.db }}\n      {fields}\n      tables:{tables}\n"
    )
}

fn database(scene: &Scene) -> Connection {
    Connection::open(scene.path("app.db")).unwrap()
}

fn prepared(tables: &str, fields: &str) -> Scene {
    let scene = Scene::new();
    scene.file("plan.yaml", plan(tables, fields));
    database(&scene).execute_batch(TABLES).unwrap();
    scene
}

fn rows(scene: &Scene, sql: &str) -> String {
    crate::pages::rows(scene, "app.db", sql)
}

const ROLES: &str = "select name, description, level from roles order by id";

#[test]
fn rows_are_inserted_once_and_refer_to_rows_before_them() {
    let scene = prepared(ROLES_AND_USERS, "reconcile: false");
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    for wanted in ["+ roles  name = admin", "+ roles  name = reader", "+ users  email = a@b"] {
        assert!(shown.stdout.contains(wanted), "{wanted} is not in\n{}", shown.stdout);
    }
    assert_eq!(rows(&scene, ROLES), "", "show changed something");
    scene.apply().code(0).stderr_has("step 1 `seed`: changed, 3 rows inserted");
    assert_eq!(rows(&scene, ROLES), "admin|All 'rights'|1\nreader|NULL|7");
    let users = "select email, role_id, settings, active from users";
    assert_eq!(rows(&scene, users), r#"a@b|1|{"theme":"dark","tags":["a",1,null]}|1"#);
    scene.apply().code(0).stderr_has("step 1 `seed`: unchanged");
    scene.run(&["show", "plan.yaml"]).code(0);
    // Only the row that lacks.
    database(&scene).execute_batch("delete from roles where name = 'reader'; update roles set level = 9").unwrap();
    scene.apply().code(0).stderr_has("changed, 1 row inserted");
    assert_eq!(rows(&scene, ROLES), "admin|All 'rights'|9\nreader|NULL|7", "a row that is there was touched");
}

#[test]
fn reconcile_sets_what_differs_and_nothing_else() {
    let scene = prepared(ROLES_AND_USERS, "reconcile: true");
    scene.apply().code(0).stderr_has("3 rows inserted");
    scene.apply().code(0).stderr_has("unchanged");
    database(&scene)
        .execute_batch(
            "create table touched(what text); update roles set level = 9; delete from roles where name = 'reader'; \
             update users set settings = '{ \"theme\": \"dark\", \"tags\": [\"a\", 1, null] }', active = null; \
             create trigger t after update on users begin insert into touched values (new.settings is old.settings); end",
        )
        .unwrap();
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    assert!(shown.stdout.contains("~ roles  name = admin: level\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("~ users  email = a@b: active\n"), "{}", shown.stdout);
    let report = scene.path("report.json");
    let ran = scene.run(&["apply", "plan.yaml", "--report", report.to_str().unwrap()]).code(0);
    ran.stderr_has("changed, 1 row inserted, 2 updated");
    let report: serde_json::Value = serde_json::from_str(&scene.read("report.json")).unwrap();
    assert_eq!(report["steps"][0]["counts"], serde_json::json!({ "rows": 3, "inserted": 1, "updated": 2 }));
    assert_eq!(rows(&scene, ROLES), "admin|All 'rights'|1\nreader|NULL|7");
    assert_eq!(rows(&scene, "select active from users"), "1");
    assert_eq!(rows(&scene, "select * from touched"), "1", "JSON that is the same was written again");
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn a_row_may_refer_to_one_of_its_own_table() {
    let scene = prepared(
        "
      - table: places
        key: [name]
        rows:
          - { name: world }
          - { name: land, parent: { reference: places, column: id, where: { name: world } } }
          - { name: town, parent: { reference: places, column: id, where: { parent: { reference: places, column: id, where: { name: world } } } } }
",
        "reconcile: true",
    );
    database(&scene).execute_batch("create table places(id integer primary key, name text, parent integer)").unwrap();
    scene.apply().code(0).stderr_has("3 rows inserted");
    assert_eq!(rows(&scene, "select name, parent from places"), "world|NULL\nland|1\ntown|2");
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn values_are_values_and_keep_their_types() {
    let scene = prepared(
        "
      - table: plain
        key: [a]
        rows:
          - { a: 1, b: \"Robert'); drop table plain; --\" }
          - { a: \"1\", b: null }
          - { a: 1.5, b: true }
          - { a: \"-- +goose Down\\n-- fitout: no-transaction\\n\", b: { json: null } }
          - { a: \"-- +goose Down\\\\n-- fitout: no-transaction\\\\n\" }
          - { a: \"\\\\'\\\"`;\\u00e9\", b: \"18446744073709551615\" }
          - { a: \"{{env.DATA}}\", b: { json: { \"$ref\": { reference: x } } } }
",
        "reconcile: true",
    );
    scene.env("DATA", "\"'; --\"");
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    assert!(shown.stdout.contains("+ plain  a = -- +goose Down\\n-- fitout: no-transaction\\n\n"), "{}", shown.stdout);
    scene.apply().code(0).stderr_has("7 rows inserted");
    let wanted = [
        "integer|1|text|Robert'); drop table plain; --",
        "text|1|null|NULL",
        "real|1.5|integer|1",
        "text|-- +goose Down\n-- fitout: no-transaction\n|text|null",
        "text|-- +goose Down\\n-- fitout: no-transaction\\n|null|NULL",
        "text|\\'\"`;é|text|18446744073709551615",
        "text|'; --|text|{\"$ref\":{\"reference\":\"x\"}}",
    ];
    assert_eq!(rows(&scene, "select typeof(a), a, typeof(b), b from plain"), wanted.join("\n"));
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn a_template_gives_no_structure() {
    for (value, code) in [("\"{{env.DATA}}\"", 4), ("{ json: \"{{env.DATA}}\" }", 0)] {
        let scene = prepared(&format!("\n      - {{ table: plain, key: [a], rows: [{{ a: 1, b: {value} }}] }}"), "");
        scene.env("DATA", r#"{"json":"{{}}"}"#);
        let ran = scene.apply().code(code);
        if code == 0 {
            assert_eq!(rows(&scene, "select b from plain"), r#"{"json":"{{}}"}"#);
        } else {
            ran.stderr_has("a template gives a list or a mapping here").stderr_has("{ json: \"{{...}}\" }");
        }
    }
}

#[test]
fn secrets_are_values_that_nobody_sees() {
    let tables = "
      - table: plain
        key: [a]
        rows:
          - { a: \"{{env.TOKEN}}\", b: \"{{upper env.TOKEN}}!\" }
";
    let scene = prepared(tables, "reconcile: true");
    scene.env("TOKEN", "it's s3cret");
    let unseen = |ran: Ran| ran.lacks("s3cret").lacks("S3CRET").lacks("it''s");
    unseen(scene.run(&["show", "plan.yaml"])).code(10);
    unseen(scene.run(&["apply", "plan.yaml", "--log-level", "debug"])).code(0).stderr_has("1 row inserted");
    assert_eq!(rows(&scene, "select * from plain"), "it's s3cret|IT'S S3CRET!");
    database(&scene)
        .execute_batch(
            "update plain set b = 0; create trigger t before update on plain begin select raise(abort, 'no'); end",
        )
        .unwrap();
    unseen(scene.apply()).code(7).stderr_has("cannot update `plain`: no").stderr_has("plan.yaml:11:");
}

/// The tables without the mark, and the place of that mark in the plan.
fn marked(tables: &str) -> (String, String) {
    let (before, after) = tables.split_once('«').unwrap();
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    (format!("{before}{after}"), format!("plan.yaml:{}:{column} ", 7 + before.matches('\n').count()))
}

#[test]
fn what_the_database_does_not_have_is_told_with_its_place() {
    let role = |row: &str| format!("\n      - {{ table: roles, key: [name], rows: [{row}] }}");
    let user =
        |value: &str| format!("\n      - {{ table: users, key: [email], rows: [{{ email: a, role_id: {value} }}] }}");
    for (tables, messages) in [
        (role("{ name: a }").replace("roles", "«role"), ["`role`: there is no table `role`", "did you mean `roles`?"]),
        (role("{ name: a }").replace("roles", "«others"), ["there is no table `others`", "a `migrate` step makes it"]),
        (role("{ name: a, «levl: 1 }"), ["`roles`: it has no column `levl`", "did you mean `level`?"]),
        (role("{ nam: a }").replace("[name]", "[«nam]"), ["it has no column `nam`", "did you mean `name`?"]),
        (
            user("{ reference: roles, column: id, where: { «email: b } }"),
            ["`roles`: it has no column `email`", "its columns are `id`, `name`, `description`, `level`"],
        ),
        (
            user("«{ reference: roles, column: id, where: { name: b } }"),
            ["the row of `roles` that is referred to: there is none", "declare that row before this one"],
        ),
        (
            user("«{ reference: plain, column: a, where: { b: 2 } }"),
            ["the row of `plain` that is referred to: there are 2", "name more columns in `where`"],
        ),
        (
            role("«{ b: 2, a: 5 }").replace("roles", "plain").replace("[name]", "[b]"),
            ["`plain`: the key finds 2 rows", "name more columns in `key`"],
        ),
        (
            role("{ name: a }, «{ name: b, id: x }"),
            ["cannot insert into `roles`: datatype mismatch", "no row was written"],
        ),
        (
            "\n      - { table: lower, key: [a], rows: [«{ a: A }] }".to_owned(),
            ["`lower`: what was written is not what is declared", "no row was written"],
        ),
    ] {
        let (tables, place) = marked(&tables);
        let scene = prepared(&tables, "reconcile: true");
        database(&scene)
            .execute_batch(
                "insert into plain values (1, 2), (2, 2); create table lower(a text); \
                 create trigger t after insert on lower begin update lower set a = lower(a); end",
            )
            .unwrap();
        let ran = scene.apply().code(7);
        for message in messages.into_iter().chain([place.as_str()]) {
            assert!(ran.stderr.contains(message), "{message} is not in\n{}", ran.stderr);
        }
        assert_eq!(rows(&scene, "select count(*) from roles union all select count(*) from lower"), "0\n0");
    }
}

#[test]
fn a_reference_that_the_rows_before_do_not_fulfil_writes_nothing() {
    let (tables, place) = marked(
        "
      - { table: roles, key: [name], rows: [{ name: a }] }
      - { table: users, key: [email], rows: [{ email: a, role_id: «{ reference: roles, column: id, where: { name: b } } }] }
",
    );
    let scene = prepared(&tables, "");
    scene.run(&["show", "plan.yaml"]).code(10);
    let ran = scene.apply().code(7);
    ran.stderr_has("the row of `roles` that is referred to: there is not exactly one").stderr_has(&place);
    assert_eq!(rows(&scene, ROLES), "");
}

#[test]
fn what_is_wrong_is_found_without_a_database() {
    let row = |rows: &str| format!("\n      - {{ table: roles, key: [name], rows: [{rows}] }}");
    for (tables, wanted) in [
        (row("").replace("[name]", "«[]"), "the key has no column"),
        (row("").replace("roles", "«a.b.c"), "not the name of a table"),
        (row("").replace("name", "name, «name"), "`name` stands twice in the key"),
        (row("«{ level: 1 }"), "the row has no `name`"),
        (row("{ name: «null }"), "`name` is in the key and cannot be null"),
        (row("{ name: a }, { name: \"{{env.EMAIL}}\" }, «{ name: a, level: 2 }"), "a row with this key stands twice"),
        (row("{ name: a, level: «[1] }"), "a list is not the value of a column"),
        (row("{ name: a, level: «{ a: 1 } }"), "unknown key `a`"),
        (row("{ name: a, level: «{ reference: b } }"), "not the value of a column"),
        (row("{ name: a, level: «{ reference: b, column: c, where: {} } }"), "the reference has no `where`"),
        (row("{ name: a, level: «{ json: 1, reference: b } }"), "not the value of a column"),
        (row("{ name: «\"a\\0\" }"), "a text with a NUL character"),
        (row("{ name: a, level: «1.10 }"), "the number would not stay as it is written"),
        (row("{ name: a, «\"{{env.EMAIL}}\": 1 }"), "`{{` in a key is not expanded"),
        (row("{ name: a, «name: b }"), "duplicate key `name`"),
        (row("{ name: «\"{{env.EMIL}}\" }"), "did you mean `EMAIL`"),
    ] {
        let (tables, place) = marked(&tables);
        let scene = Scene::new();
        scene.file("plan.yaml", plan(&tables, ""));
        let ran = scene.run(&["check", "plan.yaml"]).code(3);
        ran.stderr_has(wanted).stderr_has(place.trim_end());
    }
    let scene = Scene::new();
    scene.file("plan.yaml", "version: 1\nsteps: [{ seed: { database: { from_env: X } } }]\n");
    let ran = scene.run(&["check", "plan.yaml"]).code(3);
    ran.stderr_has("`seed` needs either `tables` or `source`").stderr_has("`X` is not declared");
}

#[test]
fn what_only_values_make_wrong_is_found_before_anything_is_written() {
    let (tables, place) = marked(
        "\n      - { table: roles, key: [name], rows: [{ name: \"{{env.EMAIL}}\" }, «{ name: \"{{lower env.EMAIL}}\" }] }",
    );
    let scene = prepared(&tables, "");
    scene.run(&["check", "plan.yaml"]).code(0);
    scene.apply().code(3).stderr_has("a row with this key stands twice").stderr_has(&place);
    assert_eq!(rows(&scene, ROLES), "");
}

#[test]
fn rows_of_a_file_are_read_as_they_are() {
    let scene = prepared("", "");
    let arguments = ["seed", "--database", "sqlite:///app.db", "--source", "/seed/roles.yaml"];
    scene.file(
        "seed/roles.yaml",
        "tables:\n  - table: main.roles\n    key: [name]\n    rows: [{ name: \"{{env.X}}\", level: 2 }]\n",
    );
    scene.run(&arguments).code(0).stderr_has("1 row inserted");
    scene.run(&arguments).code(0).stderr_has("unchanged");
    assert_eq!(rows(&scene, ROLES), "{{env.X}}|NULL|2");
    scene.file("seed/roles.yaml", "tables: [{ table: roles, key: [name], rows: [{ name: \"{{env.X}}\", level: 3 }] }]");
    scene.run(&arguments).code(0).stderr_has("unchanged");
    scene.run(&[&arguments[..], &["--reconcile"]].concat()).code(0).stderr_has("1 row updated");
    assert_eq!(rows(&scene, ROLES), "{{env.X}}|NULL|3");

    let by_file = plan("", "source: /seed/roles.yaml").replace("      tables:\n", "");
    scene.file("plan.yaml", by_file);
    for (text, code, wanted) in [
        ("tables: [{ table: roles, key: [name], rows: [{ name: a, levl: 3 }] }]", 7, "/seed/roles.yaml:1:57"),
        ("tables: [{ table: roles, key: [name], rows: [{ name: 1.10 }] }]", 3, "/seed/roles.yaml:1:54"),
        ("tables: [{ table: roles, key: [name], rows: [{ name: a }, { name: a }] }]", 3, "/seed/roles.yaml:1:59"),
        ("tables: [{ table: roles, key: [name], row: [] }]", 3, "did you mean `rows`?"),
        ("tables: [", 3, "/seed/roles.yaml"),
        ("[]", 3, "expected a mapping, found a list"),
        ("\u{feff}tables: []\n", 0, "unchanged"),
    ] {
        scene.file("seed/roles.yaml", text);
        if code == 3 {
            scene.run(&["check", "plan.yaml"]).code(3).stderr_has(wanted);
        }
        scene.apply().code(code).stderr_has(wanted);
    }
    std::fs::remove_file(scene.path("seed/roles.yaml")).unwrap();
    scene.run(&["check", "plan.yaml"]).code(6).stderr_has("cannot read `/seed/roles.yaml`");
    scene.apply().code(6).stderr_has("cannot read `/seed/roles.yaml`").stderr_has("plan.yaml:6:");
    scene.run(&["seed", "--database", "sqlite:///app.db"]).code(2);
}

#[test]
fn eight_at_once_insert_each_row_once() {
    let rows_of = |count: usize| (0..count).map(|row| format!("{{ a: {row}, b: x }}")).collect::<Vec<_>>().join(", ");
    // No index keeps a row from being there twice.
    let scene = prepared(&format!("\n      - {{ table: plain, key: [a], rows: [{}] }}", rows_of(50)), "");
    let children: Vec<_> = (0..8).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(rows(&scene, "select count(*), count(distinct a) from plain"), "50|50");
}

#[test]
fn a_plan_whose_migrations_are_pending_can_be_shown() {
    let scene = Scene::new();
    let seed = plan("\n      - { table: roles, key: [name], rows: [{ name: a }] }", "");
    let migrate = "steps:\n  - migrate: { database: { driver: sqlite, path: /app.db }, source: /m }\n";
    scene.file("plan.yaml", seed.replace("steps:\n", migrate)).file("m/1_a.sql", TABLES);
    scene
        .run(&["show", "plan.yaml"])
        .code(10)
        .stderr_has("step 2 `seed`: cannot be shown before earlier steps are done");
    scene.apply().code(0).stderr_has("step 2 `seed`: changed, 1 row inserted");
    scene.run(&["show", "plan.yaml"]).code(0);
}

#[test]
fn ten_thousand_rows_are_compared_and_written() {
    let rows_of: String = (0..10_000).map(|row| format!("    - {{ name: \"name {row}\", level: {row} }}\n")).collect();
    let scene = prepared("", "");
    scene.file("rows.yaml", format!("tables:\n- table: roles\n  key: [name]\n  rows:\n{rows_of}"));
    let arguments = ["seed", "--database", "sqlite:///app.db", "--source", "/rows.yaml", "--reconcile"];
    scene.run(&arguments).code(0).stderr_has("10000 rows inserted");
    assert_eq!(rows(&scene, "select count(*), sum(level) from roles"), "10000|49995000");
    let change = "update roles set level = 0 where level = 5000; delete from roles where level = 3";
    database(&scene).execute_batch(change).unwrap();
    scene.run(&arguments).code(0).stderr_has("1 row inserted, 1 updated");
}
