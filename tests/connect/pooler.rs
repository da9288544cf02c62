//! A pooler in front of PostgreSQL is seen.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{migrate, migrate_at, started};
use crate::harness::skip;
use crate::postgres::{PASSWORD, Server, USER, encoded, unprivileged};

const PROGRAM: &str = "/usr/sbin/pgbouncer";

pub(crate) struct Pooler {
    process: Child,
    pub(crate) port: u16,
}

impl Pooler {
    /// In front of a server that is ready, with a session of it for each transaction.
    pub(crate) fn start(test: &str, server: &Server) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            skip(test, "pgbouncer");
            return None;
        }
        let scene = &server.scene;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let configuration = format!(
            "[databases]\npostgres = host=127.0.0.1 port={} dbname=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\n\
             logfile = {}\n",
            server.port,
            scene.path("server/users").display(),
            scene.path("server/pooler.log").display()
        );
        scene.file("server/pooler.ini", configuration).file("server/users", format!("\"app\" \"{PASSWORD}\"\n"));
        if nix::unistd::geteuid().is_root() {
            scene.owned("server/users", USER, USER);
        }
        let process = unprivileged(Path::new(PROGRAM))
            .arg(scene.path("server/pooler.ini"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pooler = Self { process, port };
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(std::time::Instant::now() < deadline, "{}", scene.read("server/pooler.log"));
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), Signal::SIGKILL);
        let _ = self.process.wait();
    }
}

#[test]
fn a_pooler_is_told_from_a_server() {
    let test = "a_pooler_is_told_from_a_server";
    let Some(server) = started(test, |_| {}) else { return };
    server.wait();
    let Some(pooler) = Pooler::start(test, &server) else { return };
    let seen = "a pooler is in front of database";
    migrate(&server, "postgres://app:PASSWORD@127.0.0.1:PORT/postgres").code(0).lacks(seen);
    let url = format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), pooler.port);
    migrate_at(&server.scene, &url).stderr_has(seen);
}
