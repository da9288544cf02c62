//! One run at a time where a file is changed by what it holds.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use super::Root;
use super::error::Error;

/// Between two looks whether the lock is free.
const PAUSE: Duration = Duration::from_millis(20);

/// Held until it is dropped. Nothing where the file system has no locks, or the directory may not be read.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock lives as long as the file is open")] Option<File>);

impl Root {
    /// Locks the directory of `path` against other runs that change a file in it by what it holds. The file itself cannot be
    /// the lock: it is replaced. Asks `goes_on` while another run holds the lock, and fails with EBUSY when it says no.
    pub(crate) fn lock_directory_of(&self, path: &Path, goes_on: &mut dyn FnMut() -> bool) -> Result<Lock, Error> {
        let (directory, name) = self.parent(path)?;
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
        let Ok(fd) = directory.open_at(OsStr::new("."), flags, Mode::empty()) else { return Ok(Lock(None)) };
        let file = File::from(fd);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(Some(file))),
                Err(TryLockError::WouldBlock) if goes_on() => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(directory.error(Errno::EBUSY, name, "flock", format_args!(", LOCK_EX|LOCK_NB")));
                }
                Err(TryLockError::Error(_)) => return Ok(Lock(None)),
            }
        }
    }
}
