//! The templates of a step: one file, or those of a directory or glob.

use std::path::{Path, PathBuf};

use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::root::{Error, FileKind, Root, shown};
use crate::spec::{AbsolutePath, Glob, RenderSpec};

/// What a step reads.
pub(super) enum Source {
    File(PathBuf),
    Tree(Tree),
}

/// A directory of templates and of files that are copied as they are.
pub(super) struct Tree {
    pub(super) base: PathBuf,
    /// Sorted, each directory before its content; paths are relative to the base.
    pub(super) entries: Vec<Entry>,
}

pub(super) struct Entry {
    pub(super) relative: PathBuf,
    pub(super) kind: EntryKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    Directory,
    Template,
    /// Copied as it is.
    Verbatim,
}

/// Looks what the source of the step is. `pause` is called between any two directories.
pub(super) fn find(
    spec: &RenderSpec,
    source: &Located<AbsolutePath>,
    root: &Root,
    pause: &dyn Fn() -> Result<(), Failure>,
) -> Result<Source, Failure> {
    let cannot = |cause: &dyn std::fmt::Display| {
        Failure::new(Kind::Plan, format!("cannot read the template `{}`: {cause}", source.value)).at(source.span)
    };
    let refused = |error: &Error| cannot(error).maybe_hint(error.remedy());
    let found = root.metadata_followed(source.as_path()).map_err(|error| refused(&error))?;
    let (base, glob) = match found {
        Some(metadata) if metadata.kind == FileKind::Directory => (source.as_path().to_owned(), None),
        Some(_) => return Ok(Source::File(source.as_path().to_owned())),
        None if Glob::is_pattern(source.as_str()) => {
            let (base, pattern) = split_glob(source.as_str());
            let glob = Glob::try_from(pattern).map_err(|problem| cannot(&problem))?;
            let found = root.metadata_followed(&base).map_err(|error| refused(&error))?;
            if found.is_none_or(|found| found.kind != FileKind::Directory) {
                return Err(cannot(&format_args!("there is no directory `{}`", shown(&base))));
            }
            (base, Some(glob))
        }
        None => return Err(cannot(&"no such file or directory")),
    };
    let mut entries = walk(&Wanted { spec, glob: glob.as_ref() }, &base, root, pause)?;
    if glob.is_some() {
        keep_directories_in_use(&mut entries);
        if entries.is_empty() {
            return Err(cannot(&"no file matches"));
        }
    } else if !spec.include.is_empty() {
        keep_directories_in_use(&mut entries);
    }
    Ok(Source::Tree(Tree { base, entries }))
}

/// What of a tree the step is about.
struct Wanted<'a> {
    spec: &'a RenderSpec,
    /// Held against the whole path below its base, also without `/`.
    glob: Option<&'a Glob>,
}

impl Wanted<'_> {
    /// Whether the entry is to be looked at; of a directory whether anything in it is.
    fn has(&self, relative: &Path, is_directory: bool) -> bool {
        let text = relative.to_string_lossy();
        let spec = self.spec;
        if is_covered(&spec.exclude, relative) {
            return false;
        }
        if is_directory {
            return self.glob.is_none_or(|glob| glob.leads_into(&text));
        }
        self.glob.is_none_or(|glob| glob.matches_whole(&text))
            && (spec.include.is_empty() || is_covered(&spec.include, relative))
    }
}

/// The directory before the first part that is a pattern, and the rest.
fn split_glob(path: &str) -> (PathBuf, String) {
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().position(|part| Glob::is_pattern(part)).unwrap_or(parts.len());
    let base = parts[..at].join("/");
    (PathBuf::from(if base.is_empty() { "/".to_owned() } else { base }), parts[at..].join("/"))
}

fn keep_directories_in_use(entries: &mut Vec<Entry>) {
    let mut used = std::collections::HashSet::new();
    for entry in entries.iter().filter(|entry| entry.kind != EntryKind::Directory) {
        used.extend(entry.relative.ancestors().skip(1).map(Path::to_owned));
    }
    entries.retain(|entry| entry.kind != EntryKind::Directory || used.contains(&entry.relative));
}

/// Everything below a directory. Names that begin with two dots are the machinery of a mounted ConfigMap.
fn walk(
    wanted: &Wanted<'_>,
    base: &Path,
    root: &Root,
    pause: &dyn Fn() -> Result<(), Failure>,
) -> Result<Vec<Entry>, Failure> {
    let mut found = Vec::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(directory) = pending.pop() {
        pause()?;
        if !directory.as_os_str().is_empty() {
            found.push(Entry { relative: directory.clone(), kind: EntryKind::Directory });
        }
        let path = base.join(&directory);
        let entries = root.list(&path).map_err(|error| error.cannot("read", shown(&path)))?;
        let mut inner = Vec::new();
        for entry in entries.iter().filter(|entry| !entry.name.as_encoded_bytes().starts_with(b"..")) {
            let relative = directory.join(&entry.name);
            if !wanted.has(&relative, entry.kind == FileKind::Directory) {
                continue;
            }
            let from = base.join(&relative);
            let metadata = root.metadata_followed(&from).map_err(|error| error.cannot("read", shown(&from)))?;
            match metadata.map(|metadata| metadata.kind) {
                Some(FileKind::File) => {
                    let is_template = is_template(wanted.spec, &relative);
                    let kind = if is_template { EntryKind::Template } else { EntryKind::Verbatim };
                    found.push(Entry { relative, kind });
                }
                Some(FileKind::Directory) if entry.kind == FileKind::Directory => inner.push(relative),
                // Followed it could lead back to where it stands, and the tree would never end.
                Some(kind) if entry.kind == FileKind::Link => {
                    log::warn!("`{}` is a symbolic link to {kind} and is left out", shown(&from));
                }
                Some(kind) => log::warn!("`{}` is {kind} and is left out", shown(&from)),
                None => log::warn!("`{}` is a symbolic link that leads nowhere and is left out", shown(&from)),
            }
        }
        pending.extend(inner.into_iter().rev());
    }
    Ok(found)
}

pub(super) fn is_covered(globs: &[Glob], relative: &Path) -> bool {
    let text = relative.to_string_lossy();
    globs.iter().any(|glob| glob.covers(&text))
}

/// A file whose name is more than the suffix, and ends with it.
fn is_template(spec: &RenderSpec, relative: &Path) -> bool {
    let name = relative.file_name().unwrap_or_default().as_encoded_bytes();
    let suffix = spec.suffix().as_bytes();
    name.ends_with(suffix) && name.len() > suffix.len()
}

#[cfg(test)]
mod tests {
    use super::split_glob;

    #[test]
    fn globs_have_a_base() {
        for (path, base, pattern) in
            [("/t/*.hbs", "/t", "*.hbs"), ("/*/a", "/", "*/a"), ("/a/b/**/c?.x", "/a/b", "**/c?.x")]
        {
            let (found, rest) = split_glob(path);
            assert_eq!((found.to_str().unwrap(), rest.as_str()), (base, pattern));
        }
    }
}
