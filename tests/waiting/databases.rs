//! Databases: a login over the address that is asked, and an answer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene};
use crate::mariadb::Stage;
use crate::mariadb::server::PASSWORD as MARIADB_PASSWORD;
use crate::postgres::{PASSWORD, Server, encoded};

#[test]
fn a_postgresql_server_is_ready_when_it_takes_the_login() {
    let Some(server) = Server::start("a_postgresql_server_is_ready_when_it_takes_the_login") else { return };
    let (scene, port) = (&server.scene, server.port);
    let url = |password: &str, name: &str| format!("postgres://app:{}@127.0.0.1:{port}/{name}", encoded(password));
    scene.env("URL", url(PASSWORD, "postgres"));
    // It was just started, and may not listen yet.
    scene.run(&["wait", "--database-env", "URL", "--timeout", "60s"]).code(0).lacks("hunter2");
    scene.run(&["probe", "--database-env", "URL", "--timeout", "10s"]).code(0);
    scene
        .run(&["probe", "--database-env", "URL", "--gone", "--timeout", "10s"])
        .code(1)
        .stderr_has("it is still there");
    scene.env("URL", url("wrong", "postgres"));
    let ran = scene.run(&["wait", "--database-env", "URL", "--timeout", "500ms"]).code(5).lacks("wrong");
    let ran = ran.stderr_has("waiting for `database of URL`: cannot connect to database `postgres` at ");
    ran.stderr_has("= `database of URL`: ").lacks("hunter2");
    // It knows us and says no, so it is there.
    scene.run(&["probe", "--database-env", "URL", "--gone", "--timeout", "10s"]).code(1).stderr_has("28P01");
    scene.env("URL", url(PASSWORD, "later"));
    let child = scene.start(&["wait", "--database-env", "URL", "--timeout", "60s"]);
    server.query("CREATE DATABASE later");
    Ran::from(child.wait_with_output().unwrap()).code(0);
    scene.file("password", PASSWORD).file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - wait: {{ timeout: 20s, targets: [{{ database: {{ driver: postgres, host: 127.0.0.1, \
             port: {port}, user: app, name: postgres, password: {{ from_file: /password }} }} }}] }}\n"
        ),
    );
    scene.run(&["show", "plan.yaml"]).code(0);
    scene.apply().code(0).stderr_has("unchanged").lacks("hunter2");
    let target = format!("postgres://app@127.0.0.1:{port}/postgres");
    scene.run(&["probe", &target, "--timeout", "10s"]).code(1).stderr_has("the server wants a password");
    kill(Pid::from_raw(i32::try_from(server.process()).unwrap()), Signal::SIGINT).unwrap();
    scene.run(&["wait", &target, "--gone", "--timeout", "60s"]).code(0);
}

#[test]
fn a_mariadb_server_is_ready_when_it_takes_the_login() {
    let Some(mut stage) = Stage::new("a_mariadb_server_is_ready_when_it_takes_the_login") else { return };
    let port = stage.server.port;
    let url = |password: &str, name: &str| format!("mysql://app:{}@127.0.0.1:{port}/{name}", encoded(password));
    stage.scene.env("URL", url(MARIADB_PASSWORD, "app"));
    stage.scene.run(&["wait", "--database-env", "URL", "--timeout", "60s"]).code(0).lacks("hunter2");
    stage.scene.env("URL", url(MARIADB_PASSWORD, "missing"));
    stage.scene.run(&["probe", "--database-env", "URL", "--timeout", "10s"]).code(1).stderr_has("missing");
    stage.scene.env("URL", url("wrong", "app"));
    stage.scene.run(&["probe", "--database-env", "URL", "--gone", "--timeout", "10s"]).code(1).stderr_has("denied");
    stage.server.kill();
    stage.scene.run(&["probe", "--database-env", "URL", "--gone", "--timeout", "10s"]).code(0);
}

#[test]
fn a_file_is_ready_when_it_is_a_database() {
    let scene = Scene::new();
    let probe = || scene.run(&["probe", "sqlite:///data.db", "--timeout", "10s"]);
    probe().code(1).stderr_has("`sqlite:///data.db` is not ready: no such file");
    scene.run(&["probe", "sqlite:///data.db", "--gone", "--timeout", "10s"]).code(0);
    assert!(!scene.exists("data.db"), "a look made the file");
    scene.file(
        "data.db",
        "no database, although it is long enough for the head of one, as everybody can see".repeat(20),
    );
    probe().code(1).stderr_has("file is not a database");
    std::fs::remove_file(scene.path("data.db")).unwrap();
    rusqlite::Connection::open(scene.path("data.db")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    probe().code(0);
    scene.file(
        "plan.yaml",
        "version: 1\nsteps:\n  - wait: { targets: [{ database: { driver: sqlite, path: /data.db } }] }\n",
    );
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn a_server_that_says_nothing_or_nonsense_is_not_ready() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |scheme: &str| format!("{scheme}://app@{}/app", listener.local_addr().unwrap());
    let scene = Scene::new();
    for scheme in ["postgres", "mysql"] {
        let ran = scene.run(&["probe", &at(scheme), "--timeout", "300ms"]).code(1);
        ran.stderr_has("is not ready: no answer within 300ms");
    }
    let loud = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = loud.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in loud.incoming() {
            let _ = stream.unwrap().write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        }
    });
    for scheme in ["postgres", "mysql"] {
        scene.run(&["probe", &format!("{scheme}://app@{address}/app"), "--timeout", "10s"]).code(1);
    }
}

/// A server that refuses each login with this code and message.
fn refusing(code: &'static str, message: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut length) = (stream.unwrap(), [0; 4]);
            if stream.read_exact(&mut length).is_err() {
                continue;
            }
            let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
            stream.read_exact(&mut rest).unwrap();
            // No TLS here; then the login comes.
            if rest.len() == 4 {
                stream.write_all(b"N").unwrap();
                stream.read_exact(&mut length).unwrap();
                rest.resize(usize::try_from(u32::from_be_bytes(length)).unwrap() - 4, 0);
                stream.read_exact(&mut rest).unwrap();
            }
            let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
            let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
            let _ = stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat());
        }
    });
    address
}

#[test]
fn a_server_that_starts_or_is_full_is_neither_ready_nor_gone() {
    for (code, message) in
        [("57P03", "the database system is starting up"), ("53300", "sorry, too many clients already")]
    {
        let target = format!("postgres://app@{}/app", refusing(code, message));
        let scene = Scene::new();
        let ran = scene.run(&["wait", &target, "--timeout", "1s"]).code(5);
        ran.stderr_has(&format!("waiting for `{target}`: ")).stderr_has(&format!("{message} (SQLSTATE {code}) ("));
        scene.run(&["probe", &target, "--gone", "--timeout", "10s"]).code(1).stderr_has(message);
    }
}

#[test]
fn a_signal_ends_a_login_that_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("postgres://app@{}/app", listener.local_addr().unwrap());
    let scene = Scene::new();
    let child = scene.start(&["wait", &target, "--timeout", "10m"]);
    let taken = listener.accept().unwrap();
    std::thread::sleep(Duration::from_millis(100));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    Ran::from(child.wait_with_output().unwrap()).code(143);
    drop(taken);
}

#[test]
fn an_address_that_makes_no_sense_fails_at_once() {
    let scene = Scene::new();
    scene.env("URL", "nonsense hunter2");
    scene.run(&["wait", "--database-env", "URL"]).code(4).lacks("hunter2");
    scene.run(&["wait", "--database-env", "MISSING"]).code(4).stderr_has("`MISSING` is not set");
    scene.run(&["wait", "--database-file", "/missing"]).code(4).stderr_has("cannot read the secret `/missing`");
}

#[test]
fn there_is_no_password_where_the_plan_says_that_it_may_be_missing() {
    for (declared, code, message) in [
        ("{ required: false, secret: true, file: true }", 5, "connection refused"),
        ("{ secret: true, file: true }", 4, "`PASSWORD` is not set"),
    ] {
        let plan = format!(
            "version: 1\ninputs: {{ env: {{ PASSWORD: {declared} }} }}\nsteps:\n  - wait:\n      targets:\n        - database: {{ driver: postgres, host: 127.0.0.1, port: 1, user: app, name: app, password: {{ from_env: PASSWORD }} }}\n      timeout: 300ms\n"
        );
        Scene::with_plan(&plan).apply().code(code).stderr_has(message);
    }
}
