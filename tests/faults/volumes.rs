//! Volumes that are full, read-only, somebody else's, or mounts.

use std::process::Command;

use super::{STEPS, in_mount_namespace, scene};
use crate::harness::{Ran, binary, root_or_skip};

#[test]
fn a_volume_that_fills_up_keeps_what_it_has_and_the_next_run_finishes() {
    let test = "a_volume_that_fills_up_keeps_what_it_has_and_the_next_run_finishes";
    if !root_or_skip(test) {
        return;
    }
    for (step, limit, result) in [
        ("render: { source: /big, path: /v/rendered }", "size=128k", "rendered"),
        ("edit: { path: /v/edited.json, set: { a: 2 } }", "size=112k", "edited.json"),
        ("copy: { source: /big, path: /v/copied }", "size=128k", "copied"),
        ("copy: { source: /many, path: /v/tree }", "size=128k", "tree/c"),
        ("render: { source: /many, path: /v/tree }", "size=128k", "tree/c"),
        ("mkdir: { path: /v/made }", "nr_inodes=3", "made"),
        ("link: { target: there, path: /v/link }", "nr_inodes=3", "link"),
        ("unpack: { archive: /archive.tar, path: /v/unpacked }", "size=128k", "unpacked/c-again"),
        ("unpack: { archive: /archive.tar, path: /v/unpacked }", "nr_inodes=5", "unpacked/c-again"),
        ("fetch: { url: \"http://files/file\", path: /v/fetched, unverified: true }", "size=128k", "fetched"),
        (
            "fetch: { url: \"http://files/archive.tar\", path: /v/app, sha256: CHECKSUM, unpack: true }",
            "size=272k",
            "app/c-again",
        ),
        ("generate: { kind: password, path: /v/secret }", "nr_inodes=3", "secret"),
        ("trust: { path: /v/bundle.pem, base: none, add: [/ca.pem] }", "nr_inodes=3", "bundle.pem"),
        ("account: { user: app, uid: 7, gid: 7, passwd: /v/passwd, group: /v/group }", "nr_inodes=3", "passwd"),
    ] {
        let scene = scene(&format!("  - {step}\n"));
        scene
            .file("big", "x".repeat(400_000))
            .file("edited.json", format!("{{\"a\": 1, \"b\": \"{}\"}}", "x".repeat(60_000)));
        for name in ["a", "b", "c"] {
            scene.file(&format!("many/{name}"), "x".repeat(60_000));
        }
        let script = format!(
            "mount -t tmpfs -o {limit} none v; cp edited.json v/; echo old > v/there; \"$1\" apply plan.yaml || echo code $?; ls -A v | grep fitout- || echo clean; cmp edited.json v/edited.json; cat v/there; mount -o remount,size=10m,nr_inodes=1000 v; \"$1\" apply plan.yaml; ls -d v/{result}; \"$1\" apply plan.yaml 2>&1 | grep -c unchanged"
        );
        let ran = in_mount_namespace(&scene, &script).code(0);
        assert_eq!(ran.stdout, format!("code 6\nclean\nold\nv/{result}\n1\n"), "{step}: {}", ran.stderr);
        let first = ran.stderr.split("fitout: step").next().unwrap();
        assert!(first.contains("no space left on device") && first.contains("hint: make room"), "{step}: {first}");
    }
}

#[test]
fn a_left_over_that_cannot_be_removed_keeps_no_other_one() {
    if !root_or_skip("a_left_over_that_cannot_be_removed_keeps_no_other_one") {
        return;
    }
    let scene = scene("  - mkdir: { path: /v/made }\n  - render: { text: new, path: /v/rendered }\n");
    let mounted = ".fitout-0000000000000005";
    for number in 0..10 {
        scene.file(&format!("v/.fitout-000000000000000{number}/file"), "");
    }
    let script = format!("mount -t tmpfs none v/{mounted}; \"$1\" apply plan.yaml; ls -A v");
    let ran = in_mount_namespace(&scene, &script).code(0);
    assert_eq!(ran.stdout, format!("{mounted}\nmade\nrendered\n"), "{}", ran.stderr);
}

#[test]
fn a_read_only_volume_is_named_by_every_step() {
    if !root_or_skip("a_read_only_volume_is_named_by_every_step") {
        return;
    }
    for step in STEPS.into_iter().chain(["own: { path: /v/there, owner: \"7:7\" }"]) {
        let scene = scene(&format!("  - {step}\n"));
        scene.file("v/edited.json", "{\"a\": 1}").file("v/there", "old");
        let script = "mount --bind v v; mount -o remount,ro,bind v; \"$1\" apply plan.yaml || echo code $?";
        let ran = in_mount_namespace(&scene, script).code(0).stderr_has("read-only file system").lacks("confined");
        assert_eq!(ran.stdout, "code 6\n", "{step}: {}", ran.stderr);
        assert_eq!(scene.names("v"), ["edited.json", "there"], "{step}");
        assert_eq!((scene.read("v/edited.json"), scene.read("v/there")), ("{\"a\": 1}".into(), "old".into()));
        // Where nothing has to change, nothing is missing.
        scene.apply().code(0);
        in_mount_namespace(&scene, script).code(0).lacks("code").stderr_has("unchanged");
    }
}

#[test]
fn without_capabilities_every_step_says_who_it_is() {
    if !root_or_skip("without_capabilities_every_step_says_who_it_is") {
        return;
    }
    let user = "this runs as user 1000: look at owner and mode of `/v`, or set `fsGroup`";
    let root =
        "root without CAP_DAC_OVERRIDE is refused what belongs to others: add it, or look at owner and mode of `/v`";
    for (privileges, hint) in [
        (&["--reuid", "1000", "--regid", "1000", "--clear-groups"][..], user),
        (&["--bounding-set", "-all", "--inh-caps", "-all"], root),
    ] {
        for step in STEPS {
            let scene = scene(&format!("  - {step}\n"));
            scene.file("v/edited.json", "{\"a\": 1}").file("v/there", "old");
            scene.owned("v", 2000, 2000).mode("v", 0o755);
            let output = Command::new("setpriv")
                .args(privileges)
                .arg(binary())
                .args(["apply", "plan.yaml"])
                .current_dir(&scene.directory)
                .env("FITOUT_ROOT", &scene.directory)
                .output()
                .unwrap();
            Ran::from(output)
                .code(6)
                .stderr_has("permission denied")
                .stderr_has(&format!("hint: {hint}"))
                .lacks("confined");
            assert_eq!(scene.names("v"), ["edited.json", "there"], "{step}");
        }
    }
}

#[test]
fn what_is_a_mount_is_neither_replaced_nor_removed() {
    if !root_or_skip("what_is_a_mount_is_neither_replaced_nor_removed") {
        return;
    }
    for (step, message) in [
        ("remove: { path: /v/file }", "is a mount point"),
        ("remove: { path: /v/directory, recursive: true }", "is a mount point"),
        ("link: { target: a, path: /v/file }", "a file is in its place"),
        ("mkdir: { path: /v/file }", "a file is in its place"),
    ] {
        let scene = scene(&format!("  - {step}\n"));
        scene.file("v/file", "").directory("v/directory").file("kept", "kept").file("tree/inside", "kept");
        let script = "mount --bind kept v/file; mount --bind tree v/directory; \"$1\" apply plan.yaml || echo code $?; cat v/file v/directory/inside";
        let ran = in_mount_namespace(&scene, script).code(0).stderr_has(message);
        assert_eq!(ran.stdout, "code 6\nkeptkept", "{step}: {}", ran.stderr);
    }
    // A directory that is a mount is as good as any other, and a file that is one is written in place.
    let steps = "  - mkdir: { path: /v/directory, mode: \"0750\" }\n  - edit: { path: /v/file, line: { text: added } }\n  - copy: { source: /source, path: /v/directory }\n";
    let scene = scene(steps);
    scene.file("v/file", "").directory("v/directory").file("kept", "kept\n").directory("tree");
    let script =
        "mount --bind kept v/file; mount --bind tree v/directory; \"$1\" apply plan.yaml; cat v/file v/directory/file";
    let ran = in_mount_namespace(&scene, script).code(0).stderr_has("is a mount of its own and was written in place");
    assert_eq!(ran.stdout, "kept\nadded\none", "{}", ran.stderr);
    assert!(scene.stat("tree").ends_with(" 0750"));
}
