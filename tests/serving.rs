//! `serve`: steps beside a temporary server, which is gone when the step is done, whatever came of it.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene, root_or_skip};

/// A scene whose plan starts this script as a server; `/run/pid` is its process, `/run/ready` says that it is up.
fn scene(server: &str, rest: &str, steps: &str) -> Scene {
    let scene = Scene::new();
    scene.directory("run").directory("out").env("PATH", "/usr/bin:/bin");
    let run = scene.path("run").display().to_string();
    scene.file("server.sh", format!("cd {run}\necho $$ > pid\n{server}\n"));
    let script = scene.path("server.sh").display().to_string();
    let steps = if steps.is_empty() { "[]".to_owned() } else { format!("\n{steps}") };
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - name: up\n    writes: [/run]\n    serve:\n      command: [sh, {script}]\n      ready: {{ targets: [\"file:///run/ready\"], timeout: 20s, interval: 10ms }}\n{rest}      steps: {steps}\n"
        ),
    );
    scene
}

const FOREVER: &str = "touch ready; while :; do sleep 0.02; done";
const STEP: &str = "        - render: { text: x, path: /out/x }\n";

#[track_caller]
fn is_gone(scene: &Scene) {
    let pid: i32 = scene.read("run/pid").trim().parse().unwrap();
    let begun = Instant::now();
    while kill(Pid::from_raw(pid), None).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server {pid} is still there");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[track_caller]
fn until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_steps_run_while_the_server_is_up_and_it_is_gone_afterwards() {
    let server = "echo starting; trap 'echo bye; exit 0' TERM; touch ready; while :; do sleep 0.02; done";
    let scene = scene(server, "", STEP);
    let ran = scene.apply().code(0);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let place =
        |text: &str| lines.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}: {lines:#?}"));
    let order = [
        "step 1 `up`: starting",
        "step 1 `up`: `sh` is ready",
        "step 1.1 `render`: changed",
        "step 1 `up`: bye",
        "step 1 `up`: changed, 1 step beside `sh`",
    ];
    assert!(order.map(place).is_sorted(), "{lines:#?}");
    is_gone(&scene);
    assert_eq!(scene.read("out/x"), "x");
}

#[test]
fn show_names_the_server_and_starts_nothing() {
    let scene = scene(FOREVER, "", STEP);
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    let script = scene.path("server.sh").display().to_string();
    assert_eq!(shown.stdout, format!("step 1 `up`\n  > sh {script}  for step 1.1 `render`\n"));
    assert!(!scene.exists("run/pid"));
}

#[test]
fn a_server_that_ends_is_the_reason_whatever_the_steps_met() {
    for (server, steps, message) in [
        ("echo no memory; exit 7", STEP, "error: `sh` ended with code 7 before it was stopped"),
        ("echo no memory; kill -SEGV $$", STEP, "error: `sh` was ended by SIGSEGV before it was stopped"),
        (
            "touch ready; sleep 0.3; echo no memory; exit 7",
            "        - wait: { targets: [\"file:///never\"], timeout: 60s }\n",
            "error: `sh` ended with code 7 before it was stopped",
        ),
        (
            "touch ready; echo no memory; exit 0",
            "        - wait: { targets: [\"file:///never\"], timeout: 60s }\n",
            "error: `sh` ended with code 0 before it was stopped",
        ),
    ] {
        let scene = scene(server, "", steps);
        let ran = scene.apply().code(1).stderr_has(message).stderr_has("= sh: no memory");
        assert!(!ran.stderr.contains("SIGCHLD") && ran.stderr.contains("plan.yaml:6:"), "{}", ran.stderr);
        is_gone(&scene);
    }
}

#[test]
fn a_server_that_does_not_become_ready_is_stopped_and_its_last_words_are_told() {
    let scene = scene("echo cannot bind; while :; do sleep 0.02; done", "", STEP);
    scene.file("plan.yaml", scene.read("plan.yaml").replace("20s", "300ms"));
    scene.apply().code(5).stderr_has("timed out").stderr_has("= sh: cannot bind");
    is_gone(&scene);
    assert!(!scene.exists("out/x"));
}

#[test]
fn a_step_that_fails_stops_the_server_too() {
    let scene =
        scene(FOREVER, "", "        - mkdir: { path: /out/x/y }\n        - render: { text: x, path: /run/pid/x }\n");
    scene.apply().code(6).stderr_has("step 1.2 `render`");
    is_gone(&scene);
}

#[test]
fn a_server_that_does_not_stop_is_killed_with_its_group_and_that_is_a_failure() {
    let server = "trap '' INT TERM; sh -c 'trap \"\" INT TERM; echo $$ > child; while :; do sleep 0.02; done' & touch ready; while :; do sleep 0.02; done";
    let scene = scene(server, "      stop: { signal: INT, timeout: 300ms }\n", STEP);
    scene.apply().code(1).stderr_has("error: `sh` had not ended 0.3s after SIGINT, and was killed");
    is_gone(&scene);
    scene.file("run/pid", scene.read("run/child"));
    is_gone(&scene);
}

#[test]
fn how_a_server_ends_when_it_is_stopped_is_judged() {
    for (end, code) in [("exit 0", 0), ("exit 143", 0), ("trap - TERM; kill -TERM $$", 0), ("exit 3", 1)] {
        let scene = scene(&format!("trap '{end}' TERM; {FOREVER}"), "", STEP);
        let ran = scene.apply().code(code);
        assert!(
            code == 0 || ran.stderr.contains("error: `sh` ended with code 3 when it was stopped"),
            "{}",
            ran.stderr
        );
        is_gone(&scene);
    }
}

#[test]
fn a_signal_ends_steps_and_server_and_sigkill_leaves_no_server_behind() {
    let steps = "        - wait: { targets: [\"file:///never\"], timeout: 1h }\n";
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        for before in [true, false] {
            let server = if before { "while :; do sleep 0.02; done" } else { FOREVER };
            let scene = scene(server, "", steps);
            let child = scene.start(&["apply", "plan.yaml"]);
            until("the server is not there", || scene.exists("run/pid") && !scene.read("run/pid").is_empty());
            until("the server is not ready", || before || scene.exists("run/ready"));
            std::thread::sleep(Duration::from_millis(200));
            kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
            let ran = Ran::from(child.wait_with_output().unwrap());
            if signal == Signal::SIGTERM {
                ran.code(143).stderr_has("error: interrupted by SIGTERM");
            } else {
                assert_eq!(ran.code, -9);
            }
            is_gone(&scene);
        }
    }
}

#[test]
fn the_server_and_the_steps_programs_do_not_get_what_would_lead_elsewhere() {
    let scene = scene(
        "env > env; touch ready; while :; do sleep 0.02; done",
        "      env: { PGPORT: \"5433\", GONE: null, NEW: x }\n",
        "",
    );
    let out = scene.path("out/env").display().to_string();
    let plan = scene
        .read("plan.yaml")
        .replace("steps: []", &format!("steps: [{{ run: {{ command: [sh, -c, \"env > {out}\"] }}, writes: [/out] }}]"));
    scene.file("plan.yaml", plan);
    for name in [
        "NOTIFY_SOCKET",
        "PGHOST",
        "PGHOSTADDR",
        "PGUSER",
        "PGPORT",
        "MYSQL_UNIX_PORT",
        "LISTEN_FDS",
        "LD_PRELOAD",
        "GONE",
        "KEPT",
    ] {
        scene.env(name, "outside");
    }
    scene.apply().code(0);
    let names = |file: &str| {
        let mut names: Vec<String> = scene
            .read(file)
            .lines()
            .map(str::to_owned)
            .filter(|line| {
                !["_", "PWD", "OLDPWD", "SHLVL", "PATH", "FITOUT_ROOT"].contains(&line.split('=').next().unwrap())
            })
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("run/env"), ["KEPT=outside", "NEW=x", "PGPORT=5433"]);
    assert_eq!(names("out/env"), ["GONE=outside", "KEPT=outside"]);
}

#[test]
fn the_server_runs_as_the_user_and_is_found_out_when_it_cannot() {
    if !root_or_skip("the_server_runs_as_the_user_and_is_found_out_when_it_cannot") {
        return;
    }
    let server = scene("id -u > user; touch ready; while :; do sleep 0.02; done", "", STEP);
    server.owned("run", 1234, 1234);
    server
        .file("plan.yaml", server.read("plan.yaml").replace("  - name: up\n", "  - name: up\n    as: \"1234:1234\"\n"));
    server.apply().code(0);
    assert_eq!(server.read("run/user"), "1234\n");
    is_gone(&server);
    let missing = scene(FOREVER, "", STEP);
    missing.file("plan.yaml", missing.read("plan.yaml").replace("command: [sh, ", "command: [/missing, "));
    missing.apply().code(1).stderr_has("error: cannot execute `/missing`: no such file");
}

#[test]
fn plans_that_make_no_sense_are_found_by_check() {
    for (serve, message) in [
        ("{ command: [], ready: { targets: [\"file:///x\"] }, steps: [] }", "`serve` needs a command"),
        ("{ command: [x], ready: { targets: [] }, steps: [] }", "`wait` needs at least one target"),
        ("{ command: [x], steps: [] }", "`ready` is missing"),
        ("{ command: [x], ready: { targets: [\"file:///x\"] }, stop: { signal: NONE }, steps: [] }", "signal"),
        (
            "{ command: [\"{{env.S}}\"], ready: { targets: [\"file:///x\"] }, steps: [] }",
            "`env.S` is secret, and arguments can be seen by every user",
        ),
        (
            "{ command: [x], ready: { targets: [{ command: [x, \"{{env.S}}\"] }] }, steps: [] }",
            "`env.S` is secret, and arguments can be seen by every user",
        ),
    ] {
        let plan = format!("version: 1\ninputs: {{ env: {{ S: {{ secret: true }} }} }}\nsteps:\n  - serve: {serve}\n");
        Scene::with_plan(&plan).run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
}

#[test]
fn between_fork_and_execve_there_are_only_the_calls_that_are_needed() {
    let test = "between_fork_and_execve_there_are_only_the_calls_that_are_needed";
    if !root_or_skip(test) || !crate::once::strace_or_skip(test) {
        return;
    }
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - as: \"1234:2345\"\n    run: { command: [/bin/true], directory: /, stdin: x, secrets_as_files: { s: { from_file: /secret } } }\n",
    );
    scene.file("secret", "hunter2");
    let trace = scene.path("trace").display().to_string();
    let output = scene.traced(&["-o", &trace], &["apply", "plan.yaml"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let trace = scene.read("trace");
    let program = trace.lines().find(|line| line.contains("execve(\"/bin/true\"")).unwrap();
    let id = program.split(' ').next().unwrap();
    let of_child = trace.lines().filter_map(|line| line.strip_prefix(id)?.trim_start().split_once('('));
    let calls: Vec<&str> = of_child.map(|(name, _)| name).take_while(|name| *name != "execve").collect();
    assert!(calls.contains(&"setresuid") && calls.contains(&"prctl"), "{calls:?}");
    // Nothing that asks for memory, opens a file or waits for a lock of another thread.
    let needed = [
        "set_tid_address",
        "rt_sigprocmask",
        "rt_sigaction",
        "close",
        "dup2",
        "dup3",
        "fcntl",
        "setsid",
        "fchown",
        "setgroups",
        "setresgid",
        "getresgid",
        "setresuid",
        "getresuid",
        "setuid",
        "chdir",
        "prctl",
        "getppid",
        "getpid",
    ];
    let others: Vec<&&str> = calls.iter().filter(|name| !needed.contains(name)).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn steps_that_end_at_once_still_meet_a_server_and_what_they_lack_is_told() {
    for _ in 0..5 {
        let scene = scene("while :; do sleep 0.02; done", "", "");
        scene.file("run/ready", "");
        scene.apply().code(0);
        // It may have been stopped before it could say its number.
        if scene.exists("run/pid") && !scene.read("run/pid").is_empty() {
            is_gone(&scene);
        }
    }
    let scene = scene(FOREVER, "", STEP);
    let missing = "ready: { targets: [{ database: { from_file: /nothere } }], timeout: 20s";
    scene.file(
        "plan.yaml",
        scene.read("plan.yaml").replace("ready: { targets: [\"file:///run/ready\"], timeout: 20s", missing),
    );
    scene.apply().code(4).stderr_has("/nothere");
}

#[test]
fn later_steps_and_the_application_get_their_variables_back_whatever_failed() {
    let scene = scene(FOREVER, "      secrets_as_files: { s: { from_file: /nothere } }\n", STEP);
    let plan = scene.read("plan.yaml").replace("  - name: up\n", "  - name: up\n    on_error: warn\n");
    scene.file("plan.yaml", plan + "exec: { command: [printenv, PGHOST] }\n").env("PGHOST", "outside");
    assert_eq!(scene.apply().code(0).stdout, "outside\n");
}

#[test]
fn what_a_server_that_ended_early_leaves_is_killed() {
    let scene = scene("sleep 600 >/dev/null 2>&1 & echo $! > pid; exit 3", "", STEP);
    scene.apply().code(1).stderr_has("`sh` ended with code 3 before it was stopped");
    is_gone(&scene);
}

#[test]
fn a_signal_that_reaches_the_server_as_well_is_still_the_reason() {
    let steps = "        - wait: { targets: [\"file:///never\"], timeout: 1h }\n";
    for first in ["server", "ourselves"] {
        let scene = scene(FOREVER, "", steps);
        let child = scene.start(&["apply", "plan.yaml"]);
        until("the server is not ready", || scene.exists("run/ready"));
        std::thread::sleep(Duration::from_millis(100));
        let server = Pid::from_raw(scene.read("run/pid").trim().parse().unwrap());
        let ourselves = Pid::from_raw(i32::try_from(child.id()).unwrap());
        let order = if first == "server" { [server, ourselves] } else { [ourselves, server] };
        for id in order {
            kill(id, Signal::SIGTERM).unwrap();
        }
        Ran::from(child.wait_with_output().unwrap()).code(143).stderr_has("error: interrupted by SIGTERM");
        is_gone(&scene);
    }
}
