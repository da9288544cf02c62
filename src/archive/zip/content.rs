//! The content of an entry, with its length and checksum held against what the directory says.

use std::io::Read;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::super::error::Error;
use super::exactly;
use super::record::{DESCRIPTOR, Record};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Bytes of what may stand behind a content.
const DESCRIPTOR_LIMIT: usize = 24;

/// A content that is being read.
pub(super) struct Content {
    /// What it should be, and has to be when it was read.
    size: u64,
    checksum: u32,
    compressed: u64,
    has_descriptor: bool,
    /// Compressed bytes that were not read from the source.
    left: u64,
    produced: u64,
    crc: Crc,
    decoder: Option<Inflate>,
    ended: bool,
}

struct Inflate {
    state: Decompress,
    buffer: Vec<u8>,
    /// What of the buffer was not decompressed.
    start: usize,
    end: usize,
    ended: bool,
}

impl Content {
    pub(super) fn new(record: &Record) -> Result<Self, Error> {
        let decoder = match record.method {
            STORED if record.size == record.compressed => None,
            STORED => return Err(Error::Form("an entry in it that is not compressed has two sizes")),
            DEFLATED => Some(Inflate {
                state: Decompress::new(false),
                buffer: vec![0; super::super::BUFFER],
                start: 0,
                end: 0,
                ended: false,
            }),
            _ => return Err(Error::Form("an entry in it is compressed in another way than by deflate")),
        };
        Ok(Self {
            size: record.size,
            checksum: record.checksum,
            compressed: record.compressed,
            has_descriptor: record.flags & DESCRIPTOR != 0,
            left: record.compressed,
            produced: 0,
            crc: Crc::new(),
            decoder,
            ended: false,
        })
    }

    /// Reads something; 0 at the end.
    pub(super) fn read(&mut self, source: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let length = match &mut self.decoder {
            None => take(source, &mut self.left, buffer)?,
            Some(decoder) => decoder.read(source, &mut self.left, buffer)?,
        };
        self.crc.update(&buffer[..length]);
        self.produced += length as u64;
        if self.produced > self.size {
            return Err(damaged("a content is longer than it should be"));
        }
        if length == 0 {
            self.check_end(source)?;
            self.ended = true;
        }
        Ok(length)
    }

    fn check_end(&self, source: &mut impl Read) -> Result<(), Error> {
        let rest = self.decoder.as_ref().map_or(0, |decoder| decoder.end - decoder.start);
        if self.produced != self.size || self.left > 0 || rest > 0 {
            return Err(damaged("a content does not have its length"));
        }
        if self.crc.sum() != self.checksum {
            return Err(damaged("the checksum of a content is wrong"));
        }
        if self.has_descriptor { self.check_descriptor(source) } else { Ok(()) }
    }

    /// Behind the content stand checksum and sizes, of 4 or 8 bytes, with a signature or without.
    fn check_descriptor(&self, source: &mut impl Read) -> Result<(), Error> {
        let mut found = [0; DESCRIPTOR_LIMIT];
        let length = super::super::fill(source, &mut found).map_err(|error| Error::from_source(&error))?;
        let checksum = self.checksum.to_le_bytes();
        let wide = [self.compressed.to_le_bytes(), self.size.to_le_bytes()].concat();
        let mut forms = vec![[&checksum[..], &wide].concat()];
        if let (Ok(compressed), Ok(size)) = (u32::try_from(self.compressed), u32::try_from(self.size)) {
            forms.push([checksum, compressed.to_le_bytes(), size.to_le_bytes()].concat());
        }
        let found = &found[..length];
        let unsigned = found.strip_prefix(b"PK\x07\x08").unwrap_or(found);
        if forms.iter().any(|form| found.starts_with(form) || unsigned.starts_with(form)) {
            return Ok(());
        }
        Err(Error::Form("what it says of an entry at its end and behind the entry is not the same"))
    }
}

impl Inflate {
    fn read(&mut self, source: &mut impl Read, left: &mut u64, buffer: &mut [u8]) -> Result<usize, Error> {
        while !self.ended {
            if self.start == self.end {
                self.start = 0;
                self.end = take(source, left, &mut self.buffer)?;
            }
            let (consumed, produced) = (self.state.total_in(), self.state.total_out());
            let input = &self.buffer[self.start..self.end];
            let status = self
                .state
                .decompress(input, buffer, FlushDecompress::None)
                .map_err(|_| damaged("the compressed data of a content is wrong"))?;
            let consumed = usize::try_from(self.state.total_in() - consumed).unwrap_or(0);
            let produced = usize::try_from(self.state.total_out() - produced).unwrap_or(0);
            self.start += consumed;
            self.ended = status == Status::StreamEnd;
            if produced > 0 {
                return Ok(produced);
            }
            if consumed == 0 && !self.ended {
                return Err(damaged("the compressed data of a content ends too early"));
            }
        }
        Ok(0)
    }
}

/// Fills the buffer from what is left of the content.
fn take(source: &mut impl Read, left: &mut u64, buffer: &mut [u8]) -> Result<usize, Error> {
    let length = usize::try_from(*left).map_or(buffer.len(), |left| left.min(buffer.len()));
    exactly(source, &mut buffer[..length])?;
    *left -= length as u64;
    Ok(length)
}

fn damaged(cause: &str) -> Error {
    Error::Damaged { format: "zip", cause: cause.to_owned() }
}
