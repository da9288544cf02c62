//! Looking at sources.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::{AccessFlags, faccessat};

use super::at::At;
use super::error::{Cause, Error, errno_of};
use super::pinned::{Pinned, stat};
use super::{Directory, Entry, FileKind, Metadata, Root, retry, shown};

/// Leads to the file that the kernel started this process from.
const OWN_PROGRAM: &str = "/proc/self/exe";

/// How much of a file is looked at between two questions whether to stop.
pub(super) const CHUNK: usize = 128 * 1024;

thread_local! {
    /// For all files that a thread compares.
    static BUFFERS: RefCell<(Vec<u8>, Vec<u8>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// What the user who runs this may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    Execute,
}

/// What a source is.
#[derive(Debug)]
pub(crate) enum Source {
    File(File, Metadata),
    Directory(Directory),
}

impl Root {
    /// Opens what `path` leads to. Anything else than a file or a directory is an error, and is not opened.
    pub(crate) fn source(&self, path: &Path) -> Result<Source, Error> {
        let pinned = Pinned::new(self.resolve(path, OFlag::O_PATH)?, path.to_owned())?;
        if pinned.metadata.kind == FileKind::Directory {
            return Ok(Source::Directory(self.hold(pinned.fd, path)));
        }
        pinned
            .open(OFlag::O_RDONLY, |flags| self.resolve(path, flags))
            .map(|(file, metadata)| Source::File(file, metadata))
    }

    /// Opens a file for reading. Anything else than a file is an error, and is not opened.
    pub(crate) fn open_file(&self, path: &Path) -> Result<(File, Metadata), Error> {
        let pinned = Pinned::new(self.resolve(path, OFlag::O_PATH)?, path.to_owned())?;
        pinned.open(OFlag::O_RDONLY, |flags| self.resolve(path, flags))
    }

    /// This program, as it is executed: also when its name was given to another file since.
    pub(crate) fn own_program() -> Result<(File, Metadata), Error> {
        let path = Path::new(OWN_PROGRAM);
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let fd = retry(|| open(path, flags, Mode::empty()))
            .map_err(|errno| Error::call(errno, path, "open", format_args!("\"{OWN_PROGRAM}\", O_RDONLY")))?;
        let metadata = stat(&fd, path)?;
        Ok((File::from(fd), metadata))
    }

    /// The content of a file of at most `limit` bytes.
    pub(crate) fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
        let (file, metadata) = self.open_file(path)?;
        let mut content = Vec::with_capacity(usize::try_from(metadata.size.min(limit)).unwrap_or(0));
        // The size is not believed: files in `/proc` say 0, and a file can grow.
        file.take(limit.saturating_add(1)).read_to_end(&mut content).map_err(|error| read_error(&error, path))?;
        if u64::try_from(content.len()).is_ok_and(|length| length > limit) {
            return Err(Error::rule(Cause::TooLarge(limit), path));
        }
        Ok(content)
    }

    /// Whether a file holds just these bytes.
    pub(crate) fn holds(&self, path: &Path, content: &[u8]) -> Result<bool, Error> {
        self.holding(path, content).map(|holding| holding.is_some())
    }

    /// The file, if it holds exactly these bytes.
    pub(crate) fn holding(&self, path: &Path, content: &[u8]) -> Result<Option<Metadata>, Error> {
        let (file, metadata) = self.open_file(path)?;
        if metadata.size != content.len() as u64 {
            return Ok(None);
        }
        let mut buffer = vec![0; CHUNK.min(content.len())];
        let mut offset = 0;
        for chunk in content.chunks(CHUNK) {
            let length = fill(&file, offset, &mut buffer[..chunk.len()]).map_err(|error| read_error(&error, path))?;
            if !is_same(&buffer[..length], chunk) {
                return Ok(None);
            }
            offset += length as u64;
        }
        // It may have grown meanwhile.
        let more = fill(&file, offset, &mut [0]).map_err(|error| read_error(&error, path))?;
        Ok((more == 0).then_some(metadata))
    }

    /// At most `limit` bytes from the beginning of a file.
    pub(crate) fn read_beginning(&self, path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
        let (file, _) = self.open_file(path)?;
        let mut content = Vec::new();
        file.take(limit).read_to_end(&mut content).map_err(|error| read_error(&error, path))?;
        Ok(content)
    }

    /// The metadata of `path`, whose last element is not followed; `None` when it is missing.
    pub(crate) fn metadata(&self, path: &Path) -> Result<Option<Metadata>, Error> {
        self.look(path, OFlag::O_PATH | OFlag::O_NOFOLLOW)
    }

    /// The metadata of what `path` leads to; `None` when it is missing.
    pub(crate) fn metadata_followed(&self, path: &Path) -> Result<Option<Metadata>, Error> {
        self.look(path, OFlag::O_PATH)
    }

    fn look(&self, path: &Path, flags: OFlag) -> Result<Option<Metadata>, Error> {
        match self.resolve(path, flags) {
            Ok(fd) => stat(&fd, path).map(Some),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The entries of a directory, sorted by the bytes of their names.
    pub(crate) fn list(&self, path: &Path) -> Result<Vec<Entry>, Error> {
        self.source_directory(path)?.list()
    }

    /// Whether we may do this with what `path` leads to; no when nothing is there.
    pub(crate) fn can(&self, path: &Path, access: Access) -> Result<bool, Error> {
        let pinned = match self.resolve(path, OFlag::O_PATH) {
            Ok(fd) => Pinned::new(fd, path.to_owned())?,
            Err(error) if error.is_absent() || error.errno() == Errno::EACCES => return Ok(false),
            Err(error) => return Err(error),
        };
        let wanted = match access {
            Access::Read => AccessFlags::R_OK,
            Access::Write => AccessFlags::W_OK,
            Access::Execute => AccessFlags::X_OK,
        };
        let answer = match faccessat(&pinned.fd, "", wanted, AtFlags::AT_EMPTY_PATH | AtFlags::AT_EACCESS) {
            // An empty path needs faccessat2 of Linux 5.8, which older seccomp profiles refuse with EPERM.
            Err(Errno::ENOSYS | Errno::EINVAL | Errno::EPERM) => {
                faccessat(AT_FDCWD, pinned.magic_link().as_path(), wanted, AtFlags::AT_EACCESS)
            }
            answer => answer,
        };
        match answer {
            Ok(()) => Ok(true),
            Err(Errno::EACCES | Errno::EROFS | Errno::EPERM | Errno::ETXTBSY) => Ok(false),
            Err(errno) => Err(Error::call(errno, path, "faccessat", format_args!("<{}>, {access:?}", shown(path)))),
        }
    }
}

/// What changes with an open file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    /// Its size, and seconds and nanoseconds of the last change of the content, which its owner can set.
    pub(crate) content: (u64, i64, i64),
    /// Seconds and nanoseconds of the last change of anything, its name and owner too, which nobody can set.
    anything: (i64, i64),
}

impl Version {
    pub(crate) fn of(file: &File, path: &Path) -> Result<Self, Error> {
        let found = file.metadata().map_err(|error| read_error(&error, path))?;
        Ok(Self {
            content: (found.size(), found.mtime(), found.mtime_nsec()),
            anything: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// Whether two files hold the same bytes. Stops with EINTR when `interrupted` says so.
pub(crate) fn same_content(
    (one, at): (&File, At<'_>),
    (other, other_path): (&File, &Path),
    interrupted: &dyn Fn() -> bool,
) -> Result<bool, Error> {
    BUFFERS.with_borrow_mut(|(left, right)| {
        left.resize(CHUNK, 0);
        right.resize(CHUNK, 0);
        let mut offset = 0;
        loop {
            check(interrupted, at)?;
            let length = fill(one, offset, left).map_err(|error| read_error(&error, &at.path()))?;
            let other_length = fill(other, offset, right).map_err(|error| read_error(&error, other_path))?;
            if !is_same(&left[..length], &right[..other_length]) {
                return Ok(false);
            }
            if length < CHUNK {
                return Ok(true);
            }
            offset += CHUNK as u64;
        }
    })
}

/// Whether two slices are equal. The C library compares one byte after the other, which takes longer than the reading.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ((one, one_rest), (other, other_rest)) = (one.as_chunks::<32>(), other.as_chunks::<32>());
    one.len() == other.len() && one_rest == other_rest && one.iter().zip(other).all(|(one, other)| one == other)
}

/// Whether a file holds these bytes from `offset` on.
pub(crate) fn same_bytes(file: &File, path: &Path, offset: u64, bytes: &[u8]) -> Result<bool, Error> {
    BUFFERS.with_borrow_mut(|(found, _)| {
        if found.len() < bytes.len() {
            found.resize(bytes.len(), 0);
        }
        let length = fill(file, offset, &mut found[..bytes.len()]).map_err(|error| read_error(&error, path))?;
        Ok(is_same(&found[..length], bytes))
    })
}

/// Hands the content of a file over, piece by piece. Stops with EINTR when `interrupted` says so.
pub(crate) fn each_chunk(
    file: &File,
    path: &Path,
    interrupted: &dyn Fn() -> bool,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Error> {
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    loop {
        check(interrupted, path.into())?;
        let length = fill(file, offset, &mut buffer).map_err(|error| read_error(&error, path))?;
        take(&buffer[..length]);
        if length < CHUNK {
            return Ok(());
        }
        offset += CHUNK as u64;
    }
}

/// Reads from `offset` until the buffer is full or the file ends.
pub(super) fn fill(file: &File, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read_at(&mut buffer[length..], offset + length as u64) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

pub(super) fn check(interrupted: &dyn Fn() -> bool, at: At<'_>) -> Result<(), Error> {
    if interrupted() {
        let path = &at.path();
        return Err(Error::call(Errno::EINTR, path, "read", format_args!("<{}>", shown(path))));
    }
    Ok(())
}

pub(super) fn read_error(error: &std::io::Error, path: &Path) -> Error {
    Error::call(errno_of(error), path, "read", format_args!("<{}>", shown(path)))
}
