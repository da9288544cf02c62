//! `copy`: a file or tree is there, equal to its source.

mod file;
#[cfg(test)]
mod tests;
mod tree;

use std::ffi::OsStr;

use std::path::Path;

use tree::Tree;

use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Directory, Error, File, Metadata, Source, shown};
use crate::spec::CopySpec;

impl Perform for CopySpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let copy = self.walk(context, false)?;
        Ok(Change::new(copy.differences, ()))
    }

    fn apply(&self, _change: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        let copy = self.walk(context, true)?;
        let changed = copy.differences.len();
        let in_place = match copy.in_place {
            0 => String::new(),
            number => format!(", {number} in place"),
        };
        let summary = format!("{changed} changed of {}{in_place}", copy.visited);
        Ok(Outcome { changed: changed > 0, ..Outcome::changed(summary) })
    }
}

impl CopySpec {
    /// Compares source and target, and makes the differences go away if `apply` says so: one walk for both, so that they agree.
    fn walk<'a>(&'a self, context: &'a Context, apply: bool) -> Result<Copy<'a>, Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let mut copy =
            Copy { spec: self, context, user, group, apply, differences: Vec::new(), visited: 0, in_place: 0 };
        let source_path = self.source.as_path();
        let source = context.root.source(source_path).map_err(|error| copy.source_failure(&error, source_path))?;
        let path = self.path.as_path();
        let (parent, name) = match context.root.parent(path) {
            Ok((parent, name)) => (Some(parent), name),
            // The step that makes it may not have been carried out: `show` changes nothing.
            Err(error) if error.is_not_found() && !apply => (None, path.file_name().unwrap_or_default()),
            Err(error) => return Err(copy.failure(&error, path)),
        };
        match source {
            Source::File(file, metadata) => {
                copy.prepare(parent.as_ref());
                copy.file((&file, &metadata, source_path), (parent.as_ref(), name, path))?;
            }
            Source::Directory(directory) => {
                if path.starts_with(source_path) {
                    let message = format!("cannot copy `{}`: `{}` lies in it", self.source.value, self.path.value);
                    return Err(Failure::new(Kind::Step, message).at(self.path.span));
                }
                Tree::new(directory, parent, path).copy(name, &mut copy)?;
            }
        }
        Ok(copy)
    }
}

/// A source file: opened, looked at, and its path.
type SourceFile<'a> = (&'a File, &'a Metadata, &'a Path);

/// A target: the directory it is in, if there is one yet, its name there, and its path.
type Target<'a> = (Option<&'a Directory>, &'a OsStr, &'a Path);

/// How objects are copied, and what was found out.
struct Copy<'a> {
    spec: &'a CopySpec,
    context: &'a Context,
    user: Option<u32>,
    group: Option<u32>,
    apply: bool,
    differences: Vec<Difference>,
    visited: u64,
    in_place: u64,
}

impl Copy<'_> {
    fn record(&mut self, exists: bool, path: &Path, detail: String) {
        let sign = if exists { Sign::Modify } else { Sign::Create };
        self.differences.push(Difference::new(sign, shown(path), detail));
    }

    /// Removes what killed runs left in a directory that is written to. What cannot be removed does no harm.
    fn prepare(&self, directory: Option<&Directory>) {
        if let Some(directory) = directory.filter(|_| self.apply) {
            let _ = self.context.root.sweep_directory(directory);
        }
    }

    fn refusal(&self, path: &Path, cause: &str) -> Failure {
        Failure::new(Kind::FileSystem, format!("cannot copy to `{}`: {cause}", shown(path))).at(self.spec.path.span)
    }

    fn in_the_way(&self, path: &Path, metadata: &Metadata) -> Failure {
        self.refusal(path, &format!("{} is in its place", metadata.kind))
    }

    fn failure(&self, error: &Error, path: &Path) -> Failure {
        match self.context.check_interrupt() {
            Err(interrupt) if error.is_interrupted() => interrupt,
            _ => error.cannot("copy to", shown(path)).at(self.spec.path.span),
        }
    }

    fn source_failure(&self, error: &Error, path: &Path) -> Failure {
        error.cannot("copy", shown(path)).at(self.spec.source.span)
    }
}
