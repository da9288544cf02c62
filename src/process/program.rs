//! A program that a step runs to its end.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow};

use super::execution::Execution;
use super::supervision::Supervision;
use super::{Credentials, Environment, Interrupt, cause, disposition};
use crate::failure::{Failure, Kind};

/// Between SIGTERM and SIGKILL. `docker stop` gives ourselves as much.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// Added to the error number of a refused change of user, because only one number comes back from the child.
const PRIVILEGES: i32 = 1 << 16;

/// A program and how it is run. It has no input, its own process group, and no shell around it.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    pub(crate) command: &'a [OsString],
    pub(crate) environment: &'a Environment,
    pub(crate) credentials: Option<&'a Credentials>,
    /// When it has to have ended.
    pub(crate) deadline: Option<Instant>,
    /// How long it has to end after SIGTERM before it is killed.
    pub(crate) grace: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
}

impl Program<'_> {
    /// Runs the program to its end and tells each line that it prints. On an interrupt or when the time is over, its process
    /// group gets SIGTERM and later SIGKILL; the program has always ended when this returns.
    pub(crate) fn run(&self, interrupt: &Interrupt, tell: &mut dyn FnMut(&str)) -> Result<Exit, Failure> {
        interrupt.check()?;
        let execution = Arc::new(self.execution()?);
        let supervision = Supervision::new(self, interrupt).map_err(|error| self.failed(&error))?;
        let child = self.start(&execution, interrupt)?;
        let status = supervision.run(child, tell)?;
        Ok(exit(status))
    }

    pub(super) fn failed(&self, error: &io::Error) -> Failure {
        let cause = error.raw_os_error().map_or_else(|| error.to_string(), |code| cause(Errno::from_raw(code)));
        Failure::new(Kind::Step, format!("cannot run `{}`: {cause}", self.name()))
    }

    pub(super) fn name(&self) -> String {
        self.command.first().map(|name| name.display().to_string()).unwrap_or_default()
    }

    fn execution(&self) -> Result<Execution, Failure> {
        let mut environment = self.environment.clone();
        if let Some(credentials) = self.credentials {
            environment.set("HOME", &credentials.home);
        }
        // Exit codes 126 and 127 are said of the application only, not of a step.
        Execution::new(self.command, &environment).map_err(|failure| failure.with_kind(Kind::Step))
    }

    /// Starts the child with every signal blocked, so that none can reach it while it still has our handlers: the child
    /// resets them first and then takes what came in the meantime.
    #[allow(unsafe_code, reason = "the change of user and the signal mask belong between fork and execve")]
    fn start(&self, execution: &Arc<Execution>, interrupt: &Interrupt) -> Result<Child, Failure> {
        let drop = self.credentials.map(Credentials::plan).transpose().map_err(|errno| self.failed(&errno.into()))?;
        let (prepared, caught) = (Arc::clone(execution), interrupt.caught().to_vec());
        let become_program = move || {
            for signal in &caught {
                disposition::set_default(*signal)?;
            }
            SigSet::empty().thread_set_mask()?;
            if let Some(drop) = &drop {
                drop.carry_out().map_err(|errno| io::Error::from_raw_os_error(PRIVILEGES | errno as i32))?;
            }
            // Never back from here on success. The environment is exactly the one that was prepared.
            Err(prepared.execute().into())
        };
        let mut command = Command::new(self.name());
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // SAFETY: between fork and execve the closure makes system calls on values that were prepared before. It allocates
        // nothing, takes no lock and does not panic.
        unsafe { command.pre_exec(become_program) };
        let before =
            SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).map_err(|errno| self.failed(&errno.into()))?;
        let started = command.spawn();
        before.thread_set_mask().map_err(|errno| self.failed(&errno.into()))?;
        started.map_err(|error| self.not_started(&error, execution))
    }

    fn not_started(&self, error: &io::Error, execution: &Execution) -> Failure {
        match (error.raw_os_error(), self.credentials) {
            (Some(code), Some(credentials)) if code & PRIVILEGES != 0 => {
                credentials.refused(Errno::from_raw(code & !PRIVILEGES))
            }
            (Some(code), _) => execution.explain(Errno::from_raw(code)).with_kind(Kind::Step),
            (None, _) => self.failed(error),
        }
    }
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use super::{Exit, Program};
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
        let program = Program { command: &command, environment: &environment, credentials, deadline, grace };
        let mut told = Vec::new();
        let exit = program.run(interrupt, &mut |line| told.push(line.to_owned()));
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
        let (exit, told) = run(&["ls", "-l", "/proc/self/fd"], Limits::default(), &Interrupt::for_test());
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
        let interrupt = Interrupt::for_test();
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
        let credentials =
            Credentials { uid: 1234, gid: 2345, groups: vec![2345, 3456], home: PathBuf::from("/home/x") };
        let script = "grep -E '^(Uid|Gid|Groups|CapEff)' /proc/self/status; echo $HOME";
        let (exit, told) = run(
            &["sh", "-c", script],
            Limits { credentials: Some(&credentials), ..Limits::default() },
            &Interrupt::none(),
        );
        assert_eq!(exit.unwrap(), Exit::Code(0));
        assert_eq!(
            told.iter().map(|line| line.trim_end()).collect::<Vec<_>>(),
            [
                "Uid:\t1234\t1234\t1234\t1234",
                "Gid:\t2345\t2345\t2345\t2345",
                "Groups:\t2345 3456",
                "CapEff:\t0000000000000000",
                "/home/x"
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
}
