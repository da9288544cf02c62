//! Temporary files and directories beside their targets, and the removal of those that killed runs left.

use std::borrow::Borrow;
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::PoisonError;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{Uid, linkat};
use rustix::fs::{RenameFlags, renameat_with};

use super::at::At;
use super::discard::discard;
use super::entries::{Buffer, text_of};
use super::error::Error;
use super::metadata::{FileKind, Metadata};
use super::pinned::{reopen, stat};
use super::stage::is_plain_suffix;
use super::{Directory, Root};

const PREFIX: &str = ".fitout-";
const DIGITS: usize = 16;

/// How many names are tried. One is enough, unless somebody guesses 64 bits or sweeps at this moment.
const ATTEMPTS: usize = 16;

/// A name in a directory that is removed again unless it is published.
#[derive(Debug)]
pub(super) struct Temporary<D: Borrow<Directory>> {
    directory: D,
    name: OsString,
    published: bool,
}

impl<D: Borrow<Directory> + Clone> Temporary<D> {
    /// Makes an entry with a fresh name by `make`, which has to fail with EEXIST when the name is taken.
    pub(super) fn make<T>(
        directory: D,
        suffix: &str,
        make: impl Fn(&OsStr) -> Result<T, Error>,
    ) -> Result<(Self, T), Error> {
        let mut attempts = ATTEMPTS;
        loop {
            let name = fresh_name(suffix);
            match make(&name) {
                Err(error) if error.errno() == Errno::EEXIST && attempts > 0 => attempts -= 1,
                Err(error) => return Err(error),
                Ok(value) => return Ok((Self { directory, name, published: false }, value)),
            }
        }
    }

    /// Makes an empty file that only we may read. It is locked as long as it is open: an unlocked one was left by a killed run.
    pub(super) fn file(directory: D, suffix: &str) -> Result<(Self, OwnedFd), Error> {
        // NFS locks for reading only what is open for reading.
        let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_EXCL;
        Self::locked(directory, |directory| {
            Self::make(directory.clone(), suffix, |name| {
                directory.borrow().open_at(name, flags, Mode::S_IRUSR | Mode::S_IWUSR)
            })
        })
    }

    fn locked(directory: D, make: impl Fn(&D) -> Result<(Self, OwnedFd), Error>) -> Result<(Self, OwnedFd), Error> {
        let mut attempts = ATTEMPTS;
        loop {
            let (temporary, fd) = match make(&directory) {
                // Somebody swept a directory between the making and the opening.
                Err(error) if error.is_not_found() && attempts > 1 => {
                    attempts -= 1;
                    continue;
                }
                made => made?,
            };
            let file = File::from(fd);
            // Where the file system has no locks nobody sweeps either.
            let swept = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
            let fd = OwnedFd::from(file);
            let directory = directory.borrow();
            let identity = stat(&fd, directory.path())?.identity();
            let named = directory.metadata(&temporary.name)?.is_some_and(|found| found.identity() == identity);
            if named && !swept {
                return Ok((temporary, fd));
            }
            // Somebody swept between the making and the locking.
            attempts -= 1;
            if attempts == 0 {
                return Err(directory.error(Errno::EBUSY, &temporary.name, "flock", format_args!(", LOCK_EX|LOCK_NB")));
            }
        }
    }

    /// Makes an empty directory that only we may enter, locked like a file. It goes with everything that is in it.
    pub(super) fn directory(directory: D) -> Result<(Self, OwnedFd), Error> {
        Self::locked(directory, |directory| {
            Self::make(directory.clone(), "", |name| directory.borrow().make_private(name))
        })
    }

    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// Exchanges the descriptor that a file was written with for one that reads: a program that is open for writing anywhere
    /// cannot be executed (ETXTBSY), and from its first moment under its name somebody may do so. The lock goes on. It is the
    /// object that was written, whatever somebody has put under its name meanwhile.
    pub(super) fn end_writing(&self, written: OwnedFd) -> Result<OwnedFd, Error> {
        let directory = self.directory.borrow();
        let at = At::of(directory, &self.name);
        let seen = stat(&written, at)?;
        let again = |flags| directory.open_at(&self.name, flags, Mode::empty());
        let file = match reopen((&written, &seen, at), OFlag::O_RDONLY, again) {
            Ok((fd, _)) => File::from(fd),
            // Its new owner or mode does not let us read it.
            Err(error) if error.errno() == Errno::EACCES => return Ok(written),
            Err(error) => return Err(error),
        };
        // Nobody else can hold it alone while the first descriptor is open.
        let _ = file.try_lock_shared();
        Ok(file.into())
    }

    /// Gives the entry its real name, in place of what had it.
    pub(super) fn publish(mut self, name: &OsStr) -> Result<(), Error> {
        let directory = self.directory.borrow();
        renameat(&directory.fd, self.name.as_os_str(), &directory.fd, name).map_err(|errno| {
            let to = super::shown(name);
            directory.error(errno, &self.name, "renameat", format_args!(", \"{to}\""))
        })?;
        self.published = true;
        Ok(())
    }

    /// Gives the entry its real name, unless something has it: then nothing is changed, and the answer is no. Where the file
    /// system knows neither way to do that at once, the caller has to keep other runs out.
    pub(super) fn publish_new(mut self, name: &OsStr) -> Result<bool, Error> {
        for way in [Self::rename_new, Self::link_new, Self::look_and_rename] {
            match way(&mut self, name) {
                Ok(()) => return Ok(true),
                Err(Errno::EEXIST) => return Ok(false),
                // Not on this file system, or not with these rights.
                Err(Errno::EINVAL | Errno::ENOSYS | Errno::EPERM | Errno::EOPNOTSUPP | Errno::EMLINK) => {}
                Err(errno) => return Err(self.new_error(errno, name)),
            }
        }
        Err(self.new_error(Errno::EPERM, name))
    }

    /// Most file systems, but not NFS.
    fn rename_new(&mut self, name: &OsStr) -> Result<(), Errno> {
        let fd = &self.directory.borrow().fd;
        renameat_with(fd, self.name.as_os_str(), fd, name, RenameFlags::NOREPLACE)
            .map_err(|error| Errno::from_raw(error.raw_os_error()))?;
        self.published = true;
        Ok(())
    }

    /// Where there are hard links. The temporary name goes at the end; a run that is killed before leaves it to the next one's
    /// sweep.
    fn link_new(&mut self, name: &OsStr) -> Result<(), Errno> {
        let fd = &self.directory.borrow().fd;
        linkat(fd, self.name.as_os_str(), fd, name, AtFlags::empty())
    }

    fn look_and_rename(&mut self, name: &OsStr) -> Result<(), Errno> {
        if self.directory.borrow().metadata(name).map_err(|error| error.errno())?.is_some() {
            return Err(Errno::EEXIST);
        }
        let fd = &self.directory.borrow().fd;
        renameat(fd, self.name.as_os_str(), fd, name)?;
        self.published = true;
        Ok(())
    }

    fn new_error(&self, errno: Errno, name: &OsStr) -> Error {
        let to = super::shown(name);
        self.directory.borrow().error(errno, &self.name, "renameat2", format_args!(", \"{to}\", RENAME_NOREPLACE"))
    }
}

impl<D: Borrow<Directory>> Drop for Temporary<D> {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed now is removed by a later run's sweep.
            let _ = match self.directory.borrow().remove(&self.name) {
                Err(error) if error.errno() == Errno::EISDIR => discard(self.directory.borrow(), &self.name),
                _ => Ok(()),
            };
        }
    }
}

/// The keys of the hasher are random; nothing here needs them to be secret, since `O_EXCL` refuses a name that was
/// guessed.
fn fresh_name(suffix: &str) -> OsString {
    let number = RandomState::new().build_hasher().finish();
    format!("{PREFIX}{number:0DIGITS$x}{suffix}").into()
}

fn is_temporary_name(name: &OsStr) -> bool {
    let digits_and_suffix =
        name.as_bytes().strip_prefix(PREFIX.as_bytes()).and_then(|rest| rest.split_at_checked(DIGITS));
    digits_and_suffix.is_some_and(|(digits, suffix)| {
        digits.iter().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(digit))
            && (suffix.is_empty() || suffix.strip_prefix(b".").is_some_and(is_plain_suffix))
    })
}

impl Directory {
    /// Whether a name is one of those under which something is made.
    pub(crate) fn is_temporary(name: &OsStr) -> bool {
        is_temporary_name(name)
    }
}

impl Root {
    /// Removes the temporary files that killed runs left in a directory; once for each directory.
    pub(crate) fn sweep(&self, directory: &Path) -> Result<(), Error> {
        self.sweep_directory(&self.destination_directory(directory)?)
    }

    /// The same for a directory that is held.
    pub(crate) fn sweep_directory(&self, directory: &Directory) -> Result<(), Error> {
        let identity = directory.own_metadata()?.identity();
        if !self.0.swept.lock().unwrap_or_else(PoisonError::into_inner).insert(identity) {
            return Ok(());
        }
        let mut refused = None;
        let listed = directory.for_each_entry(&mut Buffer::small(), |name, kind| {
            let name = text_of(name);
            if is_temporary_name(name) {
                let swept = match kind {
                    Some(FileKind::Link) => sweep_link(directory, name),
                    None | Some(FileKind::File) => sweep_locked(directory, name, FileKind::File),
                    Some(FileKind::Directory) => sweep_locked(directory, name, FileKind::Directory),
                    Some(FileKind::Other) => Ok(()),
                };
                // One that stays must not keep the others.
                refused = refused.take().or(swept.err());
            }
            Ok(ControlFlow::Continue(()))
        });
        let swept = listed.and_then(|()| refused.map_or(Ok(()), Err));
        if swept.is_err() {
            // A later step may have the right that this one lacks.
            self.0.swept.lock().unwrap_or_else(PoisonError::into_inner).remove(&identity);
        }
        swept
    }
}

/// Removes a temporary file or directory unless a run that lives holds its lock.
fn sweep_locked(directory: &Directory, name: &OsStr, kind: FileKind) -> Result<(), Error> {
    let opened = match kind {
        FileKind::Directory => directory.open_directory(name),
        _ => directory.open_file(name),
    };
    let Ok((file, metadata)) = opened else {
        // Gone, or not ours to read.
        return Ok(());
    };
    if !is_ours(&metadata) || file.try_lock().is_err() {
        return Ok(());
    }
    let still_named = directory.metadata(name)?.is_some_and(|found| found.identity() == metadata.identity());
    if !still_named {
        return Ok(());
    }
    let removed = match kind {
        FileKind::Directory => discard(directory, name),
        _ => directory.remove(name),
    };
    match removed {
        Err(error) if error.is_not_found() => Ok(()),
        result => result,
    }
}

/// Removes a temporary link. It has no lock: a run that has just made it makes another one.
fn sweep_link(directory: &Directory, name: &OsStr) -> Result<(), Error> {
    match directory.metadata(name)? {
        Some(metadata) if metadata.kind == FileKind::Link && is_ours(&metadata) => match directory.remove(name) {
            Err(error) if error.is_not_found() => Ok(()),
            result => result,
        },
        _ => Ok(()),
    }
}

/// A run of root that was killed just before the rename has given its file away already, so root sweeps those of all users.
fn is_ours(metadata: &Metadata) -> bool {
    let user = Uid::effective();
    user.is_root() || metadata.user == user.as_raw()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use nix::errno::Errno;

    use super::super::Root;
    use super::Temporary;

    /// Each way does the same, whatever the file system of the test knows.
    #[test]
    fn a_name_is_given_once_by_each_way() {
        let directory = std::env::temp_dir().join(format!("fitout-names-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let root = Root::open(&directory).unwrap();
        for (way, name) in [
            (Temporary::rename_new as fn(&mut _, &_) -> _, "a"),
            (Temporary::link_new, "b"),
            (Temporary::look_and_rename, "c"),
        ] {
            let name = OsStr::new(name);
            let first = {
                let (mut temporary, _lock) = Temporary::file(root.top(), "").unwrap();
                assert_eq!(way(&mut temporary, name), Ok(()), "{name:?}");
                root.top().metadata(name).unwrap().unwrap().identity()
            };
            let (mut temporary, _lock) = Temporary::file(root.top(), "").unwrap();
            assert_eq!(way(&mut temporary, name), Err(Errno::EEXIST), "{name:?}");
            drop(temporary);
            let after = root.top().metadata(name).unwrap().unwrap();
            assert_eq!((after.identity(), after.links), (first, 1), "{name:?}");
        }
        let mut names: Vec<_> =
            std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a", "b", "c"]);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
