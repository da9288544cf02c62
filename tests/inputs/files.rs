//! `NAME_FILE`: what it may name, and what is refused without hanging.

use super::scene;
use crate::harness::{Scene, root_or_skip};

const SPEC: &str = "    PW: { secret: true, file: true }";

fn with_file(path: &str) -> Scene {
    let scene = scene(SPEC, "{{env.PW}}");
    scene.env("PW_FILE", path);
    scene
}

#[test]
fn newlines_at_the_end_go_and_everything_else_stays() {
    for (content, wanted) in [
        ("pw", "pw"),
        ("pw\n", "pw"),
        ("pw\r\n", "pw"),
        ("pw\n\r\n\n", "pw"),
        ("\npw\n", "\npw"),
        ("a\rb\r\nc\r\n", "a\rb\r\nc"),
        (" pw \n", " pw "),
        ("\u{feff}pw\n", "\u{feff}pw"),
        ("pä$'\"\\&\n", "pä$'\"\\&"),
    ] {
        let scene = with_file("/pw");
        scene.file("pw", content).apply().code(0);
        assert_eq!(scene.read("out"), wanted, "{content:?}");
    }
}

#[test]
fn a_mounted_secret_is_read_through_its_links() {
    let scene = with_file("/run/secrets/pw");
    scene
        .file("run/secrets/..2026_11_21/pw", "s3cret\n")
        .link("..2026_11_21", "run/secrets/..data")
        .link("..data/pw", "run/secrets/pw")
        .mode("run/secrets/..2026_11_21/pw", 0o644);
    let ran = scene.apply().code(0);
    assert_eq!(scene.read("out"), "s3cret");
    assert!(!ran.stderr.contains("every user"), "{}", ran.stderr);
}

#[test]
fn what_is_no_small_text_file_is_refused() {
    let scene = with_file("/x");
    let message = |text: &str| format!("error: cannot read `/x`, named by `PW_FILE`: {text}");
    scene.directory("x").apply().code(4).stderr_has(&message("it is a directory"));
    std::fs::remove_dir(scene.path("x")).unwrap();
    nix::unistd::mkfifo(&scene.path("x"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    scene.apply().code(4).stderr_has(&message("it is a FIFO, a socket or a device"));
    std::fs::remove_file(scene.path("x")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(scene.path("x")).unwrap();
    scene.apply().code(4).stderr_has(&message("it is a FIFO, a socket or a device"));
    std::fs::remove_file(scene.path("x")).unwrap();
    scene.link("x", "x").apply().code(4).stderr_has(&message("too many symbolic links"));
    std::fs::remove_file(scene.path("x")).unwrap();
    scene.link("/nowhere", "x").apply().code(4).stderr_has(&message("no such file or directory"));
    std::fs::remove_file(scene.path("x")).unwrap();
    for (content, wanted) in [
        (vec![b'a'; 1024 * 1024 + 1], "it is larger than 1048576 bytes"),
        (b"a\xffb".to_vec(), "it is not UTF-8"),
        (b"a\0b".to_vec(), "it holds a NUL character"),
    ] {
        scene.file("x", content).apply().code(4).stderr_has(&message(wanted));
    }
    scene.file("x", vec![b'a'; 1024 * 1024]).apply().code(0);
}

#[test]
fn a_device_is_not_opened() {
    if !root_or_skip("a_device_is_not_opened") {
        return;
    }
    let scene = with_file("/x");
    let (mode, device) = (nix::sys::stat::Mode::from_bits_truncate(0o666), nix::sys::stat::makedev(1, 5));
    if nix::sys::stat::mknod(&scene.path("x"), nix::sys::stat::SFlag::S_IFCHR, mode, device).is_err() {
        crate::harness::skip("a_device_is_not_opened", "the right to make devices");
        return;
    }
    scene.apply().code(4).stderr_has("`PW_FILE`: it is a FIFO, a socket or a device");
}

#[test]
fn a_file_outside_of_the_root_is_not_reached() {
    let scene = with_file("/../../../../../../../../etc/hostname");
    scene.apply().code(4).stderr_has("named by `PW_FILE`: ");
    let linked = with_file("/x");
    linked.link("../../../../../../etc/hostname", "x").apply().code(4).stderr_has("no such file or directory");
}

#[test]
fn a_secret_that_everybody_can_write_is_warned_of() {
    let scene = with_file("/pw");
    scene.file("pw", "s3cret\n").mode("pw", 0o666);
    scene.apply().code(0).stderr_has("the secret `/pw`, named by `PW_FILE`, can be written by every user");
    scene.mode("pw", 0o644);
    let ran = scene.apply().code(0);
    assert!(!ran.stderr.contains("every user"), "{}", ran.stderr);
}

#[test]
fn a_secret_of_many_lines_is_learnt() {
    let scene = with_file("/pw");
    let lines: String = (0..100_000).map(|number| format!("line{number}\n")).collect();
    // Comparing each line with each other would take many minutes.
    scene.file("pw", &lines).apply().code(0).lacks("line99999");
    assert_eq!(scene.read("out"), lines.trim_end());
}
