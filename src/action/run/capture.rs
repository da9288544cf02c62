//! What a program prints, on its way to be a fact.

use crate::failure::{Failure, Kind};
use crate::secret::Scrubber;
use crate::spec::Capture;

/// Bytes of output that are kept: a fact is a word or a line, not a file.
const LIMIT: usize = 1024 * 1024;

/// The output of one try.
#[derive(Debug, Default)]
pub(super) struct Captured {
    bytes: Vec<u8>,
    is_too_long: bool,
}

impl Captured {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() <= LIMIT {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.is_too_long = true;
        }
    }

    /// The name of the fact and its value, without blanks around it.
    /// A secret is none: facts may stand in arguments, which every user sees.
    pub(super) fn fact(
        &self,
        capture: &Capture,
        program: &str,
        scrubber: &Scrubber,
    ) -> Result<(String, String), Failure> {
        let failed = |message: String| Failure::new(Kind::Step, message).at(capture.name.span);
        if self.is_too_long {
            return Err(failed(format!("`{program}` printed more than {LIMIT} bytes, too much for a fact")));
        }
        let text = String::from_utf8_lossy(&self.bytes).replace("\r\n", "\n");
        let value = match &capture.matches {
            None => text.as_str(),
            Some(pattern) => {
                let regex = pattern.regex()?;
                let found = regex.captures(&text).and_then(|found| found.get(1).or_else(|| found.get(0)));
                let lacking = || failed(format!("`{program}` printed nothing that matches `{}`", pattern.as_str()));
                found.ok_or_else(lacking)?.as_str()
            }
        };
        if scrubber.scrub(value) != value {
            return Err(failed(format!("what `{program}` printed holds a secret, which cannot be a fact")));
        }
        Ok((capture.name.value.clone(), value.trim().to_owned()))
    }
}
