//! Why an archive cannot be read.

use super::limits::Passed;

/// Why an archive cannot be read. The text goes on after `cannot unpack ...: `.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    #[error("it is none of tar, tar.gz, tar.bz2, tar.xz, tar.zst and zip")]
    UnknownFormat,
    #[error("the archive ends too early")]
    Truncated,
    /// The compressed data is wrong, by the words of whoever reads it.
    #[error("the {format} data is damaged: {cause}")]
    Damaged { format: &'static str, cause: String },
    /// The archive itself is wrong, or what it needs is not there.
    #[error("{0}")]
    Form(&'static str),
    #[error("{}", passed(*.0))]
    Passed(Passed),
    /// The source could not be read: the error number.
    #[error("the archive cannot be read")]
    Source(i32),
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub(super) fn from_source(error: &std::io::Error) -> Self {
        Self::Source(error.raw_os_error().unwrap_or(0))
    }

    /// What can be done about it, if something can.
    pub(crate) fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Truncated | Self::Damaged { .. } => Some("get the archive once more, and give its `sha256`"),
            Self::Passed(Passed::Entries(_)) => Some("raise `max_entries` if the archive is what you expect"),
            Self::Passed(_) => Some("say with `max_size` how large you expect it to be, for instance \"20GiB\""),
            _ => None,
        }
    }
}

impl From<Passed> for Error {
    fn from(passed: Passed) -> Self {
        Self::Passed(passed)
    }
}

fn passed(passed: Passed) -> String {
    match passed {
        Passed::Size(limit) => format!("the archive becomes larger than {limit} bytes"),
        Passed::Entries(limit) => format!("the archive has more than {limit} entries"),
        Passed::Ratio(limit) => format!("the archive becomes more than {limit} times as large as it is"),
    }
}
