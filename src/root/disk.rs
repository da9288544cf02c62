//! Waiting until what was written survives a loss of power.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::unistd::fsync;
use rustix::fs::{Advice, fadvise};

use super::error::Error;
use super::{retry, shown};

/// What it takes to start one more thread. Who waits no longer than this waits alone: in memory nobody waits.
const THREAD: Duration = Duration::from_micros(50);
/// How many wait for the disk at most at once.
const WAITERS: u128 = 4;

/// Waits until owner, mode and content of an open object are on the disk.
pub(super) fn synchronize(fd: &OwnedFd, path: &Path) -> Result<(), Error> {
    match retry(|| fsync(fd)) {
        // File systems that cannot do it say so.
        Ok(()) | Err(Errno::EINVAL | Errno::ENOSYS) => Ok(()),
        Err(errno) => Err(Error::call(errno, path, "fsync", format_args!("<{}>", shown(path)))),
    }
}

/// Has the kernel begin to write a file to the disk, for which somebody waits later, together with others. Otherwise each waiter
/// would begin with its own file, and have a transaction of the file system for itself. That a file's memory is not needed is
/// what tells Linux so; what is not on the disk yet stays in memory.
pub(super) fn begin_writing_out(fd: &OwnedFd) {
    // It only makes things faster.
    let _ = fadvise(fd, 0, None, Advice::DontNeed);
}

/// Waits for each, and returns what failed by its index. One after the other each would have the disk empty its cache; those
/// that wait at the same time share that.
pub(super) fn wait_for_all<T: Sync>(
    items: &[T],
    wait: impl Fn(&T) -> Result<(), Error> + Sync,
) -> BTreeMap<usize, Error> {
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let wait_for_next = || {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(item) = items.get(index) else { return false };
        if let Err(error) = wait(item) {
            failures.lock().unwrap_or_else(PoisonError::into_inner).insert(index, error);
        }
        true
    };
    let mut waited = Duration::ZERO;
    while waited < THREAD {
        let begun = Instant::now();
        if !wait_for_next() {
            break;
        }
        waited = begun.elapsed();
    }
    let left = items.len().saturating_sub(next.load(Ordering::Relaxed));
    let waiters = usize::try_from((waited.as_micros() / THREAD.as_micros()).min(WAITERS)).unwrap_or(1);
    thread::scope(|scope| {
        for _ in 1..waiters.min(left) {
            // Where no more threads are allowed, fewer wait at once.
            let _ = thread::Builder::new().spawn_scoped(scope, || while wait_for_next() {});
        }
        while wait_for_next() {}
    });
    failures.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::Mutex;
    use std::thread::sleep;
    use std::time::Duration;

    use nix::errno::Errno;

    use super::super::error::{Cause, Error};
    use super::wait_for_all;

    /// Alone as long as nobody really waits, and with others from then on: each is waited for once.
    #[test]
    fn each_is_waited_for_once_and_failures_are_known_by_their_place() {
        for slow in [None, Some(0), Some(3), Some(99)] {
            let items: Vec<usize> = (0..100).collect();
            let waited = Mutex::new(Vec::new());
            let failures = wait_for_all(&items, |item| {
                if slow.is_some_and(|slow| *item >= slow) {
                    sleep(Duration::from_millis(1));
                }
                waited.lock().unwrap().push(*item);
                let failed = || Error::rule(Cause::System(Errno::EIO), Path::new("/x"));
                if item % 40 == 7 { Err(failed()) } else { Ok(()) }
            });
            let waited = waited.into_inner().unwrap();
            assert_eq!((waited.len(), waited.iter().collect::<BTreeSet<_>>().len()), (100, 100), "{slow:?}");
            assert_eq!(failures.into_keys().collect::<Vec<_>>(), [7, 47, 87], "{slow:?}");
        }
        assert!(wait_for_all(&[0; 0], |_| Ok(())).is_empty());
    }
}
