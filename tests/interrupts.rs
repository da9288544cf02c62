//! Signals and sudden death: the old file or the new one, never a half one, and nothing left behind.

use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::harness::Scene;

const PLAN: &str = "version: 1\nsteps:\n  - render: { text: new, path: /out/a, mode: \"0640\" }\n";

/// Runs `apply` and, at the system-call stop with this number, sends the signal. Returns false when the program ended
/// before that.
#[allow(unsafe_code, reason = "asking to be traced has to happen in the child before it executes")]
#[allow(clippy::zombie_processes, reason = "waitpid is called with the tracer's own options")]
pub(crate) fn signal_at(scene: &Scene, stop: usize, signal: Signal) -> bool {
    let mut command = scene.command(&["apply", "plan.yaml"]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    // SAFETY: ptrace(PTRACE_TRACEME) is one system call and touches no memory of the parent.
    unsafe {
        command.pre_exec(|| ptrace::traceme().map_err(Into::into));
    }
    let child = command.spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    assert!(matches!(waitpid(pid, None).unwrap(), WaitStatus::Stopped(_, Signal::SIGTRAP)));
    let mut pending = None;
    for _ in 0..stop {
        ptrace::syscall(pid, pending.take()).unwrap();
        match waitpid(pid, None).unwrap() {
            WaitStatus::Exited(..) | WaitStatus::Signaled(..) => return false,
            WaitStatus::Stopped(_, Signal::SIGTRAP) => {}
            WaitStatus::Stopped(_, other) => pending = Some(other),
            _ => {}
        }
    }
    if signal == Signal::SIGKILL {
        kill(pid, Signal::SIGKILL).unwrap();
    } else {
        ptrace::cont(pid, Some(signal)).unwrap();
    }
    loop {
        match waitpid(pid, None).unwrap() {
            WaitStatus::Exited(..) | WaitStatus::Signaled(..) => return true,
            WaitStatus::Stopped(_, signal) => {
                ptrace::cont(pid, Some(signal).filter(|s| *s != Signal::SIGTRAP)).unwrap();
            }
            _ => {}
        }
    }
}

fn between_any_two_system_calls(signal: Signal) {
    let mut stop = 0;
    loop {
        let scene = Scene::with_plan(PLAN);
        scene.file("out/a", "old");
        let reached = signal_at(&scene, stop, signal);
        let content = scene.read("out/a");
        assert!(content == "old" || content == "new", "stop {stop}: {content}");
        if signal == Signal::SIGTERM && reached {
            assert_eq!(scene.names("out"), ["a"], "stop {stop}: a signal that can be handled leaves nothing behind");
        }
        scene.apply().code(0);
        assert_eq!(scene.read("out/a"), "new", "stop {stop}");
        assert_eq!(scene.names("out"), ["a"], "stop {stop}: a temporary file is left");
        assert!(scene.stat("out/a").ends_with(" 0640"), "stop {stop}");
        if !reached {
            break;
        }
        stop += 1;
    }
    assert!(stop > 50, "only {stop} stops: the run was not traced to its end");
}

#[test]
fn sigkill_between_any_two_system_calls_leaves_the_old_or_the_new_file() {
    between_any_two_system_calls(Signal::SIGKILL);
}

#[test]
fn sigterm_between_any_two_system_calls_leaves_the_old_or_the_new_file() {
    between_any_two_system_calls(Signal::SIGTERM);
}

#[test]
fn a_signal_while_waiting_ends_the_run_at_once() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130), (Signal::SIGHUP, 129), (Signal::SIGQUIT, 131)]
    {
        let scene = Scene::with_plan(
            "version: 1\nsteps:\n  - wait: { targets: [\"file:///never\"], timeout: 1h }\n  - render: { text: x, path: /a }\nexec: { command: [/bin/echo, started] }\n",
        );
        let child = scene.start(&["apply", "plan.yaml"]);
        std::thread::sleep(Duration::from_millis(300));
        let started = Instant::now();
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(started.elapsed() < Duration::from_secs(2), "{signal}");
        assert_eq!(output.status.code(), Some(code), "{signal}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(&format!("error: interrupted by {}", signal.as_str())), "{stderr}");
        assert!(output.stdout.is_empty(), "the application was started all the same");
        assert!(!scene.exists("a"));
    }
}

#[test]
fn a_signal_while_the_plan_is_read_ends_the_run_at_once() {
    let scene = Scene::new();
    let mut child = scene.command(&["apply", "-"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
    let input = child.stdin.take();
    std::thread::sleep(Duration::from_millis(200));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    drop(input);
}

#[test]
fn a_signal_while_a_program_runs_ends_its_whole_group() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - run: { command: [/bin/sh, -c, \"sleep 1000 & echo $! > d/child; sleep 1000\"] }\n    writes: [/d]\n",
    );
    scene.directory("d");
    let child = scene.start(&["apply", "plan.yaml"]);
    let deadline = Instant::now() + Duration::from_secs(10);
    while !scene.exists("d/child") || scene.read("d/child").trim().is_empty() {
        assert!(Instant::now() < deadline, "the program did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    let grandchild = scene.read("d/child").trim().to_owned();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    // It was sent the signal before we ended; on a busy machine it takes a moment to die of it.
    let is_gone = || {
        let state = std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    };
    while !is_gone() {
        assert!(Instant::now() < deadline, "the grandchild lives on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn two_runs_at_once_both_end_well() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { source: /t, path: /out }\n");
    for number in 0..50 {
        scene.file(&format!("t/{number}.hbs"), format!("{number} {}", "x".repeat(5000)));
    }
    scene.directory("out");
    for _ in 0..10 {
        std::fs::remove_dir_all(scene.path("out")).unwrap();
        scene.directory("out");
        let children: Vec<_> = (0..4).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let names = scene.names("out");
        assert_eq!(names.len(), 50, "{names:?}");
        assert!(scene.read("out/7").starts_with("7 xxx"));
    }
}
