//! The second reading: what differs is written.

use std::ffi::OsString;

use super::refuse::Current;
use super::way::{Missing, Way};
use super::wish::{What, Wish};
use super::{CHUNK, Differing, Job, KEPT_BITS, key, only_look, parts_of};
use crate::archive::Archive;
use crate::failure::Failure;
use crate::root::{Attributes, Directory, Error, File, Written, shown};

const SETGID: u32 = 0o2000;

/// Until everything is in a directory its owner has to be able to write to it.
const OWNER_WRITES: u32 = 0o700;

pub(super) struct Extraction<'a> {
    job: &'a Job<'a>,
    way: Way,
    /// A way of its own to the files that hard links lead to.
    link_way: Way,
    base: Vec<OsString>,
    differing: Differing,
    entry: Current,
    in_place: u64,
}

impl<'a> Extraction<'a> {
    pub(super) fn new(job: &'a Job<'a>, differing: Differing) -> Result<Self, Failure> {
        let refused = |error: Error| job.denied(&[], &error);
        let (way, base) = job.way().map_err(refused)?;
        let (link_way, _) = job.way().map_err(refused)?;
        Ok(Self { job, way, link_way, base, differing, entry: Current::default(), in_place: 0 })
    }

    /// Writes everything. Tells how many files were overwritten in place.
    pub(super) fn run(mut self, file: &File) -> Result<u64, Failure> {
        let job = self.job;
        let interrupted = || job.context.check_interrupt().is_err();
        let mut archive = Archive::open(file, job.limits, &interrupted)
            .map_err(|error| job.broken(&Current::default(), false, &error))?;
        self.go(&[])?;
        while let Some(entry) = archive.next_entry().map_err(|error| job.broken(&self.entry, false, &error))? {
            self.entry = Current { number: self.entry.number + 1, name: entry.name.clone() };
            let wish = job.spec.wish(&entry).map_err(|cause| job.refusal(&self.entry, &cause))?;
            let Some(wish) = wish else { continue };
            let Some(differs) = self.differing.get(&key(&wish.parts)) else { continue };
            if differs.directory.is_some() {
                self.go(&wish.parts)?;
            } else if differs.entry == Some(self.entry.number) {
                self.write(&wish, &mut archive)?;
            }
        }
        self.finish_directories()?;
        self.way.finish().map_err(|error| job.denied(&[], &error))?;
        Ok(self.in_place)
    }

    /// Goes to a directory, and makes it and those on the way to it.
    fn go(&mut self, parts: &[OsString]) -> Result<&Directory, Failure> {
        let (job, base) = (self.job, self.base.len());
        let differing = &self.differing;
        let new = |parent: &Directory, parts: &[OsString]| {
            let wish = differing.get(&key(&parts[base..])).and_then(|differs| differs.directory);
            let mode = match wish.and_then(|wish| Some((wish.attributes.mode?, wish.keeps_bits))) {
                Some((mode, true)) => mode | parent.own_metadata()?.mode & SETGID,
                Some((mode, false)) => mode,
                None => job.spec.unlisted_mode(),
            };
            // The owner follows when everything is in it: until then nobody else may change names in it.
            Ok(Attributes { mode: Some(mode | OWNER_WRITES), ..Attributes::default() })
        };
        let sweep = |directory: &Directory| {
            // What cannot be swept does no harm.
            let _ = job.context.root.sweep_directory(directory);
        };
        let all = [&self.base, parts].concat();
        let directory = self.way.go(&all, &Missing::Made(&new), &sweep).map_err(|error| job.denied(parts, &error))?;
        directory.ok_or_else(|| job.in_the_way(parts, "it is not there"))
    }

    fn write(&mut self, wish: &Wish, archive: &mut Archive<'_, &File>) -> Result<(), Failure> {
        let job = self.job;
        let Some((name, holder)) = wish.parts.split_last() else { return Ok(()) };
        let attributes = wish.what.attributes(job.owner);
        let refused = |error: Error| job.denied(&wish.parts, &error);
        let entry = self.entry.clone();
        match &wish.what {
            What::Directory { .. } => {}
            What::Link { says } => {
                self.go(holder)?.replace_with_link(name, says, attributes).map_err(refused)?;
            }
            What::HardLink { target } => {
                let Some((target_name, target_holder)) = target.split_last() else { return Ok(()) };
                self.go(holder)?;
                let from = [&self.base, target_holder].concat();
                let from = self.link_way.go(&from, &Missing::Stays, &only_look).map_err(refused)?;
                let from = from.ok_or_else(|| job.in_the_way(target, "it is not there"))?;
                let all = [&self.base, holder].concat();
                let directory = self.way.go(&all, &Missing::Stays, &only_look).map_err(refused)?;
                if let Some(directory) = directory {
                    directory.hard_link(name, from, target_name).map_err(refused)?;
                }
            }
            What::File { .. } => {
                let mut file = self.go(holder)?.grow().map_err(refused)?;
                let mut buffer = vec![0; CHUNK];
                loop {
                    let length = archive.read(&mut buffer).map_err(|error| job.broken(&entry, true, &error))?;
                    if length == 0 {
                        break;
                    }
                    file.append(&buffer[..length]).map_err(refused)?;
                }
                let interrupted = || job.context.check_interrupt().is_err();
                if file.publish_unsynchronized(name, attributes, &interrupted).map_err(refused)? == Written::InPlace {
                    let path = shown(job.target(&wish.parts));
                    log::warn!("`{path}` is a mount point: its content was overwritten in place");
                    self.in_place += 1;
                }
                self.way.changed().map_err(refused)?;
            }
        }
        Ok(())
    }

    /// Gives directories their owner and mode, those below first.
    fn finish_directories(&mut self) -> Result<(), Failure> {
        let job = self.job;
        let directories: Vec<_> = self
            .differing
            .iter()
            .rev()
            .filter_map(|(key, differs)| differs.directory.map(|wish| (parts_of(key), wish)))
            .collect();
        for (parts, wish) in directories {
            job.context.check_interrupt()?;
            self.go(&parts)?;
            let all = [&self.base, &parts[..]].concat();
            let Some((name, holder)) = all.split_last() else { continue };
            let refused = |error: Error| job.denied(&parts, &error);
            let holder = self.way.go(holder, &Missing::Stays, &only_look).map_err(refused)?;
            let Some(holder) = holder else { continue };
            let metadata = holder.required_metadata(name).map_err(refused)?;
            let kept = if wish.keeps_bits { metadata.mode & KEPT_BITS } else { 0 };
            let mode = wish.attributes.mode.map(|mode| mode | kept);
            holder.set_attributes(name, Attributes { mode, ..wish.attributes }).map_err(refused)?;
        }
        Ok(())
    }
}
