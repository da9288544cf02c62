//! The version of a migration: numbers, and how the file spells them.

use std::cmp::Ordering;
use std::fmt;

/// `7`, `0007`, `20260131120000` or `1.2`. Leading zeros and trailing `.0` do not count in comparisons, as with all runners.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    /// As the file, or the history, spells it.
    pub(crate) spelling: String,
    parts: Vec<u64>,
}

impl Version {
    /// Numbers with dots between them, or why the text is not that.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        for part in text.split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err("its version is not a number");
            }
            parts.push(part.parse().map_err(|_| "the version is too large")?);
        }
        Ok(Self { spelling: text.to_owned(), parts })
    }

    /// The number, of a version that is only one.
    pub(crate) fn number(&self) -> Option<u64> {
        match self.parts.as_slice() {
            [number] => Some(*number),
            _ => None,
        }
    }

    fn significant(&self) -> &[u64] {
        let zeros = self.parts.iter().rev().take_while(|part| **part == 0).count();
        // The version 0 is all zeros.
        &self.parts[..self.parts.len().saturating_sub(zeros).max(1)]
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.significant().cmp(other.significant())
    }
}

/// Without leading zeros.
impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                formatter.write_str(".")?;
            }
            write!(formatter, "{part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::Version;

    #[test]
    fn versions_are_compared_by_number() {
        for (left, right, wanted) in [
            ("1", "2", Less),
            ("0001", "1", Equal),
            ("10", "9", Greater),
            ("1.2", "1.10", Less),
            ("1.0", "1", Equal),
            ("0.0", "0", Equal),
            ("1.0.1", "1", Greater),
            ("20260131120000", "2", Greater),
        ] {
            let version = |text| Version::parse(text).unwrap();
            assert_eq!(version(left).cmp(&version(right)), wanted, "{left} {right}");
        }
    }

    #[test]
    fn what_is_no_version() {
        for (text, wanted) in [
            ("", "its version is not a number"),
            ("1.", "its version is not a number"),
            ("a", "its version is not a number"),
            ("-1", "its version is not a number"),
            ("18446744073709551616", "the version is too large"),
        ] {
            assert_eq!(Version::parse(text).unwrap_err(), wanted, "{text}");
        }
    }
}
