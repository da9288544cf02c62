//! The bytes of a tar archive without its compression, counted and limited.

use std::cell::Cell;
use std::io::{Read, Result as IoResult};
use std::rc::Rc;

use super::compression::Compression;
use super::error::Error;
use super::limits::Limits;

/// What is known of the bytes that went into a decoder, which hides them.
#[derive(Debug, Default)]
pub(super) struct Input {
    read: Cell<u64>,
    ended: Cell<bool>,
    /// The error number of a read that failed.
    failed: Cell<Option<i32>>,
}

/// A source that tells what was read from it.
pub(super) struct Counted<R> {
    source: R,
    input: Rc<Input>,
}

impl<R> Counted<R> {
    pub(super) fn new(source: R, input: Rc<Input>) -> Self {
        Self { source, input }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        let result = self.source.read(buffer);
        match &result {
            Ok(0) if !buffer.is_empty() => self.input.ended.set(true),
            Ok(length) => self.input.read.set(self.input.read.get() + *length as u64),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => self.input.failed.set(Some(error.raw_os_error().unwrap_or(0))),
        }
        result
    }
}

/// What comes out of a decoder.
pub(super) struct Stream<'a> {
    /// None after an error: what a decoder does then is not said.
    decoder: Option<Box<dyn Read + 'a>>,
    input: Rc<Input>,
    compression: Compression,
    produced: u64,
    limits: Limits,
    interrupted: &'a dyn Fn() -> bool,
}

impl<'a> Stream<'a> {
    pub(super) fn new(
        decoder: Box<dyn Read + 'a>,
        input: Rc<Input>,
        compression: Compression,
        limits: Limits,
        interrupted: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { decoder: Some(decoder), input, compression, produced: 0, limits, interrupted }
    }

    /// Reads something; 0 at the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if (self.interrupted)() {
            return Err(Error::Interrupted);
        }
        // An empty buffer means the end of a block to some decoders.
        if buffer.is_empty() {
            return Ok(0);
        }
        let Some(decoder) = &mut self.decoder else { return Err(Error::Truncated) };
        let length = loop {
            match decoder.read(buffer) {
                Ok(length) => break length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.decoder = None;
                    return Err(self.cause(&error));
                }
            }
        };
        self.produced = self.produced.saturating_add(length as u64);
        self.limits.check_size(self.produced, self.input.read.get())?;
        Ok(length)
    }

    fn cause(&self, error: &std::io::Error) -> Error {
        if let Some(number) = self.input.failed.get() {
            return Error::Source(number);
        }
        // A decoder that asked for more than there is says so in a way of its own.
        if self.input.ended.get() {
            return Error::Truncated;
        }
        if error.kind() == std::io::ErrorKind::OutOfMemory {
            return Error::Form("it needs more than 128 MiB of memory to be read");
        }
        Error::Damaged { format: self.compression.name(), cause: error.to_string().to_lowercase() }
    }
}
