//! From a path to an object, inside the root.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};

use super::error::{Error, flag_names};
use super::walk::{Links, walk};
use super::{Directory, Root, retry, shown};

/// How often a resolution is repeated that the kernel gave up because something was moved meanwhile.
const MOVED_LIMIT: u32 = 64;

impl Root {
    /// Opens a source: links are followed inside the root. With `O_NOFOLLOW` the last element is not followed.
    pub(super) fn resolve(&self, path: &Path, flags: OFlag) -> Result<OwnedFd, Error> {
        self.resolve_at_once(path, flags).map_err(|error| self.name_lacking(error, path, flags))
    }

    fn resolve_at_once(&self, path: &Path, flags: OFlag) -> Result<OwnedFd, Error> {
        if self.top().has_openat2() {
            self.openat2(path, flags, ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS)
        } else {
            walk(self.top(), path, flags, Links::Followed)
        }
    }

    /// Says of a permission that is denied whose it is: to open, that of the object itself; to look at it, that of the last
    /// directory on the way that can be reached.
    fn name_lacking(&self, error: Error, path: &Path, flags: OFlag) -> Error {
        if error.errno() != Errno::EACCES {
            return error;
        }
        if !flags.contains(OFlag::O_PATH) {
            return error.lacking(path);
        }
        let reached = path.ancestors().skip(1).find(|above| self.resolve_at_once(above, OFlag::O_PATH).is_ok());
        error.lacking(reached.unwrap_or(Path::new("/")))
    }

    fn openat2(&self, path: &Path, flags: OFlag, resolve: ResolveFlag) -> Result<OwnedFd, Error> {
        let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC).resolve(resolve);
        let mut moved = 0;
        loop {
            match retry(|| openat2(&self.top().fd, path, how)) {
                Ok(fd) => return Ok(fd),
                Err(Errno::EAGAIN) if moved < MOVED_LIMIT => moved += 1,
                Err(errno) => {
                    let arguments = format_args!("</>, \"{}\", {}, RESOLVE_IN_ROOT", shown(path), flag_names(flags));
                    return Err(Error::call(errno, path, "openat2", arguments));
                }
            }
        }
    }

    /// Opens a directory as a source.
    pub(crate) fn source_directory(&self, path: &Path) -> Result<Directory, Error> {
        let fd = self.resolve(path, OFlag::O_PATH | OFlag::O_DIRECTORY)?;
        Ok(self.hold(fd, path))
    }

    pub(super) fn hold(&self, fd: OwnedFd, path: &Path) -> Directory {
        Directory::new(fd, path.to_owned(), self.top().has_openat2())
    }

    /// Opens a directory on the way to a destination: a link is followed only when root or we made it, so that a service user
    /// cannot redirect us.
    pub(super) fn destination_directory(&self, path: &Path) -> Result<Directory, Error> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        let resolve = ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_SYMLINKS;
        if self.top().has_openat2() {
            match self.openat2(path, flags, resolve) {
                Ok(fd) => return Ok(self.hold(fd, path)),
                Err(error) if error.errno() == Errno::ELOOP => {}
                Err(error) => return Err(self.name_lacking(error, path, flags)),
            }
        }
        let fd = walk(self.top(), path, flags, Links::FollowedIfTrusted)
            .map_err(|error| self.name_lacking(error, path, flags))?;
        Ok(self.hold(fd, path))
    }

    /// The directory that holds a destination, and the destination's name in it; for the root itself the name is `.`.
    pub(crate) fn parent<'path>(&self, path: &'path Path) -> Result<(Directory, &'path OsStr), Error> {
        let (parent, name) = split(path)?;
        let directory = self.destination_directory(parent).map_err(|error| {
            if error.is_not_found() {
                let hint = format!("make `{}` with a `mkdir` step before this one", shown(parent));
                return error.hint(hint);
            }
            error
        })?;
        Ok((directory, name))
    }
}

/// Parent and last name of a destination.
pub(super) fn split(path: &Path) -> Result<(&Path, &OsStr), Error> {
    let refused = |errno| Err(Error::call(errno, path, "openat2", format_args!("</>, \"{}\"", shown(path))));
    if path.as_os_str().is_empty() {
        return refused(Errno::ENOENT);
    }
    if path.as_os_str().as_bytes().contains(&0) {
        return refused(Errno::EINVAL);
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent.as_os_str().is_empty() => Ok((Path::new("/"), name)),
        (Some(parent), Some(name)) => Ok((parent, name)),
        (None, _) => Ok((path, OsStr::new("."))),
        // The path ends with `..`: what it names depends on links.
        (Some(_), None) => refused(Errno::EINVAL),
    }
}
