//! What becomes of how a program ends, and when it is tried again.

use std::time::{Duration, Instant};

use super::plan;

#[test]
fn codes_and_output_that_are_no_failure() {
    for (script, fields, code, wanted) in [
        ("exit 2", "ok_codes: [0, 2]", 0, "changed, `/bin/sh` ended with code 2"),
        ("exit 0", "ok_codes: [0, 2]", 0, "changed, `/bin/sh` ended with code 0"),
        ("exit 1", "ok_codes: [0, 2]", 1, "error: `/bin/sh` ended with code 1"),
        ("exit 0", "ok_codes: [3]", 1, "error: `/bin/sh` ended with code 0"),
        ("kill -9 $$", "ok_codes: [0, 9, 137]", 1, "error: `/bin/sh` was ended by SIGKILL"),
        (
            "echo first; echo 'role x already exists' >&2; exit 1",
            "ok_output: already exists$",
            0,
            ": unchanged, `/bin/sh` ended with code 1, with the output that `ok_output` expects",
        ),
        ("echo it exists already; exit 1", "ok_output: already exists$", 1, "error: `/bin/sh` ended with code 1"),
        ("echo already exists; kill -9 $$", "ok_output: already exists", 1, "was ended by SIGKILL"),
        ("echo already exists", "ok_output: already exists", 0, ": changed, `/bin/sh` ended with code 0"),
    ] {
        plan(script, fields).apply().code(code).stderr_has(wanted);
    }
}

#[test]
fn a_program_that_fails_is_tried_again_from_the_beginning_of_its_input() {
    let script = "cat >> out; echo x >> tries; [ $(wc -l < tries) = 3 ]";
    let scene = plan(script, "retries: 5, interval: 10ms, stdin: \"in \"");
    let ran = scene.apply().code(0).stderr_has("changed, `/bin/sh` ended with code 0 in try 3");
    for number in 1..=2 {
        let wanted =
            format!("fitout: warn: step 1 `run`: `/bin/sh` ended with code 1 in try {number} of 6, the next one in ");
        assert!(ran.stderr.contains(&wanted), "{}", ran.stderr);
    }
    assert_eq!((scene.read("out"), scene.read("tries")), ("in in in ".to_owned(), "x\nx\nx\n".to_owned()));
}

#[test]
fn the_last_try_is_the_failure() {
    let scene = plan("echo x >> tries; exit 7", "retries: 2, interval: 10ms");
    scene.apply().code(1).stderr_has("error: `/bin/sh` ended with code 7 in try 3");
    assert_eq!(scene.read("tries"), "x\nx\nx\n");
}

#[test]
fn what_cannot_be_started_is_not_tried_again() {
    let scene = plan("true", "retries: 50, interval: 10s");
    scene.file("plan.yaml", "version: 1\nsteps:\n  - run: { command: [/none], retries: 50, interval: 10s }\n");
    let started = Instant::now();
    scene.apply().code(1).stderr_has("cannot execute `/none`: no such file");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn the_timeout_is_for_all_tries_together() {
    let scene = plan("echo x >> tries; exit 1", "retries: 100000, interval: 100ms");
    let text = scene.read("plan.yaml").replace("- run:", "- timeout: 1s\n    run:");
    scene.file("plan.yaml", text);
    let ran = scene.apply().code(5).stderr_has("timed out");
    assert!(scene.read("tries").lines().count() >= 2, "{}", ran.stderr);
    let scene = plan("exit 1", "retries: 1, interval: 100s");
    let text = scene.read("plan.yaml").replace("- run:", "- timeout: 300ms\n    run:");
    scene.file("plan.yaml", text);
    let started = Instant::now();
    scene.apply().code(5).stderr_has("timed out").stderr_has("`/bin/sh` ended with code 1 in try 1 of 2");
    assert!(started.elapsed() < Duration::from_secs(50));
}
