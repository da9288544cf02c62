//! zip: stored and deflated entries, zip64, data descriptors. The directory at the end says what there is; each entry says it
//! again before its content, and where the two disagree the archive is refused: two programs would see two archives in it.

mod content;
mod directory;
mod record;

use std::io::{Read, Seek, SeekFrom};

use content::Content;
use directory::Directory;
use record::{Record, local_length};

use super::entry::{Entry, EntryKind};
use super::error::Error;
use super::limits::Limits;

/// What a symbolic link may say, in bytes.
const LINK_LIMIT: u64 = 4096;

/// The host of an entry whose attributes are those of Unix: Unix itself, and macOS.
const UNIX: [u8; 2] = [3, 19];

const KIND: u32 = 0o170_000;

/// The bits of the flags that may not stand: encryption of three kinds, and data that patches another file.
const REFUSED_FLAGS: u16 = 1 | 1 << 5 | 1 << 6 | 1 << 13;
const ENCRYPTED_FLAGS: u16 = 1 | 1 << 6 | 1 << 13;

/// Whether this is the beginning of a zip archive, with entries or without.
pub(super) fn is_zip(beginning: &[u8]) -> bool {
    beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(b"PK\x05\x06")
}

/// A zip archive, read in the order of its directory.
pub(super) struct Zip<'a, R> {
    source: R,
    directory: Directory,
    interrupted: &'a dyn Fn() -> bool,
    content: Option<Content>,
}

impl<'a, R: Read + Seek> Zip<'a, R> {
    pub(super) fn open(
        mut source: R,
        size: u64,
        limits: Limits,
        interrupted: &'a dyn Fn() -> bool,
    ) -> Result<Self, Error> {
        let directory = Directory::read(&mut source, size, limits, interrupted)?;
        Ok(Self { source, directory, interrupted, content: None })
    }

    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, Error> {
        if (self.interrupted)() {
            return Err(Error::Interrupted);
        }
        self.finish_content()?;
        let Some(record) = self.directory.next(&mut self.source)? else { return Ok(None) };
        if record.flags & ENCRYPTED_FLAGS != 0 {
            return Err(Error::Form("an entry in it is encrypted"));
        }
        if record.flags & REFUSED_FLAGS != 0 {
            return Err(Error::Form("an entry in it is a patch for another file"));
        }
        self.content = Some(self.begin(&record)?);
        let kind = self.kind(&record)?;
        let size = if kind == EntryKind::File { record.size } else { 0 };
        if kind == EntryKind::Directory && record.size > 0 {
            return Err(Error::Form("a directory in it has content"));
        }
        // Those who know nothing of modes write zeros.
        let mode = unix_mode(&record).map(|mode| mode & 0o7777).filter(|mode| *mode != 0);
        Ok(Some(Entry { name: record.name, kind, mode, size }))
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if (self.interrupted)() {
            return Err(Error::Interrupted);
        }
        match &mut self.content {
            Some(content) => content.read(&mut self.source, buffer),
            None => Ok(0),
        }
    }

    /// Goes to the content of an entry, past what is said before it.
    fn begin(&mut self, record: &Record) -> Result<Content, Error> {
        let length = local_length(&mut self.source, record)?;
        let start = record.offset + length;
        let end = start.saturating_add(record.compressed);
        if end > self.directory.next_start(record.offset) {
            return Err(Error::Form("entries in it overlap"));
        }
        self.source.seek(SeekFrom::Start(start)).map_err(|error| Error::from_source(&error))?;
        Content::new(record)
    }

    fn kind(&mut self, record: &Record) -> Result<EntryKind, Error> {
        if record.name.ends_with(b"/") {
            return Ok(EntryKind::Directory);
        }
        Ok(match unix_mode(record).map_or(0, |mode| mode & KIND) {
            0o040_000 => EntryKind::Directory,
            0o120_000 => EntryKind::Link(self.link(record)?),
            0o010_000 => EntryKind::Other("a FIFO"),
            0o020_000 => EntryKind::Other("a character device"),
            0o060_000 => EntryKind::Other("a block device"),
            0o140_000 => EntryKind::Other("a socket"),
            _ => EntryKind::File,
        })
    }

    /// What a link says stands where the content of a file does.
    fn link(&mut self, record: &Record) -> Result<Vec<u8>, Error> {
        if record.size > LINK_LIMIT {
            return Err(Error::Form("a link in it is longer than 4096 bytes"));
        }
        let mut says = vec![0; usize::try_from(record.size).unwrap_or(0)];
        let mut length = 0;
        while length < says.len() {
            length += self.read(&mut says[length..])?;
        }
        Ok(says)
    }

    /// Reads what nobody asked for, so that its checksum is seen.
    fn finish_content(&mut self) -> Result<(), Error> {
        if self.content.is_some() {
            let mut buffer = [0; super::PASSED];
            while self.read(&mut buffer)? > 0 {}
            self.content = None;
        }
        Ok(())
    }
}

fn unix_mode(record: &Record) -> Option<u32> {
    UNIX.contains(&record.host).then_some(record.attributes >> 16)
}

/// Numbers are stored with the lowest byte first.
fn number<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + N].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Reads exactly so many bytes.
fn exactly(source: &mut impl Read, buffer: &mut [u8]) -> Result<(), Error> {
    match super::fill(source, buffer) {
        Ok(length) if length == buffer.len() => Ok(()),
        Ok(_) => Err(Error::Truncated),
        Err(error) => Err(Error::from_source(&error)),
    }
}
