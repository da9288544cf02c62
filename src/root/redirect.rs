//! Files that a command line names for a descriptor, opened as a shell would.

use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;

use super::Error;

/// `<`, `>` and `>>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    Read,
    /// What is there is emptied.
    Write,
    Append,
}

/// Those below may stand in a redirection.
const FIRST_FREE: i32 = 10;

impl Opening {
    fn flags(self) -> OFlag {
        match self {
            Self::Read => OFlag::O_RDONLY,
            Self::Write => OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_TRUNC,
            Self::Append => OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_APPEND,
        }
    }

    /// For a message: what cannot be done with the file.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Read => "open",
            Self::Write | Self::Append => "write to",
        }
    }
}

/// A path of the file system as it is, through every link and mount, with the mode that the umask leaves: the rules of this layer
/// are for what a plan writes, and this is what another program has asked for.
pub(crate) fn open_as_shell(path: &Path, opening: Opening) -> Result<OwnedFd, Error> {
    let failed = |errno: Errno| Error::call(errno, path, "open", format_args!("{:?}", opening.flags()));
    let mode = Mode::from_bits_truncate(0o666);
    let file = open(path, opening.flags() | OFlag::O_CLOEXEC, mode).map_err(failed)?;
    rustix::io::fcntl_dupfd_cloexec(&file, FIRST_FREE).map_err(|errno| failed(Errno::from_raw(errno.raw_os_error())))
}
