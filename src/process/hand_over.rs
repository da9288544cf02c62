//! The hand-over: this process becomes the application, with the same PID.

use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::Path;

use nix::sys::stat::{SFlag, fstat};
use nix::unistd::{Uid, fchown};

use super::execution::Execution;
use super::preparation::{Preparation, Refusal};
use super::{Credentials, Environment, Interrupt, inherited, signals};
use crate::failure::Failure;
use crate::spec::{CapabilitiesSpec, Limit, Umask};

/// How the application is started.
#[derive(Debug)]
pub(crate) struct HandOver<'a> {
    /// None to stay who we are.
    pub(crate) credentials: Option<Credentials>,
    pub(crate) umask: Option<Umask>,
    /// Each with the name of its resource.
    pub(crate) limits: Vec<(&'static str, Limit)>,
    pub(crate) nice: Option<i32>,
    pub(crate) capabilities: Option<&'a CapabilitiesSpec>,
    pub(crate) no_new_privileges: bool,
    /// A path of the file system, as that of the program.
    pub(crate) directory: Option<&'a Path>,
    /// Exactly what the application gets.
    pub(crate) environment: &'a Environment,
}

impl<'a> HandOver<'a> {
    /// Nothing but the environment is changed.
    pub(crate) fn plain(environment: &'a Environment) -> Self {
        Self {
            credentials: None,
            umask: None,
            limits: Vec::new(),
            nice: None,
            capabilities: None,
            no_new_privileges: false,
            directory: None,
            environment,
        }
    }
}

/// Becomes the application. Returns only on failure; what was given up by then stays given up.
///
/// `execve` is called by ourselves, not through the standard library's `Command::exec`: that one keeps only one of several
/// variables with the same name, and sorts them.
pub(crate) fn hand_over(command: &[OsString], how: &HandOver<'_>, interrupt: &Interrupt) -> Failure {
    match prepare(command, how, interrupt) {
        Ok(execution) => execution.explain(execution.execute()),
        Err(failure) => failure,
    }
}

fn prepare(command: &[OsString], how: &HandOver<'_>, interrupt: &Interrupt) -> Result<Execution, Failure> {
    let execution = Execution::new(command, how.environment)?;
    let preparation = Preparation::new(how)?;
    give_pipes(how);
    let explain = |refusal| preparation.explain(refusal, how);
    preparation.carry_out().map_err(explain)?;
    // Rust's start-up ignores SIGPIPE, and what is ignored stays so over `execve`: a pipeline in the application would then
    // see errors instead of ending.
    inherited::restore_dispositions().map_err(Refusal::of_signals).map_err(explain)?;
    interrupt.restore()?;
    signals::set_mask(inherited::mask());
    Ok(execution)
}

/// Lets the application open `/dev/stdout` and `/dev/stderr` again, whoever it is.
pub(super) fn give_pipes(how: &HandOver<'_>) {
    if let Some(credentials) = &how.credentials {
        give_pipe(std::io::stdout(), credentials.uid);
        give_pipe(std::io::stderr(), credentials.uid);
    }
}

/// A pipe that root made is closed to everybody else who opens it by its name. Other kinds of output are left alone. Without the right to do so there is nothing lost: most applications write to the descriptor.
fn give_pipe(output: impl AsFd, uid: u32) {
    let is_pipe = fstat(&output).is_ok_and(|status| status.st_mode & SFlag::S_IFMT.bits() == SFlag::S_IFIFO.bits());
    if is_pipe {
        let _ = fchown(output, Some(Uid::from_raw(uid)), None);
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Output;

    use nix::sys::signal::{Signal, raise};

    use super::{HandOver, hand_over};
    use crate::failure::Kind;
    use crate::process::subprocess::{Role, is_root, signals};
    use crate::process::{Credentials, Environment, Interrupt};
    use crate::spec::Umask;

    fn start(test: &str) -> Output {
        Role::start(&format!("process::hand_over::tests::{test}")).output().unwrap()
    }

    fn output(test: &str) -> String {
        let output = start(test);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn the_application_finds_signals_as_in_a_fresh_process() {
        if Role::current().is_some() {
            let interrupt = Interrupt::install().unwrap();
            let environment = Environment::default();
            panic!(
                "{}",
                hand_over(&["cat".into(), "/proc/self/status".into()], &HandOver::plain(&environment), &interrupt)
            );
        }
        let status = output("the_application_finds_signals_as_in_a_fresh_process");
        for name in ["SigBlk", "SigIgn", "SigCgt"] {
            assert_eq!(signals(&status, name), 0, "{name}: {status}");
        }
    }

    #[test]
    fn the_application_gets_exactly_its_environment_and_the_same_pid() {
        if Role::current().is_some() {
            let environment: Environment =
                [("Z", "1"), ("A", "2"), ("Z", "3")].iter().map(|(name, value)| (name.into(), value.into())).collect();
            // A shell would merge the duplicate, so it is looked at without one, and the PID with one.
            let script = format!("[ $$ = {} ]", std::process::id());
            let with_shell = std::env::vars_os().any(|(name, _)| name == "WITH_SHELL");
            let command = if with_shell { ["/bin/sh", "-c", &script] } else { ["cat", "-u", "/proc/self/environ"] };
            panic!("{}", hand_over(&command.map(OsString::from), &HandOver::plain(&environment), &Interrupt::none()));
        }
        let name = "the_application_gets_exactly_its_environment_and_the_same_pid";
        let told = output(name);
        assert!(told.ends_with("Z=1\0A=2\0Z=3\0"), "{told:?}");
        let with_shell =
            Role::start(&format!("process::hand_over::tests::{name}")).env("WITH_SHELL", "1").output().unwrap();
        assert!(with_shell.status.success(), "{with_shell:?}");
    }

    #[test]
    fn a_signal_before_the_hand_over_is_not_lost() {
        if Role::current().is_some() {
            let interrupt = Interrupt::install().unwrap();
            raise(Signal::SIGTERM).unwrap();
            let failure = hand_over(&["/bin/true".into()], &HandOver::plain(&Environment::default()), &interrupt);
            assert_eq!(failure.kind(), Kind::Interrupted(15));
            // From here on a signal has its default effect.
            raise(Signal::SIGTERM).unwrap();
            panic!("still alive");
        }
        let output = start("a_signal_before_the_hand_over_is_not_lost");
        assert_eq!(output.status.signal(), Some(15), "{output:?}");
    }

    #[test]
    fn what_was_ignored_stays_ignored() {
        if Role::current().is_some() {
            let interrupt = Interrupt::install().unwrap();
            assert!(!interrupt.caught().contains(&(Signal::SIGHUP as i32)));
            let command = ["grep".into(), "SigIgn".into(), "/proc/self/status".into()];
            panic!("{}", hand_over(&command, &HandOver::plain(&Environment::default()), &interrupt));
        }
        let name = "process::hand_over::tests::what_was_ignored_stays_ignored";
        let command = Role::start(name);
        let output = std::process::Command::new("nohup")
            .arg(command.get_program())
            .args(command.get_args())
            .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(signals(&text, "SigIgn"), 1, "{text}");
    }

    #[test]
    fn user_umask_and_privileges_are_set() {
        if !is_root() {
            return;
        }
        if Role::current().is_some() {
            let environment = Environment::default();
            let how = HandOver {
                credentials: Some(Credentials { uid: 1234, gid: 2345, groups: vec![2345], home: "/nowhere".into() }),
                umask: Some(Umask::Always(0o077)),
                no_new_privileges: true,
                ..HandOver::plain(&environment)
            };
            let script = "umask; grep -E '^(Uid|Gid|Groups|NoNewPrivs)' /proc/self/status; echo again >/dev/stdout";
            panic!("{}", hand_over(&["/bin/sh".into(), "-c".into(), script.into()], &how, &Interrupt::none()));
        }
        let text = output("user_umask_and_privileges_are_set");
        for wanted in [
            "0077\n",
            "Uid:\t1234\t1234\t1234\t1234\n",
            "Gid:\t2345\t2345\t2345\t2345\n",
            "Groups:\t2345 \n",
            "NoNewPrivs:\t1\n",
            // A pipe that root made can be opened again.
            "again\n",
        ] {
            assert!(text.contains(wanted), "{wanted:?}: {text}");
        }
    }

    #[test]
    fn codes_of_what_cannot_be_executed() {
        // In a process of its own, because SIGPIPE is reset on the way.
        if Role::current().is_none() {
            output("codes_of_what_cannot_be_executed");
            return;
        }
        for (word, kind, message) in [
            ("/missing/server", Kind::NotFound, "cannot execute `/missing/server`: no such file"),
            ("/etc", Kind::NotExecutable, "cannot execute `/etc`: is a directory"),
            ("/etc/passwd", Kind::NotExecutable, "cannot execute `/etc/passwd`: permission denied"),
        ] {
            let failure = hand_over(&[word.into()], &HandOver::plain(&Environment::default()), &Interrupt::none());
            assert_eq!((failure.kind(), failure.to_string().as_str()), (kind, message));
        }
    }
}
