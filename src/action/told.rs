//! What programs print, on its way to a log, in which no secret stands.

use crate::process::{Channel, Listen, Tell};
use crate::secret::Scrubber;

/// Whoever listens gets pieces of very long lines in which every secret is whole, so that it is known for one.
pub(super) struct Whole<'a, 'b> {
    pub(super) scrubber: &'a Scrubber,
    pub(super) tell: Tell<'b>,
}

impl Listen for Whole<'_, '_> {
    fn line(&mut self, channel: Channel, line: &str) {
        self.tell.line(channel, line);
    }

    fn bytes(&mut self, channel: Channel, bytes: &[u8]) {
        self.tell.bytes(channel, bytes);
    }

    fn cut(&self, beginning: &[u8]) -> usize {
        self.scrubber.cut(beginning)
    }
}
