//! Where a download goes: into a file without its name yet, past the checksum.

use super::super::checksum::Checksum;
use crate::failure::Failure;
use crate::net::Sink;
use crate::root::{Directory, Error, Growing};

pub(super) struct Staged<'directory, 'a> {
    pub(super) growing: Growing<&'directory Directory>,
    pub(super) checksum: Checksum,
    /// A checksum of nothing, to begin again with.
    pub(super) fresh: Checksum,
    /// What is said when the file cannot be written.
    pub(super) failure: &'a dyn Fn(&Error) -> Failure,
}

impl Sink for Staged<'_, '_> {
    fn length(&self) -> u64 {
        self.growing.length()
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.growing.append(bytes).map_err(|error| (self.failure)(&error))?;
        self.checksum.update(bytes);
        Ok(())
    }

    fn restart(&mut self) -> Result<(), Failure> {
        self.growing.restart().map_err(|error| (self.failure)(&error))?;
        self.checksum = self.fresh.clone();
        Ok(())
    }
}
