//! Making symbolic links, and further names of files.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use nix::fcntl::{AtFlags, readlinkat};
use nix::sys::stat::{Mode, UtimensatFlags, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::{linkat, symlinkat};

use super::error::{Cause, Error};
use super::metadata::{Attributes, FileKind, Metadata};
use super::replica::{Likeness, time_error};
use super::shown;
use super::temporary::Temporary;
use super::{Directory, Root};

/// How often a name is made that another run takes away, or whose file it replaces, before it is published. Each try is a few
/// system calls, so that even a file that is replaced all the time gets one.
const ATTEMPTS: usize = 64;

impl Root {
    /// What the link at `path` says.
    pub(crate) fn read_link(&self, path: &Path) -> Result<OsString, Error> {
        let (parent, name) = self.parent(path)?;
        parent.read_link(name)
    }
}

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
        self.copy_link(name, target, Likeness { attributes, ..Likeness::default() })?;
        self.sync()
    }

    /// The same for the copy of a link. Its name can be lost with the power until the directory is synchronized.
    pub(crate) fn copy_link(&self, name: &OsStr, says: &OsStr, likeness: Likeness) -> Result<(), Error> {
        self.replaceable(name)?;
        let mut attempts = ATTEMPTS;
        loop {
            match self.try_copy_link(name, says, likeness) {
                // It cannot be locked, so a run beside this one may have taken it for a left-over.
                Err(error) if error.is_not_found() && attempts > 0 => attempts -= 1,
                result => return result,
            }
        }
    }

    fn try_copy_link(&self, name: &OsStr, says: &OsStr, likeness: Likeness) -> Result<(), Error> {
        let (temporary, ()) = Temporary::make(self, "", |fresh| self.make_link(fresh, says))?;
        self.set_link_likeness(temporary.name(), says, likeness)?;
        temporary.publish(name)
    }

    fn make_link(&self, name: &OsStr, says: &OsStr) -> Result<(), Error> {
        symlinkat(says, &self.fd, name)
            .map_err(|errno| self.error(errno, name, "symlinkat", format_args!(", \"{}\"", shown(says))))
    }

    /// Makes a link in a directory that nobody else sees.
    pub(crate) fn link_within(&self, name: &OsStr, says: &OsStr, likeness: Likeness) -> Result<(), Error> {
        self.make_link(name, says)?;
        self.set_link_likeness(name, says, likeness)
    }

    /// Gives a link of ours its owner and time. The owner only if what has the name by now says what ours does: a link that root
    /// owns is followed on the way to a destination. The time is set by name, older kernels know no other way.
    fn set_link_likeness(&self, name: &OsStr, says: &OsStr, likeness: Likeness) -> Result<(), Error> {
        let Likeness { attributes: Attributes { user, group, .. }, modified, .. } = likeness;
        if user.is_some() || group.is_some() {
            let pinned = self.pin(name)?;
            if pinned.metadata.kind != FileKind::Link || !readlinkat(&pinned.fd, "").is_ok_and(|found| found == says) {
                return Err(Error::rule(Cause::Changed, &pinned.path));
            }
            let owner = Attributes { user, group, mode: None };
            pinned.set_attributes(owner, |flags| self.open_at(name, flags, Mode::empty()))?;
        }
        if let Some((seconds, nanoseconds)) = modified {
            let modified = TimeSpec::new(seconds, nanoseconds);
            utimensat(&self.fd, name, &TimeSpec::UTIME_OMIT, &modified, UtimensatFlags::NoFollowSymlink)
                .map_err(|errno| time_error(errno, &self.child(name)))?;
        }
        Ok(())
    }

    /// Gives a file of the directory `from` a further name in this one, at once in place of a file or link that has it. A link
    /// there is not followed, and only a file gets a further name. A loss of power may take it back until the directory is
    /// synchronized.
    pub(crate) fn hard_link(&self, name: &OsStr, from: &Self, target: &OsStr) -> Result<(), Error> {
        let mut attempts = ATTEMPTS;
        loop {
            match self.try_hard_link(name, from, target) {
                // A run beside this one has replaced the file in the middle of `linkat`, or has taken the temporary name, which
                // has no lock, for a left-over.
                Err(error) if error.is_not_found() && attempts > 0 => attempts -= 1,
                result => return result,
            }
        }
    }

    fn try_hard_link(&self, name: &OsStr, from: &Self, target: &OsStr) -> Result<(), Error> {
        let found = from.required_metadata(target)?;
        if found.kind != FileKind::File {
            return Err(Error::rule(Cause::Is(found.kind), &from.child(target)));
        }
        match self.metadata(name)? {
            Some(Metadata { kind: kind @ (FileKind::Directory | FileKind::Other), .. }) => {
                return Err(Error::rule(Cause::Is(kind), &self.child(name)));
            }
            // Two names of one file cannot replace each other, and need not.
            Some(existing) if existing.identity() == found.identity() => return Ok(()),
            _ => {}
        }
        let (temporary, ()) = Temporary::make(self, "", |fresh| {
            linkat(&from.fd, target, &self.fd, fresh, AtFlags::empty())
                .map_err(|errno| self.error(errno, fresh, "linkat", format_args!(", \"{}\"", shown(target))))
        })?;
        let fresh = temporary.name().to_owned();
        temporary.publish(name)?;
        // It is still there when a run beside this one has just made the same name of the same file.
        let _ = self.remove(&fresh);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use nix::errno::Errno;

    use super::super::tests::Scratch;
    use super::super::{Attributes, Likeness};

    #[test]
    fn what_is_exchanged_for_a_new_link_keeps_its_owner() {
        let scratch = Scratch::new();
        scratch.file("file", "").directory("directory").link("link", "elsewhere");
        let attributes = Attributes { user: Some(1000), ..Attributes::default() };
        let likeness = Likeness { attributes, ..Likeness::default() };
        for name in ["file", "directory", "link"] {
            let root = scratch.root();
            let before = scratch.attributes(name);
            let refused = root.top().set_link_likeness(OsStr::new(name), OsStr::new("target"), likeness);
            assert_eq!(refused.map_err(|error| error.errno()), Err(Errno::ESTALE), "{name}");
            assert_eq!(scratch.attributes(name), before, "{name}");
        }
    }

    /// `linkat` fails with ENOENT when the file that it has found is replaced before it is linked.
    #[test]
    fn a_file_that_is_replaced_all_the_time_gets_a_further_name() {
        let scratch = Scratch::new();
        scratch.file("a", "0");
        let (root, new, a) = (scratch.root(), scratch.path("new"), scratch.path("a"));
        let done = AtomicBool::new(false);
        let made = thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    fs::write(&new, "0").unwrap();
                    fs::rename(&new, &a).unwrap();
                }
            });
            let top = root.top();
            let made = (0..3000).try_for_each(|_| top.hard_link(OsStr::new("b"), top, OsStr::new("a")));
            done.store(true, Ordering::Relaxed);
            made
        });
        assert_eq!(made.map_err(|error| error.to_string()), Ok(()));
    }
}
