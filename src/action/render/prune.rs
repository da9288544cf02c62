//! What lies below the top of a tree and is not made by the step.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::super::Context;
use super::source::is_covered;
use super::wish::Wish;
use crate::failure::{Failure, Kind};
use crate::root::{FileKind, Mounts, shown};
use crate::spec::RenderSpec;

/// Names that belong to the file system or to Kubernetes, and our own temporary files.
const KEPT: [&str; 2] = ["lost+found", ".snapshot"];
const KEPT_PREFIXES: [&str; 2] = ["..", ".fitout-"];

/// Something that goes. A directory comes after what is in it.
#[derive(Debug)]
pub(super) struct Superfluous {
    pub(super) path: PathBuf,
    is_directory: bool,
}

/// Finds what has to go. Mount points stay, and so does what `exclude` covers, with the directories that lead there.
pub(super) fn find(spec: &RenderSpec, wish: &Wish, context: &Context) -> Result<Vec<Superfluous>, Failure> {
    let top = spec.path.as_path();
    if !wish.is_tree {
        return Err(Failure::new(Kind::Plan, "`prune` needs a directory or a glob as `source`").at(spec.path.span));
    }
    let cannot = |error: crate::root::Error| error.cannot("read", shown(top)).at(spec.path.span);
    if context.root.metadata(top).map_err(cannot)?.is_none() {
        return Ok(Vec::new());
    }
    let wished: HashSet<&Path> =
        wish.files.iter().map(|file| &file.path).chain(&wish.directories).map(PathBuf::as_path).collect();
    let exclude: Vec<String> = KEPT.iter().map(|&name| name.to_owned()).collect();
    let mut tree = context.root.tree(top, &exclude, Mounts::Skip).map_err(cannot)?;
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
            let is_directory = visit.metadata.kind == FileKind::Directory;
            superfluous.push(Superfluous { path, is_directory });
        }
    }
}

fn is_machinery(relative: &Path) -> bool {
    relative.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Removes what was found, and says how much that was. A directory that is not empty after all stays, as does a mount.
pub(super) fn remove(superfluous: Vec<Superfluous>, context: &Context) -> Result<usize, Failure> {
    let mut removed = 0;
    for one in superfluous {
        context.check_interrupt()?;
        let cannot = |error: crate::root::Error| error.cannot("remove", shown(&one.path));
        let (directory, name) = context.root.parent(&one.path).map_err(cannot)?;
        let outcome = if one.is_directory { directory.remove_directory(name) } else { directory.remove(name) };
        match outcome {
            Ok(()) => removed += 1,
            Err(error) if error.is_not_found() || error.is_not_empty() => {}
            Err(error) => return Err(cannot(error)),
        }
    }
    Ok(removed)
}
