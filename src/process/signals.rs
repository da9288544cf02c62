//! Sets of signals as the kernel keeps them. Those of the C library hide some real-time signals from us, which it uses
//! itself; an application of another C library may use them too.

use std::ptr::{null, null_mut};
use std::time::Duration;

use nix::errno::Errno;
use nix::libc::{self, c_long, siginfo_t, timespec};

/// Signals that tell of a fault in ourselves, or that nobody can hold back.
const OWN: [i32; 9] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGABRT,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGKILL,
    libc::SIGSTOP,
];

/// What the C library speaks to its own threads with.
const OF_THREADS: [i32; 3] = [32, 33, 34];

/// The kernel's size of a set, in bytes.
const SIZE: usize = size_of::<u64>();

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SignalSet(u64);

impl SignalSet {
    pub(super) fn of(signals: impl IntoIterator<Item = i32>) -> Self {
        Self(signals.into_iter().fold(0, |set, signal| set | bit(signal)))
    }

    /// All that somebody else can mean for the application.
    pub(super) fn of_others() -> Self {
        Self(!Self::of(OWN).0)
    }

    /// The same while there may be threads.
    pub(super) fn of_start() -> Self {
        Self(Self::of_others().0 & !Self::of(OF_THREADS).0)
    }

    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    pub(super) fn bits(self) -> u64 {
        self.0
    }

    pub(super) fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn without(self, signal: i32) -> Self {
        Self(self.0 & !bit(signal))
    }

    pub(super) fn contains(self, signal: i32) -> bool {
        self.0 & bit(signal) != 0
    }
}

fn bit(signal: i32) -> u64 {
    u32::try_from(signal - 1).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0)
}

/// Blocks these signals too, and returns those that were blocked before. Makes no allocation.
pub(super) fn block(set: SignalSet) -> SignalSet {
    change(libc::SIG_BLOCK, set)
}

/// Blocks exactly these signals, and returns those that were blocked before. Makes no allocation.
pub(super) fn set_mask(set: SignalSet) -> SignalSet {
    change(libc::SIG_SETMASK, set)
}

#[allow(unsafe_code, reason = "the safe form hides signals")]
fn change(how: i32, set: SignalSet) -> SignalSet {
    let mut before = 0_u64;
    // SAFETY: both pointers are those of numbers with the size that is given, which live until the call is over. It cannot
    // fail with these arguments, and a set that is not filled stays empty.
    unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, c_long::from(how), &raw const set.0, &raw mut before, SIZE);
    }
    SignalSet(before)
}

/// The next of these signals, which have to be blocked; nothing when the time is over or something else woke us.
#[allow(unsafe_code, reason = "the safe form hides signals")]
pub(super) fn wait(set: SignalSet, timeout: Option<Duration>) -> Option<i32> {
    let timeout = timeout.map(|timeout| timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let limit: *const timespec = timeout.as_ref().map_or_else(null, std::ptr::from_ref);
    // SAFETY: the pointers are those of a set with the size that is given and of a time, which live until the call is over;
    // nothing is written, as nobody asks for the information.
    let signal =
        unsafe { libc::syscall(libc::SYS_rt_sigtimedwait, &raw const set.0, null_mut::<siginfo_t>(), limit, SIZE) };
    Errno::result(signal).ok().and_then(|signal| i32::try_from(signal).ok())
}

/// Sends the signal to a process, or to a group when the number is negative.
#[allow(unsafe_code, reason = "the safe form knows no real-time signals")]
pub(super) fn send(process: i32, signal: i32) -> Result<(), Errno> {
    // SAFETY: the call takes two numbers.
    Errno::result(unsafe { libc::kill(process, signal) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::SignalSet;

    #[test]
    fn sets_of_signals() {
        let set = SignalSet::of([1, 15, 64]);
        assert_eq!(set.bits(), 1 | 1 << 14 | 1 << 63);
        for signal in [0, -1, 65, 2, 1000] {
            assert!(!set.contains(signal), "{signal}");
        }
        assert!(set.contains(64) && set.contains(1));
        let others = SignalSet::of_others();
        for (signal, meant) in [(15, true), (17, true), (34, true), (64, true), (9, false), (11, false), (31, false)] {
            assert_eq!(others.contains(signal), meant, "{signal}");
        }
        assert!(!SignalSet::of_start().contains(34));
        assert_eq!(set.within(others).without(15), SignalSet::of([1, 64]));
    }
}
