//! What lies below the top of a tree and is not made by the step.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::super::Context;
use super::source::is_covered;
use super::wish::Wish;
use crate::failure::{Failure, Kind};
use crate::root::{Directory, Error, FileKind, Mounts, Place, Tree, Visitor, shown};
use crate::spec::{RenderSpec, VOLUME_NAMES};

/// Beginnings of names that belong to Kubernetes, and of our own temporary files.
const KEPT_PREFIXES: [&str; 2] = ["..", ".fitout-"];

/// What goes, and of what kind it is. A directory comes after what is in it.
pub(super) type Superfluous = (PathBuf, FileKind);

/// Finds what has to go. Mount points stay, and so do names that are kept and what `exclude` covers, with the directories
/// that lead there.
pub(super) fn find(spec: &RenderSpec, wish: &Wish, context: &Context) -> Result<Vec<Superfluous>, Failure> {
    let top = spec.path.as_path();
    if !wish.is_tree {
        return Err(Failure::new(Kind::Plan, "`prune` needs a directory or a glob as `source`").at(spec.path.span));
    }
    if wish.files.is_empty() {
        let message = format!("cannot prune `{}`: the source holds no file", shown(top));
        let hint = "is its volume mounted? a `remove` step takes everything away on purpose";
        return Err(Failure::new(Kind::FileSystem, message).at(spec.path.span).hint(hint));
    }
    let cannot = |error: Error| error.cannot("read", shown(top)).at(spec.path.span);
    if context.root.metadata(top).map_err(cannot)?.is_none() {
        return Ok(Vec::new());
    }
    let wished: HashSet<&Path> =
        wish.files.iter().map(|file| &file.path).chain(&wish.directories).map(PathBuf::as_path).collect();
    let search = Search { spec, context, wished, found: Mutex::default() };
    tree(top, &[], context).map_err(cannot)?.walk(&search)?;
    Ok(search.found.into_inner().unwrap_or_else(PoisonError::into_inner).superfluous)
}

/// The walk that finds what has to go.
struct Search<'a> {
    spec: &'a RenderSpec,
    context: &'a Context,
    wished: HashSet<&'a Path>,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    superfluous: Vec<Superfluous>,
    /// Directories in which something stays.
    kept: HashSet<PathBuf>,
}

impl Search<'_> {
    fn judge(&self, place: &Place<'_>, kind: FileKind) {
        if place.is_top {
            return;
        }
        let path = place.path();
        let relative = self.relative(&path);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let stays = self.wished.contains(path.as_path())
            || found.kept.contains(&path)
            || is_machinery(relative)
            || is_covered(&self.spec.exclude, relative);
        if stays {
            found.kept.extend(path.parent().map(Path::to_owned));
        } else {
            found.superfluous.push((path, kind));
        }
    }

    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.spec.path.as_path()).unwrap_or(path)
    }

    /// What stands here stays, and so does the directory that it stands in.
    fn keep(&self, place: &Place<'_>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.kept.extend(place.path().parent().map(Path::to_owned));
    }

    fn failure(&self, error: &Error) -> Failure {
        error.cannot("read", shown(self.spec.path.as_path())).at(self.spec.path.span)
    }
}

impl Visitor for Search<'_> {
    type Kept = ();

    fn enter(&self, place: &Place<'_>, _directory: &Directory, _above: Option<&()>) -> Result<Option<()>, Failure> {
        self.context.check_interrupt()?;
        if is_machinery(self.relative(&place.path())) {
            self.keep(place);
            return Ok(None);
        }
        Ok(Some(()))
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        let cannot = |error| self.failure(&error);
        let Some(status) = place.status().map_err(cannot)? else { return Ok(()) };
        if place.is_left_out(&status).map_err(cannot)? {
            self.keep(place);
        } else {
            self.judge(place, status.metadata.kind);
        }
        Ok(())
    }

    fn leave(&self, place: &Place<'_>, _directory: &Directory, _kept: &()) -> Result<(), Failure> {
        self.judge(place, FileKind::Directory);
        Ok(())
    }

    fn skipped(&self, place: &Place<'_>) {
        self.keep(place);
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        Err(self.failure(&error))
    }
}

fn is_machinery(relative: &Path) -> bool {
    relative.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        VOLUME_NAMES.contains(&name.as_ref()) || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

fn tree(top: &Path, exclude: &[String], context: &Context) -> Result<Tree, Error> {
    Ok(context.root.tree(top, exclude, Mounts::Skip)?.in_order())
}

/// Removes what was found, and says how much that was. A directory that is not empty after all stays, as does a mount. Walks
/// once more instead of going by the paths: whoever owns a directory on the way could have put a link in its place.
pub(super) fn remove(top: &Path, superfluous: Vec<Superfluous>, context: &Context) -> Result<usize, Failure> {
    if superfluous.is_empty() {
        return Ok(0);
    }
    let superfluous = superfluous.into_iter().collect();
    let removal = Removal { superfluous, context, removed: AtomicUsize::new(0) };
    let exclude = VOLUME_NAMES.map(str::to_owned);
    tree(top, &exclude, context).map_err(|error| cannot_remove(&error))?.walk(&removal)?;
    Ok(removal.removed.into_inner())
}

/// The walk that removes what was found.
struct Removal<'a> {
    superfluous: HashMap<PathBuf, FileKind>,
    context: &'a Context,
    removed: AtomicUsize,
}

impl Removal<'_> {
    fn is_superfluous(&self, place: &Place<'_>, kind: FileKind) -> bool {
        !place.is_top && self.superfluous.get(&place.path()) == Some(&kind)
    }

    fn settle(&self, result: Result<(), Error>) -> Result<(), Failure> {
        match result {
            Ok(()) => {
                self.removed.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) if error.is_not_found() || error.is_not_empty() => Ok(()),
            Err(error) => Err(cannot_remove(&error)),
        }
    }
}

impl Visitor for Removal<'_> {
    type Kept = ();

    fn enter(&self, _place: &Place<'_>, _directory: &Directory, _above: Option<&()>) -> Result<Option<()>, Failure> {
        self.context.check_interrupt().map(Some)
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        match place.status().map_err(|error| cannot_remove(&error))? {
            Some(status) if self.is_superfluous(place, status.metadata.kind) => self.settle(place.remove()),
            _ => Ok(()),
        }
    }

    fn leave(&self, place: &Place<'_>, _directory: &Directory, _kept: &()) -> Result<(), Failure> {
        if self.is_superfluous(place, FileKind::Directory) { self.settle(place.remove_directory()) } else { Ok(()) }
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        Err(cannot_remove(&error))
    }
}

fn cannot_remove(error: &Error) -> Failure {
    error.cannot("remove", shown(error.path()))
}
