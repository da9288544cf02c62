//! A new database of each kind for each test, on servers that the tests share.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::harness::{Scene, skip};
use crate::mariadb::server as mariadb;
use crate::postgres;

/// Nothing in it has to be written in another way in a URL: refinery takes what stands there as it is.
const USER: &str = "runner";
const PASSWORD: &str = "p4ssw0rd";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Postgres,
    Mariadb,
    Sqlite,
}

/// A `MariaDB` server and the directory that it lives in.
pub(super) struct Mariadb {
    server: mariadb::Server,
    _directory: Scene,
}

enum Server {
    Postgres(Arc<postgres::Server>),
    Mariadb(Arc<Mariadb>),
    Sqlite,
}

/// An empty database, and a scene with migrations for it in `/m`.
pub(super) struct Database {
    server: Server,
    pub(super) name: String,
    pub(super) scene: Scene,
}

impl Kind {
    /// What is shared by the databases of a test, or nothing where it is not installed.
    pub(super) fn server(self, test: &str) -> Option<Shared> {
        Some(Shared(match self {
            Self::Postgres => Server::Postgres(shared(&POSTGRES, || start_postgres(test))?),
            Self::Mariadb => Server::Mariadb(shared(&MARIADB, || start_mariadb(test))?),
            Self::Sqlite => Server::Sqlite,
        }))
    }
}

static POSTGRES: Mutex<Weak<postgres::Server>> = Mutex::new(Weak::new());
static MARIADB: Mutex<Weak<Mariadb>> = Mutex::new(Weak::new());

/// The one that a test beside this one has started, or a new one.
fn shared<T>(one: &Mutex<Weak<T>>, start: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
    let mut one = one.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = one.upgrade() {
        return Some(server);
    }
    let server = Arc::new(start()?);
    *one = Arc::downgrade(&server);
    Some(server)
}

fn start_postgres(test: &str) -> Option<postgres::Server> {
    let server = postgres::Server::start(test)?;
    server.wait();
    server.query(&format!("CREATE ROLE {USER} SUPERUSER LOGIN PASSWORD '{PASSWORD}'"));
    Some(server)
}

fn start_mariadb(test: &str) -> Option<Mariadb> {
    let directory = Scene::in_memory();
    let Some(server) = mariadb::Server::start(&directory.directory, &[]) else {
        skip(test, "MariaDB");
        return None;
    };
    let server = Mariadb { server, _directory: directory };
    server.query("app", &format!("CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO {USER}@'%'"));
    Some(server)
}

impl Mariadb {
    fn query(&self, database: &str, sql: &str) -> String {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--user=app", "--batch", "--raw", "--skip-column-names"]);
        client
            .arg(format!("--password={}", mariadb::PASSWORD))
            .arg(format!("--socket={}", self.server.socket.display()));
        printed(client.args([database, "-e", sql]).output().unwrap(), sql).replace('\t', "|")
    }
}

pub(super) struct Shared(Server);

impl Shared {
    /// A database that nothing has been done to.
    pub(super) fn database(&self, name: &str) -> Database {
        let server = match &self.0 {
            Server::Postgres(server) => {
                server.query(&format!("CREATE DATABASE {name}"));
                Server::Postgres(Arc::clone(server))
            }
            Server::Mariadb(server) => {
                server.query("app", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
                Server::Mariadb(Arc::clone(server))
            }
            Server::Sqlite => Server::Sqlite,
        };
        let database = Database { server, name: name.to_owned(), scene: Scene::in_memory() };
        database.scene.env("DATABASE_URL", database.url(""));
        database
    }
}

impl Database {
    /// The address; `options` follow it. A file is named as it is below this directory.
    fn address(&self, directory: &str, options: &str) -> String {
        let name = &self.name;
        match &self.server {
            Server::Postgres(server) => {
                format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{name}{options}", server.port)
            }
            Server::Mariadb(server) => {
                format!("mysql://{USER}:{PASSWORD}@127.0.0.1:{}/{name}{options}", server.server.port)
            }
            Server::Sqlite => format!("sqlite://{directory}/app.db{options}"),
        }
    }

    /// For Fitout, whose root is the scene.
    fn url(&self, options: &str) -> String {
        self.address("", options)
    }

    /// For another program.
    pub(super) fn outer_url(&self, options: &str) -> String {
        self.address(&self.scene.directory.display().to_string(), options)
    }

    /// A session of PostgreSQL that holds an advisory lock until its input ends.
    pub(super) fn hold(&self, lock: u32) -> Child {
        let Server::Postgres(server) = &self.server else { panic!("only PostgreSQL has such locks") };
        let mut client = server.client("psql");
        client.args(["-X", "-q", "-d", &self.name]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut holder = client.spawn().unwrap();
        writeln!(holder.stdin.as_mut().unwrap(), "SELECT pg_advisory_lock({lock});").unwrap();
        self.wait_for(&format!(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = {lock}"
        ));
        holder
    }

    /// Until the answer is 1.
    pub(super) fn wait_for(&self, sql: &str) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.query(sql) != "1" {
            assert!(Instant::now() < deadline, "it never comes true: {sql}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.server {
            Server::Postgres(_) => Kind::Postgres,
            Server::Mariadb(_) => Kind::Mariadb,
            Server::Sqlite => Kind::Sqlite,
        }
    }

    pub(super) fn file(&self) -> PathBuf {
        self.scene.path("app.db")
    }

    /// Rows, with `|` between their fields.
    pub(super) fn query(&self, sql: &str) -> String {
        match &self.server {
            Server::Postgres(server) => {
                let mut client = server.client("psql");
                client.args(["-X", "-At", "-d", &self.name, "-c", sql]);
                printed(client.output().unwrap(), sql)
            }
            Server::Mariadb(server) => server.query(&self.name, sql),
            Server::Sqlite => {
                let output = Command::new("sqlite3").arg(self.file()).arg(sql).output().unwrap();
                printed(output, sql)
            }
        }
    }

    /// How a table is made.
    pub(super) fn definition(&self, table: &str) -> String {
        let text = match &self.server {
            Server::Postgres(server) => {
                let mut dump = server.client("pg_dump");
                dump.args(["--schema-only", "--no-owner", "-d", &self.name, "-t", table]);
                let dump = printed(dump.output().unwrap(), table);
                // Later releases write a key of their own into each dump.
                dump.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n")
            }
            Server::Mariadb(_) => self.query(&format!("SHOW CREATE TABLE {table}")),
            Server::Sqlite => self.query(&format!("SELECT sql FROM sqlite_master WHERE tbl_name = '{table}'")),
        };
        // SQLite keeps the words and the spaces of the statement.
        let quoted = text.replace("\"main\".", "").replace('"', "");
        quoted.split_whitespace().collect::<String>().to_lowercase()
    }
}

fn printed(output: Output, what: &str) -> String {
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
