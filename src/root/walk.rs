//! Resolution of a path one element at a time, for kernels that do not do it for us and for destinations with links in
//! their way. It gives the answers that `openat2` with `RESOLVE_IN_ROOT` and `RESOLVE_NO_MAGICLINKS` gives.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, readlinkat};
use nix::sys::stat::Mode;
use nix::sys::statfs::{PROC_SUPER_MAGIC, fstatfs};
use nix::unistd::Uid;

use super::error::{Cause, Error, flag_names};
use super::metadata::{FileKind, Metadata};
use super::pinned::stat;
use super::{Directory, retry, shown};

/// As many links as the kernel follows in one path.
const LINK_LIMIT: usize = 40;

/// Which links are followed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    Followed,
    /// Only those that root or we made.
    FollowedIfTrusted,
}

/// Opens what `path` leads to below `root`. `..` stops there, and absolute links start there.
pub(super) fn walk(root: &Directory, path: &Path, flags: OFlag, links: Links) -> Result<OwnedFd, Error> {
    let mut walk = Walk { root, path, flags, links, above: Vec::new(), pending: VecDeque::new(), followed: 0 };
    if path.as_os_str().is_empty() {
        return Err(walk.error(Errno::ENOENT));
    }
    walk.push(path.as_os_str());
    while let Some(name) = walk.pending.pop_front() {
        if let Some(fd) = walk.step(&name)? {
            return Ok(fd);
        }
    }
    walk.open(OsStr::new("."), flags)
}

struct Walk<'a> {
    root: &'a Directory,
    /// The whole path, for messages.
    path: &'a Path,
    flags: OFlag,
    links: Links,
    /// The directories between the root and the current one, the current one last.
    above: Vec<OwnedFd>,
    /// The elements that are still to do.
    pending: VecDeque<OsString>,
    followed: usize,
}

impl Walk<'_> {
    /// Does one element; the result when it was the last one.
    fn step(&mut self, name: &OsStr) -> Result<Option<OwnedFd>, Error> {
        if name == "." {
            return Ok(None);
        }
        if name == ".." {
            self.above.pop();
            return Ok(None);
        }
        let last = self.pending.is_empty();
        let fd = self.open(name, OFlag::O_PATH)?;
        let metadata = stat(&fd, self.path)?;
        if metadata.kind == FileKind::Link && !(last && self.flags.contains(OFlag::O_NOFOLLOW)) {
            self.follow(name, &fd, &metadata)?;
            return Ok(None);
        }
        let directory_needed = !last || self.flags.contains(OFlag::O_DIRECTORY);
        if directory_needed && metadata.kind != FileKind::Directory {
            return Err(self.error(Errno::ENOTDIR));
        }
        if !last {
            self.above.push(fd);
            return Ok(None);
        }
        if self.flags.contains(OFlag::O_PATH) { Ok(Some(fd)) } else { self.open(name, self.flags).map(Some) }
    }

    /// Replaces a link by the elements it says.
    fn follow(&mut self, name: &OsStr, link: &OwnedFd, metadata: &Metadata) -> Result<(), Error> {
        self.followed += 1;
        if self.followed > LINK_LIMIT {
            return Err(self.error(Errno::ELOOP));
        }
        if self.links == Links::FollowedIfTrusted && ![0, Uid::effective().as_raw()].contains(&metadata.user) {
            return Err(Error::rule(Cause::ForeignLink { owner: metadata.user }, &self.reached(name)));
        }
        let target = readlinkat(link, "").map_err(|errno| self.error(errno))?;
        if is_magic(link, &target) {
            return Err(self.error(Errno::ELOOP));
        }
        if target.as_bytes().starts_with(b"/") {
            self.above.clear();
        }
        self.push(&target);
        Ok(())
    }

    /// Puts the elements of `path` before the pending ones. A slash at the end means that a directory has to be there, which
    /// is what a `.` behind it means too.
    fn push(&mut self, path: &OsStr) {
        for element in path.as_bytes().rsplit(|byte| *byte == b'/').enumerate() {
            match element {
                (0, b"") => self.pending.push_front(".".into()),
                (_, b"") => {}
                (_, name) => self.pending.push_front(OsStr::from_bytes(name).to_owned()),
            }
        }
    }

    fn open(&self, name: &OsStr, flags: OFlag) -> Result<OwnedFd, Error> {
        let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let parent = self.above.last().unwrap_or(&self.root.fd);
        retry(|| openat(parent, name, flags, Mode::empty())).map_err(|errno| self.error(errno))
    }

    /// The path up to `name`; only a guess when links were followed before.
    fn reached(&self, name: &OsStr) -> std::path::PathBuf {
        self.path.ancestors().find(|path| path.file_name() == Some(name)).unwrap_or(self.path).to_owned()
    }

    fn error(&self, errno: Errno) -> Error {
        let arguments = format_args!("</>, \"{}\", {}", shown(self.path), flag_names(self.flags));
        Error::call(errno, self.path, "openat", arguments)
    }
}

/// Links in `/proc` whose text is not where they lead: `exe`, `cwd`, `root`, `fd/1`, `ns/net`.
fn is_magic(link: &OwnedFd, target: &OsStr) -> bool {
    let text = target.as_bytes();
    (text.starts_with(b"/") || text.contains(&b':'))
        && fstatfs(link).is_ok_and(|system| system.filesystem_type() == PROC_SUPER_MAGIC)
}
