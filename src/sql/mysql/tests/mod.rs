//! The client against a real server, and against servers that do what no real one does.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests make files")]

#[path = "../../../../tests/authority.rs"]
#[allow(dead_code, clippy::wildcard_imports, reason = "other tests use more of it")]
mod authority;
mod hostile;
mod login;
mod proof;
mod scripted;
#[path = "../../../../tests/mariadb/server.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
pub(in crate::sql) mod server;
mod statements;
mod stop;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use self::server::{PASSWORD, Server};
use super::Mysql;
use crate::failure::Failure;
use crate::process::Interrupt;
use crate::secret::Secret;
use crate::sql::address::{Encryption, MysqlAddress};
use crate::sql::session::{Row, Session as _};
use crate::sql::stop::Stop;

/// A server in a directory that goes away with it.
struct TestServer {
    server: Server,
    directory: PathBuf,
}

impl TestServer {
    /// The server that the tests share, or nothing, loudly, on a machine that has none.
    fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<TestServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start(|_| vec!["--max-allowed-packet=64M".to_owned()])?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// With options that may need files in its directory.
    fn start(options: impl FnOnce(&Path) -> Vec<String>) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("fitout-mysql-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let directory = parent.join(name);
        std::fs::create_dir(&directory).unwrap();
        let options = options(&directory);
        let Some(server) = Server::start(&directory, &options) else {
            let required = std::env::var_os("CI").is_some_and(|value| value == "true");
            assert!(!required, "this test needs MariaDB");
            #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
            {
                eprintln!("skipped: needs MariaDB");
            }
            let _ = std::fs::remove_dir_all(&directory);
            return None;
        };
        Some(Self { server, directory })
    }

    fn address(&self) -> MysqlAddress {
        address(self.server.port)
    }

    fn session(&self) -> Mysql {
        connect(&self.address()).unwrap()
    }

    /// An empty database for one test.
    fn database(&self, name: &str) -> Mysql {
        let sql = format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4");
        self.session().query(&sql).unwrap();
        connect(&MysqlAddress { name: name.to_owned(), ..self.address() }).unwrap()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.server.kill();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

pub(in crate::sql) fn address(port: u16) -> MysqlAddress {
    MysqlAddress {
        host: "127.0.0.1".to_owned(),
        port,
        socket: None,
        user: "app".to_owned(),
        password: Some(Secret::new(PASSWORD.to_owned())),
        name: "app".to_owned(),
        tls: Encryption::Off,
        connect_timeout: Some(Duration::from_secs(10)),
        label: "`app` at `here`".to_owned(),
    }
}

fn connect(address: &MysqlAddress) -> Result<Mysql, Failure> {
    Mysql::connect(address, &[], never())
}

fn never() -> Stop {
    Stop::new(Interrupt::none(), None)
}

/// Why there is no session.
#[track_caller]
fn refused(address: &MysqlAddress) -> String {
    match connect(address) {
        Ok(_) => panic!("there is a session"),
        Err(failure) => failure.to_text(),
    }
}

/// The first value of the answer.
fn ask(session: &mut Mysql, sql: &str) -> String {
    value(&session.query(sql).unwrap_or_else(|report| panic!("{sql}: {report:?}")))
}

fn value(rows: &[Row]) -> String {
    rows.last().and_then(|row| row.first().cloned().flatten()).unwrap_or_default()
}

/// Asks until the answer is yes, or fails after half a minute.
fn until(what: &str, mut is: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
