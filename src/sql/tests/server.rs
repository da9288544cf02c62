//! A PostgreSQL server for the tests, on a free port in a directory of its own.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Gid, Pid, Uid, chown, geteuid};

use super::{Scratch, never, until};
use crate::sql::address::PostgresAddress;
use crate::sql::address::tests::parse;
use crate::sql::{Address, Postgres, Session as _};

pub(super) const PASSWORD: &str = "correct-horse";
/// The server refuses to run as root.
const NOBODY: u32 = 65534;

/// A running server; stopped when the last test lets go of it.
pub(super) struct Server {
    process: Child,
    port: u16,
    _scratch: Scratch,
}

impl Server {
    /// The server that the tests share, or nothing, loudly, on a machine that has none.
    pub(super) fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let Some(programs) = programs() else {
            #[allow(clippy::disallowed_methods, reason = "the environment of the tests")]
            let required = std::env::var_os("CI").is_some_and(|value| value == "true");
            assert!(!required, "this test needs PostgreSQL");
            #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
            {
                eprintln!("skipped: needs PostgreSQL");
            }
            return None;
        };
        let server = Arc::new(Self::start(&programs));
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    fn start(programs: &Path) -> Self {
        let scratch = Scratch::new(&[("password", PASSWORD)]);
        let data = scratch.path("data");
        std::fs::create_dir(&data).unwrap();
        if geteuid().is_root() {
            for path in [&scratch.0, &data, &scratch.path("password")] {
                chown(path, Some(Uid::from_raw(NOBODY)), Some(Gid::from_raw(NOBODY))).unwrap();
            }
        }
        let log = File::create(scratch.path("log")).unwrap();
        let made = command(&programs.join("initdb"))
            .args(["--no-sync", "--username=app", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
            .arg(format!("--pwfile={}", scratch.path("password").display()))
            .args(["-D".as_ref(), data.as_os_str()])
            .stdout(log.try_clone().unwrap())
            .stderr(log.try_clone().unwrap())
            .status()
            .unwrap();
        assert!(made.success(), "{}", std::fs::read_to_string(scratch.path("log")).unwrap());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = command(&programs.join("postgres"))
            .args(["-F", "-h", "127.0.0.1", "-p", &port.to_string(), "-k"])
            .arg(&scratch.0)
            .args(["-D".as_ref(), data.as_os_str()])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, port, _scratch: scratch };
        until("PostgreSQL does not start", || Postgres::connect(&server.address("postgres"), &[], never()).is_ok());
        server
    }

    /// A new database for one test.
    pub(super) fn database(self: &Arc<Self>, name: &str) -> TestDatabase {
        let database = TestDatabase { server: Arc::clone(self), name: name.to_owned() };
        let admin = TestDatabase { server: Arc::clone(self), name: "postgres".to_owned() };
        admin.query(&format!("drop database if exists {name}"));
        admin.query(&format!("create database {name}"));
        database
    }

    fn address(&self, name: &str) -> Box<PostgresAddress> {
        address(&format!("postgres://app:{PASSWORD}@127.0.0.1:{}/{name}", self.port))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // "Immediate" shutdown: nothing in it is kept.
        let _ = kill(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGQUIT);
        let _ = self.process.wait();
    }
}

pub(super) struct TestDatabase {
    server: Arc<Server>,
    name: String,
}

impl TestDatabase {
    pub(super) fn address(&self) -> Box<PostgresAddress> {
        self.server.address(&self.name)
    }

    pub(super) fn url(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{}", self.server.port, self.name)
    }

    pub(super) fn session(&self) -> Postgres {
        Postgres::connect(&self.address(), &[], never()).unwrap()
    }

    /// The first field of the answer.
    pub(super) fn query(&self, sql: &str) -> String {
        query(&mut self.session(), sql)
    }
}

pub(super) fn query(session: &mut Postgres, sql: &str) -> String {
    let mut rows = session.query(sql).unwrap_or_else(|report| panic!("{sql}: {report:?}"));
    rows.pop().and_then(|row| row.into_iter().next().flatten()).unwrap_or_default()
}

pub(super) fn address(url: &str) -> Box<PostgresAddress> {
    match parse(url) {
        Ok(Address::Postgres(address)) => address,
        other => panic!("{other:?}"),
    }
}

fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if geteuid().is_root() {
        command.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]);
    }
    command.arg(program);
    command
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    programs.filter(|programs| programs.join("initdb").exists()).max()
}
