//! A file that a library opens by name, held so that it can be seen whether the library opened this one.

use std::ffi::OsStr;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{Mode, stat};
use nix::unistd::Uid;

use super::error::{Cause, Error};
use super::metadata::{Attributes, FileKind, Identity, Metadata};
use super::pinned::{self, Pinned};
use super::{Directory, HardLinks, Root};

const DESCRIPTORS: &str = "/proc/self/fd";
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// A file that a library is to open by name. It is held by an `O_PATH` descriptor: closing any other one would take away the
/// locks that the library has on the file.
#[derive(Debug)]
pub(crate) struct HeldFile {
    pinned: Pinned,
    directory: Directory,
    /// What a library calls the file.
    host: PathBuf,
}

impl Root {
    /// Holds the file at `path`; `None` when it is missing. Anything else in its place is an error.
    pub(crate) fn hold_file(&self, path: &Path) -> Result<Option<HeldFile>, Error> {
        let held = self.parent(path).and_then(|(directory, name)| {
            let pinned = directory.pin(name)?;
            self.held(directory, pinned, path)
        });
        match held {
            Err(error) if error.is_absent() => Ok(None),
            result => result.map(Some),
        }
    }

    /// The same, and an empty file that only its owner may read is made when it is missing. A file that another runner makes
    /// at the same time is used, and never replaced: the runner may have opened it.
    pub(crate) fn hold_or_make_file(&self, path: &Path) -> Result<HeldFile, Error> {
        let (directory, name) = self.parent(path)?;
        let made = directory.create_file(name)?;
        let pinned = directory.pin(name)?;
        if let Some(made) = made {
            if pinned::stat(&made, &pinned.path)?.identity() != pinned.metadata.identity() {
                return Err(Error::rule(Cause::Changed, path));
            }
            directory.sync()?;
        }
        self.held(directory, pinned, path)
    }

    /// A file with another name may be one of somebody else, unless it was mounted here.
    fn held(&self, directory: Directory, pinned: Pinned, path: &Path) -> Result<HeldFile, Error> {
        if pinned.metadata.kind != FileKind::File {
            return Err(Error::rule(Cause::Is(pinned.metadata.kind), path));
        }
        let name = path.file_name().unwrap_or(OsStr::new("."));
        if !directory.is_mount(name)? {
            directory.refuse_other_names(name, &pinned)?;
        }
        Ok(HeldFile { pinned, directory, host: self.host_path(path) })
    }

    /// The first directory in which another user can exchange a directory on the way to `path`. The directory that holds
    /// `path` itself may be anybody's: who writes there gains nothing outside it.
    pub(crate) fn exchangeable(&self, path: &Path) -> Result<Option<PathBuf>, Error> {
        let (parent, _) = self.parent(path)?;
        let mut child = parent.own_metadata()?;
        for above in parent.path().ancestors().skip(1) {
            let metadata = self.destination_directory(above)?.own_metadata()?;
            if lets_others_rename(&metadata, &child) {
                return Ok(Some(above.to_owned()));
            }
            child = metadata;
        }
        Ok(None)
    }
}

impl HeldFile {
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.pinned.metadata
    }

    /// The path inside the root, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.pinned.path
    }

    /// The name for the library. The way to it is not guarded: see [`HeldFile::check_opened`].
    pub(crate) fn host_path(&self) -> &Path {
        &self.host
    }

    /// Makes owner and mode of the file itself as wished, if it still has its name, and no other one.
    pub(crate) fn set_attributes(&self, attributes: Attributes) -> Result<(), Error> {
        let name = self.pinned.path.file_name().unwrap_or(OsStr::new("."));
        self.directory.set_pinned(&self.pinned, name, attributes, HardLinks::Refuse)
    }

    /// Fails unless this process has opened the file. Somebody who can rename a directory on the way could have led the
    /// library to another file of the same name.
    pub(crate) fn check_opened(&self) -> Result<(), Error> {
        let wanted = self.pinned.metadata.identity();
        let same = match self.is_open(wanted) {
            Some(open) => open,
            // Without `/proc` the name is all there is.
            None => identity(&self.host) == Some(wanted),
        };
        if same { Ok(()) } else { Err(Error::rule(Cause::Changed, &self.pinned.path)) }
    }

    /// Whether a descriptor other than ours is of this object; `None` where `/proc` is missing.
    fn is_open(&self, wanted: Identity) -> Option<bool> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let descriptors = Dir::open(DESCRIPTORS, flags, Mode::empty()).ok()?;
        let own = self.pinned.fd.as_raw_fd().to_string();
        Some(descriptors.into_iter().flatten().any(|entry| {
            let number = entry.file_name().to_bytes();
            number != own.as_bytes()
                && identity(&Path::new(DESCRIPTORS).join(OsStr::from_bytes(number))) == Some(wanted)
        }))
    }
}

impl Directory {
    /// Makes an empty file that only its owner may read; `None` when something has the name already.
    fn create_file(&self, name: &OsStr) -> Result<Option<OwnedFd>, Error> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL;
        match self.open_at(name, flags, Mode::from_bits_truncate(0o600)) {
            Ok(fd) => Ok(Some(fd)),
            Err(error) if error.errno() == Errno::EEXIST => Ok(None),
            // Where nothing can be made, what is there already can be used all the same.
            Err(error) if self.metadata(name)?.is_none() => Err(error),
            Err(_) => Ok(None),
        }
    }
}

fn identity(path: &Path) -> Option<Identity> {
    stat(path).ok().map(|found| Metadata::from(found).identity())
}

/// Whether somebody who is neither root nor we can give the name of `child`, which is in `directory`, to something else.
fn lets_others_rename(directory: &Metadata, child: &Metadata) -> bool {
    let foreign = |found: &Metadata| found.user != 0 && found.user != Uid::effective().as_raw();
    let written_by_others = directory.mode & OTHERS_WRITE != 0;
    foreign(directory) || written_by_others && (directory.mode & STICKY == 0 || foreign(child))
}
