//! A `MariaDB` server of its own for a test, on a free port of this machine. The tests of the client inside of the program start
//! the same one.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = "/usr/sbin/mariadbd";
/// What makes the tables that the server itself needs; its own program for that is in a package with much else.
const TABLES: [&str; 2] = ["/usr/share/mysql/mysql_system_tables.sql", "/usr/share/mysql/mysql_performance_tables.sql"];
/// Small, and without waiting for the disk.
const SETTINGS: [&str; 6] = [
    "--no-defaults",
    "--innodb-buffer-pool-size=8M",
    "--innodb-log-file-size=4M",
    "--innodb-fast-shutdown=2",
    "--innodb-flush-method=nosync",
    "--skip-name-resolve",
];

/// Of the user `app`, who may do everything. The database `app` has an empty table `users (id, name)`.
pub(crate) const PASSWORD: &str = "hunter2 p@ss/word";

/// A running server; killed when it is dropped.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) port: u16,
    pub(crate) socket: PathBuf,
    log: PathBuf,
}

impl Server {
    /// Makes a server in an empty directory and starts it, or nothing where it is not installed.
    pub(crate) fn start(directory: &Path, options: &[String]) -> Option<Self> {
        Self::start_under(&[], directory, options)
    }

    /// The same under another program, which becomes the server.
    pub(crate) fn start_under(wrapper: &[&str], directory: &Path, options: &[String]) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            return None;
        }
        let data = directory.join("data");
        if !data.exists() {
            fs::create_dir(&data).unwrap();
            make(directory, &data);
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (socket, log) = (directory.join("socket"), directory.join("log"));
        let process = wrapped(wrapper, &data)
            .args(["--bind-address=127.0.0.1", &format!("--port={port}")])
            .arg(format!("--socket={}", socket.display()))
            .args(options)
            .stderr(File::create(&log).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { process, port, socket, log };
        server.wait();
        Some(server)
    }

    /// Until it says hello.
    fn wait(&mut self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut first = [0; 5];
        while !TcpStream::connect(("127.0.0.1", self.port))
            .is_ok_and(|mut stream| stream.read_exact(&mut first).is_ok())
        {
            let gone = self.process.try_wait().unwrap();
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            assert!(gone.is_none() && Instant::now() < deadline, "the server does not start: {gone:?}\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// As when the machine loses its power.
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn make(directory: &Path, data: &Path) {
    let mut statements = "CREATE DATABASE mysql;\nUSE mysql;\n".to_owned();
    for tables in TABLES {
        statements += &fs::read_to_string(tables).unwrap();
    }
    statements += &[
        "FLUSH PRIVILEGES;",
        "CREATE DATABASE app CHARACTER SET utf8mb4;",
        "CREATE TABLE app.users (id int PRIMARY KEY, name text);",
        &format!("CREATE USER app@'%' IDENTIFIED BY '{PASSWORD}';"),
        "GRANT ALL ON *.* TO app@'%' WITH GRANT OPTION;\n",
    ]
    .join("\n");
    let (input, output) = (directory.join("statements"), directory.join("made"));
    fs::write(&input, statements).unwrap();
    let made = command(data)
        .arg("--bootstrap")
        .stdin(File::open(&input).unwrap())
        .stderr(File::create(&output).unwrap())
        .status()
        .unwrap();
    assert!(made.success(), "{}", fs::read_to_string(&output).unwrap());
}

fn command(data: &Path) -> Command {
    wrapped(&[], data)
}

fn wrapped(wrapper: &[&str], data: &Path) -> Command {
    let words: Vec<&str> = wrapper.iter().copied().chain([PROGRAM]).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(SETTINGS).arg(format!("--datadir={}", data.display())).stdin(Stdio::null());
    // A server that starts removes what it takes for tables that another left there.
    command.arg(format!("--tmpdir={}", data.parent().unwrap_or(data).display()));
    if nix::unistd::geteuid().is_root() {
        command.arg("--user=root");
    }
    command
}
