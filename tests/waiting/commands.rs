//! Programs that say whether something is ready.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene, root_or_skip};

fn plan(target: &str) -> Scene {
    Scene::with_plan(&format!(
        "version: 1\nsteps:\n  - wait: {{ targets: [{target}], timeout: 3s, interval: 20ms }}\n    confine: off\n"
    ))
}

#[test]
fn a_program_decides_and_its_last_line_is_told() {
    let scene = plan("{ command: [sh, -c, 'echo one; echo \"not $WHAT\"; exit 3'], env: { WHAT: yet } }");
    scene.env("PATH", "/usr/bin:/bin");
    scene.apply().code(5).stderr_has("= `command sh`: it ended with code 3: not yet (");
    let scene = plan("{ command: [sh, -c, 'kill -KILL $$'] }");
    scene.env("PATH", "/usr/bin:/bin");
    scene.apply().code(5).stderr_has("it was ended by SIGKILL (");
    let scene = plan("{ command: [fitout-missing] }");
    scene.env("PATH", "/usr/bin:/bin");
    scene.apply().code(5).stderr_has("cannot execute `fitout-missing`: not found in PATH (");
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin");
    scene.run(&["wait", "--timeout", "5s", "--", "test", "1", "=", "1"]).code(0);
    scene
        .run(&["probe", "--", "false"])
        .code(1)
        .stderr_has("error: `command false` is not ready: it ended with code 1");
    scene.run(&["probe", "--gone", "--", "false"]).code(0);
}

#[test]
fn a_secret_in_a_long_last_line_is_not_cut_in_two() {
    let text = "version: 1\ninputs: { env: { TOKEN: { secret: true } } }\nsteps:\n  - wait: { timeout: 1s, targets: \
                [{ command: [sh, -c, 'head -c 195 /dev/zero | tr \"\\0\" x; echo $TOKEN; exit 1'] }] }\n    confine: off\n";
    let scene = Scene::with_plan(text);
    scene.env("PATH", "/usr/bin:/bin").env("TOKEN", "hunter2hunter2");
    scene.apply().code(5).stderr_has("xxx<reda").lacks("hunt");
}

#[test]
fn it_is_started_again_until_it_ends_well_and_never_by_show() {
    let scene = Scene::new();
    let count = scene.path("count");
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - wait: {{ timeout: 20s, interval: 20ms, targets: [{{ command: [sh, -c, 'echo x >> {0}; \
             test $(wc -l < {0}) -ge 3'] }}] }}\n    confine: off\n",
            count.display()
        ),
    );
    scene.env("PATH", "/usr/bin:/bin");
    let shown = scene.run(&["show", "plan.yaml"]).code(0).stdout;
    assert!(shown.contains("it is started only when it is waited for"), "{shown}");
    assert!(!scene.exists("count"));
    scene.apply().code(0);
    assert_eq!(scene.read("count"), "x\nx\nx\n");
}

#[test]
fn a_program_that_hangs_is_ended_and_tried_again() {
    let scene = plan("{ command: [sh, -c, 'sleep 60'], try_timeout: 300ms }");
    scene.env("PATH", "/usr/bin:/bin");
    let started = Instant::now();
    scene.apply().code(5).stderr_has("timed out: `sh` was stopped after");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_signal_ends_program_and_wait() {
    let scene = plan("{ command: [sh, -c, 'echo $$ > pid; exec sleep 61'] }");
    scene.env("PATH", "/usr/bin:/bin");
    let child = scene.start(&["apply", "plan.yaml"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !scene.exists("pid") || scene.read("pid").is_empty() {
        assert!(Instant::now() < deadline, "it was not started");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    Ran::from(child.wait_with_output().unwrap()).code(143);
    let pid: i32 = scene.read("pid").trim().parse().unwrap();
    assert!(kill(Pid::from_raw(pid), None).is_err(), "the program is still there");
}

#[test]
fn it_runs_as_another_user_and_writes_nothing_that_is_not_named() {
    if !root_or_skip("it_runs_as_another_user_and_writes_nothing_that_is_not_named") {
        return;
    }
    let scene = plan("{ command: [sh, -c, 'echo $(id -u); exit 1'], as: \"1234:2345\" }");
    scene.env("PATH", "/usr/bin:/bin");
    scene.apply().code(5).stderr_has("it ended with code 1: 1234 (");
    scene
        .file("plan.yaml", "version: 1\nsteps:\n  - wait: { targets: [{ command: [touch, outside] }], timeout: 1s }\n");
    if crate::confine::can_confine("it_runs_as_another_user_and_writes_nothing_that_is_not_named") {
        scene.apply().code(5).stderr_has("Permission denied");
        assert!(!scene.exists("outside"));
    }
}
