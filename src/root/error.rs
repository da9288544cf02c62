//! What the kernel or one of our own rules refused.

use std::fmt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::Uid;

use super::metadata::FileKind;
use super::shown::{escaped, shown};
use crate::failure::{Failure, Kind};

/// One refusal: the cause, the path, and the system call with its arguments so that nobody has to trace the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.cause)]
pub(crate) struct Error(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    cause: Cause,
    path: PathBuf,
    /// Name and arguments of the system call, when it was the kernel that refused.
    call: Option<(&'static str, String)>,
    hint: Option<String>,
    /// Whose owner and mode are in the way, where it is not the directory that holds the path.
    lacking: Option<PathBuf>,
}

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    System(Errno),
    /// Something else is in the way.
    Is(FileKind),
    /// A link on the way to a destination that a service user may have planted.
    ForeignLink {
        owner: u32,
    },
    /// The other links may be files that are none of the volume's.
    HardLinked(u64),
    TooLarge(u64),
    /// The object is another one than a moment ago.
    Changed,
    MountPoint,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(errno) => formatter.write_str(&errno.desc().to_lowercase()),
            Self::Is(kind) => write!(formatter, "is {kind}"),
            Self::ForeignLink { owner } => write!(formatter, "is a symbolic link owned by another user ({owner})"),
            Self::HardLinked(links) => write!(formatter, "has {links} hard links"),
            Self::TooLarge(limit) => write!(formatter, "is larger than {limit} bytes"),
            Self::Changed => formatter.write_str("was exchanged while it was looked at"),
            Self::MountPoint => formatter.write_str("is a mount point"),
        }
    }
}

impl Error {
    /// A system call that failed.
    pub(super) fn call(errno: Errno, path: &Path, function: &'static str, arguments: fmt::Arguments<'_>) -> Self {
        Self(Box::new(Details {
            cause: Cause::System(errno),
            path: path.to_owned(),
            call: Some((function, arguments.to_string())),
            hint: None,
            lacking: None,
        }))
    }

    /// One of our own rules.
    pub(super) fn rule(cause: Cause, path: &Path) -> Self {
        Self(Box::new(Details { cause, path: path.to_owned(), call: None, hint: None, lacking: None }))
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says whose owner and mode are in the way.
    pub(super) fn lacking(mut self, path: &Path) -> Self {
        self.0.lacking = Some(path.to_owned());
        self
    }

    pub(super) fn cause(&self) -> Cause {
        self.0.cause
    }

    /// The path that was refused, which may be on the way to the one that was asked for.
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    /// The error number; the nearest one for what our own rules refuse.
    pub(crate) fn errno(&self) -> Errno {
        match self.0.cause {
            Cause::System(errno) => errno,
            Cause::Is(FileKind::Directory) => Errno::EISDIR,
            Cause::Is(FileKind::Link) | Cause::ForeignLink { .. } => Errno::ELOOP,
            Cause::Is(FileKind::File) => Errno::ENOTDIR,
            Cause::Is(FileKind::Other) => Errno::EINVAL,
            Cause::HardLinked(_) => Errno::EMLINK,
            Cause::TooLarge(_) => Errno::EFBIG,
            Cause::Changed => Errno::ESTALE,
            Cause::MountPoint => Errno::EBUSY,
        }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self.errno(), Errno::ENOENT)
    }

    /// Whether nothing is there, or cannot be there because something on the way is not a directory.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self.0.cause, Cause::System(Errno::ENOENT | Errno::ENOTDIR))
    }

    /// Whether a directory could not be removed because something is in it.
    pub(crate) fn is_not_empty(&self) -> bool {
        matches!(self.0.cause, Cause::System(Errno::ENOTEMPTY | Errno::EEXIST))
    }

    /// Whether an object has other names, which may be none of ours.
    pub(crate) fn is_hard_linked(&self) -> bool {
        matches!(self.0.cause, Cause::HardLinked(_))
    }

    /// Whether the work was stopped because the caller said so.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self.0.cause, Cause::System(Errno::EINTR))
    }

    /// Whether something else than what was asked for has the name.
    pub(crate) fn is_wrong_kind(&self) -> bool {
        matches!(self.0.cause, Cause::Is(_))
    }

    /// Whether the object was exchanged under us; looking again may help.
    pub(crate) fn is_changed(&self) -> bool {
        self.0.cause == Cause::Changed
    }

    /// Whether the kernel, or our rule about hard links, refused a change that the caller may live without.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(
            self.0.cause,
            Cause::System(Errno::EPERM | Errno::EACCES | Errno::EROFS | Errno::EINVAL) | Cause::HardLinked(_)
        )
    }

    /// The failure ``cannot <verb> `<path>`: <cause>``. A path on the way that is another one than `path` is named too.
    pub(crate) fn cannot(&self, verb: &str, path: impl fmt::Display) -> Failure {
        let path = escaped(&path.to_string());
        let culprit = match self.0.cause {
            Cause::System(_) => String::new(),
            _ if self.0.path == Path::new(&path) => String::new(),
            _ => format!("`{}` ", shown(&self.0.path)),
        };
        let mut failure = Failure::new(Kind::FileSystem, format!("cannot {verb} `{path}`: {culprit}{self}"));
        if let (Cause::System(errno), Some((function, arguments))) = (self.0.cause, &self.0.call) {
            failure = failure.note(format!("call: {function}({arguments}): {errno:?}"));
        }
        failure.maybe_hint(self.remedy())
    }

    /// The cause where no path stands before it: `it is a directory`.
    pub(crate) fn to_sentence(&self) -> String {
        match self.0.cause {
            Cause::System(_) => self.to_string(),
            _ => format!("it {self}"),
        }
    }

    /// What can be done about it.
    pub(crate) fn remedy(&self) -> Option<String> {
        if self.0.hint.is_some() {
            return self.0.hint.clone();
        }
        let directory = shown(self.0.path.parent().unwrap_or(&self.0.path));
        let owning = matches!(&self.0.call, Some(("fchown" | "fchownat", _)));
        Some(match self.0.cause {
            Cause::System(Errno::EROFS) if directory == "/" => "name a path on a volume: mount one for it".to_owned(),
            Cause::System(Errno::EROFS) => format!("mount an emptyDir volume at `{directory}`"),
            Cause::System(Errno::EPERM) if owning => {
                "changing an owner needs CAP_CHOWN; without it, let the volume have the right group with `fsGroup`"
                    .to_owned()
            }
            Cause::System(Errno::EINVAL) if owning => {
                "the user or group may have no number in this user namespace: see `/proc/self/uid_map`".to_owned()
            }
            Cause::System(errno @ (Errno::EACCES | Errno::EPERM)) => {
                let lacking = self.0.lacking.as_deref().map_or(directory, shown);
                if Uid::effective().is_root() {
                    let capability = if errno == Errno::EACCES { "CAP_DAC_OVERRIDE" } else { "CAP_FOWNER" };
                    return Some(format!(
                        "root without {capability} is refused what belongs to others: add it, or look at owner and mode of `{lacking}`"
                    ));
                }
                format!(
                    "this runs as user {}: look at owner and mode of `{lacking}`, or set `fsGroup`",
                    Uid::effective()
                )
            }
            Cause::System(Errno::ENOSPC | Errno::EDQUOT) => format!("make room on the volume at `{directory}`"),
            Cause::ForeignLink { .. } => "name the path that the link leads to, or let root own the link".to_owned(),
            Cause::HardLinked(_) => "another name of the same file may lie outside; remove the other names".to_owned(),
            _ => return None,
        })
    }
}

/// The flags as they are written in C, without those that every call has.
pub(super) fn flag_names(flags: OFlag) -> String {
    let names: Vec<&str> =
        flags.iter_names().map(|(name, _)| name).filter(|name| !["O_CLOEXEC", "O_LARGEFILE"].contains(name)).collect();
    if names.is_empty() { "O_RDONLY".to_owned() } else { names.join("|") }
}

/// The error number of a failed read or write.
pub(super) fn errno_of(error: &std::io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}
