//! Answers without measure, and volumes without room.

use std::process::Command;

use super::{fetching, sha256};
use crate::harness::{Scene, root_or_skip};
use crate::server::{Server, announce, send};

#[test]
fn a_longer_answer_than_allowed_is_refused() {
    let told = Server::start(|_, _, stream| announce(stream, "200 OK", &[], 100_001));
    let endless = Server::start(|_, _, stream| {
        send(stream, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let piece = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        while stream.write_all(piece.as_bytes()).is_ok() {}
    });
    let until_the_end = Server::start(|_, _, stream| {
        send(stream, b"HTTP/1.0 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    for (server, fields) in [
        (&told, ", unverified: true, max_size: 100000".to_owned()),
        (&endless, ", unverified: true, max_size: 100kB".to_owned()),
        (&until_the_end, format!(", sha256: {}, max_size: 100000B", sha256(""))),
    ] {
        let scene = fetching(&server.url("/"), &fields);
        let message = format!("error: cannot fetch `{}`: it is larger than 100kB\n", server.url("/"));
        scene.apply().code(1).stderr_has(&message).stderr_has("hint: set `max_size` higher if that is right\n");
        assert_eq!((scene.names("out").len(), server.requests().len()), (0, 1));
    }
    let exact = Server::with([b'x'; 1000]);
    fetching(&exact.url("/"), ", unverified: true, max_size: 1000").apply().code(0);
}

#[test]
fn heads_without_end_are_refused() {
    let many = Server::start(|_, _, stream| {
        send(stream, b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-Header: value\r\n").is_ok() {}
    });
    let long = Server::start(|_, _, stream| {
        send(stream, b"HTTP/1.1 200 OK\r\nX-Header: ");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    for server in [many, long] {
        let scene = fetching(&server.url("/"), ", unverified: true, retries: 0");
        scene.apply().code(1).stderr_has("no HTTP answer: ");
        assert_eq!(scene.names("out").len(), 0);
    }
}

fn in_mount_namespace(scene: &Scene, script: &str) -> std::process::Output {
    let plain = scene.command(&[]);
    Command::new("unshare")
        .args(["-m", "/bin/sh", "-e", "-c", script, "sh"])
        .arg(plain.get_program())
        .current_dir(&scene.directory)
        .env("FITOUT_ROOT", &scene.directory)
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_keeps_the_old_file_and_leaves_nothing_of_the_new_one() {
    if !root_or_skip("a_full_disk_keeps_the_old_file_and_leaves_nothing_of_the_new_one") {
        return;
    }
    let server = Server::with(vec![b'x'; 1_000_000]);
    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256(vec![b'x'; 1_000_000])));
    let script = "mount -t tmpfs -o size=128k none out; echo old > out/file; \"$1\" apply plan.yaml || echo code $?; cat out/file; ls -A out";
    let output = in_mount_namespace(&scene, script);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\nold\nfile\n", "{stderr}");
    assert!(stderr.contains("error: cannot fetch to `/out/file`: no space left on device\n"), "{stderr}");
    assert!(stderr.contains("hint: make room on the volume at `/out`\n"), "{stderr}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_bind_mounted_file_is_fetched_in_place_and_a_read_only_volume_is_named() {
    if !root_or_skip("a_bind_mounted_file_is_fetched_in_place_and_a_read_only_volume_is_named") {
        return;
    }
    let server = Server::with("new");
    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256("new")));
    scene.file("mounted", "a longer old one").file("out/file", "");
    let output =
        in_mount_namespace(&scene, "mount --bind mounted out/file; \"$1\" apply plan.yaml; cat out/file; ls -A out");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "newfile\n", "{stderr}");
    assert!(stderr.contains("`/out/file` is a mount of its own and was written in place"), "{stderr}");
    assert_eq!(scene.read("mounted"), "new");

    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256("new")));
    let script = "mount --bind out out; mount -o remount,ro,bind out; \"$1\" apply plan.yaml || echo code $?";
    let output = in_mount_namespace(&scene, script);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\n", "{stderr}");
    assert!(stderr.contains("error: cannot fetch to `/out/file`: read-only file system\n"), "{stderr}");
    assert_eq!(server.requests().len(), 1, "nothing is downloaded that cannot be kept");
}
