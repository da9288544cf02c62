//! What is said about one entry, in the directory and before its content.

use std::io::{Read, Seek, SeekFrom};

use super::super::error::Error;
use super::{exactly, number};

/// What the directory says about an entry.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// The system whose attributes it has.
    pub(super) host: u8,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) checksum: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    pub(super) attributes: u32,
    /// Where it begins.
    pub(super) offset: u64,
    pub(super) name: Vec<u8>,
}

/// Bytes of a record in the directory, and of what stands before the content, without name and extra fields.
pub(super) const RECORD: usize = 46;
const LOCAL: usize = 30;

/// What stands in a small field when the number is in the extra field of zip64.
const SMALL: u64 = 0xffff_ffff;

/// The flag that says that sizes and checksum stand behind the content.
pub(super) const DESCRIPTOR: u16 = 1 << 3;

/// The flags that have to be the same in both places: encryption, and the one above.
const SAME_FLAGS: u16 = 1 | DESCRIPTOR;

const DISAGREES: Error = Error::Form("what it says of an entry at its end and before the entry is not the same");
const BROKEN: Error = Error::Form("its directory is damaged");

fn small(bytes: &[u8], at: usize) -> u16 {
    u16::try_from(number::<2>(bytes, at)).unwrap_or(0)
}

fn medium(bytes: &[u8], at: usize) -> u32 {
    u32::try_from(number::<4>(bytes, at)).unwrap_or(0)
}

impl Record {
    /// Reads the next record of the directory, and tells how long it is.
    pub(super) fn read(source: &mut impl Read) -> Result<(Self, u64), Error> {
        let mut fixed = [0; RECORD];
        exactly(source, &mut fixed)?;
        if !fixed.starts_with(b"PK\x01\x02") {
            return Err(BROKEN);
        }
        let lengths = [28, 30, 32].map(|at| usize::from(small(&fixed, at)));
        let mut variable = vec![0; lengths.iter().sum()];
        exactly(source, &mut variable)?;
        let extra = &variable[lengths[0]..lengths[0] + lengths[1]];
        let mut wide = Wide::of(extra)?;
        let size = wide.number(number::<4>(&fixed, 24))?;
        let compressed = wide.number(number::<4>(&fixed, 20))?;
        let offset = wide.number(number::<4>(&fixed, 42))?;
        if !matches!(small(&fixed, 34), 0 | 0xffff) {
            return Err(Error::Form("it is a part of an archive of several files"));
        }
        let length = (RECORD + variable.len()) as u64;
        variable.truncate(lengths[0]);
        let record = Self {
            host: fixed[5],
            flags: small(&fixed, 8),
            method: small(&fixed, 10),
            checksum: medium(&fixed, 16),
            compressed,
            size,
            attributes: medium(&fixed, 38),
            offset,
            name: variable,
        };
        Ok((record, length))
    }
}

/// Reads what stands before the content of an entry, and tells how long it is.
pub(super) fn local_length(source: &mut (impl Read + Seek), record: &Record) -> Result<u64, Error> {
    source.seek(SeekFrom::Start(record.offset)).map_err(|error| Error::from_source(&error))?;
    let mut fixed = [0; LOCAL];
    exactly(source, &mut fixed)?;
    if !fixed.starts_with(b"PK\x03\x04") {
        return Err(DISAGREES);
    }
    let lengths = [26, 28].map(|at| usize::from(small(&fixed, at)));
    let mut variable = vec![0; lengths.iter().sum()];
    exactly(source, &mut variable)?;
    let mut wide = Wide::of(&variable[lengths[0]..])?;
    let size = wide.number(number::<4>(&fixed, 22))?;
    let compressed = wide.number(number::<4>(&fixed, 18))?;
    let checksum = medium(&fixed, 14);
    let flags = small(&fixed, 6);
    // With the flag, zeros stand for what follows behind the content.
    let may_be_zero = flags & DESCRIPTOR != 0;
    let same = |here: u64, there: u64| here == there || (may_be_zero && here == 0);
    let agrees = variable[..lengths[0]] == record.name
        && small(&fixed, 8) == record.method
        && flags & SAME_FLAGS == record.flags & SAME_FLAGS
        && same(size, record.size)
        && same(compressed, record.compressed)
        && same(checksum.into(), record.checksum.into());
    if agrees { Ok((LOCAL + variable.len()) as u64) } else { Err(DISAGREES) }
}

/// The numbers of the extra field of zip64, in the order in which they are needed.
struct Wide<'a>(&'a [u8]);

impl<'a> Wide<'a> {
    fn of(mut extra: &'a [u8]) -> Result<Self, Error> {
        while extra.len() >= 4 {
            let length = usize::from(small(extra, 2));
            let content = extra.get(4..4 + length).ok_or(BROKEN)?;
            if small(extra, 0) == 1 {
                return Ok(Self(content));
            }
            extra = &extra[4 + length..];
        }
        // Some fill up what they aligned with a few zeros.
        Ok(Self(&[]))
    }

    /// The small number, or, where it says so, the next one of the extra field.
    fn number(&mut self, small: u64) -> Result<u64, Error> {
        if small != SMALL {
            return Ok(small);
        }
        let (bytes, rest) = self.0.split_at_checked(8).ok_or(BROKEN)?;
        self.0 = rest;
        let wide = number::<8>(bytes, 0);
        if i64::try_from(wide).is_ok() { Ok(wide) } else { Err(BROKEN) }
    }
}
