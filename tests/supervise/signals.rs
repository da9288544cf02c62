//! Every signal reaches the application, as what the plan makes of it, and none is lost before there is one.

use std::path::Path;

use nix::libc;

use super::{Watched, as_first, flags, scene, script, status, until};
use crate::harness::{root_or_skip, skip};

const PYTHON: &str = "/usr/bin/python3";

/// Prints the number of each signal that it gets, until it gets SIGUSR2.
const LISTENER: &str = "
import signal, sys
listened = [number for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP)]
signal.pthread_sigmask(signal.SIG_BLOCK, listened)
print('ready', flush=True)
while True:
    number = int(signal.sigwait(listened))
    print(number, flush=True)
    if number == signal.SIGUSR2: sys.exit(0)
";

/// Faults of our own, what nobody can hold back, and what is told of our own children.
const NOT_FORWARDED: [i32; 10] = [
    libc::SIGKILL,
    libc::SIGSTOP,
    libc::SIGCHLD,
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGABRT,
    libc::SIGTRAP,
    libc::SIGSYS,
];

fn listened_to(test: &str) -> bool {
    let there = Path::new(PYTHON).exists();
    if !there {
        skip(test, PYTHON);
    }
    there
}

fn forwarded() -> impl Iterator<Item = i32> {
    // glibc keeps 32 and 33 to itself, so the listener cannot hear them.
    (1..=31).chain(34..=64).filter(|signal| !NOT_FORWARDED.contains(signal) && *signal != libc::SIGUSR2)
}

#[test]
fn every_signal_is_passed_on() {
    if !listened_to("every_signal_is_passed_on") {
        return;
    }
    let scene = scene();
    for more in [&["--grace", "1h"] as &[&str], &["--grace", "1h", "--group"]] {
        let mut watched = Watched::start(scene.command(&flags(more, &[PYTHON, "-c", LISTENER])));
        // The third signal that asks to stop would be the last: TERM and INT are two.
        for signal in forwarded() {
            watched.send(signal);
            assert_eq!(watched.line(), signal.to_string(), "{more:?}");
            if [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].contains(&signal) {
                let id = watched.id();
                until("the parent stops too", || status(id, "State").starts_with('T'));
                watched.send(libc::SIGCONT);
                assert_eq!(watched.line(), libc::SIGCONT.to_string());
            }
        }
        watched.send(libc::SIGUSR2);
        watched.end().code(0);
    }
}

#[test]
fn the_first_process_passes_every_signal_on_and_never_stops() {
    let test = "the_first_process_passes_every_signal_on_and_never_stops";
    if !root_or_skip(test) || !listened_to(test) {
        return;
    }
    let scene = scene();
    let mut watched = Watched::start(as_first(&scene, &flags(&["--grace", "1h"], &[PYTHON, "-c", LISTENER])));
    // `unshare` is the child that we know; the first process of the space is its own child.
    let first = children(watched.id()).remove(0);
    for signal in forwarded() {
        send(first, signal);
        assert_eq!(watched.line(), signal.to_string());
    }
    until("it sleeps", || status(first, "State").starts_with('S'));
    send(first, libc::SIGUSR2);
    assert_eq!(watched.line(), libc::SIGUSR2.to_string());
    watched.end().code(0);
}

/// The children of a process with one thread.
pub(super) fn children(process: i32) -> Vec<i32> {
    let list = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    list.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

#[allow(unsafe_code, reason = "the safe form knows no real-time signals")]
pub(super) fn send(process: i32, signal: i32) {
    // SAFETY: the call takes two numbers.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
}

#[test]
fn signals_are_rewritten_and_dropped() {
    let test = "signals_are_rewritten_and_dropped";
    if !listened_to(test) {
        return;
    }
    let scene = scene();
    let rewrites = ["--signal", "TERM=QUIT", "--signal", "HUP=none", "--signal", "USR1=RTMIN+2", "--grace", "1h"];
    let mut watched = Watched::start(scene.command(&flags(&rewrites, &[PYTHON, "-c", LISTENER])));
    for (sent, found) in [(libc::SIGTERM, libc::SIGQUIT), (libc::SIGUSR1, 36), (libc::SIGWINCH, libc::SIGWINCH)] {
        watched.send(libc::SIGHUP);
        watched.send(sent);
        assert_eq!(watched.line(), found.to_string());
    }
    watched.send(libc::SIGUSR2);
    watched.end().code(0);
}

#[test]
fn a_signal_that_somebody_sends_is_no_end_of_a_child() {
    let scene = scene();
    let watched = Watched::start(scene.command(&script(&[], "echo ready; read line; exit 5")));
    for _ in 0..100 {
        watched.send(libc::SIGCHLD);
    }
    watched.send(libc::SIGCONT);
    assert!(!status(watched.id(), "State").is_empty());
    watched.send(libc::SIGTERM);
    let code = watched.end().code;
    // Standard input is empty, so that it may also have read its end.
    assert!([5, 143].contains(&code), "{code}");
}

#[test]
fn a_signal_to_the_group_reaches_it_also_when_it_comes_before_the_application() {
    if !Path::new("/usr/bin/strace").exists() {
        return skip("a_signal_to_the_group_reaches_it_also_when_it_comes_before_the_application", "strace");
    }
    let scene = scene();
    for more in [&[] as &[&str], &["--group"], &["--session"]] {
        for delayed in ["setpgid", "setsid", "execve"] {
            // Of `execve` the first is our own.
            let when = if delayed == "execve" { "2" } else { "1" };
            let inject = format!("inject={delayed}:delay_enter=700000:when={when}");
            let arguments = flags(more, &["sleep", "1000"]);
            let mut traced = scene.traced(&["-o", "/dev/null", "-e", &inject], &arguments);
            let mut child = traced.spawn().unwrap();
            let tracer = child.id().cast_signed();
            // The second process is there before it has its group.
            let mut parent = 0;
            until("there is a child", || {
                parent = children(tracer).into_iter().find(|id| !children(*id).is_empty()).unwrap_or_default();
                parent != 0
            });
            send(parent, libc::SIGTERM);
            assert_eq!(child.wait().unwrap().code(), Some(143), "{more:?} {delayed}");
        }
    }
}

#[test]
fn the_end_of_the_parent_becomes_a_signal() {
    let scene = scene();
    let line = script(
        &["--parent-death", "USR1"],
        "trap 'echo told > told; exit 0' USR1; echo $PPID > id; while :; do sleep 0.02; done",
    );
    let mut started = scene.command(&line);
    let program = started.get_program().to_owned();
    // A shell that starts it, waits until it is there, and ends.
    let words: Vec<String> =
        started.get_args().map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', "'\\''"))).collect();
    let shell = format!("'{}' {} & while [ ! -s id ]; do sleep 0.02; done", program.display(), words.join(" "));
    started = std::process::Command::new("/bin/sh");
    started.args(["-c", &shell]).current_dir(&scene.directory).stdin(std::process::Stdio::null());
    assert!(started.status().unwrap().success());
    until("the application is told", || scene.exists("told"));
    let id: i32 = scene.read("id").trim().parse().unwrap();
    until("the parent has ended", || status(id, "State").is_empty() || status(id, "State").starts_with('Z'));
}
