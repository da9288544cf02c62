//! A file under a temporary name, for a program that judges it before it is published.

use std::ffi::OsStr;
use std::path::Path;

use nix::errno::Errno;

use super::error::Error;
use super::metadata::{Attributes, FileKind};
use super::resolve::split;
use super::write::{wished, write_temporary};
use super::{Content, Directory, Root};

/// Where a file is staged whose own directory is read-only: each is on a file system in memory in most containers.
const ELSEWHERE: [&str; 2] = ["/tmp", "/dev/shm"];
/// The mode of a file that is staged away from its directory, which may have kept others out.
const PRIVATE: Attributes = Attributes { user: None, group: None, mode: Some(0o600) };
/// Bytes of a suffix that a temporary name keeps.
const SUFFIX_LIMIT: usize = 16;

const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

impl Root {
    /// Writes a file under a temporary name beside `path`, hands the path of that to `judge`, and removes it again. A program
    /// tells formats by suffixes, so it keeps that of `path`. Where nothing can be written beside `path`, or there is no such
    /// directory yet, it lies elsewhere and only we may read it.
    pub(crate) fn stage<T>(
        &self,
        path: &Path,
        content: &[u8],
        attributes: Attributes,
        judge: impl FnOnce(&Path) -> T,
    ) -> Result<T, Error> {
        let (parent, name) = split(path)?;
        let content = Content::Bytes(content);
        let suffix = plain_suffix(name);
        let (directory, attributes) = match self.destination_directory(parent) {
            Ok(directory) => {
                let existing = directory.metadata(name)?.filter(|existing| existing.kind == FileKind::File);
                (directory, wished(attributes, existing.as_ref()))
            }
            Err(error) if error.is_not_found() => (self.nearest(parent)?, PRIVATE),
            Err(error) => return Err(error),
        };
        let refusal = match write_temporary(&directory, &suffix, content, attributes) {
            // Held open, and so locked, until it was judged: nobody sweeps it meanwhile.
            Ok((temporary, fd)) => {
                let _lock = temporary.end_writing(fd)?;
                return Ok(judge(&directory.child(temporary.name())));
            }
            Err(error) if matches!(error.errno(), Errno::EROFS | Errno::EACCES | Errno::EPERM) => error,
            Err(error) => return Err(error),
        };
        for directory in ELSEWHERE.iter().filter_map(|path| self.shared_directory(Path::new(path))) {
            if let Ok((temporary, fd)) = write_temporary(&directory, &suffix, content, PRIVATE) {
                let _lock = temporary.end_writing(fd)?;
                return Ok(judge(&directory.child(temporary.name())));
            }
        }
        Err(refusal)
    }

    /// The directory itself, or the nearest one above that is there.
    pub(super) fn nearest(&self, path: &Path) -> Result<Directory, Error> {
        let mut missing = path;
        loop {
            match self.destination_directory(missing) {
                Err(error) if error.is_not_found() => match missing.parent() {
                    Some(parent) => missing = parent,
                    None => return Err(error),
                },
                result => return result,
            }
        }
    }

    /// A directory for temporary files, if nobody else can exchange what we put into it.
    fn shared_directory(&self, path: &Path) -> Option<Directory> {
        let directory = self.destination_directory(path).ok()?;
        let mode = directory.own_metadata().ok()?.mode;
        if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
            return None;
        }
        // What cannot be swept does no harm.
        let _ = self.sweep_directory(&directory);
        Some(directory)
    }
}

/// The suffix of a name with its dot, if it is short and plain.
fn plain_suffix(name: &OsStr) -> String {
    let suffix = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    if is_plain_suffix(suffix.as_bytes()) { format!(".{suffix}") } else { String::new() }
}

pub(super) fn is_plain_suffix(suffix: &[u8]) -> bool {
    (1..=SUFFIX_LIMIT).contains(&suffix.len()) && suffix.iter().all(u8::is_ascii_alphanumeric)
}
