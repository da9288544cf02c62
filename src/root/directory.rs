//! A directory held by descriptor: from it only single names are used, so nobody can redirect us.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, openat, openat2, readlinkat};
use nix::sys::stat::{Mode, fstatat};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use super::error::{Cause, Error, errno_of, flag_names};
use super::metadata::{Attributes, FileKind, Metadata};
use super::pinned::{Pinned, stat};
use super::tree::HardLinks;
use super::{retry, shown};

const PIN: OFlag = OFlag::O_PATH.union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

/// A directory held by an `O_PATH` descriptor. The names given to its methods must be single elements.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(super) fd: OwnedFd,
    /// How it was reached inside the root, for messages only.
    path: PathBuf,
    /// Whether the kernel has `openat2` and lets us use it.
    openat2: bool,
}

impl Directory {
    pub(super) fn new(fd: OwnedFd, path: PathBuf, openat2: bool) -> Self {
        Self { fd, path, openat2 }
    }

    /// Tries `openat2` on an object that is known to be there: whatever refuses it, it is not the object.
    pub(super) fn probe_openat2(&mut self) {
        let how = OpenHow::new().flags(PIN).resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
        self.openat2 = openat2(&self.fd, ".", how).is_ok();
    }

    pub(super) fn has_openat2(&self) -> bool {
        self.openat2
    }

    /// The path inside the root, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of an entry, for messages.
    pub(crate) fn child(&self, name: &OsStr) -> PathBuf {
        if name == "." { self.path.clone() } else { self.path.join(name) }
    }

    pub(super) fn error(&self, errno: Errno, name: &OsStr, function: &'static str, rest: fmt::Arguments<'_>) -> Error {
        let arguments = format_args!("<{}>, \"{}\"{rest}", shown(&self.path), shown(name));
        Error::call(errno, &self.child(name), function, arguments)
    }

    /// Opens an entry. Without `O_NOFOLLOW` in `flags` a link would be followed out of the root.
    pub(super) fn open_at(&self, name: &OsStr, flags: OFlag, mode: Mode) -> Result<OwnedFd, Error> {
        let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        retry(|| openat(&self.fd, name, flags, mode)).map_err(|errno| {
            let names = flag_names(flags);
            if flags.contains(OFlag::O_CREAT) {
                return self.error(errno, name, "openat", format_args!(", {names}, {:04o}", mode.bits()));
            }
            let error = self.error(errno, name, "openat", format_args!(", {names}"));
            // To look at it without opening it, only the directory is asked.
            if flags.contains(OFlag::O_PATH) { error } else { error.lacking(&self.child(name)) }
        })
    }

    /// The metadata of this directory.
    pub(crate) fn own_metadata(&self) -> Result<Metadata, Error> {
        stat(&self.fd, &self.path)
    }

    /// The metadata of an entry, which is not followed; `None` when it is missing.
    pub(crate) fn metadata(&self, name: &OsStr) -> Result<Option<Metadata>, Error> {
        match self.look(name) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(Errno::ENOENT) => Ok(None),
            Err(errno) => Err(self.look_error(errno, name)),
        }
    }

    /// The same for an entry that has to be there.
    pub(crate) fn required_metadata(&self, name: &OsStr) -> Result<Metadata, Error> {
        self.look(name).map_err(|errno| self.look_error(errno, name))
    }

    fn look(&self, name: &OsStr) -> nix::Result<Metadata> {
        fstatat(&self.fd, name, AtFlags::AT_SYMLINK_NOFOLLOW).map(Metadata::from)
    }

    fn look_error(&self, errno: Errno, name: &OsStr) -> Error {
        self.error(errno, name, "fstatat", format_args!(", AT_SYMLINK_NOFOLLOW"))
    }

    pub(super) fn pin(&self, name: &OsStr) -> Result<Pinned, Error> {
        Pinned::new(self.hold_entry(name)?, self.child(name))
    }

    /// Holds an entry without opening it.
    pub(super) fn hold_entry(&self, name: &OsStr) -> Result<OwnedFd, Error> {
        self.open_at(name, PIN, Mode::empty())
    }

    /// The same, and an error when something is mounted there. The device number alone does not tell: two volumes of a node
    /// often lie on the same device.
    fn pin_same_mount(&self, name: &OsStr) -> Result<Pinned, Error> {
        let mount_point = || Error::rule(Cause::MountPoint, &self.child(name));
        if self.openat2 {
            let how = OpenHow::new().flags(PIN).resolve(ResolveFlag::RESOLVE_NO_XDEV);
            return match retry(|| openat2(&self.fd, name, how)) {
                Ok(fd) => Pinned::new(fd, self.child(name)),
                Err(Errno::EXDEV) => Err(mount_point()),
                Err(errno) => Err(self.error(errno, name, "openat2", format_args!(", O_PATH, RESOLVE_NO_XDEV"))),
            };
        }
        let pinned = self.pin(name)?;
        if pinned.metadata.device != self.own_metadata()?.device || mount_number(&pinned.fd) != mount_number(&self.fd) {
            return Err(mount_point());
        }
        Ok(pinned)
    }

    /// Holds the same directory once more.
    pub(crate) fn try_clone(&self) -> Result<Self, Error> {
        let fd = self
            .fd
            .try_clone()
            .map_err(|error| Error::call(errno_of(&error), &self.path, "fcntl", format_args!("F_DUPFD_CLOEXEC")))?;
        Ok(Self::new(fd, self.path.clone(), self.openat2))
    }

    /// Opens a directory in this one; anything else is ENOTDIR.
    pub(super) fn enter_directory(&self, name: &OsStr) -> Result<Self, Error> {
        let fd = self.open_at(name, PIN | OFlag::O_DIRECTORY, Mode::empty())?;
        Ok(Self::new(fd, self.child(name), self.openat2))
    }

    /// Opens a directory in this one; a link to a directory is none.
    pub(crate) fn enter(&self, name: &OsStr) -> Result<Self, Error> {
        self.enter_pinned(self.pin(name)?)
    }

    /// The same, and an error when something is mounted there.
    pub(super) fn enter_same_mount(&self, name: &OsStr) -> Result<Self, Error> {
        self.enter_pinned(self.pin_same_mount(name)?)
    }

    fn enter_pinned(&self, pinned: Pinned) -> Result<Self, Error> {
        if pinned.metadata.kind != FileKind::Directory {
            return Err(Error::rule(Cause::Is(pinned.metadata.kind), &pinned.path));
        }
        Ok(Self::new(pinned.fd, pinned.path, self.openat2))
    }

    /// Whether something is mounted at this entry.
    pub(crate) fn is_mount(&self, name: &OsStr) -> Result<bool, Error> {
        match self.pin_same_mount(name) {
            Ok(_) => Ok(false),
            Err(error) if error.cause() == Cause::MountPoint => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Opens a file for reading. Anything else than a file is an error, and is not opened.
    pub(crate) fn open_file(&self, name: &OsStr) -> Result<(File, Metadata), Error> {
        self.open_existing(name, OFlag::O_RDONLY)
    }

    /// The same for a directory, to lock it.
    pub(super) fn open_directory(&self, name: &OsStr) -> Result<(File, Metadata), Error> {
        let fd = self.open_at(name, OFlag::O_RDONLY | OFlag::O_DIRECTORY, Mode::empty())?;
        let metadata = stat(&fd, &self.child(name))?;
        Ok((File::from(fd), metadata))
    }

    pub(super) fn open_existing(&self, name: &OsStr, flags: OFlag) -> Result<(File, Metadata), Error> {
        self.pin(name)?.open(flags, |flags| self.open_at(name, flags, Mode::empty()))
    }

    /// What a link says.
    pub(crate) fn read_link(&self, name: &OsStr) -> Result<OsString, Error> {
        readlinkat(&self.fd, name).map_err(|errno| self.error(errno, name, "readlinkat", format_args!("")))
    }

    /// Makes owner and mode of an entry as wished, touching only what differs. A link is changed itself. A file with several
    /// hard links is refused: the other name may be a file that is none of ours.
    pub(crate) fn set_attributes(&self, name: &OsStr, attributes: Attributes) -> Result<(), Error> {
        self.set_pinned(&self.pin(name)?, name, attributes, HardLinks::Refuse)
    }

    /// The same, if the entry is still the object that was `seen`.
    pub(crate) fn set_attributes_if_same(
        &self,
        name: &OsStr,
        attributes: Attributes,
        seen: &Metadata,
    ) -> Result<(), Error> {
        self.set_attributes_of(name, attributes, seen, HardLinks::Refuse, false)
    }

    /// The same, if the entry is still the object that was `seen`; with `same_mount` only if nothing is mounted there.
    pub(super) fn set_attributes_of(
        &self,
        name: &OsStr,
        attributes: Attributes,
        seen: &Metadata,
        hard_links: HardLinks,
        same_mount: bool,
    ) -> Result<(), Error> {
        let pinned = if same_mount { self.pin_same_mount(name)? } else { self.pin(name)? };
        if (seen.identity(), seen.kind) != (pinned.metadata.identity(), pinned.metadata.kind) {
            return Err(Error::rule(Cause::Changed, &pinned.path));
        }
        self.set_pinned(&pinned, name, attributes, hard_links)
    }

    pub(super) fn set_pinned(
        &self,
        pinned: &Pinned,
        name: &OsStr,
        attributes: Attributes,
        hard_links: HardLinks,
    ) -> Result<(), Error> {
        if hard_links == HardLinks::Refuse && !attributes.missing_in(&pinned.metadata).is_empty() {
            self.refuse_other_names(name, pinned)?;
        }
        pinned.set_attributes(attributes, |flags| self.open_at(name, flags, Mode::empty()))
    }

    /// Makes owner and mode of this directory as wished, touching only what differs.
    pub(crate) fn set_own_attributes(&self, attributes: Attributes) -> Result<(), Error> {
        let pinned = Pinned::new(self.try_clone()?.fd, self.path.clone())?;
        self.set_pinned(&pinned, OsStr::new("."), attributes, HardLinks::Allow)
    }

    /// Removes an entry that is not a directory.
    pub(crate) fn remove(&self, name: &OsStr) -> Result<(), Error> {
        unlinkat(&self.fd, name, UnlinkatFlags::NoRemoveDir)
            .map_err(|errno| self.error(errno, name, "unlinkat", format_args!(", 0")))
    }

    /// Removes an empty directory.
    pub(crate) fn remove_directory(&self, name: &OsStr) -> Result<(), Error> {
        unlinkat(&self.fd, name, UnlinkatFlags::RemoveDir)
            .map_err(|errno| self.error(errno, name, "unlinkat", format_args!(", AT_REMOVEDIR")))
    }

    /// Makes the names in this directory survive a loss of power. Where the directory may not be read or its file system
    /// cannot do it, there is nothing that could be done.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        let name = OsStr::new(".");
        match retry(|| fsync(&self.fd)) {
            // It is held without being open.
            Err(Errno::EBADF) => {}
            result => return self.synced(result),
        }
        let fd = match self.open_at(name, OFlag::O_RDONLY | OFlag::O_DIRECTORY, Mode::empty()) {
            Err(error) if error.errno() == Errno::EACCES => return Ok(()),
            result => result?,
        };
        self.synced(retry(|| fsync(&fd)))
    }

    fn synced(&self, result: nix::Result<()>) -> Result<(), Error> {
        match result {
            Err(errno) if !matches!(errno, Errno::EINVAL | Errno::ENOSYS | Errno::EROFS) => {
                Err(Error::call(errno, &self.path, "fsync", format_args!("<{}>", shown(&self.path))))
            }
            _ => Ok(()),
        }
    }

    /// Whether both are of one mount, so that an entry can be moved from one to the other.
    pub(crate) fn is_on_mount_of(&self, other: &Self) -> Result<bool, Error> {
        let same_device = self.own_metadata()?.device == other.own_metadata()?.device;
        Ok(same_device && mount_number(&self.fd) == mount_number(&other.fd))
    }

    /// The directory above. Only sound when its identity is compared with the one that is expected.
    pub(super) fn above(&self) -> Result<Self, Error> {
        let fd = self.open_at(OsStr::new(".."), PIN | OFlag::O_DIRECTORY, Mode::empty())?;
        Ok(Self::new(fd, self.path.parent().unwrap_or(&self.path).to_owned(), self.openat2))
    }
}

/// The number of the mount that an object was reached through, where `/proc` tells it.
fn mount_number(fd: &OwnedFd) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", fd.as_raw_fd())).ok()?;
    text.lines().find_map(|line| line.strip_prefix("mnt_id:")?.trim().parse().ok())
}
