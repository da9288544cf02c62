//! Files and links of a copy.

use std::ffi::OsStr;

use super::super::ownership;
use super::{SourceFile, Target};
use crate::failure::Failure;
use crate::root::{Attributes, Content, FileKind, Metadata, Written, same_content, shown};
use crate::spec::IfExists;

/// What has the name of something that is to be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// A file or link, which may be replaced.
    Replaceable(Metadata),
    /// Something that is to stay as it is.
    Kept,
}

impl Found {
    fn replaceable(self) -> Option<Metadata> {
        match self {
            Self::Replaceable(metadata) => Some(metadata),
            Self::Nothing | Self::Kept => None,
        }
    }
}

impl super::Copy<'_> {
    /// Copies a file.
    pub(super) fn file(&mut self, source: SourceFile<'_>, target: Target<'_>) -> Result<(), Failure> {
        let (file, source_metadata, source_path) = source;
        let (directory, name, path) = target;
        // Setuid and setgid are not copied: who may write to the source must not choose who is what in the target.
        let mode = self.spec.mode.as_ref().map_or(source_metadata.mode & 0o777, |mode| mode.bits());
        let wished = Attributes { user: self.user, group: self.group, mode: Some(mode) };
        let interrupted = || self.context.check_interrupt().is_err();
        let found = self.find(target)?;
        if found == Found::Kept {
            return Ok(());
        }
        let existing = found.replaceable();
        let detail = match existing {
            None => ownership::description(FileKind::File, wished),
            Some(metadata) if metadata.kind == FileKind::File => {
                let mut details = Vec::new();
                if metadata.size != source_metadata.size || !self.is_same(source, target, &interrupted)? {
                    details.push(format!("content of {} bytes -> {} bytes", metadata.size, source_metadata.size));
                }
                details.extend(ownership::differences(&metadata, wished));
                if details.is_empty() && self.spec.if_exists != IfExists::Replace {
                    return Ok(());
                }
                if details.is_empty() { "replaced in any case".to_owned() } else { details.join(", ") }
            }
            Some(metadata) => format!("file in place of {}", metadata.kind),
        };
        self.record(existing.is_some(), path, detail);
        let Some(directory) = directory.filter(|_| self.apply) else {
            return Ok(());
        };
        let content = Content::File { file, path: source_path, interrupted: &interrupted };
        let written = directory.write(name, content, wished).map_err(|error| self.failure(&error, path))?;
        if written == Written::InPlace {
            log::warn!("`{}` is a mount point: its content was overwritten in place", shown(path));
            self.in_place += 1;
        }
        Ok(())
    }

    fn is_same(
        &self,
        (file, _, source_path): SourceFile<'_>,
        (directory, name, path): Target<'_>,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<bool, Failure> {
        let Some(directory) = directory else {
            return Ok(false);
        };
        let (existing, _) = directory.open_file(name).map_err(|error| self.failure(&error, path))?;
        same_content((file, source_path), (&existing, path), interrupted).map_err(|error| self.failure(&error, path))
    }

    /// Makes the same link.
    pub(super) fn link(&mut self, says: &OsStr, target: Target<'_>) -> Result<(), Failure> {
        let (directory, name, path) = target;
        let wished = Attributes { user: self.user, group: self.group, mode: None };
        let found = self.find(target)?;
        if found == Found::Kept {
            return Ok(());
        }
        let existing = found.replaceable();
        if let (Some(directory), Some(metadata)) = (directory, existing)
            && metadata.kind == FileKind::Link
            && self.spec.if_exists != IfExists::Replace
            && wished.missing_in(&metadata).is_empty()
            && directory.read_link(name).map_err(|error| self.failure(&error, path))? == says
        {
            return Ok(());
        }
        self.record(existing.is_some(), path, format!("link -> {}", shown(says)));
        match directory.filter(|_| self.apply) {
            Some(directory) => {
                directory.replace_with_link(name, says, wished).map_err(|error| self.failure(&error, path))
            }
            None => Ok(()),
        }
    }

    /// Looks at the target, and refuses what the plan does not let us replace.
    fn find(&mut self, (directory, name, path): Target<'_>) -> Result<Found, Failure> {
        self.context.check_interrupt()?;
        self.visited += 1;
        let found = match directory {
            Some(directory) => directory.metadata(name).map_err(|error| self.failure(&error, path))?,
            None => None,
        };
        let Some(metadata) = found else {
            return Ok(Found::Nothing);
        };
        match (self.spec.if_exists, metadata.kind) {
            (IfExists::Keep, _) => Ok(Found::Kept),
            (IfExists::Fail, _) => Err(self.refusal(path, "it exists")),
            (_, FileKind::Directory | FileKind::Other) => Err(self.in_the_way(path, &metadata)),
            _ => Ok(Found::Replaceable(metadata)),
        }
    }
}
