//! What helpers get from outside: the clock, and the content of files.

use std::sync::Arc;

/// Gives the content of the file at a path, or the reason why it cannot be read, which must hold no content.
pub(crate) type Files = Arc<dyn Fn(&str) -> Result<String, String> + Send + Sync>;

/// Empty unless the caller gives something: `file` and `now` then fail and say so.
#[derive(Clone, Default)]
pub(crate) struct Surroundings {
    files: Option<Files>,
    /// Seconds since 1970, in UTC.
    clock: Option<i64>,
}

impl Surroundings {
    pub(crate) fn set_files(&mut self, files: Files) {
        self.files = Some(files);
    }

    pub(crate) fn set_clock(&mut self, seconds: i64) {
        self.clock = Some(seconds);
    }

    pub(super) fn file(&self, path: &str) -> Result<String, String> {
        self.files.as_ref().map_or_else(|| Err("files cannot be read here".to_owned()), |files| files(path))
    }

    pub(super) fn seconds(&self) -> Result<i64, String> {
        self.clock.ok_or_else(|| "the time is not known here".to_owned())
    }
}
