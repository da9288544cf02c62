//! Where an object of a tree stands, and what can be done with it there.

use std::ffi::{CStr, OsStr};
use std::path::PathBuf;
use std::sync::OnceLock;

use nix::fcntl::AtFlags;
use nix::unistd::{Gid, Uid, fchownat};

use super::super::entries::text_of;
use super::super::error::Error;
use super::super::names::refuse_hard_links;
use super::super::pinned::owner_error;
use super::super::status::Status;
use super::super::{At, Attributes, Directory, FileKind};
use super::Mounts;

/// Setuid and setgid.
const SPECIAL_BITS: u32 = 0o6000;

/// What to do with a file that has several names: the others may stand outside of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HardLinks {
    Refuse,
    Allow,
}

/// A name in a directory of the tree, which is held by descriptor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'walk> {
    pub(super) directory: &'walk Directory,
    pub(super) name: &'walk CStr,
    pub(crate) is_top: bool,
    pub(super) mounts: Mounts,
}

impl Place<'_> {
    pub(crate) fn directory(&self) -> &Directory {
        self.directory
    }

    pub(crate) fn name(&self) -> &OsStr {
        text_of(self.name)
    }

    /// The path inside the root, for messages.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.child(text_of(self.name))
    }

    /// The same, put together only when it is needed.
    pub(crate) fn at(&self) -> At<'_> {
        At::of(self.directory, self.name())
    }

    /// What stands here; `None` when it is gone, unless it is the top, which has to be there.
    pub(crate) fn status(&self) -> Result<Option<Status>, Error> {
        if self.is_top {
            return self.directory.required_status(self.name).map(Some);
        }
        self.directory.status(self.name)
    }

    /// Whether this is not ours to change: something else is mounted on it, and mounts are left out.
    pub(crate) fn is_left_out(&self, seen: &Status) -> Result<bool, Error> {
        if self.mounts != Mounts::Skip || self.is_top {
            return Ok(false);
        }
        seen.is_mount.map_or_else(|| self.directory.is_mount(text_of(self.name)), Ok)
    }

    /// Makes owner and mode as wished, if this is still the object that was `seen`. A link is changed itself.
    ///
    /// The owner alone is changed by name where the kernel protects hard links. Between look and change somebody may put
    /// another object there, but only one that he could have put there before the walk: he cannot link to a file that he
    /// neither owns nor may read and write, and nothing can be moved or linked here from another mount. A file that had one
    /// name when it was seen is so never one outside of his reach. Everything else is held by descriptor between both.
    pub(crate) fn set_attributes(&self, wished: Attributes, seen: &Status, hard_links: HardLinks) -> Result<(), Error> {
        let metadata = &seen.metadata;
        let missing = wished.missing_in(metadata);
        // A change of the owner takes these bits away, so the mode may have to be set after it.
        let has_special_bits = metadata.mode & SPECIAL_BITS != 0;
        if missing.mode.is_none()
            && !(has_special_bits && wished.mode.is_some())
            && metadata.kind != FileKind::Directory
            && !self.is_top
            && hard_links_are_protected()
        {
            if hard_links == HardLinks::Refuse {
                refuse_hard_links(metadata, &self.path())?;
            }
            let (user, group) = (missing.user.map(Uid::from_raw), missing.group.map(Gid::from_raw));
            return fchownat(&self.directory.fd, self.name, user, group, AtFlags::AT_SYMLINK_NOFOLLOW)
                .map_err(|errno| owner_error(errno, &self.path(), "fchownat", missing));
        }
        let same_mount = self.mounts != Mounts::Cross && !self.is_top && seen.mount.is_none();
        self.directory.set_attributes_of(text_of(self.name), wished, metadata, hard_links, same_mount)
    }

    /// Removes what stands here if it is not a directory.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.directory.remove(text_of(self.name))
    }

    /// Removes the directory that stands here if it is empty.
    pub(crate) fn remove_directory(&self) -> Result<(), Error> {
        self.directory.remove_directory(text_of(self.name))
    }
}

/// Whether nobody may link to a file that is not his and that he may not write to: the kernel's own setting.
fn hard_links_are_protected() -> bool {
    static PROTECTED: OnceLock<bool> = OnceLock::new();
    *PROTECTED.get_or_init(|| {
        std::fs::read("/proc/sys/fs/protected_hardlinks").is_ok_and(|setting| setting.trim_ascii() == b"1")
    })
}
