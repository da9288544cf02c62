//! Making symbolic links.

use std::ffi::OsStr;

use nix::fcntl::AtFlags;
use nix::unistd::{Gid, Uid, fchownat, symlinkat};

use super::Directory;
use super::error::{Cause, Error};
use super::metadata::{Attributes, FileKind, Metadata};
use super::pinned::owner_error;
use super::shown;
use super::temporary::Temporary;

impl Directory {
    /// Makes a link in this directory, at once in place of a link that has the name. It belongs to the wished owner before it
    /// is visible. Anything else than a link is not replaced.
    pub(crate) fn link(&self, name: &OsStr, target: &OsStr, attributes: Attributes) -> Result<(), Error> {
        match self.metadata(name)? {
            Some(Metadata { kind: FileKind::File, .. }) => {
                Err(Error::rule(Cause::Is(FileKind::File), &self.child(name)))
            }
            _ => self.replace_with_link(name, target, attributes),
        }
    }

    /// The same, also in place of a file.
    pub(crate) fn replace_with_link(&self, name: &OsStr, target: &OsStr, attributes: Attributes) -> Result<(), Error> {
        let existing = self.metadata(name)?;
        if let Some(Metadata { kind: kind @ (FileKind::Directory | FileKind::Other), .. }) = existing {
            return Err(Error::rule(Cause::Is(kind), &self.child(name)));
        }
        let (temporary, ()) = Temporary::make(self, "", |fresh| {
            symlinkat(target, &self.fd, fresh)
                .map_err(|errno| self.error(errno, fresh, "symlinkat", format_args!(", \"{}\"", shown(target))))
        })?;
        if attributes.user.is_some() || attributes.group.is_some() {
            let (user, group) = (attributes.user.map(Uid::from_raw), attributes.group.map(Gid::from_raw));
            fchownat(&self.fd, temporary.name(), user, group, AtFlags::AT_SYMLINK_NOFOLLOW)
                .map_err(|errno| owner_error(errno, &self.child(temporary.name()), "fchownat", attributes))?;
        }
        temporary.publish(name)?;
        self.sync()
    }
}
