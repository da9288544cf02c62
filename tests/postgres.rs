//! `migrate` against a PostgreSQL server that the test starts and stops.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene, skip};

pub(crate) const PASSWORD: &str = "hunter2 p@ss/word";
/// `nobody`: the server refuses to run as root.
pub(crate) const USER: u32 = 65534;

pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    pub(crate) programs: PathBuf,
    pub(crate) scene: Scene,
}

impl Server {
    pub(crate) fn start(test: &str) -> Option<Self> {
        Self::start_with(test, |_| {})
    }

    /// `prepare` may write to `server/data`, where the configuration is.
    pub(crate) fn start_with(test: &str, prepare: impl FnOnce(&Scene)) -> Option<Self> {
        let Some(programs) = programs() else {
            skip(test, "PostgreSQL");
            return None;
        };
        let scene = Scene::new();
        scene.directory("server").file("server/password", PASSWORD);
        if nix::unistd::geteuid().is_root() {
            scene.owned("server", USER, USER).owned("server/password", USER, USER);
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let data = scene.path("server/data");
        let made = unprivileged(&programs.join("initdb"))
            .args(["--no-sync", "--username=app", "--auth=scram-sha-256", "--locale=C", "--encoding=UTF8"])
            .arg(format!("--pwfile={}", scene.path("server/password").display()))
            .arg("-D")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        prepare(&scene);
        let process = start(&programs, &scene, port);
        Some(Self { process, port, programs, scene })
    }

    /// Ends the server at once, as a crash would, and starts it again.
    pub(crate) fn restart(&mut self) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), Signal::SIGQUIT).unwrap();
        self.process.wait().unwrap();
        self.process = start(&self.programs, &self.scene, self.port);
        self.wait();
    }

    /// The same under another program, which is root where we are, and becomes the server.
    pub(crate) fn restart_under(&mut self, wrapper: &[&str]) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), Signal::SIGQUIT).unwrap();
        self.process.wait().unwrap();
        let like = command(&self.programs, &self.scene, self.port);
        let user = USER.to_string();
        let mut command = Command::new(wrapper[0]);
        command.args(&wrapper[1..]).args(["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups"]);
        command.arg(like.get_program()).args(like.get_args()).env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
        self.process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log(&self.scene)).spawn().unwrap();
        self.wait();
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    fn url(&self, password: &str) -> String {
        format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(password), self.port)
    }

    fn apply(&self, password: &str) -> Ran {
        self.scene.env("DATABASE_URL", self.url(password));
        self.scene.apply()
    }

    pub(crate) fn query(&self, sql: &str) -> String {
        self.psql(&["-c", sql]).unwrap_or_else(|error| panic!("{sql}: {error}")).trim().to_owned()
    }

    /// What `psql` prints for a file, or its messages if a statement fails.
    pub(crate) fn run_file(&self, file: &Path) -> Result<String, String> {
        self.psql(&["-q", "-v", "ON_ERROR_STOP=1", "-f", file.to_str().unwrap()])
    }

    /// `psql` with a file, which is not waited for.
    pub(crate) fn start_file(&self, file: &Path) -> Child {
        self.client("psql").args(["-X", "-q", "-f"]).arg(file).stdout(Stdio::null()).spawn().unwrap()
    }

    /// A client of the server, as its user.
    pub(crate) fn client(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "app", "-d", "postgres"])
            .env("PGPASSWORD", PASSWORD)
            .env("PGCLIENTENCODING", "UTF8");
        command
    }

    fn psql(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.client("psql").args(["-X", "-At"]).args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Until a statement sleeps in the server.
    pub(crate) fn wait_for_sleep(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "0" {
            assert!(Instant::now() < deadline, "no statement sleeps");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until logins are accepted, which is a moment after the port opens.
    pub(crate) fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while let Err(error) = self.psql(&["-c", "SELECT 1"]) {
            assert!(Instant::now() < deadline, "the server does not start: {error}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), Signal::SIGQUIT);
        let _ = self.process.wait();
    }
}

fn start(programs: &Path, scene: &Scene, port: u16) -> Child {
    command(programs, scene, port).stdout(Stdio::null()).stderr(log(scene)).spawn().unwrap()
}

fn log(scene: &Scene) -> std::fs::File {
    std::fs::File::options().create(true).append(true).open(scene.path("server.log")).unwrap()
}

fn command(programs: &Path, scene: &Scene, port: u16) -> Command {
    let mut command = unprivileged(&programs.join("postgres"));
    command.args(["-F", "-h", "127.0.0.1", "-p", &port.to_string(), "-k"]).arg(scene.path("server"));
    command.arg("-D").arg(scene.path("server/data"));
    command
}

/// For the password of a URL.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The directory of the newest server's programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
    found.retain(|programs| programs.join("postgres").exists() && programs.join("psql").exists());
    found.sort();
    found.pop()
}

pub(crate) fn unprivileged(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/").stdin(Stdio::null());
    if nix::unistd::geteuid().is_root() {
        command.uid(USER).gid(USER);
    }
    command
}

#[test]
fn a_postgresql_database_is_waited_for_and_migrated() {
    let Some(server) = Server::start("a_postgresql_database_is_waited_for_and_migrated") else { return };
    let scene = &server.scene;
    scene
        .file(
            "plan.yaml",
            format!(
                "version: 1
inputs: {{ env: {{ DATABASE_URL: {{ secret: true }} }} }}
steps:
  - wait: {{ targets: [\"tcp://127.0.0.1:{}\"], timeout: 60s }}
  - migrate: {{ database: {{ from_env: DATABASE_URL }}, source: /m }}
",
                server.port
            ),
        )
        .file("m/0001_users.sql", "CREATE TABLE users (id int PRIMARY KEY);\nCREATE FUNCTION one() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;\n")
        .file("m/0002_rows.sql", "INSERT INTO users SELECT generate_series(1, 10);\n");
    // The port opens a moment before logins are accepted.
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(("127.0.0.1", server.port)).is_err() || server.apply(PASSWORD).code != 0 {
        assert!(Instant::now() < deadline, "the server does not start: {:?}", server.apply(PASSWORD));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.query("SELECT count(*) FROM users"), "10");
    server.apply(PASSWORD).code(0).stderr_has("step 2 `migrate`: unchanged");

    let wrong = server.apply("wr0ng-secret").code(7).lacks("wr0ng-secret").lacks("wr0ng%2Dsecret");
    assert!(wrong.stderr.contains("password authentication failed"), "{}", wrong.stderr);

    scene.file("m/0003_bad.sql", "INSERT INTO users VALUES (11);\nINSERT INTO users VALUES (1);\n");
    let failed = server.apply(PASSWORD).code(7).lacks("hunter2");
    assert!(failed.stderr.contains("duplicate key value"), "{}", failed.stderr);
    assert!(failed.stderr.contains("/m/0003_bad.sql"), "{}", failed.stderr);
    assert_eq!(server.query("SELECT count(*) FROM users"), "10", "the failed migration was not rolled back");
    scene.file("m/0003_bad.sql", "INSERT INTO users VALUES (11);\nSELEC 1;\n");
    server.apply(PASSWORD).code(7).stderr_has("/m/0003_bad.sql:2:1");

    scene.file("m/0003_bad.sql", "SELECT pg_sleep(30);\n");
    let child = scene.start(&["apply", "plan.yaml"]);
    server.wait_for_sleep();
    let started = Instant::now();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    assert!(started.elapsed() < Duration::from_secs(5));

    scene.file("m/0003_bad.sql", "CREATE TABLE once (x int);\nSELECT pg_sleep(0.5);\n");
    let children: Vec<_> = (0..6).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(server.query("SELECT count(*) FROM fitout_migrations"), "3");

    scene.file("m/0001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY);\n");
    server.apply(PASSWORD).code(7).stderr_has("0001_users.sql");
}

#[test]
fn a_database_and_its_user_are_made_where_they_are_missing() {
    let Some(server) = Server::start("a_database_and_its_user_are_made_where_they_are_missing") else { return };
    server.wait();
    let scene = &server.scene;
    scene.env("APP_PASSWORD", "it's \\ {{secret}}").file(
        "plan.yaml",
        r"version: 1
inputs: { env: { DATABASE_URL: { secret: true }, APP_PASSWORD: { secret: true } } }
steps:
  - sql:
      database: { from_env: DATABASE_URL }
      text: CREATE ROLE shop LOGIN PASSWORD '{{env.APP_PASSWORD}}'
      unless: SELECT 1 FROM pg_roles WHERE rolname = 'shop'
  - sql:
      database: { from_env: DATABASE_URL }
      text: CREATE DATABASE shop OWNER shop
      unless: SELECT 1 FROM pg_database WHERE datname = 'shop'
",
    );
    scene.env("DATABASE_URL", server.url(PASSWORD));
    let mut children: Vec<_> = (0..8).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    server.apply(PASSWORD).code(0).stderr_has("step 1 `sql`: unchanged").stderr_has("step 2 `sql`: unchanged");
    assert_eq!(server.query("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'"), "shop");
}
