//! Fitout as the parent of the application: every exit code, every signal, no orphan, nothing left behind.

mod ending;
mod signals;
mod terminal;

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::libc;

use crate::hand_over::inheriting;
use crate::harness::{Ran, Scene, root_or_skip};

/// A supervised application that has said `ready`, and what it prints.
pub(crate) struct Watched {
    /// None when it has ended.
    child: Option<Child>,
    id: i32,
    output: BufReader<ChildStdout>,
}

impl Watched {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let id = child.id().cast_signed();
        let mut watched = Self { child: Some(child), id, output };
        assert_eq!(watched.line(), "ready");
        watched
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    #[allow(unsafe_code, reason = "the safe form knows no real-time signals")]
    pub(crate) fn send(&self, signal: i32) {
        // SAFETY: the call takes two numbers.
        assert_eq!(unsafe { libc::kill(self.id(), signal) }, 0);
    }

    pub(crate) fn id(&self) -> i32 {
        self.id
    }

    /// How it ended, with everything that it printed until then.
    pub(crate) fn end(mut self) -> Ran {
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.output, &mut rest).unwrap();
        let mut ran = Ran::from(self.child.take().unwrap().wait_with_output().unwrap());
        ran.stdout = rest;
        ran
    }

    /// Its exit code, whoever still holds its output.
    pub(crate) fn code(mut self) -> Option<i32> {
        self.child.take().unwrap().wait().unwrap().code()
    }
}

/// A test that fails leaves nothing behind: the third signal that asks to stop ends everything.
impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            for _ in 0..3 {
                self.send(libc::SIGTERM);
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn flags<'a>(flags: &[&'a str], command: &[&'a str]) -> Vec<&'a str> {
    [&["exec", "--supervise"], flags, &["--"], command].concat()
}

/// The shell as application.
pub(crate) fn script<'a>(more: &[&'a str], script: &'a str) -> Vec<&'a str> {
    flags(more, &["/bin/sh", "-c", script])
}

/// The same as the first process of a container: with a space of processes of its own.
pub(crate) fn as_first(scene: &Scene, arguments: &[&str]) -> Command {
    let plain = scene.command(arguments);
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child"]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(&scene.directory).env_clear().stdin(Stdio::null());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

/// As any process, and as the first one where the test may make one.
pub(crate) fn in_both_ways(test: &str, scene: &Scene, arguments: &[&str], check: impl Fn(Command)) {
    check(scene.command(arguments));
    if root_or_skip(test) {
        check(as_first(scene, arguments));
    }
}

pub(crate) fn scene() -> Scene {
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin");
    scene
}

/// Waits until something is so; on a busy machine it takes its time.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A field of the process in `/proc/ID/status`.
pub(crate) fn status(id: i32, name: &str) -> String {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

#[test]
fn all_256_exit_codes_are_the_application_s() {
    let scene = scene();
    for code in 0..=255 {
        let ran = scene.run(&script(&[], &format!("exit {code}")));
        assert_eq!((ran.code, ran.stderr.as_str()), (code, ""));
    }
    in_both_ways("all_256_exit_codes_are_the_application_s", &scene, &script(&[], "exit 77"), |mut command| {
        Ran::from(command.output().unwrap()).code(77);
    });
}

#[test]
fn an_end_by_a_signal_is_128_and_its_number() {
    let scene = scene();
    let stops_nothing = [17, 18, 19, 20, 21, 22, 23, 28];
    for signal in (1..=31).chain(34..=64).filter(|signal| !stops_nothing.contains(signal)) {
        let ran = scene.run(&script(&[], &format!("ulimit -c 0; kill -{signal} $$")));
        assert_eq!(ran.code, 128 + signal, "{signal}: {}", ran.stderr);
    }
}

#[test]
fn chosen_exit_codes_become_0() {
    let scene = scene();
    let flags = ["--ok-code", "143", "--ok-code", "7"];
    scene.run(&script(&flags, "exit 7")).code(0);
    scene.run(&script(&flags, "kill -TERM $$")).code(0);
    scene.run(&script(&flags, "exit 8")).code(8);
    scene.run(&script(&["--ok-code", "256"], "exit 0")).code(2);
}

#[test]
fn what_cannot_be_started_is_said_as_without_a_parent() {
    let scene = scene();
    scene.file("text", "echo from a shell\n").mode("text", 0o755).file("plain", "x").mode("plain", 0o644);
    let path = |name: &str| scene.path(name).display().to_string();
    for (program, code, message) in [
        ("/no/such/program".to_owned(), 127, "error: cannot execute `/no/such/program`: no such file\n"),
        ("no-such-program".to_owned(), 127, "error: cannot execute `no-such-program`: not found in PATH"),
        ("/etc".to_owned(), 126, "error: cannot execute `/etc`: is a directory"),
        (path("plain"), 126, "permission denied"),
        (path("text"), 126, "exec format error"),
    ] {
        scene.run(&flags(&[], &[&program])).code(code).stderr_has(message).lacks("from a shell");
    }
    scene
        .run(&flags(&["--directory", "/missing"], &["true"]))
        .code(126)
        .stderr_has("error: cannot change to the directory `/missing`: no such file or directory");
    scene.run(&["exec", "--grace", "1s", "--", "true"]).code(2).stderr_has("--supervise");
    for (flag, value, message) in [
        ("--grace", "10", "error: not a duration"),
        ("--stop", "TREM", "error: not a signal"),
        ("--signal", "TERM", "error: `TERM` is no `FROM=TO`"),
        ("--signal", "TERM=X", "error: not a signal"),
        ("--parent-death", "0", "error: not a signal"),
    ] {
        scene.run(&flags(&[flag, value], &["true"])).code(2).stderr_has(message);
    }
}

#[test]
fn a_plan_says_how_the_application_is_watched() {
    let scene = scene();
    let plan = |supervise: &str| {
        scene.file(
            "plan.yaml",
            format!(
                "version: 1\nsteps:\n  - render: {{ text: made, path: /a }}\n  - run: {{ command: [\"true\"] }}\nexec:\n  \
                 command: [sh, -c, \"cat a; echo $PPID; exit 9\"]\n  supervise: {supervise}\n"
            ),
        );
    };
    for (supervise, stays) in [("true", true), ("false", false), ("{ grace: 5s, signals: { TERM: QUIT } }", true)] {
        plan(supervise);
        let child = scene.start(&["apply", "plan.yaml"]);
        let id = child.id();
        let ran = Ran::from(child.wait_with_output().unwrap()).code(9);
        let parent = if stays { id } else { std::process::id() };
        assert_eq!(ran.stdout, format!("made{parent}\n"), "{supervise}");
    }
    for (wrong, message) in [
        ("{ grase: 5s }", "did you mean `grace`?"),
        ("{ signals: { TERM: X } }", "not a signal"),
        ("{ signals: { X: TERM } }", "not a signal"),
        ("{ ok_codes: [256] }", "ok_codes"),
        ("5", "`true`, `false`, or a mapping"),
    ] {
        plan(wrong);
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
}

#[test]
fn the_application_inherits_what_the_parent_of_its_parent_arranged() {
    let scene = scene();
    for (ignored, blocked) in [(&[] as &[i32], &[] as &[i32]), (&[1, 13, 17, 22], &[10, 15, 20, 34, 64])] {
        let mut command = scene.command(&flags(&["--user", "0:0"], &["cat", "/proc/self/status"]));
        if !nix::unistd::geteuid().is_root() {
            command = scene.command(&flags(&[], &["cat", "/proc/self/status"]));
        }
        inheriting(&mut command, ignored, blocked);
        let ran = Ran::from(command.output().unwrap()).code(0);
        let bits = |signals: &[i32]| signals.iter().fold(0_u64, |set, signal| set | 1 << (signal - 1));
        let found = |name: &str| {
            let line = ran.stdout.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            u64::from_str_radix(line.trim_start_matches(':').trim(), 16).unwrap()
        };
        assert_eq!(found("SigIgn") & !bits(&[32, 33, 34]), bits(ignored));
        assert_eq!(found("SigBlk"), bits(blocked));
        assert_eq!(found("SigCgt"), 0);
    }
}

#[test]
fn the_parent_holds_nothing_and_sleeps() {
    let scene = scene();
    let directory = scene.directory.display().to_string();
    let watched = Watched::start(scene.command(&script(&["--directory", &directory], "echo ready; exec sleep 1000")));
    let id = watched.id();
    until("the parent sleeps", || status(id, "State").starts_with('S'));
    let open = || std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
    until("descriptors are closed", || open() == 3);
    assert_eq!(std::fs::read_link(format!("/proc/{id}/cwd")).unwrap().display().to_string(), "/");
    let kilobytes = |name| status(id, name).trim_end_matches(" kB").parse::<u64>().unwrap();
    assert!(kilobytes("VmRSS") < kilobytes("VmHWM") / 2, "what it took to start is still held");
    let wakes = || status(id, "voluntary_ctxt_switches");
    let before = wakes();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(wakes(), before, "woken while there was nothing to do");
    watched.send(libc::SIGTERM);
    watched.end().code(143);
}

#[test]
fn descriptors_of_a_service_manager_are_meant_for_the_application() {
    let listening = |id: &str| {
        let line = format!(
            "LISTEN_PID={id} exec {} exec --supervise -- sh -c 'echo $LISTEN_PID $$'",
            crate::harness::binary().display()
        );
        let output = Command::new("/bin/sh").args(["-c", &line]).env("A", "b").output().unwrap();
        Ran::from(output).code(0).stdout
    };
    let passed = listening("$$");
    let (named, own) = passed.trim().split_once(' ').unwrap();
    assert_eq!(named, own);
    assert!(listening("1").starts_with("1 "), "meant for somebody else");
}
