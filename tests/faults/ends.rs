//! Runs that are ended at any moment, and runs beside each other.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::scene;
use crate::harness::{Ran, Scene};

const EVERYTHING: &str = "  - mkdir: { path: /v/made/deep, mode: \"0750\" }\n  - render: { text: \"{{env.TEXT}}\", path: /v/made/rendered }\n  - render: { source: /templates, path: /v/tree, prune: true }\n  - copy: { source: /source, path: /v/copied, if_exists: keep }\n  - edit: { path: /v/copied/sub/file, format: text, line: { text: added } }\n  - link: { target: made, path: /v/link }\n  - own: { path: /v/tree, file_mode: \"0600\", recursive: true }\n  - remove: { path: /v/old, recursive: true }\n  - migrate: { database: \"sqlite:///v/app.db\", source: /migrations }\n  - unpack: { archive: /archive.tar, path: /v/unpacked, directory_mode: \"0750\" }\n  - fetch: { url: \"http://files/archive.tar\", path: /v/fetched, sha256: CHECKSUM, unpack: true }\n  - generate: { kind: password, path: /v/secret }\n  - trust: { path: /v/bundle.pem, base: none, add: [/ca.pem] }\n  - account: { user: app, uid: 7, gid: 7, passwd: /v/passwd, group: /v/group }\n  - run: { command: [\"true\"] }\ninputs: { env: { TEXT: { default: some } } }\n";

fn everything() -> Scene {
    let scene = scene(EVERYTHING);
    for number in 0..20 {
        scene.file(&format!("templates/{number}.hbs"), "{{env.TEXT}}").file(&format!("v/old/{number}/file"), "");
    }
    scene.file("v/tree/superfluous", "").file("migrations/0001_one.sql", "create table t (a text);\n");
    scene
}

#[track_caller]
fn assert_finished(scene: &Scene) {
    let names =
        ["app.db", "bundle.pem", "copied", "fetched", "group", "link", "made", "passwd", "secret", "tree", "unpacked"];
    assert_eq!(scene.names("v"), names);
    for directory in ["v/unpacked", "v/fetched"] {
        for name in ["a", "b", "c"] {
            assert_eq!(
                scene.identity(&format!("{directory}/{name}-again")).0,
                scene.identity(&format!("{directory}/sub/{name}")).0
            );
            assert_eq!(scene.read(&format!("{directory}/sub/{name}")).len(), 60_000);
        }
    }
    assert_eq!((scene.names("v/unpacked").len(), scene.names("v/fetched").len()), (4, 5));
    assert!(scene.stat("v/unpacked/sub").ends_with(" 0750") && scene.stat("v/secret").ends_with(" 0600"));
    assert!(scene.read("v/passwd").contains("app:x:7:7:") && scene.read("v/group").contains("app:x:7:"));
    assert_eq!((scene.names("v/tree").len(), scene.names("v/made")), (20, vec!["deep".into(), "rendered".into()]));
    assert_eq!((scene.read("v/tree/7"), scene.read("v/made/rendered")), ("some".into(), "some".into()));
    assert_eq!(scene.read("v/copied/sub/file"), "two\nadded");
    assert!(scene.stat("v/tree/0").ends_with(" 0600") && scene.stat("v/made/deep").ends_with(" 0750"));
    assert_eq!(scene.names("v/copied"), ["file", "sub"]);
}

/// Ends a run after each of these times, and lets another one finish what it left.
fn ended_by(signal: Signal, code: i32) {
    let started = std::time::Instant::now();
    everything().apply().code(0);
    let whole = started.elapsed();
    let rounds = 24_u32;
    let mut ended = 0;
    for round in 0..rounds {
        let scene = everything();
        let child = scene.start(&["apply", "plan.yaml"]);
        std::thread::sleep(Duration::from_micros(u64::from(round * 37 % 10)) + whole * round / rounds);
        let _ = kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert!([0, code, -(signal as i32)].contains(&ran.code), "{ran:?}");
        ended += u32::from(ran.code != 0);
        // Each file is whole: the old one or the new one.
        for path in ["v/made/rendered", "v/tree/7"] {
            assert!(!scene.exists(path) || scene.read(path) == "some", "{path}");
        }
        scene.apply().code(0);
        assert_finished(&scene);
        let again = scene.apply().code(0);
        assert_eq!(again.stderr.matches(": changed").count(), 1, "only the program runs again: {}", again.stderr);
    }
    assert!(ended > 0, "no run was ended");
}

#[test]
fn a_run_that_sigterm_ends_anywhere_is_finished_by_the_next() {
    ended_by(Signal::SIGTERM, 143);
}

#[test]
fn a_run_that_sigkill_ends_anywhere_is_finished_by_the_next() {
    ended_by(Signal::SIGKILL, 137);
}

#[test]
fn runs_at_once_on_one_volume_all_end_well() {
    for _ in 0..4 {
        // Each run makes all of it; what only one of them can do, the removal of a tree, was done before.
        let scene = everything();
        scene.run(&["remove", "/v/old", "--recursive"]).code(0);
        let children: Vec<_> = (0..3).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
        for child in children {
            Ran::from(child.wait_with_output().unwrap()).code(0);
        }
        assert_finished(&scene);
    }
}

/// Each directory is missing for all of them when they come to it.
#[test]
fn copies_at_once_into_a_directory_that_is_there_all_end_well() {
    for fields in ["", ", delete_extra: true, preserve: [times]"] {
        let scene = Scene::with_plan(&format!(
            "version: 1\nsteps:\n  - copy: {{ source: /input, path: /out, last: [version]{fields} }}\n"
        ));
        for number in 0..1000 {
            scene.file(&format!("input/d{}/f{number}", number % 40), number.to_string());
        }
        scene.file("input/version", "1").directory("out");
        let children: Vec<_> = (0..3).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
        for child in children {
            Ran::from(child.wait_with_output().unwrap()).code(0);
        }
        for number in 0..1000 {
            assert_eq!(scene.read(&format!("out/d{}/f{number}", number % 40)), number.to_string());
        }
        assert_eq!((scene.names("out").len(), scene.names("out/d7").len()), (41, 25));
        scene.apply().code(0).stderr_has(": unchanged");
    }
}
