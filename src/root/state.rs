//! A file that keeps runs apart and remembers how far one came: locked as long as it is held, and written in place, so that it
//! stays the same file.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use super::error::{Cause, Error, errno_of};
use super::metadata::{FileKind, Identity};
use super::names::refuse_hard_links;
use super::pinned::stat;
use super::read::read_error;
use super::write::write_error;
use super::{Directory, Root};

/// Between two looks whether the lock is free.
const PAUSE: Duration = Duration::from_millis(50);
/// Bytes that are read of it.
const LIMIT: u64 = 64 * 1024;

/// Held and locked.
#[derive(Debug)]
pub(crate) struct StateFile {
    directory: Directory,
    name: OsString,
    file: File,
    identity: Identity,
    /// It was not there before.
    is_new: bool,
}

impl Root {
    /// Opens the file at `path`, or makes it empty, and locks it. Asks `goes_on` again and again while another run holds the lock;
    /// nothing when it says no.
    pub(crate) fn hold_state(
        &self,
        path: &Path,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<StateFile>, Error> {
        let (directory, name) = self.parent(path)?;
        loop {
            let state = StateFile::open(&directory, name)?;
            while !state.try_lock()? {
                if !goes_on() {
                    return Ok(None);
                }
                std::thread::sleep(PAUSE);
            }
            // Who held it before may have removed it.
            if state.has_its_name()? {
                return Ok(Some(state));
            }
        }
    }
}

impl StateFile {
    fn open(directory: &Directory, name: &OsStr) -> Result<Self, Error> {
        let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let existing = directory.metadata(name)?;
        if let Some(existing) = existing.filter(|existing| existing.kind != FileKind::File) {
            return Err(Error::rule(Cause::Is(existing.kind), &directory.child(name)));
        }
        let mode = Mode::from_bits_truncate(0o600);
        let (fd, is_new) = match directory.open_at(name, flags | OFlag::O_EXCL, mode) {
            Err(error) if error.errno() == Errno::EEXIST => (directory.open_at(name, flags, mode)?, false),
            made => (made?, true),
        };
        let found = stat(&fd, &directory.child(name))?;
        if found.kind != FileKind::File {
            return Err(Error::rule(Cause::Is(found.kind), &directory.child(name)));
        }
        refuse_hard_links(&found, &directory.child(name))?;
        Ok(Self {
            directory: directory.try_clone()?,
            name: name.to_owned(),
            file: File::from(fd),
            identity: found.identity(),
            is_new,
        })
    }

    fn try_lock(&self) -> Result<bool, Error> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => {
                Err(self.directory.error(errno_of(&error), &self.name, "flock", format_args!(", LOCK_EX|LOCK_NB")))
            }
        }
    }

    fn has_its_name(&self) -> Result<bool, Error> {
        Ok(self.directory.metadata(&self.name)?.is_some_and(|named| named.identity() == self.identity))
    }

    /// Whether it was made when it was opened.
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.child(&self.name)
    }

    /// What was written last; bytes that are no text are none of ours.
    pub(crate) fn read(&self) -> Result<String, Error> {
        let failed = |error: &std::io::Error| read_error(error, &self.path());
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
        let mut text = Vec::new();
        file.take(LIMIT).read_to_end(&mut text).map_err(|error| failed(&error))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Writes this behind the first `kept` bytes. On the disk, with its name, when this returns; killed before, it holds what is
    /// kept and perhaps a part of the text.
    pub(crate) fn write_behind(&self, kept: &str, text: &str) -> Result<(), Error> {
        let failed = |error: &std::io::Error| write_error(error, &self.path());
        let (mut file, length) = (&self.file, kept.len() as u64);
        file.set_len(length).map_err(|error| failed(&error))?;
        file.seek(SeekFrom::Start(length)).map_err(|error| failed(&error))?;
        file.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
        file.sync_all().map_err(|error| failed(&error))?;
        self.directory.sync()
    }

    /// Takes its name away. Who waits for the lock makes a new one.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        match self.directory.remove(&self.name) {
            Err(error) if error.errno() != Errno::ENOENT => Err(error),
            _ => self.directory.sync(),
        }
    }
}
