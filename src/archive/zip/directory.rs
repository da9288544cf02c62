//! The directory at the end.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::super::error::Error;
use super::super::limits::Limits;
use super::record::{RECORD, Record};
use super::{exactly, number};

/// Bytes of the last record without its comment, of the one of zip64, and of what leads to that.
const END: usize = 22;
const WIDE_END: usize = 56;
const LOCATOR: usize = 20;
const COMMENT_LIMIT: usize = 0xffff;

const BROKEN: Error = Error::Form("its directory is damaged");

/// Where the directory is, and where each entry begins.
pub(super) struct Directory {
    /// Where the next record is, and how many follow.
    at: u64,
    left: u64,
    end: u64,
    /// Where entries begin, and the directory, sorted: 8 bytes for each, against entries that share their content.
    starts: Vec<u64>,
}

impl Directory {
    /// Finds the directory, and looks at all of its records.
    pub(super) fn read<R: Read + Seek>(
        source: &mut R,
        size: u64,
        limits: Limits,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Self, Error> {
        let (at, end, count) = find(source, size)?;
        limits.check_entries(count)?;
        if end.checked_sub(at).is_none_or(|length| length / (RECORD as u64) < count) {
            return Err(BROKEN);
        }
        seek(source, at)?;
        let mut records = BufReader::with_capacity(super::super::BUFFER, source.by_ref().take(end - at));
        let mut starts = Vec::new();
        let (mut total, mut read) = (0_u64, 0);
        for _ in 0..count {
            if interrupted() {
                return Err(Error::Interrupted);
            }
            let (record, length) = Record::read(&mut records)?;
            read += length;
            total = total.saturating_add(record.size);
            limits.check_size(total, size)?;
            starts.push(record.offset);
        }
        if read != end - at {
            return Err(BROKEN);
        }
        starts.push(at);
        starts.sort_unstable();
        if starts.windows(2).any(|pair| pair[0] == pair[1]) || starts.last() != Some(&at) {
            return Err(Error::Form("entries in it overlap"));
        }
        Ok(Self { at, left: count, end, starts })
    }

    pub(super) fn next(&mut self, source: &mut (impl Read + Seek)) -> Result<Option<Record>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        seek(source, self.at)?;
        let (record, length) = Record::read(&mut source.take(self.end - self.at))?;
        self.at += length;
        self.left -= 1;
        Ok(Some(record))
    }

    /// Where what follows an entry begins.
    pub(super) fn next_start(&self, start: u64) -> u64 {
        let behind = self.starts.partition_point(|other| *other <= start);
        self.starts.get(behind).copied().unwrap_or(0)
    }
}

/// Begin and end of the directory, and the number of its records. Nothing may stand behind the last record but its comment, and
/// nothing between the directory and the last record: else it depends on the program which directory is found.
fn find<R: Read + Seek>(source: &mut R, size: u64) -> Result<(u64, u64, u64), Error> {
    let length = usize::try_from(size).map_or(END + COMMENT_LIMIT, |size| size.min(END + COMMENT_LIMIT));
    let mut tail = vec![0; length];
    let tail_at = size - length as u64;
    seek(source, tail_at)?;
    exactly(source, &mut tail)?;
    let ends_here = |at: &usize| {
        tail[*at..].starts_with(b"PK\x05\x06") && at + END + usize::from(comment(&tail[*at..])) == tail.len()
    };
    let at = (0..(tail.len() + 1).saturating_sub(END)).rev().find(ends_here).ok_or(Error::Truncated)?;
    let last = &tail[at..];
    let end = tail_at + at as u64;
    let small = End {
        disks: [number::<2>(last, 4), number::<2>(last, 6)],
        counts: [number::<2>(last, 8), number::<2>(last, 10)],
        length: number::<4>(last, 12),
        offset: number::<4>(last, 16),
    };
    let (found, end) = match wide(source, end)? {
        Some((wide, wide_end)) => (small.widened(&wide)?, wide_end),
        None => (small, end),
    };
    if found.disks != [0, 0] || found.counts[0] != found.counts[1] {
        return Err(Error::Form("it is a part of an archive of several files"));
    }
    if found.offset.checked_add(found.length) != Some(end) {
        return Err(Error::Form("something stands before it or in it that is no entry"));
    }
    Ok((found.offset, end, found.counts[0]))
}

fn comment(end: &[u8]) -> u16 {
    end.get(20..22).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// What the last record says, or that of zip64.
struct End {
    disks: [u64; 2],
    counts: [u64; 2],
    length: u64,
    offset: u64,
}

impl End {
    /// The numbers of zip64, if those that are not too large for the small fields are the same.
    fn widened(&self, wide: &Self) -> Result<Self, Error> {
        let fits = |small: u64, wide: u64, limit: u64| small == wide || small == limit;
        let agrees = fits(self.counts[0], wide.counts[0], 0xffff)
            && fits(self.counts[1], wide.counts[1], 0xffff)
            && fits(self.length, wide.length, 0xffff_ffff)
            && fits(self.offset, wide.offset, 0xffff_ffff)
            && fits(self.disks[0], wide.disks[0], 0xffff)
            && fits(self.disks[1], wide.disks[1], 0xffff);
        if agrees { Ok(Self { ..*wide }) } else { Err(BROKEN) }
    }
}

/// The record of zip64 and where it begins, if what leads to it stands before the last record.
fn wide<R: Read + Seek>(source: &mut R, end: u64) -> Result<Option<(End, u64)>, Error> {
    let Some(locator_at) = end.checked_sub(LOCATOR as u64) else { return Ok(None) };
    let mut locator = [0; LOCATOR];
    seek(source, locator_at)?;
    exactly(source, &mut locator)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let at = number::<8>(&locator, 8);
    if at.checked_add(WIDE_END as u64) != Some(locator_at) {
        return Err(BROKEN);
    }
    let mut record = [0; WIDE_END];
    seek(source, at)?;
    exactly(source, &mut record)?;
    if !record.starts_with(b"PK\x06\x06") || number::<8>(&record, 4) != WIDE_END as u64 - 12 {
        return Err(BROKEN);
    }
    let found = End {
        disks: [number::<4>(&record, 16), number::<4>(&record, 20)],
        counts: [number::<8>(&record, 24), number::<8>(&record, 32)],
        length: number::<8>(&record, 40),
        offset: number::<8>(&record, 48),
    };
    Ok(Some((found, at)))
}

fn seek(source: &mut impl Seek, at: u64) -> Result<(), Error> {
    source.seek(SeekFrom::Start(at)).map(|_| ()).map_err(|error| Error::from_source(&error))
}
