//! The terminal: who reads from it, and who is stopped by it.

use std::io::IsTerminal as _;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;

use super::super::signals::{self, SignalSet};
use super::Target;

/// What becomes of the terminal at standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Terminal {
    /// There is none.
    None,
    /// Others are using it, until a shell brings our group to the foreground.
    Background,
    /// The group of the application comes to the foreground, as ours was there.
    Foreground,
    /// The session of the application takes it.
    Session,
}

impl Terminal {
    /// Lets the terminal go where the application takes it into a session of its own.
    pub(super) fn new(target: Target) -> Self {
        if !std::io::stdin().is_terminal() {
            return Self::None;
        }
        match target {
            Target::Session => {
                let_go();
                Self::Session
            }
            _ if foreground() == Some(nix::unistd::getpgrp().as_raw()) => Self::Foreground,
            _ => Self::Background,
        }
    }

    /// Takes the terminal, in the child. Makes no allocation. SIGTTOU, which would stop us, is blocked.
    pub(super) fn take(self) {
        match self {
            Self::None | Self::Background => {}
            Self::Foreground => to_foreground(nix::unistd::getpgrp().as_raw()),
            Self::Session => control(libc::TIOCSCTTY),
        }
    }

    /// Whether a shell has to know when the application is stopped: it waits for us. Nobody waits for the first process.
    pub(super) fn is_watched(self) -> bool {
        matches!(self, Self::Foreground | Self::Background) && std::process::id() != 1
    }

    /// Gives the terminal to the application's group where a shell has brought ours to the foreground. Says whether the
    /// application is there now.
    pub(super) fn give_again(self, group: i32) -> bool {
        let front = foreground().filter(|_| self.is_watched());
        if front == Some(nix::unistd::getpgrp().as_raw()) {
            to_foreground(group);
            return true;
        }
        front == Some(group)
    }
}

#[allow(unsafe_code, reason = "the call has no safe form here")]
fn foreground() -> Option<i32> {
    // SAFETY: the call takes a number.
    Errno::result(unsafe { libc::tcgetpgrp(libc::STDIN_FILENO) }).ok()
}

#[allow(unsafe_code, reason = "the call has no safe form here")]
fn to_foreground(group: i32) {
    // SAFETY: the call takes two numbers.
    unsafe { libc::tcsetpgrp(libc::STDIN_FILENO, group) };
}

#[allow(unsafe_code, reason = "ioctl(2) has no safe form")]
fn control(request: libc::Ioctl) {
    // SAFETY: both requests that come here take the number 0, and no pointer.
    unsafe { libc::ioctl(libc::STDIN_FILENO, request, 0) };
}

/// Gives the terminal up. The kernel then sends SIGHUP and SIGCONT to the group of whoever led the session, which is ours: these
/// two mean nobody, and are taken out of what waits.
fn let_go() {
    let leads = nix::unistd::getsid(None).is_ok_and(|leader| leader == nix::unistd::getpid());
    control(libc::TIOCNOTTY);
    if leads {
        for signal in [libc::SIGHUP, libc::SIGCONT] {
            signals::wait(SignalSet::of([signal]), Some(Duration::ZERO));
        }
    }
}
