//! What a process does to itself before it becomes the application. Prepared with allocations, carried out without.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::stat::{Mode, umask};
use nix::unistd::chdir;

use super::capabilities::Capabilities;
use super::privileges::Drop;
use super::{HandOver, cause};
use crate::failure::{Failure, Kind};
use crate::spec::{Limit, Umask};

#[derive(Debug)]
pub(super) struct Preparation {
    limits: Vec<(&'static str, Resource, Limit)>,
    nice: Option<i32>,
    umask: Option<Umask>,
    capabilities: Option<Capabilities>,
    drop: Drop,
    directory: Option<CString>,
    no_new_privileges: bool,
}

/// What was refused. Two numbers, because that is what comes back from a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) part: u8,
    pub(super) errno: Errno,
}

/// The parts that can be refused; from `LIMITS` on each is a limit.
const NICE: u8 = 0;
const BOUNDING: u8 = 1;
const USER: u8 = 2;
const AMBIENT: u8 = 3;
const DIRECTORY: u8 = 4;
const PRIVILEGES: u8 = 5;
const SIGNALS: u8 = 6;
const LIMITS: u8 = 16;

impl Preparation {
    pub(super) fn new(how: &HandOver<'_>) -> Result<Self, Failure> {
        let drop = match &how.credentials {
            Some(credentials) => credentials.plan().map_err(|errno| credentials.refused(errno))?,
            None => Drop::default(),
        };
        Ok(Self {
            limits: how.limits.iter().filter_map(|(name, limit)| Some((*name, resource(name)?, *limit))).collect(),
            nice: how.nice,
            umask: how.umask,
            capabilities: how.capabilities.map(Capabilities::from),
            drop,
            directory: how.directory.and_then(|path| CString::new(path.as_os_str().as_bytes()).ok()),
            no_new_privileges: how.no_new_privileges,
        })
    }

    /// First what needs rights, then the change of user, then what is done as that user. Makes no allocation: called between
    /// `fork` and `execve` too.
    pub(super) fn carry_out(&self) -> Result<(), Refusal> {
        for ((_, resource, limit), part) in self.limits.iter().zip(LIMITS..) {
            setrlimit(*resource, limit.soft, limit.hard).map_err(Refusal::of(part))?;
        }
        if let Some(nice) = self.nice {
            set_nice(nice).map_err(Refusal::of(NICE))?;
        }
        if let Some(wished) = self.umask {
            let present = umask(Mode::empty());
            let mask = wished.instead_of(present.bits()).map_or(present, Mode::from_bits_truncate);
            umask(mask);
        }
        if let Some(capabilities) = self.capabilities {
            capabilities.bound().map_err(Refusal::of(BOUNDING))?;
            capabilities.hold().map_err(Refusal::of(AMBIENT))?;
        }
        self.drop.carry_out().map_err(Refusal::of(USER))?;
        if let Some(capabilities) = self.capabilities {
            capabilities.keep().map_err(Refusal::of(AMBIENT))?;
        }
        if let Some(directory) = &self.directory {
            chdir(directory.as_c_str()).map_err(Refusal::of(DIRECTORY))?;
        }
        if self.no_new_privileges {
            prctl::set_no_new_privs().map_err(Refusal::of(PRIVILEGES))?;
        }
        Ok(())
    }

    /// What was refused, in words.
    pub(super) fn explain(&self, refusal: Refusal, how: &HandOver<'_>) -> Failure {
        let Refusal { part, errno } = refusal;
        let cannot = |what: &str| Failure::new(Kind::NotExecutable, format!("cannot {what}: {}", cause(errno)));
        let needs = |failure: Failure, capability: &str| match errno {
            Errno::EPERM | Errno::EACCES => failure.hint(format!("this needs the capability {capability}")),
            _ => failure,
        };
        match (part, &how.credentials) {
            (NICE, _) => needs(cannot(&format!("set the nice value {}", how.nice.unwrap_or_default())), "SYS_NICE"),
            (BOUNDING, _) => needs(cannot("give up capabilities"), "SETPCAP"),
            (AMBIENT, _) => {
                let failure = cannot("keep capabilities as `ambient` says");
                failure.hint("the container has to have each of them: add them to it, for instance with `cap_add`")
            }
            (USER, Some(credentials)) => credentials.refused(errno).with_kind(Kind::NotExecutable),
            (DIRECTORY, _) => {
                cannot(&format!("change to the directory `{}`", how.directory.unwrap_or(Path::new("")).display()))
            }
            (PRIVILEGES, _) => cannot("set no_new_privs"),
            (part, _) => match self.limits.get(usize::from(part.wrapping_sub(LIMITS))) {
                Some((name, ..)) => {
                    let further = if *name == "nofile" { "; above `/proc/sys/fs/nr_open` nobody may" } else { "" };
                    let needed = format!("SYS_RESOURCE to raise a hard limit{further}");
                    needs(cannot(&format!("set the limit `{name}`")), &needed)
                }
                None => cannot("restore the signals"),
            },
        }
    }
}

impl Refusal {
    fn of(part: u8) -> impl Fn(Errno) -> Self {
        move |errno| Self { part, errno }
    }

    pub(super) fn of_signals(errno: Errno) -> Self {
        Self { part: SIGNALS, errno }
    }
}

fn resource(name: &str) -> Option<Resource> {
    Some(match name {
        "as" => Resource::RLIMIT_AS,
        "core" => Resource::RLIMIT_CORE,
        "cpu" => Resource::RLIMIT_CPU,
        "data" => Resource::RLIMIT_DATA,
        "fsize" => Resource::RLIMIT_FSIZE,
        "locks" => Resource::RLIMIT_LOCKS,
        "memlock" => Resource::RLIMIT_MEMLOCK,
        "msgqueue" => Resource::RLIMIT_MSGQUEUE,
        "nice" => Resource::RLIMIT_NICE,
        "nofile" => Resource::RLIMIT_NOFILE,
        "nproc" => Resource::RLIMIT_NPROC,
        "rss" => Resource::RLIMIT_RSS,
        "rtprio" => Resource::RLIMIT_RTPRIO,
        "rttime" => Resource::RLIMIT_RTTIME,
        "sigpending" => Resource::RLIMIT_SIGPENDING,
        "stack" => Resource::RLIMIT_STACK,
        _ => return None,
    })
}

#[allow(unsafe_code, reason = "the call has no safe form")]
fn set_nice(nice: i32) -> Result<(), Errno> {
    // SAFETY: the call takes numbers; 0 is this process.
    Errno::result(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, nice) }).map(drop)
}
