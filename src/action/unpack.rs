//! `unpack`: an archive's content is there.
//!
//! The archive is read twice. `observe` reads all of it, refuses what is refused, and compares: nothing is written of an archive
//! that is damaged or hostile. `apply` reads it again and writes what differs, each file under a temporary name first.

mod compare;
mod extract;
mod index;
mod refuse;
mod way;
mod wish;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use compare::Comparison;
use extract::Extraction;
use index::Index;
use way::Way;

use super::listing::Listing;
use super::{Change, Context, Outcome, Perform, ownership};
use crate::archive::Limits;
use crate::failure::{Failure, Failures};
use crate::root::{Attributes, Directory, Error, File, Version, shown};
use crate::spec::{Size, UnpackSpec};

/// How large an archive may become and how many entries it may have, unless the plan says so.
const SIZE_LIMIT: u64 = 10 << 30;
const ENTRY_LIMIT: u64 = 1_000_000;
/// How many times as large as it is an archive may become whose size the plan does not tell. Text and programs become 3 to 20
/// times as large; deflate cannot make more than 1032 of one.
const RATIO_LIMIT: u64 = 200;

/// What a directory keeps when only the archive says what its mode is: setgid, that its volume gave it, and sticky.
const KEPT_BITS: u32 = 0o3000;

/// How many characters of a name are shown.
const SHOWN_LIMIT: usize = 1000;

/// How much of a content is held in memory.
const CHUNK: usize = 128 * 1024;

/// What `observe` found out.
pub(crate) struct Work {
    file: File,
    /// The archive as it was read; written to meanwhile, it is another one.
    seen: Version,
    differing: Differing,
    entries: u64,
}

/// What differs: little of each name, as an archive may have a million.
struct Differing {
    /// Knows which entries are written.
    index: Index,
    /// The directories that are made or changed, by their path below the target.
    directories: BTreeMap<Vec<u8>, DirectoryWish>,
    listing: Listing,
}

/// What a directory gets when everything is in it.
#[derive(Clone, Copy)]
struct DirectoryWish {
    attributes: Attributes,
    /// Whether setgid and sticky that it has stay: the plan did not say what the mode is.
    keeps_bits: bool,
}

impl Perform for UnpackSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        Job::new(self, self.archive.as_str(), context)?.compare()
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        Job::new(self, self.archive.as_str(), context)?.write(change)
    }
}

/// Unpacks an archive that messages call by another name than its path. `before_writing` is done when nothing was refused.
pub(super) fn unpack_as(
    name: &str,
    spec: &UnpackSpec,
    context: &Context,
    before_writing: impl FnOnce() -> Result<(), Failure>,
) -> Result<Outcome, Failures> {
    let job = Job::new(spec, name, context)?;
    let change = job.compare()?;
    if change.differences.is_empty() {
        return Ok(Outcome::unchanged("all of it is there"));
    }
    before_writing()?;
    job.write(change)
}

impl Job<'_> {
    fn compare(&self) -> Result<Change<Work>, Failures> {
        let archive = &self.spec.archive;
        let refused = |error: Error| error.cannot("unpack", self.archive).at(archive.span);
        let (file, _) = self.context.root.open_file(archive.as_path()).map_err(refused)?;
        let seen = self.version(&file)?;
        self.check_sum(&file)?;
        let (differing, entries) = Comparison::new(self)?.run(&file)?;
        let differences = differing.listing.told("unpacked or changed");
        Ok(Change::new(differences, Work { file, seen, differing, entries }))
    }

    fn write(&self, change: Change<Work>) -> Result<Outcome, Failures> {
        let Work { file, seen, differing, entries } = change.work;
        let changed = differing.listing.counted();
        let in_place = Extraction::new(self, differing)?.run(&file)?;
        self.check_unchanged(&file, seen)?;
        let in_place = if in_place == 0 { String::new() } else { format!(", {in_place} in place") };
        Ok(Outcome::changed(format!("{changed} changed, {entries} entries read{in_place}")))
    }
}

/// What both halves need.
struct Job<'a> {
    spec: &'a UnpackSpec,
    /// What messages call the archive.
    archive: &'a str,
    context: &'a Context,
    owner: (Option<u32>, Option<u32>),
    limits: Limits,
}

impl<'a> Job<'a> {
    fn new(spec: &'a UnpackSpec, archive: &'a str, context: &'a Context) -> Result<Self, Failure> {
        let owner = ownership::resolve(spec.owner.as_ref(), context)?;
        let limits = Limits {
            size: spec.max_size.map_or(SIZE_LIMIT, Size::bytes),
            entries: spec.max_entries.unwrap_or(ENTRY_LIMIT),
            ratio: spec.max_size.is_none().then_some(RATIO_LIMIT),
        };
        Ok(Self { spec, archive, context, owner, limits })
    }

    /// The beginning of the way, and the parts from there to the target.
    fn way(&self) -> Result<(Way, Vec<OsString>), Error> {
        let (parent, name) = self.context.root.parent(self.spec.path.as_path())?;
        let base = if name == "." { Vec::new() } else { vec![name.to_owned()] };
        Ok((Way::new(parent), base))
    }

    fn target(&self, parts: &[OsString]) -> PathBuf {
        let mut path = self.spec.path.as_path().to_owned();
        path.extend(parts);
        path
    }
}

fn key(parts: &[OsString]) -> Vec<u8> {
    parts.join(OsStr::new("/")).into_vec()
}

fn parts_of(key: &[u8]) -> Vec<OsString> {
    key.split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty())
        .map(|part| OsStr::from_bytes(part).to_owned())
        .collect()
}

/// A name of an archive for messages, which may be a megabyte long.
fn named(name: &[u8]) -> String {
    let text = shown(OsStr::from_bytes(name));
    match text.char_indices().nth(SHOWN_LIMIT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// A path below the target.
fn target_below(parts: &[OsString]) -> PathBuf {
    parts.iter().collect()
}

/// Nothing is done to a directory that is only looked at.
fn only_look(_: &Directory) {}
