//! The files that become arguments, each with its flag.

use std::path::{Path, PathBuf};

use crate::root::{Error, FileKind, Root};
use crate::spec::Glob;

/// The file, the files of the directory, or those of a directory that the pattern names; by the bytes of their names. Nothing that
/// begins with a dot, which is what a ConfigMap is made of, unless the pattern does. Links are followed inside the root; what is no file is
/// left out, and what is not there is none.
pub(super) fn find(root: &Root, source: &Path) -> Result<Vec<PathBuf>, Error> {
    let is = |path: &Path, kind| Ok(root.metadata_followed(path)?.is_some_and(|found| found.kind == kind));
    if is(source, FileKind::File)? {
        return Ok(vec![source.to_owned()]);
    }
    let name = source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (directory, pattern) = match source.parent() {
        Some(parent) if Glob::is_pattern(&name) && root.metadata_followed(source)?.is_none() => (parent, name),
        _ => (source, String::new()),
    };
    if !is(directory, FileKind::Directory)? {
        return Ok(Vec::new());
    }
    let shows_hidden = pattern.starts_with('.');
    let glob = Glob::try_from(pattern).ok();
    let mut found = Vec::new();
    for entry in root.list(directory)? {
        let name = entry.name.to_string_lossy();
        let is_meant = glob.as_ref().is_none_or(|glob| glob.matches(&name)) && (shows_hidden || !name.starts_with('.'));
        let path = directory.join(&entry.name);
        let is_file = is_meant
            && match entry.kind {
                FileKind::File => true,
                FileKind::Link => is(&path, FileKind::File)?,
                FileKind::Directory | FileKind::Other => false,
            };
        if is_file {
            found.push(path);
        }
    }
    Ok(found)
}
