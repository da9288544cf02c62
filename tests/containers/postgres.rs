//! `examples/postgres`: a server in an image that holds nothing else, and its first run without a shell.

mod compose;
mod entrypoint;
mod kills;
mod pod;

use std::path::Path;
use std::process::{Child, Command};
use std::sync::OnceLock;

use super::engine::{Container, has_program};
use super::images::{Images, images, keeper};
use super::{eventually, output};
use crate::harness::{Ran, Scene, binary, skip};

static BUILT: OnceLock<Built> = OnceLock::new();

/// Every character that a shell, a connection string or SQL could take for its own.
const PASSWORD: &str = r#"hunter2 'p"a$s\s`; -- {{x}}"#;

/// The two images of the example.
struct Built {
    images: &'static Images,
    /// Kept for the next run: it is built of the same files.
    server: &'static str,
    init: String,
    _keeper: Child,
}

/// The images, built once, or a skipped test.
fn built(test: &str) -> Option<&'static Built> {
    let images = images(test)?;
    if !Path::new("/usr/lib/postgresql/15/bin/initdb").exists() || !has_program("psql") {
        skip(test, "PostgreSQL 15 of Debian");
        return None;
    }
    Some(BUILT.get_or_init(|| {
        let init = format!("postgres-init:test-{}", std::process::id());
        let keeper = keeper(images.engine, &init);
        let server = "postgres:test";
        let mut command = images.engine.command("examples/images/postgres/build");
        output(command.arg(binary()).args([server, &init])).code(0);
        Built { images, server, init, _keeper: keeper }
    }))
}

/// Who asks a server for something, and how.
struct Client<'a> {
    /// The directory of the socket, or an address.
    host: String,
    port: &'a str,
    user: &'a str,
    database: &'a str,
    password: &'a str,
}

impl Client<'_> {
    fn ask(&self, query: &str) -> Ran {
        let mut command = Command::new("psql");
        command.args(["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
        command.args(["--host", &self.host, "--port", self.port, "--username", self.user]);
        command.args(["--dbname", self.database, "--command", query]);
        output(command.env("PGPASSWORD", self.password).env("PGCONNECT_TIMEOUT", "10"))
    }

    /// The answer, as soon as the server takes connections.
    fn answer(&self, query: &str) -> String {
        eventually("a server's answer", || {
            let ran = self.ask(query);
            (ran.code == 0).then(|| ran.stdout.trim_end().to_owned())
        })
    }
}

/// A container with the init image, and the folder of its socket.
struct Server {
    built: &'static Built,
    container: Container,
    scene: Scene,
}

impl Server {
    /// `docker run` with these options, and with these words behind the image.
    fn start(test: &str, scene: Scene, options: &[&str], words: &[&str]) -> Option<(Self, Ran)> {
        let built = built(test)?;
        scene.directory("run").mode("run", 0o1777);
        let run = format!("{}:/var/run/postgresql", scene.path("run").display());
        let arguments = [&["--detach", "--volume", &run], options, &[&built.init], words].concat();
        let (container, mut command) = Container::command(built.images.engine, &arguments);
        let ran = output(&mut command);
        Some((Self { built, container, scene }, ran))
    }

    /// Over the socket in the folder.
    fn client<'a>(&self, user: &'a str, database: &'a str) -> Client<'a> {
        let host = self.scene.path("run").display().to_string();
        Client { host, port: "5432", user, database, password: PASSWORD }
    }

    fn log(&self) -> String {
        let ran = output(&mut self.built.images.engine.docker(&["logs", &self.container.name]));
        assert!(!(ran.stdout.contains("hunter2") || ran.stderr.contains("hunter2")), "{}{}", ran.stdout, ran.stderr);
        ran.stdout + &ran.stderr
    }

    /// The exit code, when the container has ended.
    fn end(&self) -> String {
        let engine = self.built.images.engine;
        output(&mut engine.docker(&["wait", &self.container.name])).code(0).stdout.trim().to_owned()
    }
}

#[test]
fn the_server_s_image_holds_the_server_and_nothing_else_that_can_be_executed() {
    let test = "the_server_s_image_holds_the_server_and_nothing_else_that_can_be_executed";
    let Some(built) = built(test) else { return };
    let executables = |image: &str| {
        let mut found = built.images.executables(image);
        found.sort();
        found.retain(|path| !path.contains("/ld-linux"));
        found
    };
    let server = "/usr/lib/postgresql/15/bin/postgres";
    assert_eq!(executables(built.server), [server]);
    assert_eq!(executables(&built.init), ["/fitout", "/usr/lib/postgresql/15/bin/initdb", server]);
    for (image, shells) in [(built.server, 0), (built.init.as_str(), 1)] {
        let entries = built.images.entries(image);
        let names = entries.iter().filter_map(|(mode, path)| Some((mode, path.rsplit('/').next()?)));
        let found: Vec<_> = names.filter(|(_, name)| ["sh", "bash", "dash", "busybox", "env"].contains(name)).collect();
        assert_eq!(found.len(), shells, "{found:?}");
        assert!(found.iter().all(|(mode, _)| mode.starts_with('l')), "{found:?}");
    }
}
