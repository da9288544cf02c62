//! What this process inherited from whoever started it, before the standard library changed it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nix::libc::{SIGCHLD, SIGPIPE};

use super::disposition;
use super::signals::{self, SignalSet};

/// The signals whose disposition somebody changes before we can look: the standard library ignores SIGPIPE, and whoever
/// waits for children has to notice SIGCHLD.
const CHANGED: [i32; 2] = [SIGPIPE, SIGCHLD];

static REMEMBERED: AtomicBool = AtomicBool::new(false);
static MASK: AtomicU64 = AtomicU64::new(0);
static IGNORED: AtomicU64 = AtomicU64::new(0);

/// Remembers what was inherited and lets every signal wait until somebody can take it: as PID 1 one that comes before would be
/// lost. Called before the standard library starts, so it only makes system calls.
pub(crate) fn remember() {
    MASK.store(signals::block(SignalSet::of_start()).bits(), Ordering::Relaxed);
    let ignored = CHANGED.into_iter().filter(|signal| disposition::is_ignored(*signal));
    IGNORED.store(SignalSet::of(ignored).bits(), Ordering::Relaxed);
    REMEMBERED.store(true, Ordering::Relaxed);
}

/// The signals that were blocked when we were started; those that are blocked now where nobody remembered them.
pub(super) fn mask() -> SignalSet {
    if REMEMBERED.load(Ordering::Relaxed) {
        SignalSet::from_bits(MASK.load(Ordering::Relaxed))
    } else {
        signals::block(SignalSet::default())
    }
}

/// The signals that stay blocked while we work: those, without what tells us of our children, and without what the C library speaks to
/// its own threads with.
pub(super) fn mask_at_work() -> SignalSet {
    mask().within(SignalSet::of_start()).without(SIGCHLD)
}

/// Gives a signal the disposition that it had when we were started. Makes no allocation: called between `fork` and `execve`
/// too.
pub(super) fn restore_dispositions() -> Result<(), nix::errno::Errno> {
    let ignored = SignalSet::from_bits(IGNORED.load(Ordering::Relaxed));
    CHANGED.into_iter().try_for_each(|signal| {
        if ignored.contains(signal) { disposition::set_ignored(signal) } else { disposition::set_default(signal) }
    })
}
