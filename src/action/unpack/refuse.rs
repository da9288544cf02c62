//! What is said when an archive, or the place that it is unpacked to, is refused.

use std::ffi::OsString;

use super::index::Clash;
use super::{Job, named};
use crate::action::checksum::Expected;
use crate::archive::Error as ArchiveError;
use crate::failure::{Failure, Kind};
use crate::root::{Error, File, Unwritten, Version, shown};

/// The entry that is being read, for messages.
#[derive(Clone, Default)]
pub(super) struct Current {
    pub(super) number: u64,
    pub(super) name: Vec<u8>,
}

impl Job<'_> {
    fn failure(&self, kind: Kind, message: String) -> Failure {
        Failure::new(kind, message).at(self.spec.archive.span)
    }

    /// An entry that is refused whatever the plan says.
    pub(super) fn refusal(&self, entry: &Current, cause: &str) -> Failure {
        let (name, archive) = (named(&entry.name), self.archive);
        self.failure(Kind::Step, format!("cannot unpack `{name}` of `{archive}`: {cause}"))
    }

    pub(super) fn clash(&self, entry: &Current, parts: &[OsString], clash: &Clash) -> Failure {
        let cause = match clash {
            Clash::OnTheWay(length, what) => {
                let way = shown(super::target_below(&parts[..*length]));
                format!("`{way}` on the way to it is {what} of the archive")
            }
            Clash::Kind => "it is in the archive as a directory and as something else".to_owned(),
            Clash::Linked => "it is in the archive twice, and a hard link leads to the first one".to_owned(),
            Clash::TooMany => {
                let limit = self.limits.entries;
                let failure = self.refusal(entry, &format!("the archive has more than {limit} entries"));
                return failure.hint("raise `max_entries` if the archive is what you expect");
            }
        };
        self.refusal(entry, &cause)
    }

    /// An archive that cannot be read on: in the content of an entry, or behind it.
    pub(super) fn broken(&self, entry: &Current, in_content: bool, error: &ArchiveError) -> Failure {
        if let (ArchiveError::Interrupted, Err(interrupt)) = (error, self.context.check_interrupt()) {
            return interrupt;
        }
        let archive = self.archive;
        if let ArchiveError::Source(number) = error {
            let cause = std::io::Error::from_raw_os_error(*number);
            return self.failure(Kind::FileSystem, format!("cannot read `{archive}`: {cause}"));
        }
        let failure = if in_content {
            self.refusal(entry, &error.to_string())
        } else {
            let failure = self.failure(Kind::Step, format!("cannot unpack `{archive}`: {error}"));
            match entry.number {
                0 => failure,
                number => failure.note(format!("behind entry {number}, `{}`", named(&entry.name))),
            }
        };
        failure.maybe_hint(error.remedy().map(ToOwned::to_owned))
    }

    /// The file layer refused something below the target.
    pub(super) fn denied(&self, parts: &[OsString], error: &Error) -> Failure {
        match self.context.check_interrupt() {
            Err(interrupt) if error.is_interrupted() => interrupt,
            _ => error.cannot("unpack to", shown(self.target(parts))).at(self.spec.path.span),
        }
    }

    /// The same for what waited for the disk.
    pub(super) fn unwritten(&self, unwritten: &Unwritten) -> Failure {
        match self.context.check_interrupt() {
            Err(interrupt) if unwritten.error.is_interrupted() => interrupt,
            _ => unwritten.error.cannot("unpack to", shown(&unwritten.path)).at(self.spec.path.span),
        }
    }

    /// Something in the target stays as it is.
    pub(super) fn in_the_way(&self, parts: &[OsString], cause: &str) -> Failure {
        let message = format!("cannot unpack to `{}`: {cause}", shown(self.target(parts)));
        Failure::new(Kind::FileSystem, message).at(self.spec.path.span)
    }

    pub(super) fn nothing_left(&self, entries: u64) -> Failure {
        let archive = self.archive;
        let message = format!("cannot unpack `{archive}`: none of its {entries} entries is left");
        self.failure(Kind::Step, message).hint("look at `strip_components`, `include` and `exclude`")
    }

    /// Holds the archive against its checksum, if the plan has one.
    pub(super) fn check_sum(&self, file: &File) -> Result<(), Failure> {
        let Some(expected) = self.spec.sha256.as_ref().map(Expected::sha256) else { return Ok(()) };
        let found = expected.checksum.of_file(file, self.spec.archive.as_path(), self.context);
        let found = found.map_err(|error| match self.context.check_interrupt() {
            Err(interrupt) if error.is_interrupted() => interrupt,
            _ => error.cannot("read", self.archive).at(self.spec.archive.span),
        })?;
        if found == expected.digits {
            return Ok(());
        }
        let message = format!("cannot unpack `{}`: its checksum is {found}", self.archive);
        Err(Failure::new(Kind::Step, message).at(expected.span).hint("it is another file, or a damaged one"))
    }

    /// Fails when the archive was written to while it was read: the two readings may have seen different ones. Times can be put
    /// back, but not that of the last change of anything.
    pub(super) fn check_unchanged(&self, file: &File, seen: Version) -> Result<(), Failure> {
        let now = self.version(file)?;
        if now == seen {
            return Ok(());
        }
        if now.content == seen.content {
            // Its owner, mode or name was changed, or somebody hides more than that.
            return self.check_sum(file);
        }
        let message = format!("cannot unpack `{}`: it was changed while it was read", self.archive);
        Err(self.failure(Kind::Step, message))
    }

    pub(super) fn version(&self, file: &File) -> Result<Version, Failure> {
        let cannot = |error: Error| error.cannot("read", self.archive).at(self.spec.archive.span);
        Version::of(file, self.spec.archive.as_path()).map_err(cannot)
    }
}
