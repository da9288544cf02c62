//! Downloads that are ended from outside, and several at once.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{bytes, fetching, sha256};
use crate::harness::Scene;
use crate::server::{Server, announce, hold, reply, send};

const LENGTH: usize = 200_000;

/// Sends the first half of the content to whoever asks first, says so, and nothing more; then all of it.
fn half_then_whole(content: Vec<u8>) -> (Server, Receiver<()>) {
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let server = Server::start(move |number, _, stream| match number {
        0 => {
            announce(stream, "200 OK", &[], LENGTH);
            send(stream, &content[..LENGTH / 2]);
            tell.lock().unwrap().send(()).unwrap();
            hold(stream);
        }
        _ => reply(stream, "200 OK", &[], &content),
    });
    (server, told)
}

/// Waits until half of the file lies under some name in `/out`.
fn wait_for_half(scene: &Scene) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let is_half = || {
        let names = scene.names("out");
        names
            .iter()
            .any(|name| scene.path(&format!("out/{name}")).metadata().is_ok_and(|m| m.len() == LENGTH as u64 / 2))
    };
    while !is_half() {
        assert!(Instant::now() < deadline, "{:?}", scene.names("out"));
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_signal_in_the_middle_ends_the_download_at_once() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130)] {
        let content = bytes(LENGTH);
        let (server, told) = half_then_whole(content.clone());
        let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256(&content)));
        let child = scene.start(&["apply", "plan.yaml"]);
        told.recv().unwrap();
        wait_for_half(&scene);
        let started = Instant::now();
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "{signal}");
        assert_eq!(output.status.code(), Some(code));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(&format!("error: interrupted by {}", signal.as_str())), "{stderr}");
        assert_eq!(scene.names("out").len(), 0);
    }
}

#[test]
fn a_signal_ends_the_pause_between_two_tries() {
    let server = Server::start(|_, _, stream| reply(stream, "503 X", &["Retry-After: 60"], b""));
    let scene = fetching(&server.url("/"), ", unverified: true");
    let child = scene.start(&["apply", "plan.yaml"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.requests().is_empty() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(10));
    }
    let started = Instant::now();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_killed_download_leaves_no_file_and_the_next_run_sweeps() {
    let content = bytes(LENGTH);
    let (server, told) = half_then_whole(content.clone());
    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256(&content)));
    let mut child = scene.start(&["apply", "plan.yaml"]);
    told.recv().unwrap();
    wait_for_half(&scene);
    child.kill().unwrap();
    child.wait().unwrap();
    let left = scene.names("out");
    assert!(left.len() == 1 && left[0].starts_with(".fitout-"), "{left:?}");
    assert!(scene.stat(&format!("out/{}", left[0])).ends_with(" 0600"));
    scene.apply().code(0).stderr_has("changed, 200000 bytes");
    assert_eq!(scene.names("out"), ["file"]);
    assert_eq!(std::fs::read(scene.path("out/file")).unwrap(), content);
}

#[test]
fn downloads_of_one_file_at_once_all_end_well() {
    let content = bytes(LENGTH);
    let server = Server::with(content.clone());
    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256(&content)));
    let children: Vec<_> = (0..4).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(scene.names("out"), ["file"]);
    assert_eq!(std::fs::read(scene.path("out/file")).unwrap(), content);
}
