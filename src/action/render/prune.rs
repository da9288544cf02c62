//! What lies below the top of a tree and is not made by the step.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::super::Context;
use super::source::is_covered;
use super::wish::Wish;
use crate::failure::{Failure, Kind};
use crate::root::{Error, FileKind, Mounts, Tree, shown};
use crate::spec::RenderSpec;

/// Names that belong to the file system or to Kubernetes, and our own temporary files.
const KEPT: [&str; 2] = ["lost+found", ".snapshot"];
const KEPT_PREFIXES: [&str; 2] = ["..", ".fitout-"];

/// What goes, and of what kind it is. A directory comes after what is in it.
pub(super) type Superfluous = (PathBuf, FileKind);

/// Finds what has to go. Mount points stay, and so does what `exclude` covers, with the directories that lead there.
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
    let mut tree = tree(top, context).map_err(cannot)?;
    let mut kept: HashSet<PathBuf> = HashSet::new();
    let mut superfluous = Vec::new();
    loop {
        context.check_interrupt()?;
        let Some(visit) = tree.next().map_err(cannot)? else { return Ok(superfluous) };
        if visit.is_top {
            continue;
        }
        let path = visit.path();
        let relative = path.strip_prefix(top).unwrap_or(&path);
        let stays = wished.contains(path.as_path())
            || kept.contains(&path)
            || is_machinery(relative)
            || is_covered(&spec.exclude, relative);
        if stays {
            kept.extend(path.parent().map(Path::to_owned));
        } else {
            superfluous.push((path, visit.metadata.kind));
        }
    }
}

fn is_machinery(relative: &Path) -> bool {
    relative.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

fn tree(top: &Path, context: &Context) -> Result<Tree, Error> {
    let exclude: Vec<String> = KEPT.iter().map(|&name| name.to_owned()).collect();
    context.root.tree(top, &exclude, Mounts::Skip)
}

/// Removes what was found, and says how much that was. A directory that is not empty after all stays, as does a mount. Walks
/// once more instead of going by the paths: whoever owns a directory on the way could have put a link in its place.
pub(super) fn remove(top: &Path, superfluous: Vec<Superfluous>, context: &Context) -> Result<usize, Failure> {
    if superfluous.is_empty() {
        return Ok(0);
    }
    let superfluous: HashMap<PathBuf, FileKind> = superfluous.into_iter().collect();
    let cannot = |error: Error| error.cannot("remove", shown(error.path()));
    let mut tree = tree(top, context).map_err(cannot)?;
    let mut removed = 0;
    loop {
        context.check_interrupt()?;
        let Some(visit) = tree.next().map_err(cannot)? else { return Ok(removed) };
        if visit.is_top || superfluous.get(&visit.path()) != Some(&visit.metadata.kind) {
            continue;
        }
        match visit.remove() {
            Ok(()) => removed += 1,
            Err(error) if error.is_not_found() || error.is_not_empty() => {}
            Err(error) => return Err(cannot(error)),
        }
    }
}
