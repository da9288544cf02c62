//! Migrations against real databases.
#![allow(clippy::disallowed_methods, reason = "tests make the files that the program reads")]

mod clients;
mod files;
mod postgres;
mod server;
mod sqlite;
mod steps;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::history::Choice;
use super::{Dialect, Migration, Progress, Rules, Run, Session, Stop, migrate, read_migrations};
use crate::failure::{Failure, Failures};
use crate::process::Interrupt;
use crate::root::Root;

/// A directory that goes away with its content.
struct Scratch(PathBuf);

impl Scratch {
    fn new(files: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("fitout-sql-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let scratch = Self(std::env::temp_dir().join(name));
        std::fs::create_dir(&scratch.0).unwrap();
        // Another test may have made new files private at this moment.
        set_mode(&scratch.0, 0o755);
        for (name, text) in files {
            scratch.write(name, text);
        }
        scratch
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    fn read(&self, dialect: Dialect) -> Result<Vec<Migration>, Failures> {
        let root = Root::open(&self.0).unwrap_or_else(|_| panic!("no root at {}", self.0.display()));
        read_migrations(&root, Path::new("/"), dialect)
    }

    fn migrations(&self, dialect: Dialect) -> Vec<Migration> {
        self.read(dialect).unwrap_or_else(|findings| panic!("{}", findings.to_termination_message()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Applies everything that is pending, as a plan without further words would.
fn apply_all(session: impl Session + 'static, migrations: &[Migration], lock_wait: Duration) -> Result<usize, Failure> {
    migrate(Box::new(session), &run(migrations, lock_wait), &|_| None).map(|done| done.applied)
}

fn run(migrations: &[Migration], lock_wait: Duration) -> Run<'_> {
    Run {
        migrations,
        history: Choice { runner: None, table: None },
        rules: Rules::default(),
        direct: false,
        baseline: None,
        progress: Progress::default(),
        lock_wait,
        lock_timeout: Duration::ZERO,
    }
}

fn never() -> Stop {
    Stop::new(Interrupt::none(), None)
}

/// Asks until the answer is yes, or fails after half a minute.
fn until(what: &str, mut is: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[track_caller]
fn assert_text(failure: &Failure, wanted: &[&str]) {
    let text = failure.to_text();
    for wanted in wanted {
        assert!(text.contains(wanted), "`{wanted}` is not in\n{text}");
    }
}
