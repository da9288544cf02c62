//! Killed at every call that changes something, and run again: never half.

use std::os::unix::process::ExitStatusExt as _;

use super::{IN_PLACE, STAGED, is_whole, strace_or_skip};
use crate::harness::Scene;

/// The calls that change names or files, and those that wait for the disk. Strace counts each by itself.
const CALLS: [&str; 10] =
    ["mkdirat", "renameat2", "unlinkat", "openat", "write", "ftruncate", "fchmod", "fsync", "syncfs", "flock"];

/// Kills the run at this call, the one with the `number`; no when it came to its end before.
fn kill_at(scene: &Scene, call: &str, number: usize) -> bool {
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:signal=SIGKILL:when={number}");
    let mut command = scene.traced(&["-o", "/dev/null", "-e", &trace, "-e", &inject], &["apply", "plan.yaml"]);
    let ran = command.output().unwrap();
    let killed = ran.status.signal() == Some(9) || ran.status.code() == Some(137);
    assert!(killed || ran.status.success(), "{call} {number}: {}", String::from_utf8_lossy(&ran.stderr));
    killed
}

fn at_every_call(plan: &str, data: bool, check: impl Fn(&Scene, bool)) {
    let mut kills = 0;
    for call in CALLS {
        for number in 1.. {
            let scene = Scene::with_plan(plan);
            if data {
                scene.directory("data");
            }
            let killed = kill_at(&scene, call, number);
            check(&scene, false);
            scene.apply().code(0);
            check(&scene, true);
            if !killed {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 30, "only {kills} kills: the run was not traced to its end");
}

#[test]
fn killed_at_any_call_a_run_with_a_stage_is_finished_by_the_next() {
    if !strace_or_skip("killed_at_any_call_a_run_with_a_stage_is_finished_by_the_next") {
        return;
    }
    at_every_call(STAGED, true, |scene, ended| {
        if ended || (scene.exists("data/VERSION") && !scene.exists("data/.stage.state")) {
            is_whole(scene);
        } else if scene.exists("data/VERSION") {
            assert!(scene.exists("data/b") && scene.exists("data/base/a"), "the marker came too early");
        }
    });
}

#[test]
fn killed_at_any_call_a_stage_becomes_a_whole_directory() {
    if !strace_or_skip("killed_at_any_call_a_stage_becomes_a_whole_directory") {
        return;
    }
    at_every_call(&STAGED.replace("/data/.stage", "/new"), false, |scene, ended| {
        if ended || scene.exists("data") {
            is_whole(scene);
        }
    });
}

#[test]
fn killed_at_any_call_a_run_without_a_stage_is_finished_by_the_next() {
    if !strace_or_skip("killed_at_any_call_a_run_without_a_stage_is_finished_by_the_next") {
        return;
    }
    at_every_call(IN_PLACE, true, |scene, ended| {
        if ended {
            assert_eq!(scene.names("data"), ["a", "b", "done"]);
        }
        if scene.exists("data/done") {
            assert_eq!((scene.read("data/a").as_str(), scene.read("data/b").as_str()), ("one", "two"));
        }
    });
}

#[test]
fn a_leftover_can_be_left_for_somebody_to_look() {
    let test = "a_leftover_can_be_left_for_somebody_to_look";
    if !strace_or_skip(test) {
        return;
    }
    let plan = STAGED.replace("stage: /data/.stage", "stage: /data/.stage\n      on_leftover: fail");
    let scene = Scene::with_plan(&plan);
    scene.directory("data");
    let failing = plan.replace("text: two", "text: two, owner: \"nobody-here\"");
    scene.file("failing.yaml", failing);
    scene.run(&["apply", "failing.yaml"]).code(1);
    assert_eq!(scene.names("data"), [".stage", ".stage.state"]);
    for _ in 0..2 {
        scene
            .apply()
            .code(1)
            .stderr_has("error: an earlier run did not come to its end, and left `/data/.stage`")
            .stderr_has(
                "hint: look at it and remove `/data/.stage` and `/data/.stage.state`, or write `on_leftover: redo`",
            );
    }
    assert_eq!(scene.names("data/.stage"), ["VERSION", "base"]);
    scene.file("plan.yaml", STAGED);
    scene.apply().code(0).stderr_has("an earlier run did not come to its end: `/data/.stage` is made anew");
    is_whole(&scene);
}

#[test]
fn a_step_that_fails_fails_every_time_and_never_leaves_the_marker() {
    let scene = Scene::with_plan(&STAGED.replace("path: /data/.stage/b }", "path: /data/.stage/VERSION/b }"));
    scene.directory("data");
    for _ in 0..3 {
        scene.apply().code(6).stderr_has("step 1.4 `render`");
        assert_eq!(scene.names("data"), [".stage", ".stage.state"]);
    }
    scene.file("plan.yaml", STAGED);
    scene.apply().code(0);
    is_whole(&scene);
}
