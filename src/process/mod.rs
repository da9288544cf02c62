//! Processes: what we were started with, how we are stopped, programs that we start, and the hand-over.
//!
//! The only room with `unsafe` code: signal dispositions, the moment between `fork` and `execve`, and Landlock have no safe
//! form.

mod acting;
mod beside;
mod capabilities;
mod confinement;
mod disposition;
mod environment;
mod execution;
mod hand_over;
mod inherited;
mod init;
mod interrupt;
mod lines;
mod preparation;
mod privileges;
mod program;
mod redirection;
mod sealed;
mod signals;
#[cfg(test)]
mod subprocess;
mod supervision;

pub(crate) use acting::acting_as;
pub(crate) use beside::{Beside, End};
pub(crate) use confinement::{Allowed, Right, Unconfined, confine_thread, landlock_version};
pub(crate) use environment::Environment;
pub(crate) use hand_over::{HandOver, hand_over};
pub(crate) use inherited::remember;
pub(crate) use init::{Ending, Supervise, Target, supervise};
pub(crate) use interrupt::Interrupt;
pub(crate) use privileges::Credentials;
pub(crate) use program::{Channel, Exit, GRACE, Listen, Program, Tell};
pub(crate) use redirection::{Redirection, Source, redirect};
pub(crate) use sealed::Sealed;

/// Whether this process acts as root.
pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// What the file that we were started from gives rights with to whoever starts it.
pub(crate) fn lent_rights() -> Option<&'static str> {
    use nix::unistd::{getegid, geteuid, getgid, getuid};
    if (getuid(), getgid()) != (geteuid(), getegid()) {
        return Some("the setuid or setgid bit");
    }
    // Root gets none that it had not before. Where `/proc` is missing nobody can say.
    let has_any = || rustix::fs::getxattr("/proc/self/exe", "security.capability", &mut [0_u8; 0]).is_ok();
    (!getuid().is_root() && has_any()).then_some("file capabilities")
}

/// Leaves every signal to the first thread: one that is meant for the process would else reach a thread that cannot take it.
pub(crate) fn leave_signals_to_first_thread() {
    signals::block(signals::SignalSet::of_start());
}

/// The name of a signal as people write it: `SIGTERM`.
pub(crate) fn signal_name(number: i32) -> String {
    nix::sys::signal::Signal::try_from(number).map_or_else(|_| format!("signal {number}"), |signal| signal.to_string())
}

/// The cause of a refused system call in the style of our messages: `permission denied`.
fn cause(errno: nix::errno::Errno) -> String {
    let text = errno.desc();
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        // An abbreviation such as `I/O error` keeps its capitals.
        (Some(first), Some(second)) if second.is_lowercase() => {
            format!("{}{}", first.to_lowercase(), &text[first.len_utf8()..])
        }
        _ => text.to_owned(),
    }
}
