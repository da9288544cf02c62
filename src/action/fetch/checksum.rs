//! Checksums of files that come in pieces.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256, Sha512};

use crate::failure::Span;
use crate::spec::FetchSpec;

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

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    /// As hexadecimal digits in lower case.
    pub(super) fn digits(self) -> String {
        let bytes = match self {
            Self::Sha256(hash) => hash.finalize().to_vec(),
            Self::Sha512(hash) => hash.finalize().to_vec(),
        };
        bytes.iter().fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }
}

/// The checksum that the file has to have.
pub(super) struct Expected {
    pub(super) name: &'static str,
    pub(super) digits: String,
    pub(super) span: Span,
    /// Of nothing yet.
    pub(super) checksum: Checksum,
}

impl Expected {
    pub(super) fn of(spec: &FetchSpec) -> Option<Self> {
        let sha256 = || {
            let wanted = spec.sha256.as_ref()?;
            let (digits, span) = (wanted.as_str().to_owned(), wanted.span);
            Some(Self { name: "sha256", digits, span, checksum: Checksum::sha256() })
        };
        let sha512 = || {
            let wanted = spec.sha512.as_ref()?;
            let (digits, span) = (wanted.as_str().to_owned(), wanted.span);
            Some(Self { name: "sha512", digits, span, checksum: Checksum::Sha512(Box::new(Sha512::new())) })
        };
        sha256().or_else(sha512)
    }
}
