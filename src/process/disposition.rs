//! What the process does on a signal. Changing that is unsafe in general, because it may remove somebody's handler.

use std::mem::MaybeUninit;

use nix::errno::Errno;
use nix::libc;

/// Whether the signal is ignored, as `nohup` and some init systems arrange it for the programs they start.
#[allow(unsafe_code, reason = "there is no safe way to ask for a disposition without changing it")]
pub(super) fn is_ignored(signal: i32) -> bool {
    let mut found = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: with no new action the call only fills `found`, which has the right type and lives long enough; it was
    // zeroed, so it is a valid value even when the call fails.
    let action = unsafe {
        libc::sigaction(signal, std::ptr::null(), found.as_mut_ptr());
        found.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

/// Makes the signal do what it does in a fresh process. Makes no allocation: called between `fork` and `execve` too.
pub(super) fn set_default(signal: i32) -> Result<(), Errno> {
    set(signal, libc::SIG_DFL)
}

/// Makes the signal do nothing. Makes no allocation.
pub(super) fn set_ignored(signal: i32) -> Result<(), Errno> {
    set(signal, libc::SIG_IGN)
}

#[allow(unsafe_code, reason = "signal(2) has no safe form")]
fn set(signal: i32, disposition: libc::sighandler_t) -> Result<(), Errno> {
    // SAFETY: both dispositions run no code of ours, so there is nothing that could be unsafe in a handler. The handlers
    // that they replace are those of `Interrupt` and of Rust's start-up, which are done with at this point.
    let previous = unsafe { libc::signal(signal, disposition) };
    if previous == libc::SIG_ERR { Err(Errno::last()) } else { Ok(()) }
}
