//! What an object is and which mount it was reached through, by one system call.

use std::ffi::CStr;
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::sys::stat::fstatat;
use rustix::fs::{Statx, StatxAttributes, StatxFlags, makedev, statx};

use super::entries::text_of;
use super::error::Error;
use super::metadata::{FileKind, Metadata};
use super::{Directory, retry, shown};

/// What is asked for. Kernels before Linux 5.8 do not tell the mount.
const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::MNT_ID);

/// What an object is, and the mount it was reached through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    pub(crate) metadata: Metadata,
    /// The number of the mount, where the kernel tells it.
    pub(super) mount: Option<u64>,
    /// Whether the object is what is mounted, where the kernel tells it.
    pub(super) is_mount: Option<bool>,
}

impl From<Statx> for Status {
    fn from(found: Statx) -> Self {
        let mode = u32::from(found.stx_mode);
        let knows_mount = StatxFlags::from_bits_retain(found.stx_mask).contains(StatxFlags::MNT_ID);
        let knows_root = found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT);
        Self {
            metadata: Metadata {
                kind: FileKind::of_mode(mode),
                user: found.stx_uid,
                group: found.stx_gid,
                mode: mode & 0o7777,
                size: found.stx_size,
                links: u64::from(found.stx_nlink),
                device: makedev(found.stx_dev_major, found.stx_dev_minor),
                inode: found.stx_ino,
                modified: (found.stx_mtime.tv_sec, i64::from(found.stx_mtime.tv_nsec)),
            },
            mount: knows_mount.then_some(found.stx_mnt_id),
            is_mount: knows_root.then(|| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)),
        }
    }
}

impl Directory {
    /// The status of an entry, which is not followed; `None` when it is missing.
    pub(crate) fn status(&self, name: &CStr) -> Result<Option<Status>, Error> {
        match look(&self.fd, name, AtFlags::AT_SYMLINK_NOFOLLOW | AtFlags::AT_NO_AUTOMOUNT) {
            Ok(status) => Ok(Some(status)),
            Err(Errno::ENOENT) => Ok(None),
            Err(errno) => Err(self.error(errno, text_of(name), "statx", format_args!(", AT_SYMLINK_NOFOLLOW"))),
        }
    }

    /// The same for an entry that has to be there.
    pub(crate) fn required_status(&self, name: &CStr) -> Result<Status, Error> {
        let missing = || self.error(Errno::ENOENT, text_of(name), "statx", format_args!(", AT_SYMLINK_NOFOLLOW"));
        self.status(name)?.ok_or_else(missing)
    }

    /// The status of this directory.
    pub(crate) fn own_status(&self) -> Result<Status, Error> {
        look(&self.fd, c"", AtFlags::AT_EMPTY_PATH)
            .map_err(|errno| Error::call(errno, self.path(), "statx", format_args!("<{}>", shown(self.path()))))
    }
}

fn look(directory: &OwnedFd, name: &CStr, flags: AtFlags) -> Result<Status, Errno> {
    let wide = rustix::fs::AtFlags::from_bits_retain(flags.bits().cast_unsigned());
    let found = retry(|| statx(directory, name, wide, WANTED).map_err(|error| Errno::from_raw(error.raw_os_error())));
    match found {
        Err(Errno::ENOSYS) => {
            let metadata = Metadata::from(fstatat(directory, name, flags)?);
            Ok(Status { metadata, mount: None, is_mount: None })
        }
        found => found.map(Status::from),
    }
}
