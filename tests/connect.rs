//! How a PostgreSQL server is reached: TLS, sockets, several hosts, passwords that change, and what is said when it fails.

mod hostile;
mod page;
pub(crate) mod pooler;
mod secure;

use std::net::TcpListener;

use crate::harness::{Ran, Scene};
use crate::postgres::{PASSWORD, Server, encoded};

/// A server with one migration beside it, and its address in parts.
pub(crate) fn started(test: &str, prepare: impl FnOnce(&Scene)) -> Option<Server> {
    let server = Server::start_with(test, prepare)?;
    server.scene.file("m/1_a.sql", "SELECT 1;\n").file("password", PASSWORD);
    Some(server)
}

/// Applies the migrations of a database whose URL is this, with `PASSWORD` and `PORT` in place of these words.
pub(crate) fn migrate(server: &Server, url: &str) -> Ran {
    let url = url.replace("PASSWORD", &encoded(PASSWORD)).replace("PORT", &server.port.to_string());
    migrate_at(&server.scene, &url)
}

pub(crate) fn migrate_at(scene: &Scene, url: &str) -> Ran {
    scene.env("DATABASE_URL", url);
    let arguments = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m", "--log-level", "debug"];
    scene.run(&arguments).lacks(PASSWORD).lacks(&encoded(PASSWORD)).lacks("hunter2")
}

/// The same for a database as a plan has it.
pub(crate) fn migrate_parts(server: &Server, database: &str) -> Ran {
    let database = database.replace("PORT", &server.port.to_string());
    server.scene.file("plan.yaml", format!("version: 1\nsteps:\n- migrate: {{ database: {database}, source: /m }}\n"));
    server.scene.apply().lacks(PASSWORD).lacks("hunter2")
}

/// A port on which nobody listens.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_server_is_reached_by_url_and_by_parts() {
    let Some(server) = started("a_server_is_reached_by_url_and_by_parts", |_| {}) else { return };
    server.wait();
    let closed = closed_port();
    for url in [
        "postgres://app:PASSWORD@127.0.0.1:PORT/postgres".to_owned(),
        "postgresql://app:PASSWORD@localhost:PORT/postgres?sslmode=disable".to_owned(),
        "postgres:///postgres?user=app&password=PASSWORD&host=localhost&hostaddr=127.0.0.1&port=PORT".to_owned(),
        "postgres://app:PASSWORD@%2Fserver:PORT/postgres".to_owned(),
        "postgres://app:PASSWORD@/postgres?host=/server/.s.PGSQL.PORT&sslmode=verify-full".to_owned(),
        // The first that takes us will do.
        format!("postgres://app:PASSWORD@127.0.0.1:{closed},127.0.0.1:PORT/postgres?target_session_attrs=read-write"),
        "postgres://app:PASSWORD@127.0.0.1:PORT/postgres?target_session_attrs=primary&keepalives_idle=9&connect_timeout=5"
            .to_owned(),
        "postgres://app:PASSWORD@127.0.0.1:PORT/postgres?target_session_attrs=prefer-standby&application_name=me".to_owned(),
    ] {
        migrate(&server, &url).code(0);
    }
    for database in [
        "{ driver: postgres, host: 127.0.0.1, port: PORT, user: app, password: { from_file: /password }, name: postgres }",
        "{ driver: postgres, socket: /server, port: PORT, user: app, password: { from_file: /password }, name: postgres }",
        "{ driver: postgres, socket: /server/.s.PGSQL.PORT, user: app, password: { from_file: /password }, name: postgres }",
    ] {
        migrate_parts(&server, database).code(0);
    }
    assert_eq!(server.query("SELECT count(*) FROM fitout_migrations"), "1");
}

#[test]
fn what_prevents_a_session_is_named() {
    let test = "what_prevents_a_session_is_named";
    let Some(server) = started(test, |_| {}) else { return };
    server.wait();
    server.query("CREATE ROLE crowded LOGIN PASSWORD 'hunter2 p@ss/word' CONNECTION LIMIT 0");
    server.query("CREATE DATABASE closed");
    server.query("REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
    server.query("CREATE ROLE guest LOGIN PASSWORD 'hunter2 p@ss/word'");
    let closed = closed_port();
    for (url, wanted) in [
        (
            "postgres://app:wr0ng@127.0.0.1:PORT/postgres",
            "password authentication failed for user \"app\" (SQLSTATE 28P01)",
        ),
        ("postgres://app@127.0.0.1:PORT/postgres", "the server wants a password"),
        ("postgres://app:PASSWORD@127.0.0.1:PORT/none", "database \"none\" does not exist (SQLSTATE 3D000)\n"),
        ("postgres://guest:PASSWORD@127.0.0.1:PORT/closed", "hint: grant the user `CONNECT` on the database"),
        (
            "postgres://crowded:PASSWORD@127.0.0.1:PORT/postgres",
            "too many connections for role \"crowded\" (SQLSTATE 53300)",
        ),
        ("postgres://app:PASSWORD@127.0.0.1:CLOSED/postgres", "connection refused\n"),
        ("postgres://app:PASSWORD@host.invalid/postgres", "cannot resolve its name: "),
        ("postgres://app:PASSWORD@%2Fnowhere/postgres", "no such file or directory\n"),
        ("postgres://app:PASSWORD@127.0.0.1:PORT/postgres?sslmode=require", "the server does not speak TLS\n"),
        ("postgres://app:PASSWORD@127.0.0.1:PORT/postgres?target_session_attrs=standby", "it is no standby\n"),
        ("postgres://app:PASSWORD@127.0.0.1:PORT/postgres?target_session_attrs=read-only", "it is not read-only\n"),
    ] {
        let ran = migrate(&server, &url.replace("CLOSED", &closed.to_string())).code(7).lacks("wr0ng");
        ran.stderr_has("cannot connect to database `").stderr_has(wanted);
    }
    let several =
        format!("postgres://app:PASSWORD@127.0.0.1:{closed},127.0.0.1:PORT/postgres?target_session_attrs=standby");
    migrate(&server, &several)
        .code(7)
        .stderr_has("none of its servers will do\n")
        .stderr_has(&format!("= `127.0.0.1:{closed}`: connection refused\n"))
        .stderr_has(&format!("= `127.0.0.1:{}`: it is no standby\n", server.port));
    // Who knows us and says no is believed: the next host is not asked.
    migrate(&server, &format!("postgres://app:wr0ng@127.0.0.1:PORT,127.0.0.1:{closed}/postgres"))
        .code(7)
        .stderr_has("password authentication failed");
}

#[test]
fn the_server_that_can_be_written_to_is_found() {
    let test = "the_server_that_can_be_written_to_is_found";
    let append = |scene: &Scene| configure(scene, "default_transaction_read_only = on\n");
    let (Some(read_only), Some(writable)) = (started(test, append), started(test, |_| {})) else { return };
    read_only.wait();
    writable.wait();
    let hosts = format!("postgres://app:PASSWORD@127.0.0.1:{},127.0.0.1:PORT/postgres", read_only.port);
    migrate(&writable, &format!("{hosts}?target_session_attrs=read-write")).code(0);
    assert_eq!(writable.query("SELECT count(*) FROM fitout_migrations"), "1");
    migrate(&writable, &format!("{hosts}?target_session_attrs=any")).code(7).stderr_has("25006");
}

#[test]
fn a_server_that_starts_says_so() {
    let test = "a_server_that_starts_says_so";
    // A standby that serves nobody never stops starting.
    let standby = |scene: &Scene| {
        configure(scene, "hot_standby = off\n");
        scene.file("server/data/standby.signal", "");
    };
    let Some(server) = started(test, standby) else { return };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !server.scene.exists(&format!("server/.s.PGSQL.{}", server.port)) {
        assert!(std::time::Instant::now() < deadline, "{}", server.scene.read("server.log"));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    migrate(&server, "postgres://app:PASSWORD@127.0.0.1:PORT/postgres")
        .code(7)
        .stderr_has("(SQLSTATE 57P03)")
        .stderr_has("hint: put a `wait` step for the database before this one");
}

#[test]
fn a_password_is_read_at_each_connection() {
    let Some(server) = started("a_password_is_read_at_each_connection", |_| {}) else { return };
    server.wait();
    let parts = format!(
        "{{ driver: postgres, host: 127.0.0.1, port: {}, user: app, password: {{ from_file: /password }}, name: postgres }}",
        server.port
    );
    // The password changes between the two steps of one run.
    let change = server.scene.path("change");
    let script = format!(
        "#!/bin/sh\nPGPASSWORD='{PASSWORD}' {} -X -h 127.0.0.1 -p {} -U app -d postgres -qc \"ALTER ROLE app PASSWORD 'n3w-token'\" \
         && printf n3w-token > '{}'\n",
        server.programs.join("psql").display(),
        server.port,
        server.scene.path("password").display()
    );
    server.scene.file("change", script).mode("change", 0o755).env("PATH", "/usr/bin:/bin");
    server.scene.file("m2/1_a.sql", "SELECT 1;\n").file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n- migrate: {{ database: {parts}, source: /m }}\n- run: {{ command: [{}] }}\n  confine: off\n\
             - migrate: {{ database: {parts}, source: /m2, table: second }}\n",
            change.display()
        ),
    );
    server.scene.apply().code(0).lacks("hunter2").lacks("n3w-token");
    // And between two runs.
    server.scene.file("password", PASSWORD);
    migrate_parts(&server, &parts).code(7).stderr_has("password authentication failed");
    server.scene.file("password", "n3w-token\n");
    migrate_parts(&server, &parts).code(0);
    server.scene.file("password", "");
    migrate_parts(&server, &parts).code(4).stderr_has("the secret `/password` is empty");
}

#[test]
fn a_wrong_address_is_found_without_a_server() {
    let scene = Scene::new();
    scene.file("m/1_a.sql", "SELECT 1;\n");
    let parts = |fields: &str| format!("{{ driver: postgres, host: h, user: u{fields} }}");
    for (database, wanted) in [
        ("{ driver: sqlite, path: /x, host: h }".to_owned(), "an SQLite database has no `host`\n"),
        ("{ host: h, user: u }".to_owned(), "`driver` is missing\n"),
        ("{ driver: oracle }".to_owned(), "expected one of `sqlite`, `postgres`, "),
        ("{ driver: mysql, host: h, user: u }".to_owned(), "`name` is missing\n"),
        ("{ driver: postgres, host: h }".to_owned(), "`user` is missing\n"),
        ("{ driver: postgres, user: u }".to_owned(), "`host` is missing\n"),
        ("{ driver: postgres, host: \",\", user: u }".to_owned(), "it names no host\n"),
        ("{ driver: mysql, host: \"a,b\", user: u, name: n }".to_owned(), "it names more than one host\n"),
        (parts(", path: /x"), "not a database\n"),
        (parts(", port: 70000"), "plan.yaml:3:"),
        (parts(", port: 0"), "`port` is no number from 1 to 65535\n"),
        (parts(", socket: /x"), "the database has both `host` and `socket`\n"),
        (parts(", password: {}"), "`password` is not one place\n"),
        (parts(", password: { from_env: NONE }"), "`NONE` is not declared under `inputs.env`\n"),
        (parts(", tls: { certificate: /x }"), "`certificate` needs `key`\n"),
        (parts(", tls: { key: /x }"), "`key` needs `certificate`\n"),
        (parts(", tls: { mode: prefer, ca: /x }"), "`ca` has no meaning with `mode: prefer`\n"),
        (parts(", tls: { mode: disable, ca: /x }"), "`ca` has no meaning with `mode: disable`\n"),
        (
            parts(", tls: { mode: allow }"),
            "expected one of `disable`, `prefer`, `require`, `verify-ca`, `verify-full`\n",
        ),
        ("postgres://u:hunter2@h/n".to_owned(), "the URL holds a password\n"),
        ("postgres://u@h/n?password=hunter2".to_owned(), "the URL holds a password\n"),
        ("mysql://u:hunter2@h/n".to_owned(), "the URL holds a password\n"),
        ("postgres://u@h/n?sslmode=allow".to_owned(), "`sslmode` is none of `disable`, `prefer`, "),
        ("postgres://u@h:99999/n".to_owned(), "a port is no number from 1 to 65535\n"),
        ("mysql://u@h".to_owned(), "it names no database\n"),
    ] {
        let plan = format!("version: 1\nsteps:\n- migrate: {{ database: {database}, source: /m }}\n");
        scene.file("plan.yaml", plan);
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(wanted).stderr_has("plan.yaml:3:").lacks("hunter2");
    }
}

#[test]
fn the_port_of_a_server_may_come_from_a_variable() {
    for declared in ["type: integer", "type: integer, default: 1"] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ DB_PORT: {{ {declared} }} }} }}\nsteps:\n  - wait:\n      targets: [{{ database: {{ \
             driver: postgres, host: 127.0.0.1, port: \"{{{{env.DB_PORT}}}}\", user: u }} }}]\n      timeout: 300ms\n"
        ));
        scene.run(&["check", "plan.yaml"]).code(0);
        scene.env("DB_PORT", "1").apply().code(5).stderr_has("`127.0.0.1:1`");
        scene.env("DB_PORT", "0").apply().code(4).stderr_has("plan.yaml:5:").stderr_has("no number from 1 to 65535");
    }
}

/// Adds to the server's configuration.
pub(crate) fn configure(scene: &Scene, lines: &str) {
    let path = "server/data/postgresql.conf";
    let configuration = scene.read(path) + lines;
    scene.file(path, configuration);
}
