//! `migrate` against a `MariaDB` server that the test starts and stops.

pub(crate) mod server;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use self::server::{PASSWORD, Server};
use crate::authority::{Authority, pem};
use crate::harness::{Ran, Scene, skip};

/// A server with a certificate for `localhost`, the scene of a plan for it, and the authority of the certificate.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    pub(crate) server: Server,
    authority: Authority,
}

impl Stage {
    pub(crate) fn new(test: &str) -> Option<Self> {
        let (scene, authority) = (Scene::in_memory(), Authority::new());
        let (certificate, key) = authority.issue(&["localhost"], |_| {});
        scene
            .directory("server")
            .file("server/certificate.pem", pem("CERTIFICATE", &certificate))
            .file("server/key.pem", pem("PRIVATE KEY", key.serialized_der()));
        let option = |name: &str, file: &str| format!("--{name}={}", scene.path(file).display());
        let options = [option("ssl-cert", "server/certificate.pem"), option("ssl-key", "server/key.pem")];
        let Some(server) = Server::start(&scene.path("server"), &options) else {
            skip(test, "MariaDB");
            return None;
        };
        scene.file(
            "plan.yaml",
            "version: 1\ninputs: { env: { DATABASE_URL: { secret: true } } }\nsteps:\n  \
             - migrate: { database: { from_env: DATABASE_URL }, source: /m }\n",
        );
        Some(Self { scene, server, authority })
    }

    pub(crate) fn url(&self, password: &str, host: &str, options: &str) -> String {
        let password: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("mysql://app:{password}@{host}:{}/app{options}", self.server.port)
    }

    /// The database's own client with this statement.
    pub(crate) fn client(&self, sql: &str) -> Command {
        let mut command = self.program("mariadb");
        command.args(["-N", "-B", "-D", "app", "-e", sql]);
        command
    }

    /// A client of the server, as its user.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .args(["--no-defaults", "-u", "app"])
            .arg(format!("--socket={}", self.server.socket.display()))
            .env("MYSQL_PWD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Ends the server at once, as a crash would, and starts it again, at another port.
    pub(crate) fn restart(&mut self) {
        self.server.kill();
        self.server = Server::start(&self.scene.path("server"), &[]).unwrap();
    }

    /// What it prints.
    #[track_caller]
    pub(crate) fn said(&self, sql: &str) -> String {
        let output = self.client(sql).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Until a statement sleeps in the server.
    pub(crate) fn wait_for_sleep(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.said("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep'") == "0" {
            assert!(Instant::now() < deadline, "no statement sleeps");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn apply_to(&self, url: &str) -> Ran {
        self.scene.env("DATABASE_URL", url);
        self.scene.apply().lacks("hunter2")
    }

    fn apply(&self) -> Ran {
        self.apply_to(&self.url(PASSWORD, "127.0.0.1", ""))
    }
}

#[test]
fn a_mariadb_database_is_migrated() {
    let Some(stage) = Stage::new("a_mariadb_database_is_migrated") else { return };
    let scene = &stage.scene;
    scene
        .file("m/0001_first.sql", "INSERT INTO users VALUES (1, 'é');")
        .file("m/0002_more.sql", "INSERT INTO users VALUES (2, 'it''s') -- the end");
    stage.apply().code(0).stderr_has("2 migrations applied");
    stage.apply().code(0).stderr_has("step 1 `migrate`: unchanged");

    let wrong =
        stage.apply_to(&stage.url("wr0ng-secret", "127.0.0.1", "")).code(7).lacks("wr0ng").lacks("wr0ng%2Dsecret");
    assert!(wrong.stderr.contains("access denied for user 'app'@'127.0.0.1'"), "{}", wrong.stderr);

    scene.file("m/0003_more.sql", "INSERT INTO users VALUES (3, 'x');\nINSERT INTO users VALUES (2, 'y');");
    let failed = stage.apply().code(7);
    assert!(
        failed.stderr.contains("cannot apply `/m/0003_more.sql`: duplicate entry for key 'PRIMARY'"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains("/m/0003_more.sql:2:1"), "{}", failed.stderr);
    // Had anything of it stayed, the same row could not be inserted again.
    scene.file("m/0003_more.sql", "INSERT INTO users VALUES (3, 'x');\nINSERT INTO users\n  VALEUS (4, 'y');");
    stage.apply().code(7).stderr_has("/m/0003_more.sql:3:3").stderr_has("syntax error");

    scene.file("m/0003_more.sql", "INSERT INTO users VALUES (3, 'x');\nSELECT SLEEP(60);");
    scene.env("DATABASE_URL", stage.url(PASSWORD, "127.0.0.1", ""));
    let child = scene.start(&["apply", "plan.yaml"]);
    stage.wait_for_sleep();
    let started = Instant::now();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    assert!(started.elapsed() < Duration::from_secs(20));

    scene.file("m/0003_more.sql", "INSERT INTO users VALUES (3, 'x');\nSELECT SLEEP(0.5);");
    let children: Vec<_> = (0..6).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    stage.apply().code(0).stderr_has("step 1 `migrate`: unchanged");
}

#[test]
fn statements_that_commit_are_gone_on_with() {
    let Some(stage) = Stage::new("statements_that_commit_are_gone_on_with") else { return };
    let scene = &stage.scene;
    scene.file(
        "m/0001_a.sql",
        "SET NAMES latin1, FOREIGN_KEY_CHECKS=0;\nCREATE TABLE a (x int PRIMARY KEY);\nINSERT INTO a VALUES (@@foreign_key_checks);\n\
         DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//\nDELIMITER ;\nCALL p();\n",
    );
    scene.file("m/0002_b.sql", "ALTER TABLE a ADD COLUMN y int;\nINSERT INTO a VALUES (0, 1);\n");
    let failed = stage.apply().code(7).stderr_has("duplicate entry for key 'PRIMARY'").stderr_has("/m/0002_b.sql:2:1");
    assert!(failed.stderr.contains("applied before: 1 migration"), "{}", failed.stderr);
    // What the first file has set is set back for the second one, and the column is not added again.
    scene.file("m/0002_b.sql", "ALTER TABLE a ADD COLUMN y int;\nINSERT INTO a VALUES (@@foreign_key_checks, 1);\n");
    stage.apply().code(0).stderr_has("`/m/0002_b.sql` goes on with its statement 2");
    stage.apply().code(0).stderr_has("step 1 `migrate`: unchanged");
}

#[test]
fn mariadb_over_tls_and_a_socket() {
    let Some(stage) = Stage::new("mariadb_over_tls_and_a_socket") else { return };
    let scene = &stage.scene;
    scene.file("m/0001_a.sql", "INSERT INTO users VALUES (1, 'x');").file("ca.pem", &stage.authority.pem);
    scene.file("other.pem", Authority::new().pem);
    let full = |file: &str| format!("?ssl-mode=verify-full&ssl-ca=/{file}");
    stage.apply_to(&stage.url(PASSWORD, "localhost", &full("ca.pem"))).code(0).stderr_has("1 migration applied");
    stage
        .apply_to(&stage.url(PASSWORD, "localhost", &full("other.pem")))
        .code(7)
        .stderr_has("the server's certificate is of an authority that is not trusted");
    stage
        .apply_to(&stage.url(PASSWORD, "127.0.0.1", &full("ca.pem")))
        .code(7)
        .stderr_has("the server's certificate is for `localhost`, and not for `127.0.0.1`");
    let socket = stage.server.socket.strip_prefix(&scene.directory).unwrap();
    let socket = format!("?socket=/{}", socket.display());
    for options in ["?ssl-mode=disable", "?ssl-mode=REQUIRED", "?ssl-mode=verify-ca&ssl-ca=/ca.pem", &socket] {
        stage.apply_to(&stage.url(PASSWORD, "127.0.0.1", options)).code(0).stderr_has("unchanged");
    }
    // From the command line, in parts in a plan, and under its other name.
    scene.env("DATABASE_URL", stage.url(PASSWORD, "localhost", "").replace("mysql:", "mariadb:"));
    scene.run(&["migrate", "--database-env", "DATABASE_URL", "--source", "/m"]).code(0).stderr_has("unchanged");
    scene.file("password", PASSWORD).file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - migrate:\n      database: {{ driver: mysql, host: localhost, port: {}, user: app, name: app, \
             password: {{ from_file: /password }}, tls: {{ mode: verify-full, ca: /ca.pem }} }}\n      source: /m\n",
            stage.server.port
        ),
    );
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn a_mariadb_server_that_is_not_there() {
    let Some(mut stage) = Stage::new("a_mariadb_server_that_is_not_there") else { return };
    stage.scene.file("m/0001_a.sql", "INSERT INTO users VALUES (1, 'x');\nDO SLEEP(60);");
    stage.scene.env("DATABASE_URL", stage.url(PASSWORD, "127.0.0.1", ""));
    let child = stage.scene.start(&["apply", "plan.yaml"]);
    stage.wait_for_sleep();
    stage.server.kill();
    let ran = Ran::from(child.wait_with_output().unwrap()).code(7).lacks("hunter2");
    assert!(ran.stderr.contains("the connection was lost"), "{}", ran.stderr);
    stage.apply().code(7).stderr_has("connection refused").stderr_has("hint: put a `wait` step for it before this one");
}
