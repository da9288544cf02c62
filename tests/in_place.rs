//! `keep_inode`: files that are written in place, because somebody holds them open or has them mounted.

use std::io::{Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;

use crate::harness::{Ran, Scene, root_or_skip, skip};

/// Both steps that can do it, from a file with `content` to `/out/app`, with further fields.
fn steps(content: &str, fields: &str) -> [Scene; 2] {
    ["render: { source: /source.txt", "copy: { source: /source.txt"].map(|step| {
        let scene =
            Scene::with_plan(&format!("version: 1\nsteps:\n  - {step}, path: /out/app, keep_inode: true{fields} }}\n"));
        scene.file("source.txt", content).directory("out");
        scene
    })
}

fn inode(scene: &Scene) -> u64 {
    scene.path("out/app").metadata().unwrap().ino()
}

#[test]
fn a_file_that_is_there_keeps_its_inode_owner_and_mode() {
    if !root_or_skip("a_file_that_is_there_keeps_its_inode_owner_and_mode") {
        return;
    }
    for old in ["", "a longer content than the new one", "same"] {
        for (number, scene) in steps("same", "").into_iter().enumerate() {
            scene.file("out/app", old).owned("out/app", 1000, 1001).mode("out/app", 0o644);
            let before = inode(&scene);
            let mut reader = std::fs::File::open(scene.path("out/app")).unwrap();
            let ran = scene.apply().code(0);
            let announced = ran.stderr.contains("fitout: `/out/app` was written in place and keeps its inode\n");
            assert_eq!(announced, old != "same", "{}", ran.stderr);
            assert_eq!((inode(&scene), scene.read("out/app")), (before, "same".into()), "{number} {old:?}");
            assert_eq!(scene.stat("out/app"), "1000:1001 0644");
            let mut seen = String::new();
            reader.rewind().unwrap();
            reader.read_to_string(&mut seen).unwrap();
            assert_eq!(seen, "same", "who holds it open sees what is new");
            assert_eq!(scene.names("out"), ["app"]);
            scene.apply().code(0).stderr_has(": unchanged").lacks("in place");
        }
    }
}

#[test]
fn owner_and_mode_are_those_of_the_plan_and_setuid_goes() {
    if !root_or_skip("owner_and_mode_are_those_of_the_plan_and_setuid_goes") {
        return;
    }
    for scene in steps("new", ", owner: \"7:8\", mode: \"0600\"") {
        scene.file("out/app", "old").mode("out/app", 0o644);
        let before = inode(&scene);
        scene.apply().code(0).stderr_has("keeps its inode");
        assert_eq!((inode(&scene), scene.stat("out/app")), (before, "7:8 0600".into()));
        // Only the mode is wrong.
        scene.mode("out/app", 0o644).apply().code(0);
        assert_eq!((inode(&scene), scene.stat("out/app")), (before, "7:8 0600".into()));
    }
    let [render, _] = steps("new", "");
    render.file("out/app", "old").mode("out/app", 0o4755).apply().code(0);
    assert_eq!(render.stat("out/app"), "0:0 0755", "whoever set the bit did not set it on this content");
}

#[test]
fn what_is_no_file_is_treated_as_ever() {
    for scene in steps("new", "") {
        scene.apply().code(0).lacks("in place");
        assert_eq!((scene.read("out/app"), scene.names("out")), ("new".into(), vec!["app".into()]));
    }
    for scene in steps("new", "") {
        scene.file("out/elsewhere", "kept").link("elsewhere", "out/app").apply().code(0).lacks("in place");
        assert_eq!((scene.read("out/app"), scene.read("out/elsewhere")), ("new".into(), "kept".into()));
        assert!(!scene.path("out/app").is_symlink());
    }
    for scene in steps("new", "") {
        scene.directory("out/app").apply().code(6).stderr_has("a directory");
    }
    for scene in steps("new", "") {
        nix::unistd::mkfifo(&scene.path("out/app"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        scene.apply().code(6).stderr_has("a FIFO, a socket or a device");
    }
}

#[test]
fn a_file_with_another_name_is_refused() {
    for scene in steps("new", "") {
        scene.file("outside", "kept");
        std::fs::hard_link(scene.path("outside"), scene.path("out/app")).unwrap();
        scene.apply().code(6).stderr_has("has 2 hard links").stderr_has("remove the other names");
        assert_eq!((scene.read("outside"), scene.names("out")), ("kept".into(), vec!["app".into()]));
    }
}

#[test]
fn trees_are_written_in_place_file_by_file() {
    let scene = Scene::new();
    scene.file("source/a", "new a").file("source/sub/b", "new b").file("source/sub/c", "c");
    for verb in ["copy", "render"] {
        let _ = std::fs::remove_dir_all(scene.path("out"));
        scene.file("out/a", "old and longer").file("out/sub/b", "old").file("out/sub/c", "c");
        let before = ["out/a", "out/sub/b"].map(|path| scene.identity(path).0);
        let untouched = scene.identity("out/sub/c");
        let ran = scene.run(&[verb, "/source", "/out", "--keep-inode"]).code(0);
        assert_eq!(ran.stderr.matches("keeps its inode").count(), 2, "{}", ran.stderr);
        assert_eq!(["out/a", "out/sub/b"].map(|path| scene.identity(path).0), before);
        assert_eq!(["out/a", "out/sub/b"].map(|path| scene.read(path)), ["new a", "new b"]);
        assert_eq!(scene.identity("out/sub/c"), untouched);
        scene.run(&[verb, "/source", "/out", "--keep-inode"]).code(0).stderr_has(": unchanged");
    }
}

#[test]
fn a_run_that_is_killed_in_the_middle_is_finished_by_the_next() {
    let test = "a_run_that_is_killed_in_the_middle_is_finished_by_the_next";
    // The old content is longer, so between the new content and its end there is half a file.
    for scene in steps("new", "") {
        scene.file("out/app", "old and longer");
        let before = inode(&scene);
        let killed = ["-o", "/dev/null", "-e", "trace=ftruncate", "-e", "inject=ftruncate:signal=SIGKILL"];
        let Ok(output) = scene.traced(&killed, &["apply", "plan.yaml"]).output() else { return skip(test, "strace") };
        assert!(!output.status.success(), "{:?}", Ran::from(output));
        assert!(scene.read("out/app").starts_with("new"), "{}", scene.read("out/app"));
        scene.apply().code(0).stderr_has(": changed");
        assert_eq!((inode(&scene), scene.read("out/app")), (before, "new".into()));
        assert_eq!(scene.names("out"), ["app"]);
        scene.apply().code(0).stderr_has(": unchanged");
    }
}

#[test]
fn a_large_copy_that_is_ended_in_the_middle_is_finished_by_the_next() {
    for signal in [nix::sys::signal::Signal::SIGTERM, nix::sys::signal::Signal::SIGKILL] {
        let [_, scene] = steps(&"new ".repeat(8 << 20), "");
        scene.file("out/app", "old");
        let before = inode(&scene);
        let mut child = scene.start(&["apply", "plan.yaml"]);
        while scene.path("out/app").metadata().unwrap().len() <= 3 && child.try_wait().unwrap().is_none() {}
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap()), signal);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert!([0, 143, -9].contains(&ran.code), "{ran:?}");
        scene.apply().code(0);
        assert_eq!((inode(&scene), scene.names("out")), (before, vec!["app".into()]));
        assert!(std::fs::read(scene.path("out/app")).unwrap() == std::fs::read(scene.path("source.txt")).unwrap());
    }
}

#[test]
fn a_full_disk_leaves_the_old_content() {
    if !root_or_skip("a_full_disk_leaves_the_old_content") {
        return;
    }
    for scene in steps(&"x".repeat(400_000), "") {
        let script = "mount -t tmpfs -o size=128k none out; echo old > out/app; \"$1\" apply plan.yaml || echo code $?; cat out/app";
        let ran = crate::faults::in_mount_namespace(&scene, script);
        assert_eq!(ran.stdout, "code 6\nold\n", "{}", ran.stderr);
        assert!(ran.stderr.contains("no space left on device"), "{}", ran.stderr);
    }
}

#[test]
fn what_can_only_be_had_by_a_new_file_is_refused_beside_it() {
    let [_, scene] = steps("new", ", preserve: [owner, times]");
    scene
        .run(&["check", "plan.yaml"])
        .code(3)
        .stderr_has("beside `keep_inode`, `preserve` can name only `owner`")
        .stderr_has("--> plan.yaml:3");
    let [_, scene] = steps("new", ", preserve: [owner]");
    scene.run(&["check", "plan.yaml"]).code(0);
}
