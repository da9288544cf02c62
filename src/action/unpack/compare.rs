//! The first reading: the whole archive is checked, and held against what is there.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::index::{Index, Role};
use super::refuse::Current;
use super::way::Way;
use super::wish::{What, Wish};
use super::{CHUNK, Differing, DirectoryWish, Job, KEPT_BITS, key, only_look, ownership};
use crate::action::listing::{Listing, Told};
use crate::action::{Difference, Sign};
use crate::archive::Archive;
use crate::failure::Failure;
use crate::root::{Attributes, Directory, File, FileKind, Metadata, same_bytes, shown};
use crate::spec::IfExists;

pub(super) struct Comparison<'a> {
    job: &'a Job<'a>,
    /// None when the directory that is to hold the target is not there yet: `show` changes nothing.
    way: Option<Way>,
    base: Vec<OsString>,
    differing: Differing,
    entry: Current,
    /// What of a content is in memory.
    buffer: Vec<u8>,
}

/// What has the name of an entry.
enum Found {
    Nothing,
    Replaceable(Metadata),
    Kept,
}

/// How something differs. Of most entries it is never told.
enum Detail {
    NewFile(Attributes),
    Told(String),
}

impl Detail {
    fn text(self) -> String {
        match self {
            Self::NewFile(attributes) => ownership::description(FileKind::File, attributes),
            Self::Told(text) => text,
        }
    }
}

type Opened<'archive, 'file> = Archive<'archive, &'file File>;

impl<'a> Comparison<'a> {
    pub(super) fn new(job: &'a Job<'a>) -> Result<Self, Failure> {
        let (way, base) = match job.way() {
            Ok((way, base)) => (Some(way), base),
            Err(error) if error.is_not_found() => (None, Vec::new()),
            Err(error) => return Err(job.denied(&[], &error)),
        };
        let differing = Differing {
            index: Index::new(job.limits),
            directories: BTreeMap::new(),
            listing: Listing::new(Told::AsFound),
        };
        Ok(Self { job, way, base, differing, entry: Current::default(), buffer: vec![0; CHUNK] })
    }

    /// Reads all of it. Tells what differs, and how many entries there are.
    pub(super) fn run(mut self, file: &File) -> Result<(Differing, u64), Failure> {
        let interrupted = || self.job.context.check_interrupt().is_err();
        let job = self.job;
        let mut archive = Archive::open(file, job.limits, &interrupted)
            .map_err(|error| job.broken(&Current::default(), false, &error))?;
        let mut taken = 0_u64;
        while let Some(entry) = archive.next_entry().map_err(|error| job.broken(&self.entry, false, &error))? {
            self.entry = Current { number: self.entry.number + 1, name: entry.name.clone() };
            let wish = job.spec.wish(&entry).map_err(|cause| job.refusal(&self.entry, &cause))?;
            if let Some(wish) = wish {
                taken += 1;
                if taken == 1 {
                    self.directory(&[], None)?;
                }
                self.add(&wish, &mut archive)?;
            }
            // Only at its end a content is known to be undamaged.
            while self.read(&mut archive)? > 0 {}
        }
        if taken == 0 && self.entry.number > 0 {
            return Err(job.nothing_left(self.entry.number));
        }
        if taken == 0 {
            self.directory(&[], None)?;
        }
        Ok((self.differing, self.entry.number))
    }

    fn read(&mut self, archive: &mut Opened<'_, '_>) -> Result<usize, Failure> {
        archive.read(&mut self.buffer).map_err(|error| self.job.broken(&self.entry, true, &error))
    }

    fn add(&mut self, wish: &Wish, archive: &mut Opened<'_, '_>) -> Result<(), Failure> {
        let parts = &wish.parts;
        let role = match wish.what {
            What::Directory { .. } => Role::Directory,
            What::File { .. } | What::HardLink { .. } => Role::File,
            What::Link { .. } => Role::Link,
        };
        if let What::HardLink { target } = &wish.what
            && !self.differing.index.link_to(target)
        {
            let target = shown(super::target_below(target));
            let cause = format!("it is a hard link to `{target}`, which is no file before it in the archive");
            return Err(self.job.refusal(&self.entry, &cause));
        }
        let new = self.differing.index.add(parts, role).map_err(|clash| self.job.clash(&self.entry, parts, &clash))?;
        for length in new.into_iter().filter(|length| *length < parts.len()) {
            self.directory(&parts[..length], None)?;
        }
        if let What::Directory { mode } = wish.what {
            return self.directory(parts, Some(mode));
        }
        let difference = self.difference(wish, archive)?;
        let entry = difference.is_some().then_some(self.entry.number);
        let noted = self.differing.index.note(parts, entry);
        // A later entry of the same name counts.
        if noted.map_err(|clash| self.job.clash(&self.entry, parts, &clash))? {
            self.take_back(parts);
        }
        if let Some((exists, detail)) = difference {
            self.list(parts, exists, || detail.text());
        }
        Ok(())
    }

    fn list(&self, parts: &[OsString], exists: bool, detail: impl FnOnce() -> String) {
        let sign = if exists { Sign::Modify } else { Sign::Create };
        self.differing.listing.add(|| Difference::new(sign, shown(self.job.target(parts)), detail()));
    }

    fn take_back(&self, parts: &[OsString]) {
        self.differing.listing.take_back(&shown(self.job.target(parts)));
    }

    fn note_directory(&mut self, parts: &[OsString], exists: bool, wish: DirectoryWish, detail: String) {
        if self.differing.directories.insert(key(parts), wish).is_some() {
            self.take_back(parts);
        }
        self.list(parts, exists, || detail);
    }

    /// The directory that holds the last part, if it is there.
    fn holder(&mut self, parts: &[OsString]) -> Result<Option<&Directory>, Failure> {
        let Some(way) = &mut self.way else { return Ok(None) };
        let above = &parts[..parts.len().saturating_sub(1)];
        way.go(&self.base, above, &only_look).map_err(|error| self.job.denied(parts, &error))
    }

    fn metadata(&mut self, parts: &[OsString]) -> Result<Option<Metadata>, Failure> {
        let job = self.job;
        let refused = |error| job.denied(parts, &error);
        match (parts.last(), self.base.last().cloned()) {
            (Some(name), _) => match self.holder(parts)? {
                Some(holder) => holder.metadata(name).map_err(refused),
                None => Ok(None),
            },
            // The target itself.
            (None, Some(name)) => match &mut self.way {
                Some(way) => match way.go(&[], &[], &only_look).map_err(refused)? {
                    Some(holder) => holder.metadata(&name).map_err(refused),
                    None => Ok(None),
                },
                None => Ok(None),
            },
            (None, None) => match self.holder(parts)? {
                Some(top) => top.own_metadata().map(Some).map_err(refused),
                None => Ok(None),
            },
        }
    }

    /// Compares a directory that an entry lists with this mode, or that is on the way to one.
    fn directory(&mut self, parts: &[OsString], listed: Option<u32>) -> Result<(), Failure> {
        let spec = self.job.spec;
        let (user, group) = self.job.owner;
        let keeps_bits = spec.directory_mode.is_none();
        let wish = |mode| DirectoryWish { attributes: Attributes { user, group, mode }, keeps_bits };
        match self.metadata(parts)? {
            None => {
                let wish = wish(Some(listed.unwrap_or_else(|| spec.unlisted_mode())));
                let detail = ownership::description(FileKind::Directory, wish.attributes);
                self.note_directory(parts, false, wish, detail);
            }
            Some(metadata) if metadata.kind == FileKind::Directory => {
                if self.differing.directories.remove(&key(parts)).is_some() {
                    self.take_back(parts);
                }
                if spec.if_exists == IfExists::Keep {
                    return Ok(());
                }
                // The target may be a mounted volume, whose mode is not the archive's to say.
                let listed = listed.filter(|_| !parts.is_empty()).map(|mode| mode | metadata.mode & KEPT_BITS);
                let mode = spec.directory_mode.as_ref().map(|mode| mode.bits()).or(listed);
                let wish = wish(mode);
                if let Some(detail) = ownership::differences(&metadata, wish.attributes) {
                    self.note_directory(parts, true, wish, detail);
                }
            }
            Some(metadata) => {
                return Err(self.job.in_the_way(parts, &format!("{} is in its place", metadata.kind)));
            }
        }
        Ok(())
    }

    /// How a file or link differs, and whether something is there.
    fn difference(&mut self, wish: &Wish, archive: &mut Opened<'_, '_>) -> Result<Option<(bool, Detail)>, Failure> {
        let attributes = wish.what.attributes(self.job.owner);
        let replace = self.job.spec.if_exists == IfExists::Replace;
        let existing = match self.find(&wish.parts)? {
            Found::Kept => return Ok(None),
            Found::Nothing => None,
            Found::Replaceable(metadata) => Some(metadata),
        };
        if matches!(wish.what, What::File { .. }) && existing.is_none() {
            return Ok(Some((false, Detail::NewFile(attributes))));
        }
        let exists = existing.is_some();
        let details = match (&wish.what, existing) {
            (What::File { size, .. }, Some(metadata)) if metadata.kind == FileKind::File => {
                let mut details = Vec::new();
                if metadata.size != *size || !self.has_content(&wish.parts, archive)? {
                    details.push(format!("content of {} bytes -> {size} bytes", metadata.size));
                }
                details.extend(ownership::differences(&metadata, attributes));
                details
            }
            (What::File { .. }, Some(metadata)) => vec![format!("file in place of {}", metadata.kind)],
            (What::Link { says }, existing) => {
                let same = existing
                    .is_some_and(|found| found.kind == FileKind::Link && attributes.missing_in(&found).is_empty())
                    && self.says(&wish.parts)?.as_ref() == Some(says);
                if same { Vec::new() } else { vec![format!("link -> {}", shown(says))] }
            }
            (What::HardLink { target }, existing) => {
                let same = self.differing.index.noted(target).is_none()
                    && existing.is_some()
                    && self.metadata(target)?.map(|target| target.identity()) == existing.map(|found| found.identity());
                if same { Vec::new() } else { vec![format!("hard link to {}", shown(self.job.target(target)))] }
            }
            (What::Directory { .. }, _) | (What::File { .. }, None) => Vec::new(),
        };
        Ok(match details.is_empty() {
            false => Some((exists, Detail::Told(details.join(", ")))),
            true if replace => Some((exists, Detail::Told("replaced in any case".to_owned()))),
            true => None,
        })
    }

    /// Looks at what is there, and refuses what the plan does not let us replace.
    fn find(&mut self, parts: &[OsString]) -> Result<Found, Failure> {
        let Some(metadata) = self.metadata(parts)? else { return Ok(Found::Nothing) };
        match (self.job.spec.if_exists, metadata.kind) {
            (IfExists::Keep, _) => Ok(Found::Kept),
            (IfExists::Fail, _) => Err(self.job.in_the_way(parts, "it exists")),
            (_, kind @ (FileKind::Directory | FileKind::Other)) => {
                Err(self.job.in_the_way(parts, &format!("{kind} is in its place")))
            }
            _ => Ok(Found::Replaceable(metadata)),
        }
    }

    fn says(&mut self, parts: &[OsString]) -> Result<Option<OsString>, Failure> {
        let job = self.job;
        match (parts.last(), self.holder(parts)?) {
            (Some(name), Some(holder)) => holder.read_link(name).map(Some).map_err(|error| job.denied(parts, &error)),
            _ => Ok(None),
        }
    }

    /// Whether a file has the content of the current entry, whose size it has.
    fn has_content(&mut self, parts: &[OsString], archive: &mut Opened<'_, '_>) -> Result<bool, Failure> {
        let job = self.job;
        let (Some(name), Some(holder)) = (parts.last(), self.holder(parts)?) else { return Ok(false) };
        let (file, _) = holder.open_file(name).map_err(|error| job.denied(parts, &error))?;
        let mut offset = 0;
        loop {
            let length = self.read(archive)?;
            if length == 0 {
                return Ok(true);
            }
            let path = job.target(parts);
            if !same_bytes(&file, &path, offset, &self.buffer[..length]).map_err(|error| job.denied(parts, &error))? {
                return Ok(false);
            }
            offset += length as u64;
        }
    }
}
