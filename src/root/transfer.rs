//! The content of one open file, put into another.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rustix::fs::{SeekFrom, copy_file_range, ioctl_ficlone, seek};
use rustix::io::Errno;

use super::at::At;
use super::error::Error;
use super::read::{CHUNK, check, fill, read_error};
use super::write::write_error;

/// Up to this size a file is read and written: asking the kernel to do it takes longer.
const SMALL: u64 = 64 * 1024;

/// How much the kernel copies between two questions whether to stop.
const PIECE: u64 = 16 * 1024 * 1024;

thread_local! {
    /// One for all files that a thread copies.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Two open files, with their paths for messages. Stops with EINTR when `interrupted` says so.
#[derive(Clone, Copy)]
pub(super) struct Transfer<'a> {
    pub(super) source: &'a File,
    /// The source's size when it was opened, which tells the fastest way.
    pub(super) size: u64,
    pub(super) source_at: At<'a>,
    pub(super) target: &'a File,
    pub(super) target_path: &'a Path,
    pub(super) interrupted: &'a dyn Fn() -> bool,
}

impl Transfer<'_> {
    /// Fills an empty file. Where the file system can, both share the content; holes stay holes.
    pub(super) fn fill(&self) -> Result<(), Error> {
        let size = self.size;
        if size <= SMALL {
            // Files in `/proc` say 0.
            let length = if size == 0 { u64::MAX } else { size };
            return self.through_memory(0, length).map(|_| ());
        }
        if ioctl_ficlone(self.target, self.source).is_ok() {
            return Ok(());
        }
        let mut kernel_copies = true;
        let mut end = 0;
        while let Some((start, stop)) = self.next_data(end, size) {
            end = start;
            while end < stop {
                check(self.interrupted, self.source_at)?;
                let length = PIECE.min(stop - end);
                let by_kernel = if kernel_copies { self.through_kernel(end, length) } else { None };
                kernel_copies = by_kernel.is_some();
                let copied = by_kernel.map_or_else(|| self.through_memory(end, length), Ok)?;
                if copied == 0 {
                    // It was cut short meanwhile.
                    return self.set_length(end);
                }
                end += copied;
            }
        }
        self.set_length(size)
    }

    /// Overwrites what the file holds, and cuts off what is left of it.
    pub(super) fn overwrite(&self) -> Result<(), Error> {
        let length = self.through_memory(0, u64::MAX)?;
        self.set_length(length)
    }

    /// Where data begins and ends, from `offset` on; `None` behind the last one.
    fn next_data(&self, offset: u64, size: u64) -> Option<(u64, u64)> {
        if offset >= size {
            return None;
        }
        let start = match seek(self.source, SeekFrom::Data(offset)) {
            Ok(start) => start,
            Err(Errno::NXIO) => return None,
            // This file system does not tell: all of it is data.
            Err(_) => return Some((offset, size)),
        };
        let stop = seek(self.source, SeekFrom::Hole(start)).unwrap_or(size).min(size);
        (start < stop).then_some((start, stop))
    }

    /// Has the kernel copy at most `length` bytes. `None` when it does not, for whatever reason: what stands against writing
    /// at all is told by the next write.
    fn through_kernel(&self, offset: u64, length: u64) -> Option<u64> {
        let (mut from, mut to) = (offset, offset);
        let length = usize::try_from(length).ok()?;
        let copied = copy_file_range(self.source, Some(&mut from), self.target, Some(&mut to), length).ok()?;
        (copied > 0).then_some(copied as u64)
    }

    /// Reads at most `length` bytes from `offset` on and writes them there. Yields how many there were.
    fn through_memory(&self, offset: u64, length: u64) -> Result<u64, Error> {
        BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(CHUNK, 0);
            let mut done = 0;
            while done < length {
                check(self.interrupted, self.source_at)?;
                let wanted = usize::try_from(length - done).unwrap_or(CHUNK).min(CHUNK);
                let found = fill(self.source, offset + done, &mut buffer[..wanted])
                    .map_err(|error| read_error(&error, &self.source_at.path()))?;
                self.target
                    .write_all_at(&buffer[..found], offset + done)
                    .map_err(|error| write_error(&error, self.target_path))?;
                done += found as u64;
                if found < wanted {
                    break;
                }
            }
            Ok(done)
        })
    }

    fn set_length(&self, length: u64) -> Result<(), Error> {
        self.target.set_len(length).map_err(|error| write_error(&error, self.target_path))
    }
}
