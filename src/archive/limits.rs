//! How much an archive may become.

/// What is small enough to be harmless, however small the archive is that it is made of.
const HARMLESS: u64 = 64 << 20;

/// How much an archive may become. Against archives that are made to fill a disk or to take for ever.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of the archive without compression.
    pub(crate) size: u64,
    /// Entries, with the headers that only tell more about the next entry.
    pub(crate) entries: u64,
    /// How many times as large as the archive it may become, once it is larger than what is harmless.
    pub(crate) ratio: Option<u64>,
}

/// A limit that was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    Size(u64),
    Entries(u64),
    Ratio(u64),
}

impl Limits {
    /// Fails when so many bytes out of so many are too many.
    pub(super) fn check_size(self, size: u64, compressed: u64) -> Result<(), Passed> {
        if size > self.size {
            return Err(Passed::Size(self.size));
        }
        match self.ratio {
            Some(ratio) if size > HARMLESS && size / ratio > compressed => Err(Passed::Ratio(ratio)),
            _ => Ok(()),
        }
    }

    pub(super) fn check_entries(self, entries: u64) -> Result<(), Passed> {
        if entries > self.entries { Err(Passed::Entries(self.entries)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{HARMLESS, Limits, Passed};

    #[test]
    fn sizes() {
        let limits = Limits { size: 10 * HARMLESS, entries: 2, ratio: Some(200) };
        for (size, compressed, wanted) in [
            (0, 0, Ok(())),
            (HARMLESS, 1, Ok(())),
            (HARMLESS + 1, 1, Err(Passed::Ratio(200))),
            (HARMLESS + 1, HARMLESS / 200, Ok(())),
            (10 * HARMLESS, HARMLESS, Ok(())),
            (10 * HARMLESS + 1, HARMLESS, Err(Passed::Size(10 * HARMLESS))),
            (u64::MAX, u64::MAX, Err(Passed::Size(10 * HARMLESS))),
        ] {
            assert_eq!(limits.check_size(size, compressed), wanted, "{size} {compressed}");
        }
        let unlimited = Limits { ratio: None, ..limits };
        assert_eq!(unlimited.check_size(10 * HARMLESS, 1), Ok(()));
        assert_eq!(limits.check_entries(2), Ok(()));
        assert_eq!(limits.check_entries(3), Err(Passed::Entries(2)));
    }
}
