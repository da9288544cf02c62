//! tar: ustar, GNU's long names, and the extended headers of POSIX (pax).

mod extended;
mod header;

use extended::Records;
pub(super) use header::is_tar;
use header::{Header, Name};

use super::entry::{Entry, EntryKind};
use super::error::Error;
use super::limits::Limits;
use super::stream::Stream;
use super::{BLOCK, PASSED};

/// Bytes of an extended header or a long name: those that are written by somebody in earnest have a few hundred.
const EXTENDED_LIMIT: u64 = 1 << 20;

/// Where in the header of an old sparse file, and in each block that follows it, it says that a block follows.
const SPARSE_CONTINUES: usize = 482;
const SPARSE_CONTINUES_AGAIN: usize = 504;

/// A tar archive that is read from its beginning to its end.
pub(super) struct Tar<'a> {
    stream: Stream<'a>,
    limits: Limits,
    /// Headers so far, of entries and of what is said about them.
    headers: u64,
    /// Bytes of the content of the current entry that were not read, and of what fills up its last block.
    left: u64,
    padding: u64,
    ended: bool,
}

/// What headers before it say about an entry.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    records: Records,
}

impl<'a> Tar<'a> {
    pub(super) fn new(stream: Stream<'a>, limits: Limits) -> Self {
        Self { stream, limits, headers: 0, left: 0, padding: 0, ended: false }
    }

    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, Error> {
        self.pass_over()?;
        let mut said = Said::default();
        loop {
            let Some(block) = self.header_block()? else { return Ok(None) };
            self.headers += 1;
            self.limits.check_entries(self.headers)?;
            let header = Header::parse(&block)?;
            match header.kind {
                b'x' | b'X' => said.records.parse(&self.extended(&header)?)?,
                b'g' => Records::check_global(&self.extended(&header)?)?,
                b'L' => said.name = Some(until_nul(self.extended(&header)?)),
                b'K' => said.link = Some(until_nul(self.extended(&header)?)),
                // The label of a volume.
                b'V' => {
                    self.expect(header.size)?;
                    self.pass_over()?;
                }
                _ => return self.entry(&header, &block, said).map(Some),
            }
        }
    }

    fn entry(&mut self, header: &Header, block: &[u8; BLOCK], said: Said) -> Result<Entry, Error> {
        let Said { name, link, records } = said;
        let size = records.size.unwrap_or(header.size);
        let sparse = records.is_sparse;
        let name = records.path.or(name).unwrap_or_else(|| header.name(Name::Entry));
        let link = || records.link.or(link).unwrap_or_else(|| header.name(Name::Link));
        let ends_open = name.ends_with(b"/");
        let (kind, size) = match header.kind {
            b'0' | 0 | b'7' if sparse => (EntryKind::Other("a sparse file"), size),
            // Before there were kinds, the name of a directory ended so.
            b'0' | 0 if ends_open && size > 0 => return Err(Error::Form("a directory in it has content")),
            b'0' | 0 if ends_open => (EntryKind::Directory, 0),
            b'0' | 0 | b'7' => (EntryKind::File, size),
            // Some wrote the content again, and others its size without the content: nobody can know which.
            b'1' if size > 0 => return Err(Error::Form("a hard link in it has a content of its own")),
            b'1' => (EntryKind::HardLink(link()), 0),
            b'2' => (EntryKind::Link(link()), 0),
            b'3' => (EntryKind::Other("a character device"), 0),
            b'4' => (EntryKind::Other("a block device"), 0),
            b'5' => (EntryKind::Directory, 0),
            b'6' => (EntryKind::Other("a FIFO"), 0),
            b'S' => {
                self.pass_over_sparse_map(block)?;
                (EntryKind::Other("a sparse file"), size)
            }
            b'M' => return Err(Error::Form("it is a part of an archive of several volumes")),
            _ => (EntryKind::Other("an entry of an unknown kind"), size),
        };
        self.expect(size)?;
        let size = if kind == EntryKind::File { size } else { 0 };
        Ok(Entry { name, kind, mode: Some(header.mode), size })
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let length = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let length = self.stream.read(&mut buffer[..length])?;
        if length == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(Error::Truncated);
        }
        self.left -= length as u64;
        Ok(length)
    }

    /// Prepares for a content of this size.
    fn expect(&mut self, size: u64) -> Result<(), Error> {
        self.limits.check_size(size, u64::MAX)?;
        self.left = size;
        self.padding = size.next_multiple_of(BLOCK as u64) - size;
        Ok(())
    }

    /// Passes over what is left of the current content, and what fills up its last block.
    fn pass_over(&mut self) -> Result<(), Error> {
        self.left += std::mem::take(&mut self.padding);
        let mut buffer = [0; PASSED];
        while self.left > 0 {
            self.read(&mut buffer)?;
        }
        Ok(())
    }

    fn pass_over_sparse_map(&mut self, block: &[u8; BLOCK]) -> Result<(), Error> {
        let mut continues = block[SPARSE_CONTINUES] != 0;
        while continues {
            let block = self.block()?.ok_or(Error::Truncated)?;
            continues = block[SPARSE_CONTINUES_AGAIN] != 0;
        }
        Ok(())
    }

    /// The whole of a header that tells more about the next entry.
    fn extended(&mut self, header: &Header) -> Result<Vec<u8>, Error> {
        if header.size > EXTENDED_LIMIT {
            return Err(Error::Form("a header in it is longer than 1 MiB"));
        }
        self.expect(header.size)?;
        let mut content = vec![0; usize::try_from(header.size).unwrap_or(0)];
        let mut length = 0;
        while length < content.len() {
            length += self.read(&mut content[length..])?;
        }
        self.pass_over()?;
        Ok(content)
    }

    /// The next block with something in it. Behind the mark of the end, which is two blocks of zeros, there may be only zeros;
    /// they are read, so that the checksum of a compressed archive is seen.
    fn header_block(&mut self) -> Result<Option<[u8; BLOCK]>, Error> {
        if self.ended {
            return Ok(None);
        }
        let mut zeros = 0;
        while let Some(block) = self.block()? {
            if block.iter().any(|byte| *byte != 0) {
                return if zeros == 0 { Ok(Some(block)) } else { Err(Error::Form("something follows its end")) };
            }
            zeros += 1;
        }
        self.ended = true;
        // Some write only one of them.
        if zeros == 0 { Err(Error::Truncated) } else { Ok(None) }
    }

    /// The next block; `None` at the end.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, Error> {
        let mut block = [0; BLOCK];
        let mut length = 0;
        while length < BLOCK {
            match self.stream.read(&mut block[length..])? {
                0 if length == 0 => return Ok(None),
                0 => return Err(Error::Truncated),
                more => length += more,
            }
        }
        Ok(Some(block))
    }
}

/// The names of GNU's headers end with a NUL.
fn until_nul(mut name: Vec<u8>) -> Vec<u8> {
    if let Some(end) = name.iter().position(|byte| *byte == 0) {
        name.truncate(end);
    }
    name
}
