use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Channel, Exit, Listen, Program};
use crate::failure::{Failure, Kind};
use crate::process::subprocess::{is_root, signals};
use crate::process::{Credentials, Environment, Interrupt};

#[derive(Default)]
struct Limits<'a> {
    credentials: Option<&'a Credentials>,
    deadline: Option<Instant>,
}

/// A program with a short time to end, and what it told.
fn run(
    words: &[&str],
    Limits { credentials, deadline }: Limits<'_>,
    interrupt: &Interrupt,
) -> (Result<Exit, Failure>, Vec<String>) {
    let command: Vec<OsString> = words.iter().map(OsString::from).collect();
    let environment = [("PATH", "/usr/bin:/bin"), ("A", "first"), ("A", "second")];
    let environment: Environment = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let grace = Duration::from_secs(2);
    let program = Program {
        command: &command,
        environment: &environment,
        credentials,
        directory: None,
        stdin: None,
        files: &[],
        deadline,
        grace,
    };
    let mut told = Vec::new();
    let exit = program.run(interrupt, &mut |_: Channel, line: &str| told.push(line.to_owned()));
    (exit, told)
}

fn shell(script: &str) -> (Result<Exit, Failure>, Vec<String>) {
    run(&["sh", "-c", script], Limits::default(), &Interrupt::none())
}

#[test]
fn output_and_end_are_exact() {
    for (script, exit, output) in [
        ("echo a; echo b >&2", Exit::Code(0), vec!["a", "b"]),
        ("kill -40 $$", Exit::Signal(40), vec![]),
        ("printf 'no end'; exit 3", Exit::Code(3), vec!["no end"]),
        ("kill -KILL $$", Exit::Signal(9), vec![]),
        ("exit 255", Exit::Code(255), vec![]),
        ("read x; echo \"[$x]\"", Exit::Code(0), vec!["[]"]),
        ("exec >&- 2>&-; sleep 0.2; exit 4", Exit::Code(4), vec![]),
    ] {
        let (ended, mut told) = shell(script);
        told.sort();
        assert_eq!((ended.unwrap(), told), (exit, output.into_iter().map(str::to_owned).collect()), "{script}");
    }
}

#[test]
fn what_is_printed_comes_by_its_stream_and_as_it_is() {
    #[derive(Default)]
    struct Kept(Vec<u8>, Vec<String>);

    impl Listen for Kept {
        fn line(&mut self, channel: Channel, line: &str) {
            self.1.push(format!("{}: {line}", channel.name()));
        }

        fn bytes(&mut self, channel: Channel, bytes: &[u8]) {
            if channel == Channel::Output {
                self.0.extend_from_slice(bytes);
            }
        }
    }

    let command: Vec<OsString> =
        ["sh", "-c", "printf 'a\\r\\n\\377b'; echo c >&2"].iter().map(OsString::from).collect();
    let environment: Environment = [("PATH".into(), "/usr/bin:/bin".into())].into_iter().collect();
    let program = Program {
        command: &command,
        environment: &environment,
        credentials: None,
        directory: None,
        stdin: None,
        files: &[],
        deadline: None,
        grace: Duration::from_secs(2),
    };
    let mut kept = Kept::default();
    assert_eq!(program.run(&Interrupt::none(), &mut kept).unwrap(), Exit::Code(0));
    kept.1.sort();
    assert_eq!(kept.0, b"a\r\n\xffb");
    assert_eq!(kept.1, ["stderr: c", "stdout: a", "stdout: \u{fffd}b"]);
}

#[test]
fn much_output_comes_whole() {
    let (exit, told) = shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
    assert_eq!(exit.unwrap(), Exit::Code(0));
    assert_eq!((told.len(), told.last().map(String::as_str)), (20_000, Some("line 19999")));
}

#[test]
fn the_environment_is_exact_with_duplicates() {
    let (_, told) = run(&["cat", "/proc/self/environ"], Limits::default(), &Interrupt::none());
    assert_eq!(told, ["PATH=/usr/bin:/bin\0A=first\0A=second\0"]);
}

#[test]
fn signals_are_as_in_a_fresh_process() {
    let (_, told) = run(&["cat", "/proc/self/status"], Limits::default(), &Interrupt::none());
    for name in ["SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"] {
        assert_eq!(signals(&told.join("\n"), name), 0, "{name}: {told:?}");
    }
}

#[test]
fn no_descriptor_of_ours_is_inherited() {
    let open = std::os::unix::net::UnixStream::pair().unwrap();
    let (exit, told) = run(&["ls", "-l", "/proc/self/fd"], Limits::default(), &Interrupt::manual().unwrap());
    assert_eq!(exit.unwrap(), Exit::Code(0));
    assert!(!told.iter().any(|line| line.contains("socket:")), "{told:?}");
    drop(open);
}

#[test]
fn what_cannot_run_is_a_failed_step() {
    for (word, message) in [
        ("/missing/program", "cannot execute `/missing/program`: no such file"),
        ("fitout-missing", "cannot execute `fitout-missing`: not found in PATH"),
        ("/etc/passwd", "cannot execute `/etc/passwd`: permission denied"),
        ("/etc", "cannot execute `/etc`: is a directory"),
    ] {
        let failure = run(&[word], Limits::default(), &Interrupt::none()).0.unwrap_err();
        assert_eq!((failure.kind(), failure.to_string().as_str()), (Kind::Step, message));
    }
}

#[test]
fn a_process_that_is_left_behind_does_not_hold_us() {
    let started = Instant::now();
    let (exit, told) = shell("sleep 20 & echo $!");
    assert_eq!(exit.unwrap(), Exit::Code(0));
    assert!(started.elapsed() < Duration::from_secs(5));
    // It was left alone: a program may start a service.
    let pid = nix::unistd::Pid::from_raw(told[0].parse().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}

#[test]
fn the_deadline_ends_the_whole_group() {
    for (script, limit) in [
        // Ends on SIGTERM, with a process that would hold the output for long.
        ("sleep 30 & echo $!; wait", 1500),
        // Ignores SIGTERM, so that only SIGKILL helps.
        ("trap '' TERM; sleep 30 & echo $!; sleep 30", 5000),
        // Is stopped, so that it sees SIGTERM only when it is continued.
        ("sleep 30 & echo $!; kill -STOP $$; sleep 30", 1500),
    ] {
        let started = Instant::now();
        let deadline = Limits { deadline: Some(started + Duration::from_millis(300)), ..Limits::default() };
        let (exit, told) = run(&["sh", "-c", script], deadline, &Interrupt::none());
        let failure = exit.unwrap_err();
        assert_eq!(failure.kind(), Kind::Timeout, "{failure}");
        assert!(failure.to_string().starts_with("timed out: `sh` was stopped after "), "{failure}");
        assert!(started.elapsed() < Duration::from_millis(300 + limit), "{script}: {:?}", started.elapsed());
        assert!(is_gone(&told[0]), "{script}: {told:?}");
    }
}

#[test]
fn output_during_the_grace_is_still_told() {
    let script = "trap 'sleep 0.1; echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    let deadline = Limits { deadline: Some(Instant::now() + Duration::from_millis(200)), ..Limits::default() };
    let (exit, told) = run(&["sh", "-c", script], deadline, &Interrupt::none());
    assert_eq!(exit.unwrap_err().kind(), Kind::Timeout);
    // Some shells tell in between that `sleep` was terminated.
    assert_eq!((told[0].as_str(), told.last().map(String::as_str)), ("ready", Some("cleaned")));
}

#[test]
fn an_interrupt_ends_the_program_at_once() {
    let interrupt = Interrupt::manual().unwrap();
    let later = interrupt.clone();
    let trigger = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        later.trigger(15);
    });
    let started = Instant::now();
    let (exit, told) = run(&["sh", "-c", "echo $$; sleep 30"], Limits::default(), &interrupt);
    assert_eq!(exit.unwrap_err().kind(), Kind::Interrupted(15));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(is_gone(&told[0]), "{told:?}");
    trigger.join().unwrap();
    // And nothing is started afterwards.
    let (exit, told) = run(&["echo", "never"], Limits::default(), &interrupt);
    assert_eq!((exit.unwrap_err().kind(), told.len()), (Kind::Interrupted(15), 0));
}

#[test]
fn the_user_is_dropped_for_good() {
    if !is_root() {
        return;
    }
    let credentials = Credentials { uid: 1234, gid: 2345, groups: vec![2345, 3456], home: PathBuf::from("/home/x") };
    let script = "grep -E '^(Uid|Gid|Groups|CapEff)' /proc/self/status";
    let (exit, told) =
        run(&["sh", "-c", script], Limits { credentials: Some(&credentials), ..Limits::default() }, &Interrupt::none());
    assert_eq!(exit.unwrap(), Exit::Code(0));
    assert_eq!(
        told.iter().map(|line| line.trim_end()).collect::<Vec<_>>(),
        [
            "Uid:\t1234\t1234\t1234\t1234",
            "Gid:\t2345\t2345\t2345\t2345",
            "Groups:\t2345 3456",
            "CapEff:\t0000000000000000",
        ]
    );
}

/// Ended, and reaped by whoever has to; a zombie whose parent is gone is ended too.
#[allow(clippy::disallowed_methods, reason = "/proc")]
fn is_gone(pid: &str) -> bool {
    (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        status.map_or(true, |status| status.contains(") Z "))
    })
}
