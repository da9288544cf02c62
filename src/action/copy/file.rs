//! Files and links of a copy.

use std::ffi::OsStr;
use std::sync::atomic::Ordering;

use super::super::ownership;
use super::level::{Slot, Target};
use super::{Copy, Sign};
use crate::failure::Failure;
use crate::root::{Attributes, Content, Error, FileKind, Likeness, Metadata, Original, Written, same_content, shown};
use crate::spec::IfExists;

/// What has the name of something that is to be copied.
pub(super) enum Found {
    Nothing,
    /// A file or link, which may be replaced.
    Replaceable(Metadata),
    /// Something that is to stay as it is.
    Kept,
}

/// How an existing file differs from what it is to be.
enum Differs {
    Not,
    /// Owner or mode do.
    InAttributes(String),
    InContent(String),
}

impl Copy<'_> {
    /// Copies a file.
    pub(super) fn file(&self, original: Original<'_>, slot: &Slot<'_>) -> Result<(), Failure> {
        self.see()?;
        if self.is_further(original.metadata, slot) {
            return Ok(());
        }
        let mode = self.spec.mode.as_ref().map_or(original.metadata.mode & 0o777, |mode| mode.bits());
        let likeness = self.likeness(original.metadata, mode);
        let existing = match self.find(slot)? {
            Found::Kept => return Ok(()),
            Found::Nothing => None,
            Found::Replaceable(metadata) => Some(metadata),
        };
        match existing {
            None => {
                self.record(Sign::Create, slot.path, || ownership::description(FileKind::File, likeness.attributes));
            }
            Some(metadata) if metadata.kind == FileKind::File => {
                match self.compare(original, &metadata, slot, likeness)? {
                    Differs::Not => return Ok(()),
                    Differs::InAttributes(detail) => {
                        self.record(Sign::Modify, slot.path, || detail);
                        let missing = likeness.attributes.missing_in(&metadata);
                        // A new owner would take them away.
                        let keeps_capabilities =
                            !likeness.extended.capabilities || (missing.user, missing.group) == (None, None);
                        let is_safe = keeps_capabilities && metadata.is_written_only_by(likeness.attributes.user);
                        if is_safe && self.set_attributes(slot, likeness.attributes, &metadata)? {
                            return Ok(());
                        }
                    }
                    Differs::InContent(detail) => self.record(Sign::Modify, slot.path, || detail),
                }
            }
            Some(metadata) => self.record(Sign::Modify, slot.path, || format!("file in place of {}", metadata.kind)),
        }
        if self.apply { self.write(original, slot, likeness) } else { Ok(()) }
    }

    fn write(&self, original: Original<'_>, slot: &Slot<'_>, likeness: Likeness) -> Result<(), Failure> {
        let Slot { target, hidden, name, path } = *slot;
        if *self.spec.keep_inode && hidden.is_none() && self.write_into(original, slot, likeness.attributes)? {
            return Ok(());
        }
        let written = match (target, hidden) {
            (_, Some(unseen)) => {
                let waiting = &unseen.hidden.waiting;
                target.with(|directory| waiting.copy_within(directory, name, original, likeness)).transpose()
            }
            (Target::Held(directory), None) => self.waiting.copy(directory, name, original, likeness).map(Some),
            (_, None) => target.with(|directory| directory.copy(name, original, likeness)).transpose(),
        };
        if written.map_err(|unwritten| self.unwritten(&unwritten))? == Some(Written::InPlace) {
            log::warn!("`{}` is a mount point: its content was overwritten in place", shown(path));
            self.in_place.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Writes into the file that is there, if there is one.
    fn write_into(&self, original: Original<'_>, slot: &Slot<'_>, wished: Attributes) -> Result<bool, Failure> {
        let Original { file, at, interrupted, .. } = original;
        let content = Content::File { file, at, interrupted };
        let written = slot.target.with(|directory| directory.write_into(slot.name, content, wished)).transpose();
        let written = written.map_err(|error| self.failure(&error, slot.path))?.unwrap_or(false);
        if written {
            log::info!("`{}` was written in place and keeps its inode", shown(slot.path));
            self.in_place.fetch_add(1, Ordering::Relaxed);
        }
        Ok(written)
    }

    /// How an existing file differs from the copy that is wished.
    fn compare(
        &self,
        original: Original<'_>,
        existing: &Metadata,
        slot: &Slot<'_>,
        likeness: Likeness,
    ) -> Result<Differs, Failure> {
        if self.spec.if_exists == IfExists::Replace {
            return Ok(Differs::InContent("replaced in any case".to_owned()));
        }
        let mut details = Vec::new();
        let same_size = existing.size == original.metadata.size;
        if !same_size || !self.is_same(slot, (original, existing), likeness)? {
            details.push(format!("content of {} bytes -> {} bytes", existing.size, original.metadata.size));
        } else if likeness.modified.is_some_and(|modified| modified != existing.modified) {
            details.push("time of the last change".to_owned());
        }
        let is_content = !details.is_empty();
        details.extend(ownership::differences(existing, likeness.attributes));
        Ok(match (details.is_empty(), is_content) {
            (true, _) => Differs::Not,
            (false, true) => Differs::InContent(details.join(", ")),
            (false, false) => Differs::InAttributes(details.join(", ")),
        })
    }

    /// Whether content and extended attributes are the same. Sizes and times alone do not tell: the files of an image often have
    /// one time for all versions.
    fn is_same(
        &self,
        slot: &Slot<'_>,
        (original, seen): (Original<'_>, &Metadata),
        likeness: Likeness,
    ) -> Result<bool, Failure> {
        let path = slot.path;
        let same = slot.target.with(|directory| {
            let (existing, opened) = directory.open_file(slot.name)?;
            let Original { file, at, interrupted, .. } = original;
            Ok(opened.identity() == seen.identity()
                && same_content((file, at), (&existing, path), interrupted)?
                && original.has_same_extended(&existing, path, likeness.extended)?)
        });
        same.unwrap_or(Ok(false)).map_err(|error| self.failure(&error, path))
    }

    /// Makes owner and mode of a file right that was `seen` with the right content; no when it has other names, which are none of
    /// ours, or was exchanged.
    fn set_attributes(&self, slot: &Slot<'_>, wished: Attributes, seen: &Metadata) -> Result<bool, Failure> {
        if !self.apply {
            return Ok(true);
        }
        match slot.target.with(|directory| directory.set_attributes_if_same(slot.name, wished, seen)) {
            Some(Err(error)) if error.is_hard_linked() || error.is_changed() => Ok(false),
            Some(result) => result.map(|()| true).map_err(|error| self.failure(&error, slot.path)),
            None => Ok(true),
        }
    }

    /// Makes the same link.
    pub(super) fn link(&self, says: &OsStr, original: &Metadata, slot: &Slot<'_>) -> Result<(), Failure> {
        self.see()?;
        let Slot { target, hidden, name, path } = *slot;
        let likeness = self.likeness(original, original.mode);
        let failure = |error: Error| self.failure(&error, path);
        let existing = match self.find(slot)? {
            Found::Kept => return Ok(()),
            Found::Nothing => None,
            Found::Replaceable(metadata) => Some(metadata),
        };
        if existing.is_some_and(|metadata| self.is_like(&metadata, likeness)) {
            let found = target.with(|directory| directory.read_link(name)).transpose().map_err(failure)?;
            if found.is_some_and(|found| found == says) {
                return Ok(());
            }
        }
        let sign = if existing.is_some() { Sign::Modify } else { Sign::Create };
        self.record(sign, path, || format!("link -> {}", shown(says)));
        if !self.apply {
            return Ok(());
        }
        match (target, hidden) {
            (_, Some(_)) => target.with(|directory| directory.link_within(name, says, likeness)),
            _ => target.with(|directory| directory.copy_link(name, says, likeness)),
        }
        .transpose()
        .map_err(failure)?;
        match (target.share().map_err(failure)?, hidden) {
            (Some(directory), None) => {
                self.waiting.add_names(directory).map_err(|unwritten| self.unwritten(&unwritten))
            }
            _ => Ok(()),
        }
    }

    fn is_like(&self, link: &Metadata, likeness: Likeness) -> bool {
        link.kind == FileKind::Link
            && self.spec.if_exists != IfExists::Replace
            && likeness.attributes.missing_in(link).is_empty()
            && likeness.modified.is_none_or(|modified| modified == link.modified)
    }

    /// Looks at the target, and refuses what the plan does not let us replace.
    pub(super) fn find(&self, slot: &Slot<'_>) -> Result<Found, Failure> {
        if slot.hidden.is_some() {
            return Ok(Found::Nothing);
        }
        let found = slot.target.with(|directory| directory.metadata(slot.name)).transpose();
        let Some(metadata) = found.map_err(|error| self.failure(&error, slot.path))?.flatten() else {
            return Ok(Found::Nothing);
        };
        match (self.spec.if_exists, metadata.kind) {
            (IfExists::Keep, _) => Ok(Found::Kept),
            (IfExists::Fail, _) => Err(self.refusal(slot.path, "it exists")),
            (_, FileKind::Directory | FileKind::Other) if self.spec.delete_extra => {
                if self.remove(slot.target, slot.name, slot.path, &metadata)? {
                    Ok(Found::Nothing)
                } else {
                    Err(self.in_the_way(slot.path, &metadata))
                }
            }
            (_, FileKind::Directory | FileKind::Other) => Err(self.in_the_way(slot.path, &metadata)),
            _ => Ok(Found::Replaceable(metadata)),
        }
    }
}
