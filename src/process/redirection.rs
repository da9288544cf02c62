//! Descriptors that lead elsewhere from now on, as a shell arranges it for a command.

use std::ffi::OsString;
use std::os::fd::{AsRawFd as _, RawFd};
use std::path::Path;

use nix::errno::Errno;
use nix::libc;

use super::{cause, inherited, signals};
use crate::failure::{Failure, Kind};
use crate::root::{Opening, open_as_shell};

/// `2> file`, `2>&1`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Redirection {
    pub(crate) descriptor: RawFd,
    pub(crate) source: Source,
}

/// What a descriptor becomes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A path of the file system, relative to the working directory.
    File(OsString, Opening),
    Descriptor(RawFd),
}

/// Carries them out in their order. Signals are as we found them from here on: to open a FIFO is to wait, and whoever sends one
/// expects us to end. Messages of ours go where standard error leads by then, as those of a shell do.
pub(crate) fn redirect(redirections: &[Redirection]) -> Result<(), Failure> {
    let restored = inherited::restore_dispositions();
    restored.map_err(|errno| Failure::new(Kind::Step, format!("cannot restore the signals: {}", cause(errno))))?;
    signals::set_mask(inherited::mask());
    redirections.iter().try_for_each(Redirection::carry_out)
}

impl Redirection {
    fn carry_out(&self) -> Result<(), Failure> {
        match &self.source {
            Source::Descriptor(source) => {
                let cannot = |errno| format!("cannot use the descriptor {source}: {}", cause(errno));
                duplicate(*source, self.descriptor).map_err(|errno| Failure::new(Kind::Usage, cannot(errno)))
            }
            Source::File(path, opening) => {
                let path = Path::new(path);
                let file =
                    open_as_shell(path, *opening).map_err(|error| error.cannot(opening.verb(), path.display()))?;
                let cannot = |errno| format!("cannot use `{}`: {}", path.display(), cause(errno));
                duplicate(file.as_raw_fd(), self.descriptor).map_err(|errno| Failure::new(Kind::Usage, cannot(errno)))
            }
        }
    }
}

/// The copy outlives `execve`.
#[allow(unsafe_code, reason = "the safe form owns the target, and closes it")]
fn duplicate(source: RawFd, target: RawFd) -> Result<(), Errno> {
    // SAFETY: the call takes two numbers. Nothing of ours owns a descriptor below 10 besides the first three, which are never
    // closed, so what the target was before belongs to whoever started us, and is passed on.
    Errno::result(unsafe { libc::dup2(source, target) }).map(drop)
}
