//! Archives read as a stream of entries: tar, plain or compressed, and zip; and single files that are compressed. The format
//! of an archive is told from the first bytes, never from a name. What an entry says is checked for its form and handed on; nothing is believed that would take memory before
//! it was read.

mod compression;
mod entry;
mod error;
mod limits;
mod path;
mod single;
mod stream;
mod tar;
mod zip;

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use compression::Compression;
pub(crate) use entry::{Entry, EntryKind};
pub(crate) use error::Error;
pub(crate) use limits::Limits;
pub(crate) use path::{link_refusal, parts};
pub(crate) use single::{Packing, Unreadable};
use stream::{Counted, Input, Stream};
use tar::Tar;
use zip::Zip;

/// How much of the beginning is looked at: a block of tar.
const BLOCK: usize = 512;
const BUFFER: usize = 64 * 1024;
/// How much of what nobody asked for is read at once. Most entries have a few bytes of it.
const PASSED: usize = 4 * 1024;

/// An archive that is read from its beginning to its end. After an error it must not be read on.
pub(crate) struct Archive<'a, R: Read + Seek + 'a>(Inner<'a, R>);

enum Inner<'a, R: Read + Seek + 'a> {
    Tar(Tar<'a>),
    Zip(Zip<'a, R>),
}

impl<'a, R: Read + Seek + 'a> Archive<'a, R> {
    /// Finds out the format. `interrupted` is asked again and again while it is read.
    pub(crate) fn open(mut source: R, limits: Limits, interrupted: &'a dyn Fn() -> bool) -> Result<Self, Error> {
        let size = source.seek(SeekFrom::End(0)).map_err(|error| Error::from_source(&error))?;
        source.rewind().map_err(|error| Error::from_source(&error))?;
        let mut beginning = [0; BLOCK];
        let length = fill(&mut source, &mut beginning).map_err(|error| Error::from_source(&error))?;
        source.rewind().map_err(|error| Error::from_source(&error))?;
        let beginning = &beginning[..length];
        if zip::is_zip(beginning) {
            return Zip::open(source, size, limits, interrupted).map(|zip| Self(Inner::Zip(zip)));
        }
        let compression = Compression::of(beginning);
        if compression == Compression::None && !tar::is_tar(beginning) {
            return Err(Error::UnknownFormat);
        }
        let input = Rc::new(Input::default());
        let buffered = BufReader::with_capacity(BUFFER, Counted::new(source, Rc::clone(&input)));
        let stream = Stream::new(compression.decoder(buffered), input, compression, limits, interrupted);
        Ok(Self(Inner::Tar(Tar::new(stream, limits))))
    }

    /// The next entry; `None` at the end, which is there only when the whole archive was read and found undamaged. What is left
    /// of the content of the last one is passed over, and checked.
    pub(crate) fn next_entry(&mut self) -> Result<Option<Entry>, Error> {
        match &mut self.0 {
            Inner::Tar(tar) => tar.next_entry(),
            Inner::Zip(zip) => zip.next_entry(),
        }
    }

    /// Reads from the content of the current entry; 0 at its end, which is there only when it has the right length and checksum.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        match &mut self.0 {
            Inner::Tar(tar) => tar.read(buffer),
            Inner::Zip(zip) => zip.read(buffer),
        }
    }
}

/// Reads until the buffer is full or the source ends.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
