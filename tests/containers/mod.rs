//! The program and the examples in real containers: Docker, Compose and Podman. See `README.md` beside this file.

mod compose;
mod confine;
mod engine;
mod images;
mod nginx;
mod pod;
mod podman;
mod postgres;
mod process_one;
mod project;
mod redis;
mod volumes;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::harness::Ran;

/// What a client of the calculator must show: every character that a shell, Compose or JSON could take for its own.
const TOKEN: &str = r#"to"ken 'hunter2' $HOME ${X} \n\ `id` {{env.X}} %s"#;
/// The part of it that looks the same however the token is escaped.
const TOKEN_PART: &str = "hunter2";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A name that no other test has on this machine, nor the directory of a scene.
fn unique() -> String {
    format!("fitout-container-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn output(command: &mut Command) -> Ran {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")).into()
}

/// Waits until there is an answer.
#[track_caller]
fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_mins(3);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}: not within three minutes");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The status and the body that a service on the loopback address answers, if it does.
fn get(port: u16, path: &str, header: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\n{header}\r\n").as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
