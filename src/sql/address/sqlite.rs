//! The path of an SQLite database.

use std::path::PathBuf;

use super::url::percent_decoded;

/// Of what stands behind `sqlite:`.
pub(super) fn path(rest: &str) -> Result<PathBuf, &'static str> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    // Other programs are told by `mode=rwc` to make the file: that is done here without.
    let (path, options) = path.split_once('?').unwrap_or((path, "mode=rwc"));
    if !["", "mode=rwc", "mode=rw"].contains(&options) {
        return Err("an SQLite URL has no options but `mode=rwc`");
    }
    let path = percent_decoded(path);
    if !path.starts_with('/') || path.split('/').any(|part| part == "..") || path.contains('\0') {
        return Err("the path is not absolute, or holds `..`");
    }
    Ok(PathBuf::from(path))
}
