//! A program that a step runs to its end.

#[cfg(test)]
mod tests;

use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use nix::unistd::{chdir, getpid, getppid, setsid};

use super::execution::Execution;
use super::sealed::{Sealed, numbers_are_free};
use super::supervision::{Ended, HowToStop, Supervision};
use super::{Credentials, Environment, Interrupt, cause, disposition};
use crate::failure::{Failure, Kind};
use crate::root::File;
use crate::spec::FIRST_SECRET_FILE;

/// Between SIGTERM and SIGKILL. `docker stop` gives ourselves as much.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// Added to the error number of what was refused before the program, because only one number comes back from the child.
const PRIVILEGES: i32 = 1 << 16;
const DIRECTORY: i32 = 1 << 17;
const FILES: i32 = 1 << 18;

/// A program and how it is run. It has its own session and process group, no terminal, no shell around it, and is killed when we are.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    pub(crate) command: &'a [OsString],
    pub(crate) environment: &'a Environment,
    pub(crate) credentials: Option<&'a Credentials>,
    /// Entered as the user.
    pub(crate) directory: Option<&'a Path>,
    /// Nothing, if there is none.
    pub(crate) stdin: Option<File>,
    /// What the program finds at the numbers from [`FIRST_SECRET_FILE`] on.
    pub(crate) files: &'a [Sealed],
    /// When it has to have ended.
    pub(crate) deadline: Option<Instant>,
    /// How long it has to end after SIGTERM before it is killed.
    pub(crate) grace: Duration,
}

/// Where a program printed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Output,
    Error,
}

impl Channel {
    /// The name of the stream.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Output => "stdout",
            Self::Error => "stderr",
        }
    }
}

/// Takes what a program prints.
pub(crate) trait Listen {
    /// Takes a line, without its end; one that is very long comes in pieces.
    fn line(&mut self, channel: Channel, line: &str);

    /// Takes the same as it came.
    fn bytes(&mut self, _: Channel, _: &[u8]) {}

    /// How much of what a very long line begins with can be a piece of its own; never nothing.
    fn cut(&self, beginning: &[u8]) -> usize {
        beginning.len()
    }
}

impl<F: FnMut(Channel, &str)> Listen for F {
    fn line(&mut self, channel: Channel, line: &str) {
        self(channel, line);
    }
}

pub(crate) type Tell<'a> = &'a mut dyn Listen;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
}

impl Program<'_> {
    /// Runs the program to its end and tells each line that it prints. On an interrupt or when the time is over, its process
    /// group gets SIGTERM and later SIGKILL; the program has always ended when this returns.
    pub(crate) fn run(&self, interrupt: &Interrupt, tell: Tell<'_>) -> Result<Exit, Failure> {
        let ended = self.watch(interrupt, HowToStop::Group, tell, &|| {})?;
        ended.stopped.map_or(Ok(exit(ended.status)), |stopped| Err(stopped.reason))
    }

    /// Runs the program until it ends, or until it is asked to; tells when it is there.
    pub(super) fn watch(
        &self,
        interrupt: &Interrupt,
        how: HowToStop,
        tell: Tell<'_>,
        began: &dyn Fn(),
    ) -> Result<Ended, Failure> {
        interrupt.check()?;
        let execution = Arc::new(self.execution()?);
        let supervision = Supervision::new(self, interrupt, how).map_err(|error| self.failed(&error))?;
        let child = self.start(&execution, interrupt)?;
        began();
        supervision.run(child, tell)
    }

    pub(super) fn failed(&self, error: &io::Error) -> Failure {
        let cause = error.raw_os_error().map_or_else(|| error.to_string(), |code| cause(Errno::from_raw(code)));
        Failure::new(Kind::Step, format!("cannot run `{}`: {cause}", self.name()))
    }

    pub(super) fn name(&self) -> String {
        self.command.first().map(|name| name.display().to_string()).unwrap_or_default()
    }

    fn execution(&self) -> Result<Execution, Failure> {
        // Exit codes 126 and 127 are said of the application only, not of a step.
        Execution::new(self.command, self.environment).map_err(|failure| failure.with_kind(Kind::Step))
    }

    /// Starts the child with every signal blocked, so that none can reach it while it still has our handlers: the child
    /// resets them first and then takes what came in the meantime.
    #[allow(unsafe_code, reason = "the change of user and the signal mask belong between fork and execve")]
    fn start(&self, execution: &Arc<Execution>, interrupt: &Interrupt) -> Result<Child, Failure> {
        let drop = self.credentials.map(Credentials::plan).transpose().map_err(|errno| self.failed(&errno.into()))?;
        let (prepared, caught) = (Arc::clone(execution), interrupt.caught().to_vec());
        let user = self.credentials.map(|credentials| credentials.uid);
        let parent = getpid();
        let directory = self.directory.and_then(|path| CString::new(path.as_os_str().as_bytes()).ok());
        let files = self.secret_files()?;
        let stdin = match &self.stdin {
            Some(file) => Stdio::from(file.try_clone().map_err(|error| self.failed(&error))?),
            None => Stdio::null(),
        };
        let become_program = move || {
            // In the background of our terminal it would be stopped for ever when it asks something there, and could type into it.
            setsid()?;
            for signal in &caught {
                disposition::set_default(*signal)?;
            }
            SigSet::empty().thread_set_mask()?;
            for (file, number) in &files {
                put_at(file, *number).map_err(|errno| io::Error::from_raw_os_error(FILES | errno as i32))?;
            }
            if let Some(user) = user {
                give_outputs(user);
            }
            if let Some(drop) = &drop {
                drop.carry_out().map_err(|errno| io::Error::from_raw_os_error(PRIVILEGES | errno as i32))?;
            }
            if let Some(directory) = &directory {
                chdir(directory.as_c_str()).map_err(|errno| io::Error::from_raw_os_error(DIRECTORY | errno as i32))?;
            }
            // Else it would go on beside the run that is started in our place. A change of user forgets it, so it comes here.
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            if getppid() != parent {
                let _ = raise(Signal::SIGKILL);
            }
            // Never back from here on success. The environment is exactly the one that was prepared.
            Err(prepared.execute().into())
        };
        let mut command = Command::new(self.name());
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        // SAFETY: between fork and execve the closure makes system calls on values that were prepared before. It allocates
        // nothing, takes no lock and does not panic.
        unsafe { command.pre_exec(become_program) };
        let before =
            SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).map_err(|errno| self.failed(&errno.into()))?;
        let started = command.spawn();
        before.thread_set_mask().map_err(|errno| self.failed(&errno.into()))?;
        started.map_err(|error| self.not_started(&error, execution))
    }

    /// A descriptor of each secret file, with the number that the program expects it at.
    fn secret_files(&self) -> Result<Vec<(OwnedFd, RawFd)>, Failure> {
        let cannot = |error: io::Error| {
            let errno = error.raw_os_error().map_or(Errno::EMFILE, Errno::from_raw);
            self.not_handed_over(errno)
        };
        if !self.files.is_empty() && !numbers_are_free().map_err(cannot)? {
            return Err(self.not_handed_over(Errno::EMFILE));
        }
        let numbers = i32::from(FIRST_SECRET_FILE)..;
        self.files.iter().zip(numbers).map(|(file, number)| Ok((file.aside().map_err(cannot)?, number))).collect()
    }

    fn not_handed_over(&self, errno: Errno) -> Failure {
        let cause = match errno {
            // What the kernel says of a number that is beyond the limit.
            Errno::EINVAL | Errno::EBADF => cause(Errno::EMFILE),
            errno => cause(errno),
        };
        let message = format!("cannot hand secrets over to `{}`: {cause}", self.name());
        Failure::new(Kind::Step, message)
            .hint("they are open files with the numbers from 100 on: raise the limit `nofile`")
    }

    fn not_started(&self, error: &io::Error, execution: &Execution) -> Failure {
        let Some(code) = error.raw_os_error() else { return self.failed(error) };
        let refused = |part: i32| (code & part != 0).then(|| Errno::from_raw(code & !part));
        if let (Some(errno), Some(credentials)) = (refused(PRIVILEGES), self.credentials) {
            return credentials.refused(errno);
        }
        if let (Some(errno), Some(directory)) = (refused(DIRECTORY), self.directory) {
            let message = format!("cannot change to the directory `{}`: {}", directory.display(), cause(errno));
            return Failure::new(Kind::Step, message);
        }
        if let Some(errno) = refused(FILES) {
            return self.not_handed_over(errno);
        }
        execution.explain(Errno::from_raw(code)).with_kind(Kind::Step)
    }
}

/// The pipes that the program prints to are ours, and can be opened again only by whom they belong to. Without the right to give them
/// away nothing is lost for who writes to the descriptors. Makes no allocation: called between `fork` and `execve`.
#[allow(unsafe_code, reason = "what the standard library has for these descriptors allocates")]
fn give_outputs(user: u32) {
    for output in [libc::STDOUT_FILENO, libc::STDERR_FILENO] {
        // SAFETY: the call takes numbers; the last one means that the group stays.
        let _ = unsafe { libc::fchown(output, user, u32::MAX) };
    }
}

/// Gives the file this number, at which it outlives `execve`. Makes no allocation: called between `fork` and `execve`.
#[allow(unsafe_code, reason = "the safe form closes what it returns")]
fn put_at(file: &OwnedFd, number: RawFd) -> Result<(), Errno> {
    // SAFETY: the call takes two numbers. What had the second one is none of ours that is needed before `execve`: see
    // `numbers_are_free`.
    Errno::result(unsafe { libc::dup2(file.as_raw_fd(), number) }).map(drop)
}

pub(super) fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}
