//! Whether a file has one name only: another one may be a file that is none of ours.

use std::ffi::OsStr;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::sys::stat::fstat;

use super::directory::Directory;
use super::error::{Cause, Error};
use super::metadata::{FileKind, Metadata};
use super::pinned::Pinned;
use super::shown;

/// Longer than the clock that the kernel takes times of files from stands still.
const TICK: Duration = Duration::from_millis(20);
/// How often a moment is waited for in which nothing of the file is changed.
const ATTEMPTS: u32 = 3;
/// How often it is looked at a file that somebody writes to all the time, and each time a write has to be what was last done to
/// it. Whoever makes and takes away a name would have to do so between any two of these looks, and just before such a write.
const LOOKS: u32 = 32;

impl Directory {
    /// Fails when what is held has another name than this one in this directory.
    ///
    /// The number of names alone does not tell: somebody can link a file of root's here, let us find it, and take the link away,
    /// and then one name is left, which is not this one. So it has to have one name, then be found by this name, and between
    /// both nobody may have made or taken away a name: that would have changed the time of its last change, unless that is
    /// so short ago that the clock stood still.
    ///
    /// The limit: the kernel takes a name away after it has counted down and set the time. Whoever is stopped by the scheduler just
    /// there, for longer than a tick, is not seen; only root can get so far where the kernel protects hard links.
    pub(super) fn refuse_other_names(&self, name: &OsStr, held: &Pinned) -> Result<(), Error> {
        if held.metadata.kind == FileKind::Directory {
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let before = look(held)?;
            if now.saturating_sub(before.1) < TICK {
                sleep(TICK);
            }
            self.find_again(name, held)?;
            if look(held)? == before {
                return Ok(());
            }
        }
        (0..LOOKS).try_for_each(|_| {
            let (metadata, changed) = look(held)?;
            // A name that is made or taken away leaves the time of the last write as it was.
            if time(metadata.modified) != changed {
                return Err(Error::rule(Cause::Changed, &held.path));
            }
            self.find_again(name, held)
        })
    }

    fn find_again(&self, name: &OsStr, held: &Pinned) -> Result<(), Error> {
        let found = self.required_metadata(name)?;
        if found.identity() != held.metadata.identity() {
            return Err(Error::rule(Cause::Changed, &held.path));
        }
        refuse_hard_links(&found, &held.path)
    }
}

/// What is held, which has one name, and when anything of it was last changed.
fn look(held: &Pinned) -> Result<(Metadata, Duration), Error> {
    let path = &held.path;
    let stat = fstat(&held.fd).map_err(|errno| Error::call(errno, path, "fstat", format_args!("<{}>", shown(path))))?;
    let changed = time((stat.st_ctime, stat.st_ctime_nsec));
    let metadata = Metadata::from(stat);
    refuse_hard_links(&metadata, path)?;
    Ok((metadata, changed))
}

fn time((seconds, nanoseconds): (i64, i64)) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
        + Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))
}

/// Fails when something was found with several names.
pub(super) fn refuse_hard_links(found: &Metadata, path: &Path) -> Result<(), Error> {
    match found.kind {
        FileKind::Directory => Ok(()),
        _ if found.links > 1 => Err(Error::rule(Cause::HardLinked(found.links), path)),
        _ => Ok(()),
    }
}
