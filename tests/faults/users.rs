//! Users that nobody knows, user namespaces, and a kernel that refuses calls.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use nix::libc;

use super::scene;
use crate::harness::{Ran, Scene, binary, root_or_skip, skip};

#[test]
fn a_user_without_an_entry_in_passwd_is_enough() {
    if !root_or_skip("a_user_without_an_entry_in_passwd_is_enough") {
        return;
    }
    let steps = "  - mkdir: { path: /v/made }\n  - render: { text: \"{{facts.uid}}\", path: /v/made/app, owner: \"54321:54321\" }\n  - own: { path: /v/made, file_mode: \"0640\", recursive: true }\n  - run: { command: [sh, -c, \"exit 0\"] }\nexec: { command: [sh, -c, \"id -u\"] }\n";
    let scene = scene(steps);
    scene.owned("v", 54321, 54321);
    let ran = Ran::from(scene.command_as(54321, &["apply", "plan.yaml"]).output().unwrap()).code(0);
    assert_eq!(ran.stdout, "54321\n", "{}", ran.stderr);
    assert_eq!((scene.read("v/made/app"), scene.stat("v/made/app")), ("54321".into(), "54321:54321 0640".into()));
    // A name is looked up, and nobody has it.
    scene.file("plan.yaml", "version: 1\nsteps:\n  - own: { path: /v/made, owner: nobody-at-all }\n");
    let ran = Ran::from(scene.command_as(54321, &["apply", "plan.yaml"]).output().unwrap());
    assert!(ran.code != 0 && ran.stderr.contains("`nobody-at-all`"), "{ran:?}");
}

#[test]
fn further_names_are_made_in_directories_that_their_owner_may_not_write_to() {
    if !root_or_skip("further_names_are_made_in_directories_that_their_owner_may_not_write_to") {
        return;
    }
    let scene = scene("  - copy: { source: /tree, path: /v/tree, preserve: [hard_links, times] }\n");
    scene.owned("v", 54321, 54321).file("tree/a/first", "x").directory("tree/b");
    for name in ["tree/a/beside", "tree/b/other", "tree/top"] {
        std::fs::hard_link(scene.path("tree/a/first"), scene.path(name)).unwrap();
    }
    for directory in ["tree/a", "tree/b", "tree"] {
        scene.mode(directory, 0o555);
    }
    let apply = || Ran::from(scene.command_as(54321, &["apply", "plan.yaml"]).output().unwrap()).code(0);
    apply().stderr_has("7 changed of 7");
    for directory in ["v/tree/a", "v/tree/b", "v/tree"] {
        assert_eq!(scene.stat(directory), "54321:54321 0555", "{directory}");
        let modified = |path: &str| scene.path(path).metadata().unwrap().modified().unwrap();
        assert_eq!(modified(directory), modified(directory.trim_start_matches("v/")), "{directory}");
    }
    let first = scene.identity("v/tree/a/first");
    for name in ["a/beside", "b/other", "top"] {
        assert_eq!(scene.identity(&format!("v/tree/{name}")), first, "{name}");
    }
    apply().stderr_has("unchanged");
}

/// Whoever copies is the owner, and these modes let everybody in but him.
#[test]
fn further_names_are_made_in_directories_that_their_owner_may_not_enter() {
    if !root_or_skip("further_names_are_made_in_directories_that_their_owner_may_not_enter") {
        return;
    }
    let scene = scene("  - copy: { source: /tree, path: /v/tree, preserve: [hard_links, times] }\n");
    scene.owned("v", 54321, 54321).file("tree/a/b/first", "x").directory("tree/c/d");
    for name in ["tree/a/b/beside", "tree/c/d/other"] {
        std::fs::hard_link(scene.path("tree/a/b/first"), scene.path(name)).unwrap();
    }
    for directory in ["tree/a/b", "tree/a", "tree/c/d", "tree/c"] {
        scene.mode(directory, 0o005);
    }
    Ran::from(scene.command_as(54321, &["apply", "plan.yaml"]).output().unwrap()).code(0).stderr_has("8 changed of 8");
    for directory in ["v/tree/a/b", "v/tree/a", "v/tree/c/d", "v/tree/c"] {
        assert_eq!(scene.stat(directory), "54321:54321 0005", "{directory}");
        let modified = |path: &str| scene.path(path).metadata().unwrap().modified().unwrap();
        assert_eq!(modified(directory), modified(directory.trim_start_matches("v/")), "{directory}");
    }
    let first = scene.identity("v/tree/a/b/first");
    assert_eq!([scene.identity("v/tree/a/b/beside"), scene.identity("v/tree/c/d/other")], [first, first]);
    assert_eq!(scene.names("v"), ["tree"]);
}

#[test]
fn a_directory_that_cannot_be_read_keeps_its_time_when_a_further_name_is_made_in_it() {
    if !root_or_skip("a_directory_that_cannot_be_read_keeps_its_time_when_a_further_name_is_made_in_it") {
        return;
    }
    let scene = scene("  - copy: { source: /tree, path: /v/tree, preserve: [hard_links, times] }\n");
    scene.owned("v", 54321, 54321).file("tree/a/first", "x");
    std::fs::hard_link(scene.path("tree/a/first"), scene.path("tree/a/other")).unwrap();
    for directory in ["v/tree", "v/tree/a"] {
        scene.directory(directory).owned(directory, 54321, 54321).mode(directory, 0o311);
    }
    Ran::from(scene.command_as(54321, &["apply", "plan.yaml"]).output().unwrap()).code(0);
    assert_eq!(scene.identity("v/tree/a/other"), scene.identity("v/tree/a/first"));
    assert_eq!(scene.stat("v/tree/a"), "54321:54321 0311");
}

#[test]
fn what_a_killed_copy_left_is_swept_whatever_modes_it_has() {
    if !root_or_skip("what_a_killed_copy_left_is_swept_whatever_modes_it_has") {
        return;
    }
    let scene = scene("  - copy: { source: /source/file, path: /v/file }\n");
    let left = "v/.fitout-0123456789abcdef";
    let theirs = format!("{left}/theirs");
    scene.file(&format!("{left}/a/b/file"), "x").file(&format!("{left}/c/file"), "x").directory(&theirs);
    for (directory, mode) in [("a/b", 0o000), ("a", 0o555), ("c", 0o444), ("", 0o700)] {
        let directory = format!("{left}/{directory}");
        scene.owned(&directory, 54321, 54321).mode(&directory, mode);
    }
    scene.owned("v", 54321, 54321);
    Ran::from(scene.command_as(54321, &["apply", "plan.yaml"]).output().unwrap()).code(0);
    assert_eq!(scene.names("v"), ["file"]);
}

#[test]
fn a_passwd_with_another_name_is_not_written_in_place() {
    if !root_or_skip("a_passwd_with_another_name_is_not_written_in_place") {
        return;
    }
    let scene = scene("  - account: { user: app, uid: 7, gid: 7, passwd: /v/passwd, group: /v/group }\n");
    scene
        .file("v/passwd", "root:x:0:0::/:/bin/sh\n")
        .mode("v/passwd", 0o666)
        .file("v/group", "app:x:7:\n")
        .file("x", "");
    std::fs::hard_link(scene.path("v/passwd"), scene.path("other")).unwrap();
    Ran::from(scene.command_as(54321, &["apply", "plan.yaml"]).output().unwrap())
        .code(6)
        .stderr_has("error: cannot write `/v/passwd`: has 2 hard links\n");
    assert_eq!(scene.read("other"), "root:x:0:0::/:/bin/sh\n");
}

#[test]
fn an_id_that_the_user_namespace_does_not_map_is_named() {
    let test = "an_id_that_the_user_namespace_does_not_map_is_named";
    let inside = |scene: &Scene| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user"]).arg(binary()).args(["apply", "plan.yaml"]);
        Ran::from(command.current_dir(&scene.directory).env("FITOUT_ROOT", &scene.directory).output().unwrap())
    };
    if !Command::new("unshare")
        .args(["--user", "--map-root-user", "true"])
        .status()
        .is_ok_and(|status| status.success())
    {
        return skip(test, "user namespaces");
    }
    for (step, code, message) in [
        (
            "own: { path: /v/file, owner: \"1234:1234\" }",
            6,
            "hint: the user or group may have no number in this user namespace",
        ),
        ("own: { path: /v/file, owner: \"1234:1234\", on_denied: warn }", 0, "invalid argument"),
        ("own: { path: /v/file, owner: \"1234:1234\", on_denied: skip }", 0, "unchanged"),
        ("render: { text: new, path: /v/new, owner: \"1234:1234\" }", 6, "no number in this user namespace"),
        ("render: { text: new, path: /v/new, owner: \"0:0\" }", 0, "changed"),
        ("copy: { source: /source, path: /v/new }", 0, "changed"),
    ] {
        let scene = scene(&format!("  - {step}\n"));
        scene.file("v/file", "");
        inside(&scene).code(code).stderr_has(message);
        assert_eq!(scene.exists("v/new"), code == 0 && step.contains("/v/new"), "{step}");
    }
    if !root_or_skip(test) {
        return;
    }
    // A file of a user that has no number here belongs to nobody: it can be looked at, and not be given away.
    let scene = scene("  - own: { path: /v/file, owner: \"0:0\" }\n");
    scene.file("v/file", "").owned("v/file", 4321, 4321);
    inside(&scene).code(6).stderr_has("cannot set owner or mode of `/v/file`: operation not permitted");
    assert!(scene.stat("v/file").starts_with("4321:4321 "));
}

#[test]
fn what_lacks_the_permission_is_named() {
    if !root_or_skip("what_lacks_the_permission_is_named") {
        return;
    }
    for (step, lacking) in [
        ("render: { source: /in/file, path: /v/new }", "/in/file"),
        ("copy: { source: /in/file, path: /v/new }", "/in/file"),
        ("copy: { source: /in/unlisted, path: /v/new }", "/in/unlisted"),
        ("copy: { source: /in/closed/a/b, path: /v/new }", "/in/closed"),
        ("copy: { source: /in/link/a/b, path: /v/new }", "/in/link"),
        ("edit: { path: /in/closed/a/b, set: { a: 1 }, format: yaml }", "/in/closed"),
        ("edit: { path: /in/file, line: { text: a } }", "/in/file"),
        ("render: { text: a, path: /in/closed/a/b }", "/in/closed"),
        ("mkdir: { path: /in/closed/a/c }", "/in/closed"),
        ("mkdir: { path: /in/new }", "/in"),
        ("own: { path: /in/file, mode: \"0644\" }", "/in/file"),
        ("own: { path: /in/closed, mode: \"0755\" }", "/in/closed"),
        ("remove: { path: /in/unlisted, recursive: true }", "/in/unlisted"),
    ] {
        for (call, errno) in [(LANDLOCK_CREATE_RULESET, libc::ENOSYS), (OPENAT2, libc::ENOSYS)] {
            let scene = scene(&format!("  - {step}\n"));
            scene.file("in/file", "x\n").mode("in/file", 0o600).file("in/unlisted/a", "").mode("in/unlisted", 0o711);
            scene.file("in/closed/a/b", "").mode("in/closed", 0o700).link("closed", "in/link").owned("v", 1000, 1000);
            let ran = filtered(scene.command_as(1000, &["apply", "plan.yaml"]), call, errno);
            assert_eq!(ran.code, if step.starts_with("render: { source") { 3 } else { 6 }, "{step}: {}", ran.stderr);
            let hint = format!("hint: this runs as user 1000: look at owner and mode of `{lacking}`, or set `fsGroup`");
            assert!(ran.stderr.contains(&hint), "{step}: {}", ran.stderr);
        }
    }
}

const OPENAT2: u32 = 437;
const LANDLOCK_CREATE_RULESET: u32 = 444;

/// The program under a seccomp filter that answers one system call with an error, as the profiles of engines do it.
#[allow(unsafe_code, reason = "seccomp has no safe form")]
fn filtered(mut command: Command, call: u32, errno: i32) -> Ran {
    const RETURN_ERRNO: u32 = 0x0005_0000;
    const RETURN_ALLOW: u32 = 0x7fff_0000;
    // The number of the call is the first field of what the filter is given.
    let mut filter = [
        libc::sock_filter { code: 0x20, jt: 0, jf: 0, k: 0 },
        libc::sock_filter { code: 0x15, jt: 0, jf: 1, k: call },
        libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: RETURN_ERRNO | errno.cast_unsigned() },
        libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: RETURN_ALLOW },
    ];
    let install = move || {
        let length = u16::try_from(filter.len()).unwrap_or_default();
        let program = libc::sock_fprog { len: length, filter: filter.as_mut_ptr() };
        // SAFETY: both calls take numbers and a pointer to a program that lives until they are over.
        let installed = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) == 0
        };
        if installed { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    };
    // SAFETY: between fork and execve the closure makes two system calls on values that it owns.
    unsafe { command.pre_exec(install) };
    command.output().unwrap().into()
}

#[test]
fn a_seccomp_profile_without_openat2_or_landlock_changes_nothing() {
    for (call, errno) in [
        (OPENAT2, libc::ENOSYS),
        (OPENAT2, libc::EPERM),
        (LANDLOCK_CREATE_RULESET, libc::ENOSYS),
        (LANDLOCK_CREATE_RULESET, libc::EPERM),
    ] {
        let steps = "  - mkdir: { path: /v/a/b }\n  - render: { text: x, path: /v/a/b/app }\n  - copy: { source: /source, path: /v/a/tree }\n  - edit: { path: /v/a/b/app, format: text, line: { text: y } }\n  - link: { target: b, path: /v/a/link }\n  - own: { path: /v/a, file_mode: \"0600\", recursive: true }\n  - remove: { path: /v/a/tree/sub, recursive: true }\n  - run: { command: [\"true\"] }\n";
        let scene = scene(steps);
        let ran = filtered(scene.command(&["apply", "plan.yaml"]), call, errno).code(0);
        assert_eq!(ran.stderr.contains("steps are not confined"), call == LANDLOCK_CREATE_RULESET, "{}", ran.stderr);
        assert_eq!(scene.names("v/a"), ["b", "link", "tree"]);
        assert_eq!((scene.read("v/a/b/app"), scene.names("v/a/tree")), ("x\ny".into(), vec!["file".into()]));
        assert!(scene.stat("v/a/tree/file").ends_with(" 0600"));
    }
}

#[test]
fn what_the_owner_cannot_do_after_a_refusal_is_told() {
    let test = "what_the_owner_cannot_do_after_a_refusal_is_told";
    if !root_or_skip(test) {
        return;
    }
    for (mode, policy, told) in [
        (0o755, "warn", Some("user 1234 cannot write `/v`")),
        (0o700, "skip", Some("user 1234 cannot read or write or enter `/v`")),
        (0o777, "warn", None),
    ] {
        let plan = format!("  - own: {{ path: /v, owner: \"1234:1234\", recursive: true, on_denied: {policy} }}\n");
        let scene = scene(&plan);
        scene.file("v/file", "").mode("v", mode);
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-chown"]).arg(binary()).args([
            "apply",
            "plan.yaml",
            "--report",
            "report.json",
        ]);
        command.current_dir(&scene.directory).env("FITOUT_ROOT", &scene.directory);
        let ran = Ran::from(command.output().unwrap()).code(0);
        let report = scene.read("report.json");
        match told {
            Some(told) => assert!(ran.stderr.contains(told) && report.contains(told), "{}{report}", ran.stderr),
            None => assert!(!ran.stderr.contains("cannot read") && !report.contains("user 1234"), "{}", ran.stderr),
        }
    }
}
