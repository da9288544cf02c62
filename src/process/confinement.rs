//! Landlock: a thread gives up the right to write outside of what it names, for itself and for whatever it starts.
//!
//! A domain belongs to one thread and to those that it starts later. So the thread that hands over keeps all its rights, and
//! the application gets them. It protects from mistakes, not from code that somebody else runs in this process: the other
//! threads share their memory with the confined one.

#[cfg(test)]
mod tests;

use std::fmt;
use std::os::fd::{AsFd as _, AsRawFd as _, FromRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;

use super::cause;

/// What may be done with an object, and with everything in it if it is a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// Whatever Landlock can refuse of a directory.
    Everything,
    /// Directories may be made.
    Directories,
    /// A file may be written.
    Content,
}

/// One exception from the confinement.
#[derive(Debug)]
pub(crate) struct Allowed {
    pub(crate) object: OwnedFd,
    pub(crate) right: Right,
}

/// Why a thread could not be confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unconfined {
    /// The kernel has no Landlock.
    Missing,
    /// It has, and it was started without.
    Disabled,
    /// A system call was refused, by seccomp for instance, or there can be no further thread.
    Refused(&'static str, Errno),
}

impl fmt::Display for Unconfined {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("the kernel has no Landlock"),
            Self::Disabled => formatter.write_str("Landlock is switched off in the kernel"),
            Self::Refused(call, errno) => write!(formatter, "{call} was refused: {}", cause(*errno)),
        }
    }
}

const CREATE_RULESET: &str = "landlock_create_ruleset";
const ADD_RULE: &str = "landlock_add_rule";
const RESTRICT_SELF: &str = "landlock_restrict_self";

/// With this flag `landlock_create_ruleset` tells the version of the interface.
const CREATE_RULESET_VERSION: u32 = 1;
const RULE_PATH_BENEATH: u32 = 1;

/// The rights of the kernel's `linux/landlock.h` that have to do with writing.
mod access {
    pub(super) const WRITE_FILE: u64 = 1 << 1;
    /// From removing a directory to making a symbolic link.
    pub(super) const ENTRIES: u64 = 0b1_1111_1111 << 4;
    pub(super) const MAKE_DIR: u64 = 1 << 7;
    /// To move or link something into another directory; since version 2. Before, nobody who is confined can.
    pub(super) const REFER: u64 = 1 << 13;
    /// Since version 3.
    pub(super) const TRUNCATE: u64 = 1 << 14;
}

#[repr(C)]
struct RulesetAttributes {
    handled_access_fs: u64,
}

#[repr(C, packed)]
struct PathBeneathAttributes {
    allowed_access: u64,
    parent_fd: i32,
}

/// The version of Landlock that the kernel has and lets us use.
pub(crate) fn landlock_version() -> Result<i64, Unconfined> {
    #[allow(unsafe_code, reason = "the call has no safe form")]
    // SAFETY: with this flag the kernel reads neither pointer nor size.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<RulesetAttributes>(),
            0_usize,
            CREATE_RULESET_VERSION,
        )
    };
    Errno::result(version).map_err(|errno| match errno {
        Errno::ENOSYS => Unconfined::Missing,
        Errno::EOPNOTSUPP => Unconfined::Disabled,
        errno => Unconfined::Refused(CREATE_RULESET, errno),
    })
}

/// From here on this thread, and each thread and program that it starts, can write only what is allowed. Reading and executing
/// stay as they are; so do owners and modes, which Landlock does not know. Nothing gives a right back. `version` is that of
/// [`landlock_version`].
pub(crate) fn confine_thread(version: i64, allowed: &[Allowed]) -> Result<(), Unconfined> {
    let handled = handled(version);
    let ruleset = create_ruleset(handled)?;
    for rule in allowed {
        add_rule(&ruleset, rule, handled)?;
    }
    match restrict_self(&ruleset) {
        // Whoever lacks CAP_SYS_ADMIN may do it when no program can give him more rights than he has.
        Err(Unconfined::Refused(call, Errno::EPERM)) => {
            prctl::set_no_new_privs().map_err(|_| Unconfined::Refused(call, Errno::EPERM))?;
            restrict_self(&ruleset)
        }
        result => result,
    }
}

fn handled(version: i64) -> u64 {
    let mut handled = access::WRITE_FILE | access::ENTRIES;
    for (since, right) in [(2, access::REFER), (3, access::TRUNCATE)] {
        if version >= since {
            handled |= right;
        }
    }
    handled
}

#[allow(unsafe_code, reason = "the call has no safe form")]
fn create_ruleset(handled: u64) -> Result<OwnedFd, Unconfined> {
    let attributes = RulesetAttributes { handled_access_fs: handled };
    // SAFETY: the pointer and the size are those of a struct in the kernel's layout, which lives until the call is over.
    let fd = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, &raw const attributes, size_of::<RulesetAttributes>(), 0_u32)
    };
    let fd = Errno::result(fd).map_err(|errno| Unconfined::Refused(CREATE_RULESET, errno))?;
    let fd = i32::try_from(fd).map_err(|_| Unconfined::Refused(CREATE_RULESET, Errno::EBADF))?;
    // SAFETY: the kernel made the descriptor for us a moment ago, with close-on-exec, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

#[allow(unsafe_code, reason = "the call has no safe form")]
fn add_rule(ruleset: &OwnedFd, rule: &Allowed, handled: u64) -> Result<(), Unconfined> {
    let wished = match rule.right {
        Right::Everything => handled,
        Right::Directories => access::MAKE_DIR,
        Right::Content => access::WRITE_FILE | access::TRUNCATE,
    };
    let attributes =
        PathBeneathAttributes { allowed_access: wished & handled, parent_fd: rule.object.as_fd().as_raw_fd() };
    // SAFETY: the pointer is that of a struct in the kernel's layout, and both descriptors are open until the call is over.
    let added = unsafe {
        libc::syscall(libc::SYS_landlock_add_rule, ruleset.as_raw_fd(), RULE_PATH_BENEATH, &raw const attributes, 0_u32)
    };
    Errno::result(added).map(drop).map_err(|errno| Unconfined::Refused(ADD_RULE, errno))
}

#[allow(unsafe_code, reason = "the call has no safe form")]
fn restrict_self(ruleset: &OwnedFd) -> Result<(), Unconfined> {
    // SAFETY: the call takes two numbers, and the descriptor is open until it is over.
    let restricted = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0_u32) };
    Errno::result(restricted).map(drop).map_err(|errno| Unconfined::Refused(RESTRICT_SELF, errno))
}
