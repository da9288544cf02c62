//! What is known about a file without opening it, and what is wished of it.

use std::fmt;

use nix::sys::stat::{FileStat, SFlag};
use nix::unistd::Uid;

const OTHERS_WRITE: u32 = 0o022;

/// The kinds that are told apart. FIFOs, sockets and devices are never opened, so one kind is enough for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    File,
    Directory,
    Link,
    Other,
}

impl FileKind {
    /// The kind that the upper bits of a mode say.
    pub(super) fn of_mode(mode: u32) -> Self {
        match SFlag::from_bits_truncate(mode) & SFlag::S_IFMT {
            SFlag::S_IFREG => Self::File,
            SFlag::S_IFDIR => Self::Directory,
            SFlag::S_IFLNK => Self::Link,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::Other => "a FIFO, a socket or a device",
        })
    }
}

/// Tells two objects apart, whatever their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

/// What is known about a file without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) kind: FileKind,
    pub(crate) user: u32,
    pub(crate) group: u32,
    /// Permission bits with setuid, setgid and sticky.
    pub(crate) mode: u32,
    pub(crate) size: u64,
    /// The number of hard links.
    pub(crate) links: u64,
    pub(crate) device: u64,
    pub(crate) inode: u64,
    /// Seconds and nanoseconds of the last change of the content.
    pub(crate) modified: (i64, i64),
}

impl Metadata {
    pub(crate) fn identity(&self) -> Identity {
        Identity { device: self.device, inode: self.inode }
    }

    /// Whether nobody but root, we and `owner` can have opened this to write into it: who has may go on when it belongs to somebody
    /// else.
    pub(crate) fn is_written_only_by(&self, owner: Option<u32>) -> bool {
        let is_known = [Some(0), Some(Uid::effective().as_raw()), owner].contains(&Some(self.user));
        (is_known || owner.is_none()) && self.mode & OTHERS_WRITE == 0
    }
}

impl From<FileStat> for Metadata {
    #[allow(clippy::useless_conversion, reason = "the widths differ between machines")]
    fn from(stat: FileStat) -> Self {
        Self {
            kind: FileKind::of_mode(stat.st_mode),
            user: stat.st_uid,
            group: stat.st_gid,
            mode: stat.st_mode & 0o7777,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            links: stat.st_nlink.into(),
            device: stat.st_dev,
            inode: stat.st_ino,
            modified: (stat.st_mtime, stat.st_mtime_nsec),
        }
    }
}

/// What is wished. `None` keeps what an existing file has; a new one gets mode 0644 (a directory 0755) and the owner that
/// the kernel gives it: our user, and our group or that of a setgid directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) user: Option<u32>,
    pub(crate) group: Option<u32>,
    pub(crate) mode: Option<u32>,
}

impl Attributes {
    /// What of this is not so yet. The mode of a link means nothing.
    pub(crate) fn missing_in(self, metadata: &Metadata) -> Self {
        Self {
            user: self.user.filter(|user| *user != metadata.user),
            group: self.group.filter(|group| *group != metadata.group),
            mode: self.mode.filter(|mode| *mode != metadata.mode && metadata.kind != FileKind::Link),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}
