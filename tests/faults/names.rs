//! Names of every kind, very many of them, and what is no file in the place of one.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fstat, mkdirat};
use nix::unistd::mkfifo;

use super::{STEPS, scene};
use crate::confine::can_confine;
use crate::harness::{Scene, root_or_skip};

#[test]
fn names_as_long_as_they_may_be_and_with_every_character_work_in_every_step() {
    let long = "x".repeat(255);
    for name in [long.as_str(), "two\nlines", "a b\t'\"\\$*", "-rf", "ümlaut", ".hidden", "\u{7f}\u{1b}[31m"] {
        // DEL may not stand in YAML as it is.
        let quoted = |path: &str| serde_json::to_string(path).unwrap().replace('\u{7f}', "\\u007f");
        let directory = if name == long { format!("/v/{}.d", &long[2..]) } else { format!("/v/{name}.d") };
        let (json, inner, directory) =
            (quoted(&format!("/v/{name}")), quoted(&format!("{directory}/{long}")), quoted(&directory));
        let steps = format!(
            "  - render: {{ text: \"a\\n\", path: {json}, if_exists: keep }}\n  - edit: {{ path: {json}, format: text, line: {{ text: b }} }}\n  - mkdir: {{ path: {directory} }}\n  - copy: {{ source: {json}, path: {inner} }}\n  - own: {{ path: {directory}, directory_mode: \"0750\", recursive: true }}\n"
        );
        let scene = scene(&steps);
        scene.apply().code(0).lacks("\u{1b}");
        assert_eq!(scene.read(&format!("v/{name}")), "a\nb\n");
        assert_eq!(scene.names("v").len(), 2, "{name:?}");
        scene.apply().code(0).lacks(": changed");
        let rest = format!(
            "version: 1\nsteps:\n  - remove: {{ path: {json} }}\n  - link: {{ target: nowhere, path: {json} }}\n  - remove: {{ path: {directory}, recursive: true }}\n"
        );
        scene.file("plan.yaml", rest).apply().code(0);
        assert_eq!(scene.names("v"), [name]);
    }
    let longer = format!("  - render: {{ text: a, path: /v/{long}x }}\n");
    scene(&longer).apply().code(6).stderr_has("file name too long");
}

#[test]
fn names_that_are_no_text_are_copied_owned_and_removed() {
    let name = OsStr::from_bytes(b"caf\xe9\xff\n");
    let steps = "  - copy: { source: /source, path: /v/copy }\n  - render: { source: /source, path: /v/rendered }\n  - own: { path: /v/rendered, file_mode: \"0600\", recursive: true }\n";
    let scene = scene(steps);
    std::fs::write(scene.path("source").join(name), "bytes").unwrap();
    scene.apply().code(0);
    for place in ["v/copy", "v/rendered"] {
        assert_eq!(std::fs::read(scene.path(place).join(name)).unwrap(), b"bytes", "{place}");
    }
    scene.apply().code(0).lacks(": changed");
    scene.run(&["remove", "/v/copy", "--recursive"]).code(0);
    assert_eq!(scene.names("v"), ["rendered"]);
}

#[test]
fn a_hundred_thousand_entries_in_one_directory_are_no_trouble() {
    let steps = "  - render: { text: x, path: /v/many/app, if_exists: keep }\n  - own: { path: /v/many, file_mode: \"0600\", recursive: true }\n  - edit: { path: /v/many/app, format: text, line: { text: y } }\n";
    let scene = scene(steps);
    scene.directory("v/many");
    for number in 0..100_000 {
        std::fs::File::create(scene.path("v/many").join(number.to_string())).unwrap();
    }
    scene.apply().code(0).stderr_has("step 2 `own`: changed");
    assert!(scene.stat("v/many/99999").ends_with(" 0600") && scene.stat("v/many/0").ends_with(" 0600"));
    assert_eq!(scene.names("v/many").len(), 100_001);
    scene.apply().code(0).lacks(": changed");
    scene.run(&["remove", "/v/many", "--recursive"]).code(0);
    assert!(scene.names("v").is_empty());
}

#[test]
fn a_fifo_in_the_way_holds_nobody() {
    for (step, place) in [
        (STEPS[0], "v/rendered"),
        (STEPS[1], "v/edited.json"),
        (STEPS[2], "v/copied"),
        (STEPS[3], "v/tree"),
        (STEPS[4], "v/made"),
        (STEPS[5], "v/link"),
        (STEPS[7], "v/unpacked"),
        ("unpack: { archive: /archive.tar, path: /v }", "v/a-again"),
        ("unpack: { archive: /v/archive, path: /out }", "v/archive"),
        (STEPS[8], "v/fetched"),
        (STEPS[9], "v/app"),
        (STEPS[10], "v/secret"),
        (STEPS[11], "v/bundle.pem"),
        ("trust: { path: /out, base: none, add: [/v/ca.pem] }", "v/ca.pem"),
        (STEPS[12], "v/passwd"),
        (STEPS[12], "v/group"),
        ("render: { source: /v/source, path: /v/out }", "v/source"),
        ("copy: { source: /v/source, path: /v/out }", "v/source"),
        ("render: { text: x, path: /v/fifo/out }", "v/fifo"),
    ] {
        let scene = scene(&format!("  - {step}\n    timeout: 60s\n"));
        mkfifo(&scene.path(place), Mode::S_IRWXU).unwrap();
        let ran = scene.apply();
        assert!([1, 3, 4, 6].contains(&ran.code), "{step}: {ran:?}");
        let said = ["a FIFO", "not a regular file", "not a directory"].iter().any(|text| ran.stderr.contains(text));
        assert!(said, "{step}: {}", ran.stderr);
        assert_eq!(scene.names("v").len(), 1, "{step}");
    }
    // Owner and mode can be set, a copy without it cannot be made, and it can be removed.
    let scene = scene("  - own: { path: /v/fifo, mode: \"0600\" }\n  - remove: { path: /v/fifo }\n");
    mkfifo(&scene.path("v/fifo"), Mode::S_IRWXU).unwrap();
    if root_or_skip("a_fifo_in_the_way_holds_nobody") {
        scene.apply().code(0);
        assert!(scene.names("v").is_empty());
    }
}

/// Unconfined: for each call Landlock looks at every directory above, which takes half a minute here.
#[test]
fn ten_thousand_levels_are_owned_copied_and_removed() {
    levels_are_owned_copied_and_removed(10_000, "off");
}

/// Deeper than a path can be long.
#[test]
fn two_thousand_levels_are_owned_copied_and_removed_while_confined() {
    if can_confine("two_thousand_levels_are_owned_copied_and_removed_while_confined") {
        levels_are_owned_copied_and_removed(2_100, "required");
    }
}

fn levels_are_owned_copied_and_removed(levels: usize, confine: &str) {
    let scene = Scene::in_memory();
    scene.directory("v/deep");
    let name = c"d";
    let open = |above: &OwnedFd| openat(above, name, OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty()).unwrap();
    let mut lowest = OwnedFd::from(std::fs::File::open(scene.path("v/deep")).unwrap());
    for _ in 0..levels {
        mkdirat(&lowest, name, Mode::S_IRWXU).unwrap();
        lowest = open(&lowest);
    }
    openat(&lowest, c"file", OFlag::O_CREAT | OFlag::O_CLOEXEC, Mode::S_IRUSR).unwrap();
    let run = |arguments: &[&str]| scene.run(&[arguments, &["--confine", confine]].concat()).code(0);
    let mode = ["--recursive", "--file-mode", "0640", "--directory-mode", "0750"];
    let all = levels + 2;
    let changed = format!("{all} changed of {all}");
    run(&[&["own", "/v/deep"], &mode[..]].concat()).stderr_has(&changed);
    assert_eq!(fstat(&lowest).unwrap().st_mode & 0o7777, 0o750);
    run(&["copy", "/v/deep", "/v/copy"]).stderr_has(&changed);
    run(&["copy", "/v/deep", "/v/copy"]).stderr_has(": unchanged");
    for tree in ["/v/deep", "/v/copy"] {
        run(&["remove", "--recursive", tree]).stderr_has(&format!("{all} removed"));
    }
    assert_eq!(scene.names("v"), [""; 0]);
}

#[test]
fn a_path_with_two_dots_is_refused_in_every_step() {
    for step in [
        "render: { text: x, path: /v/../etc/x }",
        "render: { source: /v/../etc/x, path: /v/x }",
        "edit: { path: /v/../etc/x, format: text, line: { text: x } }",
        "copy: { source: /v/a, path: /v/../etc/x }",
        "copy: { source: /v/../etc/x, path: /v/a }",
        "mkdir: { path: /v/../etc/x }",
        "link: { path: /v/../etc/x, target: a }",
        "remove: { path: /v/../etc/x }",
        "own: { path: /v/../etc/x, owner: \"0\" }",
        "generate: { kind: password, path: /v/../etc/x }",
        "trust: { path: /v/../etc/x, add: [/v/a] }",
        "account: { user: a, uid: 1, passwd: /v/../etc/passwd }",
        "unpack: { archive: /v/../a.tar, path: /v }",
        "unpack: { archive: /a.tar, path: /v/.. }",
        "fetch: { url: \"http://127.0.0.1/\", path: /v/../x }",
        "migrate: { database: { driver: sqlite, path: /v/../x }, source: /m }",
        "migrate: { database: { driver: sqlite, path: /v/x }, source: /m/.. }",
        "sql: { database: { driver: sqlite, path: /v/../x }, text: select 1 }",
        "seed: { database: { driver: sqlite, path: /v/../x }, source: /m }",
        "run: { command: [x], creates: /v/../x }",
        "run: { command: [x], directory: /v/.. }",
        "once: { marker: /v/../x, steps: [] }",
        "once: { marker: /v/x, stage: /v/../s, steps: [] }",
    ] {
        let scene = scene(&format!("  - {step}\n"));
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has("`..`").stderr_has("plan.yaml:");
    }
}
