//! What others do meanwhile: kill it, run it twice, fill the disk.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::archives::{Tar, python};
use crate::fetch::sha256;
use crate::harness::{Ran, Scene, root_or_skip, skip};

const FILES: usize = 300;

fn content(number: usize) -> String {
    format!("{number} ").repeat(2000)
}

fn many() -> Vec<u8> {
    let mut tar = Tar::default();
    for number in 0..FILES {
        tar.file(&format!("d{}/f{number}", number % 10), &content(number));
        if number % 50 == 0 {
            tar.hard_link(&format!("hard{number}"), &format!("d{}/f{number}", number % 10));
        }
    }
    tar.end()
}

/// Every file that has its name has its whole content. Tells how many there are.
fn whole_files(scene: &Scene) -> usize {
    let mut found = 0;
    for number in 0..FILES {
        if let Ok(text) = std::fs::read_to_string(scene.path(&format!("out/d{}/f{number}", number % 10))) {
            assert!(text == content(number), "f{number} has {} bytes", text.len());
            found += 1;
        }
    }
    found
}

fn left_overs(scene: &Scene) -> Vec<String> {
    super::tree(scene, "out").into_iter().filter(|line| line.contains(".fitout-")).collect()
}

#[test]
fn a_killed_unpacking_leaves_whole_files_and_is_finished_by_the_next() {
    let scene = Scene::new();
    scene.file("a.tar", many());
    for part in 1..4 {
        let mut child = scene.start(&["unpack", "/a.tar", "/out"]);
        let until = Instant::now() + Duration::from_mins(1);
        while whole_files(&scene) < part * FILES / 8 && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until);
        }
        let _ = child.kill();
        child.wait().unwrap();
        whole_files(&scene);
    }
    scene.run(&["unpack", "/a.tar", "/out"]).code(0);
    assert_eq!(whole_files(&scene), FILES);
    assert_eq!(left_overs(&scene), [""; 0]);
    assert_eq!(scene.read("out/hard250"), content(250));
    scene.run(&["unpack", "/a.tar", "/out"]).code(0).stderr_has(": unchanged");
}

#[test]
fn two_unpackings_at_once_both_end_well() {
    let scene = Scene::new();
    scene.file("a.tar", many());
    for _ in 0..3 {
        let children = [0, 1].map(|_| scene.start(&["unpack", "/a.tar", "/out", "--if-exists", "replace"]));
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(whole_files(&scene), FILES);
        assert_eq!(left_overs(&scene), [""; 0]);
        scene.run(&["unpack", "/a.tar", "/out"]).code(0).stderr_has(": unchanged");
    }
}

#[test]
fn a_signal_ends_it_at_once_without_left_overs() {
    let scene = Scene::new();
    scene.file("a.tar", many());
    let mut child = scene.start(&["unpack", "/a.tar", "/out"]);
    while whole_files(&scene) < 5 && child.try_wait().unwrap().is_none() {}
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
    let status = child.wait().unwrap();
    if status.code() == Some(0) {
        assert_eq!(whole_files(&scene), FILES);
        return;
    }
    assert_eq!(status.code(), Some(143));
    whole_files(&scene);
    assert_eq!(left_overs(&scene), [""; 0]);
}

#[test]
fn a_full_disk_leaves_whole_files_and_no_left_overs() {
    if !root_or_skip("a_full_disk_leaves_whole_files_and_no_left_overs") {
        return;
    }
    let scene = Scene::new();
    scene.file("a.tar", many()).directory("out");
    let script = "mount -t tmpfs -o size=1m none out; \"$1\" unpack /a.tar /out || echo code $?; \
                  find out -name '.fitout-*'; find out -type f -size -5 ; find out -type f | wc -l";
    let plain = scene.command(&[]);
    let output = Command::new("unshare")
        .args(["-m", "/bin/sh", "-e", "-c", script, "sh"])
        .arg(plain.get_program())
        .current_dir(&scene.directory)
        .env("FITOUT_ROOT", &scene.directory)
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(stdout.starts_with("code 6\n") && stdout.lines().count() == 2, "{stdout}{stderr}");
    let files: usize = stdout.lines().nth(1).unwrap().trim().parse().unwrap();
    assert!((10..FILES).contains(&files), "{stdout}");
    assert!(stderr.contains("no space left on device") && stderr.contains("make room on the volume"), "{stderr}");
}

#[test]
fn memory_does_not_grow_with_the_archive() {
    let scene = Scene::new();
    python(
        &scene,
        r"
import gzip, io, tarfile
member = gzip.compress(bytes(16 << 20))
header = tarfile.TarInfo('zeros'); header.size = 16 * (16 << 20)
open('a', 'wb').write(gzip.compress(header.tobuf()) + member * 16 + gzip.compress(bytes(1024)))
",
    );
    let plain = scene.command(&[]);
    scene.file("plan.yaml", "version: 1\nsteps:\n  - unpack: { archive: /a, path: /out, max_size: 300MiB }\n");
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 120000; exec \"$1\" show plan.yaml", "sh"])
        .arg(plain.get_program())
        .current_dir(&scene.directory)
        .env("FITOUT_ROOT", &scene.directory)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_service_user_unpacks_directories_that_it_may_not_write_to_afterwards() {
    if !root_or_skip("a_service_user_unpacks_directories_that_it_may_not_write_to_afterwards") {
        return;
    }
    let scene = Scene::new();
    let mut tar = Tar::default();
    tar.entry(b'5', b"closed", b"", 0o555, b"").file("closed/deep/file", "1").entry(
        b'5',
        b"closed/deep",
        b"",
        0o500,
        b"",
    );
    scene.file("a.tar", tar.end()).owned("", 1000, 1000);
    let plain = scene.command(&[]);
    for outcome in ["4 changed", ": unchanged"] {
        let output = Command::new("setpriv")
            .args(["--reuid=1000", "--regid=1000", "--clear-groups"])
            .arg(plain.get_program())
            .args(["unpack", "/a.tar", "/out"])
            .current_dir("/")
            .env("FITOUT_ROOT", &scene.directory)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && stderr.contains(outcome), "{stderr}");
        assert_eq!(
            ["out/closed", "out/closed/deep"].map(|path| scene.stat(path)),
            ["1000:1000 0555", "1000:1000 0500"]
        );
    }
}

/// With `keep` the next run leaves directories as they are.
#[test]
fn what_a_killed_run_leaves_to_keep_belongs_to_the_application() {
    let test = "what_a_killed_run_leaves_to_keep_belongs_to_the_application";
    if !root_or_skip(test) {
        return;
    }
    let scene = Scene::new();
    scene.file("a.tar", many());
    let arguments = ["unpack", "/a.tar", "/out", "--if-exists", "keep", "--owner", "1000:1000"];
    let killed = ["-o", "/dev/null", "-e", "trace=renameat", "-e", "inject=renameat:signal=SIGKILL:when=200"];
    let Ok(output) = scene.traced(&killed, &arguments).output() else { return skip(test, "strace") };
    assert!(!output.status.success());
    scene.run(&arguments).code(0);
    assert_eq!(whole_files(&scene), FILES);
    for directory in ["out", "out/d0", "out/d9", "out/d0/f0"] {
        assert!(scene.stat(directory).starts_with("1000:1000 "), "{directory}: {}", scene.stat(directory));
    }
}

/// The time of the last change of its content is put back, and its size is the same.
#[test]
fn an_archive_that_is_exchanged_behind_its_checksum_is_found_out() {
    let test = "an_archive_that_is_exchanged_behind_its_checksum_is_found_out";
    let scene = Scene::new();
    let tar = |content: &str| Tar::default().file("a", content).clone().end();
    for (is_put_back, wanted) in [(false, "it was changed while it was read"), (true, "its checksum is")] {
        scene.file("a.tar", tar("one"));
        let _ = std::fs::remove_dir_all(scene.path("out"));
        let digits = sha256(tar("one"));
        let slow = ["-o", "/dev/null", "-e", "trace=mkdirat", "-e", "inject=mkdirat:delay_enter=1000000:when=1"];
        let mut command = scene.traced(&slow, &["unpack", "/a.tar", "/out", "--sha256", &digits]);
        let Ok(child) = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
            return skip(test, "strace");
        };
        std::thread::sleep(Duration::from_millis(600));
        let modified = std::fs::metadata(scene.path("a.tar")).unwrap().modified().unwrap();
        std::fs::write(scene.path("a.tar"), tar("two")).unwrap();
        if is_put_back {
            let file = std::fs::File::options().write(true).open(scene.path("a.tar")).unwrap();
            file.set_modified(modified).unwrap();
        }
        Ran::from(child.wait_with_output().unwrap()).code(1).stderr_has(wanted);
    }
}
