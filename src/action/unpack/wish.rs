//! What an entry is to become, by the rules of the plan and by those that no plan can change.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::named;
use crate::archive::{Entry, EntryKind, link_refusal, parts};
use crate::root::Attributes;
use crate::spec::{Glob, UnpackSpec};

/// The permissions of what the archive gives none.
const FILE_MODE: u32 = 0o644;
const DIRECTORY_MODE: u32 = 0o755;
/// Setuid and setgid are left out: whoever makes an archive must not choose who is what here. Sticky keeps users of a directory
/// from each other's files, and means nothing on a file.
const FILE_BITS: u32 = 0o777;
const DIRECTORY_BITS: u32 = 0o1777;

/// Something that is to be there.
pub(super) struct Wish {
    /// The way to it below the target; none for the target itself.
    pub(super) parts: Vec<OsString>,
    pub(super) what: What,
}

/// What is to be there.
pub(super) enum What {
    Directory {
        mode: u32,
    },
    File {
        mode: u32,
        size: u64,
    },
    Link {
        says: OsString,
    },
    /// A further name of what has this one.
    HardLink {
        target: Vec<OsString>,
    },
}

impl UnpackSpec {
    /// What becomes of an entry; nothing when it is left out, and why it is refused.
    pub(super) fn wish(&self, entry: &Entry) -> Result<Option<Wish>, String> {
        let Some(parts) = self.stripped(&entry.name)? else { return Ok(None) };
        if !self.takes(&parts) {
            return Ok(None);
        }
        let what = match &entry.kind {
            EntryKind::Directory => {
                let wished = self.directory_mode.as_ref().map(|mode| mode.bits());
                What::Directory {
                    mode: wished.or(entry.mode.map(|mode| mode & DIRECTORY_BITS)).unwrap_or(DIRECTORY_MODE),
                }
            }
            _ if parts.is_empty() => return Err("its name is that of the target".to_owned()),
            EntryKind::File => {
                let wished = self.file_mode.as_ref().map(|mode| mode.bits());
                What::File {
                    mode: wished.or(entry.mode.map(|mode| mode & FILE_BITS)).unwrap_or(FILE_MODE),
                    size: entry.size,
                }
            }
            EntryKind::Link(says) => match link_refusal(says, parts.len() - 1) {
                Some(refusal) => return Err(format!("{refusal}: `{}`", named(says))),
                None => What::Link { says: OsStr::from_bytes(says).to_owned() },
            },
            EntryKind::HardLink(target) => What::HardLink { target: self.hard_link_target(target)? },
            EntryKind::Other(kind) => return Err(format!("it is {kind}")),
        };
        Ok(Some(Wish { parts, what }))
    }

    fn hard_link_target(&self, target: &[u8]) -> Result<Vec<OsString>, String> {
        let target_shown = named(target);
        match self.stripped(target) {
            Ok(Some(parts)) if !parts.is_empty() && self.takes(&parts) => Ok(parts),
            Ok(_) => Err(format!("`{target_shown}`, whose further name it is, is not unpacked")),
            Err(refusal) => Err(format!("it is a hard link to `{target_shown}`, and {refusal}")),
        }
    }

    /// The parts of a name that are left; nothing when all of them are taken off.
    fn stripped(&self, name: &[u8]) -> Result<Option<Vec<OsString>>, &'static str> {
        let strip = usize::try_from(self.strip_components).unwrap_or(usize::MAX);
        let mut parts: Vec<OsString> =
            parts(name)?.into_iter().map(|part| OsStr::from_bytes(part).to_owned()).collect();
        if strip == 0 {
            return Ok(Some(parts));
        }
        if parts.len() <= strip {
            return Ok(None);
        }
        parts.drain(..strip);
        Ok(Some(parts))
    }

    fn takes(&self, parts: &[OsString]) -> bool {
        if parts.is_empty() || (self.include.is_empty() && self.exclude.is_empty()) {
            return true;
        }
        let path: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
        let path = path.join("/");
        let covered = |globs: &[Glob]| globs.iter().any(|glob| glob.covers(&path));
        (self.include.is_empty() || covered(&self.include)) && !covered(&self.exclude)
    }

    /// The mode of a directory that the archive does not list.
    pub(super) fn unlisted_mode(&self) -> u32 {
        self.directory_mode.as_ref().map_or(DIRECTORY_MODE, |mode| mode.bits())
    }
}

impl What {
    /// What a file or link gets; its owner is that of the plan.
    pub(super) fn attributes(&self, owner: (Option<u32>, Option<u32>)) -> Attributes {
        let mode = match self {
            Self::Directory { mode } | Self::File { mode, .. } => Some(*mode),
            Self::Link { .. } | Self::HardLink { .. } => None,
        };
        Attributes { user: owner.0, group: owner.1, mode }
    }
}
