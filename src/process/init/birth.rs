//! The moment between `fork` and `execve`.

use std::io::{PipeReader, PipeWriter, Read as _};
use std::os::fd::{AsRawFd as _, RawFd};

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{ForkResult, Pid, fork, setpgid, setsid};

use super::super::execution::Execution;
use super::super::preparation::{Preparation, Refusal};
use super::super::{HandOver, cause, inherited, signals};
use super::Target;
use super::terminal::Terminal;
use crate::failure::{Failure, Kind};

/// What a child reports when it cannot become the application: the part that was refused, and the number of the error.
type Report = [u8; 5];

/// The part of a report that means `execve` itself.
const EXECUTION: u8 = u8::MAX;

/// A child that is about to be.
pub(super) struct Birth<'a> {
    pub(super) execution: &'a Execution,
    pub(super) preparation: &'a Preparation,
    pub(super) target: Target,
    pub(super) terminal: Terminal,
}

impl Birth<'_> {
    /// Starts the child and waits until it is the application. Signals that come meanwhile wait, so none can reach a child
    /// that is not in its group yet.
    pub(super) fn give(&self, how: &HandOver<'_>) -> Result<i32, Failure> {
        let failed = |what: &str| Failure::new(Kind::NotExecutable, format!("cannot start a process: {what}"));
        let (reader, writer) = std::io::pipe().map_err(|error| failed(&error.to_string()))?;
        let id = self.fork(&writer).map_err(|errno| failed(&cause(errno)))?;
        drop(writer);
        if self.target != Target::Session {
            // Both do it, as nobody knows who is first; after `execve` it is refused, and was done.
            let _ = setpgid(Pid::from_raw(id), Pid::from_raw(id));
        }
        match read(reader) {
            None => Ok(id),
            Some(refusal) => {
                super::news(false);
                Err(match refusal.part {
                    EXECUTION => self.execution.explain(refusal.errno),
                    _ => self.preparation.explain(refusal, how),
                })
            }
        }
    }

    #[allow(unsafe_code, reason = "the child makes system calls only")]
    fn fork(&self, report: &PipeWriter) -> Result<i32, Errno> {
        // SAFETY: the child makes system calls on values that were prepared before. It allocates nothing, takes no lock, does not
        // panic, and never comes back.
        match unsafe { fork() }? {
            ForkResult::Parent { child } => Ok(child.as_raw()),
            ForkResult::Child => self.become_application(report.as_raw_fd()),
        }
    }

    #[allow(unsafe_code, reason = "neither the standard library nor its buffers are used in the child")]
    fn become_application(&self, report: RawFd) -> ! {
        let refusal = match self.prepare() {
            Ok(()) => Refusal { part: EXECUTION, errno: self.execution.execute() },
            Err(refusal) => refusal,
        };
        let [a, b, c, d] = (refusal.errno as i32).to_ne_bytes();
        let bytes: Report = [refusal.part, a, b, c, d];
        // SAFETY: the pointer and the length are those of an array that lives until the call is over; nothing comes after it.
        unsafe {
            libc::write(report, bytes.as_ptr().cast(), bytes.len());
            libc::_exit(127)
        }
    }

    fn prepare(&self) -> Result<(), Refusal> {
        match self.target {
            Target::Session => drop(setsid()),
            _ => drop(setpgid(Pid::from_raw(0), Pid::from_raw(0))),
        }
        self.terminal.take();
        self.execution.name_listener();
        self.preparation.carry_out()?;
        inherited::restore_dispositions().map_err(Refusal::of_signals)?;
        // The last thing: a signal that comes from now on finds what it would find in the application.
        signals::set_mask(inherited::mask());
        Ok(())
    }
}

/// What the child reported; nothing when it became the application, or ended before it could.
fn read(mut reader: PipeReader) -> Option<Refusal> {
    let mut bytes = Report::default();
    reader.read_exact(&mut bytes).ok()?;
    let [part, errno @ ..] = bytes;
    Some(Refusal { part, errno: Errno::from_raw(i32::from_ne_bytes(errno)) })
}
