//! The second reading: what differs is written.

use std::ffi::OsString;

use super::refuse::Current;
use super::way::Way;
use super::wish::{What, Wish};
use super::{CHUNK, Differing, Job, KEPT_BITS, key, only_look, parts_of};
use crate::archive::Archive;
use crate::failure::Failure;
use crate::root::{Attributes, Batch, Directory, Error, File, Unwritten, Written, shown};
use crate::spec::IfExists;

const SETGID: u32 = 0o2000;

/// Until everything is in a directory its owner has to be able to write to it.
const OWNER_WRITES: u32 = 0o700;

pub(super) struct Extraction<'a> {
    job: &'a Job<'a>,
    way: Way,
    base: Vec<OsString>,
    differing: Differing,
    entry: Current,
    /// Hard links, with the parts of what they lead to. They come last: a file that waits for the disk cannot get a second name.
    hard_links: Vec<(Vec<OsString>, Vec<OsString>)>,
    in_place: u64,
    /// What of a content is in memory.
    buffer: Vec<u8>,
}

impl<'a> Extraction<'a> {
    pub(super) fn new(job: &'a Job<'a>, differing: Differing) -> Result<Self, Failure> {
        let (way, base) = job.way().map_err(|error| job.denied(&[], &error))?;
        let (entry, hard_links, buffer) = (Current::default(), Vec::new(), vec![0; CHUNK]);
        Ok(Self { job, way, base, differing, entry, hard_links, in_place: 0, buffer })
    }

    /// Writes everything. Tells how many files were overwritten in place.
    pub(super) fn run(mut self, file: &File) -> Result<u64, Failure> {
        let job = self.job;
        let mut batch = job.context.root.batch();
        let written = self.write_all(file, &mut batch).and_then(|()| self.finish_directories(&mut batch));
        // Also what was written before a failure.
        let finished = batch.finish().map_err(|unwritten| job.unwritten(&unwritten));
        written.and(finished)?;
        Ok(self.in_place)
    }

    fn write_all(&mut self, file: &File, batch: &mut Batch<'_>) -> Result<(), Failure> {
        let job = self.job;
        let interrupted = || job.context.check_interrupt().is_err();
        let mut archive = Archive::open(file, job.limits, &interrupted)
            .map_err(|error| job.broken(&Current::default(), false, &error))?;
        self.go(&[], batch)?;
        while let Some(entry) = archive.next_entry().map_err(|error| job.broken(&self.entry, false, &error))? {
            self.entry = Current { number: self.entry.number + 1, name: entry.name.clone() };
            let wish = job.spec.wish(&entry).map_err(|cause| job.refusal(&self.entry, &cause))?;
            let Some(wish) = wish else { continue };
            if matches!(wish.what, What::Directory { .. }) {
                if self.differing.directories.contains_key(&key(&wish.parts)) {
                    self.go(&wish.parts, batch)?;
                }
            } else if self.differing.index.noted(&wish.parts) == Some(self.entry.number) {
                self.write(wish, &mut archive, batch)?;
            }
        }
        batch.publish().map_err(|unwritten| job.unwritten(&unwritten))?;
        self.write_hard_links(batch)
    }

    /// Goes to a directory, and makes it and those on the way to it.
    fn go(&mut self, parts: &[OsString], batch: &mut Batch<'_>) -> Result<&Directory, Failure> {
        let (job, base) = (self.job, self.base.len());
        let sweep = |directory: &Directory| {
            // What cannot be swept does no harm.
            let _ = job.context.root.sweep_directory(directory);
        };
        let refused = |error: Error| job.denied(parts, &error);
        let gone = || job.in_the_way(parts, "it is not there");
        if self.way.go(&self.base, parts, &sweep).map_err(refused)?.is_none() {
            let all = [&self.base, parts].concat();
            for length in self.way.present()..all.len() {
                let holder = self.way.go(&[], &all[..length], &only_look).map_err(refused)?.ok_or_else(gone)?;
                let wish = self.differing.directories.get(&key(&all[base..=length]));
                let mode = match wish.and_then(|wish| Some((wish.attributes.mode?, wish.keeps_bits))) {
                    Some((mode, true)) => mode | holder.own_metadata().map_err(refused)?.mode & SETGID,
                    Some((mode, false)) => mode,
                    None => job.spec.unlisted_mode(),
                };
                // The owner follows when everything is in it: until then nobody else may change names in it. Only where what is
                // there is kept, the next run would not mend what a killed one has left.
                let (user, group) = if job.spec.if_exists == IfExists::Keep { job.owner } else { (None, None) };
                let attributes = Attributes { user, group, mode: Some(mode | OWNER_WRITES) };
                batch.make(holder, &all[length], attributes).map_err(|unwritten| job.unwritten(&unwritten))?;
            }
        }
        self.way.go(&self.base, parts, &only_look).map_err(refused)?.ok_or_else(gone)
    }

    fn write(&mut self, wish: Wish, archive: &mut Archive<'_, &File>, batch: &mut Batch<'_>) -> Result<(), Failure> {
        let job = self.job;
        let Wish { parts, what } = wish;
        let Some((name, holder)) = parts.split_last() else { return Ok(()) };
        let attributes = what.attributes(job.owner);
        let unwritten = |unwritten: Unwritten| job.unwritten(&unwritten);
        match what {
            What::Directory { .. } => {}
            What::Link { says } => {
                let directory = self.go(holder, batch)?;
                batch.link(directory, name, &says, attributes).map_err(unwritten)?;
            }
            What::HardLink { target } => {
                self.go(holder, batch)?;
                self.hard_links.push((parts, target));
            }
            What::File { .. } => {
                let entry = self.entry.clone();
                let directory = self.go(holder, batch)?;
                let mut file = batch.grow(directory).map_err(unwritten)?;
                let mut buffer = std::mem::take(&mut self.buffer);
                loop {
                    let length = archive.read(&mut buffer).map_err(|error| job.broken(&entry, true, &error))?;
                    if length == 0 {
                        break;
                    }
                    file.append(&buffer[..length]).map_err(|error| job.denied(&parts, &error))?;
                }
                self.buffer = buffer;
                let interrupted = || job.context.check_interrupt().is_err();
                let path = job.target(&parts);
                let written = batch.complete(file, name, &path, attributes, &interrupted).map_err(unwritten)?;
                if written == Written::InPlace {
                    log::warn!("`{}` is a mount point: its content was overwritten in place", shown(path));
                    self.in_place += 1;
                }
            }
        }
        Ok(())
    }

    /// Gives files their further names, in the order of the archive: one may lead to another.
    fn write_hard_links(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        let job = self.job;
        let (mut target_way, _) = job.way().map_err(|error| job.denied(&[], &error))?;
        for (parts, target) in std::mem::take(&mut self.hard_links) {
            job.context.check_interrupt()?;
            let (Some((name, holder)), Some((target_name, target_holder))) = (parts.split_last(), target.split_last())
            else {
                continue;
            };
            let from =
                target_way.go(&self.base, target_holder, &only_look).map_err(|error| job.denied(&target, &error))?;
            let from = from.ok_or_else(|| job.in_the_way(&target, "it is not there"))?;
            let directory = self.go(holder, batch)?;
            batch.hard_link(directory, name, from, target_name).map_err(|unwritten| job.unwritten(&unwritten))?;
        }
        Ok(())
    }

    /// Gives directories their owner and mode, those below first.
    fn finish_directories(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        let job = self.job;
        for (key, wish) in std::mem::take(&mut self.differing.directories).into_iter().rev() {
            let parts = parts_of(&key);
            job.context.check_interrupt()?;
            let all = [&self.base, &parts[..]].concat();
            let Some((name, holder)) = all.split_last() else { continue };
            let refused = |error: Error| job.denied(&parts, &error);
            let holder = self.way.go(&[], holder, &only_look).map_err(refused)?;
            let Some(holder) = holder else { continue };
            let directory = holder.enter(name).map_err(refused)?;
            let metadata = directory.own_metadata().map_err(refused)?;
            let kept = if wish.keeps_bits { metadata.mode & KEPT_BITS } else { 0 };
            let mode = wish.attributes.mode.map(|mode| mode | kept);
            directory.set_own_attributes(Attributes { mode, ..wish.attributes }).map_err(refused)?;
            batch.wait_for_directory(&directory).map_err(|unwritten| job.unwritten(&unwritten))?;
        }
        Ok(())
    }
}
