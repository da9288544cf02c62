//! Checksums of files, also of those that come in pieces.

use std::path::Path;

use sha2::{Digest as _, Sha256, Sha512};

use super::Context;
use crate::document::Located;
use crate::failure::Span;
use crate::hexadecimal::hexadecimal;
use crate::root::{Error, File, each_chunk};
use crate::spec::Hexadecimal;

/// The checksum of what was seen so far.
#[derive(Clone)]
pub(super) enum Checksum {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Checksum {
    pub(super) fn sha256() -> Self {
        Self::Sha256(Sha256::new())
    }

    pub(super) fn sha512() -> Self {
        Self::Sha512(Box::new(Sha512::new()))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    /// As hexadecimal digits in lower case.
    pub(super) fn digits(self) -> String {
        match self {
            Self::Sha256(hash) => hexadecimal(&hash.finalize()),
            Self::Sha512(hash) => hexadecimal(&hash.finalize()),
        }
    }

    /// The digits with all of a file behind what was seen. Stops with EINTR at an interrupt.
    pub(super) fn of_file(mut self, file: &File, path: &Path, context: &Context) -> Result<String, Error> {
        let interrupted = || context.check_interrupt().is_err();
        each_chunk(file, path, &interrupted, |bytes| self.update(bytes))?;
        Ok(self.digits())
    }
}

/// The checksum that a file has to have.
pub(super) struct Expected {
    pub(super) name: &'static str,
    pub(super) digits: String,
    pub(super) span: Span,
    /// Of nothing yet.
    pub(super) checksum: Checksum,
}

impl Expected {
    pub(super) fn sha256(wanted: &Located<Hexadecimal<64>>) -> Self {
        Self::new("sha256", wanted.as_str(), wanted.span, Checksum::sha256())
    }

    pub(super) fn sha512(wanted: &Located<Hexadecimal<128>>) -> Self {
        Self::new("sha512", wanted.as_str(), wanted.span, Checksum::sha512())
    }

    fn new(name: &'static str, digits: &str, span: Span, checksum: Checksum) -> Self {
        Self { name, digits: digits.to_owned(), span, checksum }
    }
}
