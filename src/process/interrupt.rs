//! The wish that the run ends: a signal that asks for it.

use std::fmt;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::{disposition, inherited, signal_name, signals};
use crate::failure::{Failure, Kind};

/// The signals that end a run.
const SIGNALS: [i32; 4] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT];

/// Knows whether a signal asked the run to end. Clones watch the same signals.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<State>);

struct State {
    /// The first signal that came, or 0.
    first: Arc<AtomicI32>,
    /// Readable from the first signal on, and for ever: nobody reads from it.
    readable: Option<UnixStream>,
    /// Kept so that the other end never looks closed.
    #[allow(dead_code, reason = "held, not used")]
    writable: Option<Arc<UnixStream>>,
    /// The signals that are caught.
    caught: Vec<i32>,
}

impl Interrupt {
    /// Catches the signals that end a run. As PID 1 a signal without a handler does nothing at all, so this comes before the
    /// first step. A signal that was ignored when we were started stays ignored.
    pub(crate) fn install() -> io::Result<Self> {
        let (readable, writable) = UnixStream::pair()?;
        let (first, writable) = (Arc::new(AtomicI32::new(0)), Arc::new(writable));
        let mut caught = Vec::new();
        for signal in SIGNALS.into_iter().filter(|signal| !disposition::is_ignored(*signal)) {
            register(signal, Arc::clone(&first), Arc::clone(&writable))?;
            caught.push(signal);
        }
        // What came until now was kept back, and comes to the handlers.
        signals::set_mask(inherited::mask_at_work());
        Ok(Self(Arc::new(State { first, readable: Some(readable), writable: Some(writable), caught })))
    }

    /// An interrupt that never comes.
    pub(crate) fn none() -> Self {
        let first = Arc::new(AtomicI32::new(0));
        Self(Arc::new(State { first, readable: None, writable: None, caught: Vec::new() }))
    }

    /// An interrupt that comes when somebody calls [`Interrupt::trigger`].
    #[cfg(test)]
    pub(crate) fn manual() -> io::Result<Self> {
        Self::with_caught(Vec::new())
    }

    /// An interrupt that comes when somebody calls [`Interrupt::trigger`], for programs that are started while signals are caught for
    /// the other one.
    pub(super) fn manual_like(other: &Self) -> io::Result<Self> {
        Self::with_caught(other.0.caught.clone())
    }

    fn with_caught(caught: Vec<i32>) -> io::Result<Self> {
        let (readable, writable) = UnixStream::pair()?;
        let (first, writable) = (Arc::new(AtomicI32::new(0)), Some(Arc::new(writable)));
        Ok(Self(Arc::new(State { first, readable: Some(readable), writable, caught })))
    }

    /// Does what a signal does, unless one came before. Only for an interrupt that catches none.
    pub(crate) fn trigger(&self, signal: i32) {
        if let Some(writable) = &self.0.writable {
            note(&self.0.first, writable, signal);
        }
    }

    /// Does the work with an interrupt that comes with this one, and can be set off by itself.
    pub(crate) fn extended<T>(&self, work: impl FnOnce(&Self) -> T) -> io::Result<T> {
        let inner = Self::with_caught(self.0.caught.clone())?;
        let (over, end) = UnixStream::pair()?;
        Ok(thread::scope(|scope| {
            scope.spawn(|| {
                let watched = self.as_fd().into_iter().chain([over.as_fd()]);
                let mut watched: Vec<PollFd<'_>> = watched.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
                while matches!(poll(&mut watched, PollTimeout::NONE), Err(Errno::EINTR)) {}
                if let Some(signal) = self.signal() {
                    inner.trigger(signal);
                }
            });
            let done = work(&inner);
            // The other end closes, which ends the thread.
            drop(end);
            done
        }))
    }

    /// The number of the first signal that came.
    pub(crate) fn signal(&self) -> Option<i32> {
        Some(self.0.first.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }

    /// Fails when a signal came.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.signal() {
            None => Ok(()),
            Some(signal) => {
                let message = format!("interrupted by {}", signal_name(signal));
                Err(Failure::new(Kind::Interrupted(signal), message).hint("the plan can be run again"))
            }
        }
    }

    /// Becomes readable with the first signal and stays so; none when no signal is watched.
    pub(crate) fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.readable.as_ref().map(AsFd::as_fd)
    }

    /// Sleeps so long, unless a signal comes.
    pub(crate) fn sleep(&self, duration: Duration) -> Result<(), Failure> {
        let until = Instant::now() + duration;
        loop {
            self.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            // Rounded up, because poll counts in milliseconds and would wake just too early again and again.
            let timeout = PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
            let mut watched: Vec<_> = self.as_fd().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).into_iter().collect();
            match poll(&mut watched, timeout) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => {
                    return Err(Failure::new(Kind::Internal, format!("cannot wait: {}", super::cause(errno))));
                }
            }
        }
    }

    /// Ends when a signal came; never ends when none is watched. Needs a runtime with I/O.
    pub(crate) async fn wait(&self) -> io::Result<()> {
        let Some(readable) = &self.0.readable else {
            return std::future::pending().await;
        };
        // A descriptor can be watched only once by one epoll instance: each waiter has a copy.
        let copy = readable.try_clone()?;
        copy.set_nonblocking(true)?;
        tokio::net::UnixStream::from_std(copy)?.readable().await
    }

    /// Gives the signals their default effect back, and then fails if one came before that: none is lost between the last
    /// look and `execve`. From here on the kernel treats a signal as it does for the application; PID 1 without a handler
    /// is not ended by it, and nothing we do could change that.
    pub(super) fn restore(&self) -> Result<(), Failure> {
        for signal in &self.0.caught {
            disposition::set_default(*signal).map_err(|errno| {
                Failure::new(Kind::Internal, format!("cannot reset a signal: {}", super::cause(errno)))
            })?;
        }
        self.check()
    }

    /// The signals that are caught, so that a child can undo that.
    pub(super) fn caught(&self) -> &[i32] {
        &self.0.caught
    }
}

/// Called by a signal handler too.
fn note(first: &AtomicI32, mut writable: &UnixStream, signal: i32) {
    if first.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        // One byte into an empty socket: cannot block, and there is nobody to tell if it fails.
        let _ = writable.write(&[1]);
    }
}

/// Remembers the first signal and makes the pipe readable.
#[allow(unsafe_code, reason = "code that runs in a signal handler")]
fn register(signal: i32, first: Arc<AtomicI32>, writable: Arc<UnixStream>) -> io::Result<()> {
    let note = move || note(&first, &writable, signal);
    // SAFETY: the handler touches an atomic and calls send(2), both safe in a signal handler; it does not allocate, lock or
    // panic. The registry saves and restores errno. What the closure owns is never dropped, because it is never
    // unregistered.
    unsafe { signal_hook::low_level::register(signal, note) }.map(drop)
}

/// One that never comes.
impl Default for Interrupt {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Interrupt").field(&self.signal()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Interrupt;
    use crate::failure::Kind;
    use crate::process::subprocess::Role;
    use nix::sys::signal::{Signal, raise};

    #[test]
    fn the_first_signal_counts_and_the_descriptor_stays_readable() {
        let Some(Role) = Role::current() else {
            let output =
                Role::start("process::interrupt::tests::the_first_signal_counts_and_the_descriptor_stays_readable")
                    .output()
                    .unwrap();
            assert!(output.status.success(), "{output:?}");
            return;
        };
        let interrupt = Interrupt::install().unwrap();
        assert!(interrupt.check().is_ok());
        raise(Signal::SIGINT).unwrap();
        raise(Signal::SIGTERM).unwrap();
        for _ in 0..2 {
            assert_eq!(interrupt.signal(), Some(2));
            let failure = interrupt.check().unwrap_err();
            assert_eq!(failure.kind(), Kind::Interrupted(2));
            assert_eq!(failure.to_string(), "interrupted by SIGINT");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let clone = interrupt.clone();
            runtime.block_on(async {
                tokio::time::timeout(Duration::from_secs(5), clone.wait()).await.unwrap().unwrap();
            });
        }
        assert!(interrupt.restore().is_err());
    }

    #[test]
    fn none_never_comes() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let waited =
            runtime.block_on(async { tokio::time::timeout(Duration::from_millis(20), Interrupt::none().wait()).await });
        assert!(waited.is_err());
    }
}
