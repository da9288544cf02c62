//! A walk through a tree that visits what a directory holds before the directory itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Root;
use super::descent::Descent;
use super::directory::Directory;
use super::entries::Entries;
use super::error::{Cause, Error};
use super::metadata::{Attributes, FileKind, Metadata};

/// What to do where something else is mounted in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mounts {
    /// Walk through it.
    Cross,
    /// Leave it out.
    Skip,
    /// Fail; also when the top itself is a mount point.
    Refuse,
}

/// A walk from the leaves to the top. Whoever may write to a directory gets it only after everything in it is done, so he
/// cannot meddle with the rest of the walk. Links are visited, never followed.
#[derive(Debug)]
pub(crate) struct Tree {
    descent: Descent,
    /// For the top's parent and for each directory below: its own name, and the directories in it that are still to do.
    levels: Vec<Level>,
    /// The entries of the current directory, as long as there are any.
    entries: Option<Entries>,
    exclude: Vec<OsString>,
    mounts: Mounts,
    /// Only the top is visited.
    shallow: bool,
}

#[derive(Debug, Default)]
struct Level {
    name: OsString,
    directories: Vec<OsString>,
}

/// One object of the tree, with the directory it is in.
#[derive(Debug)]
pub(crate) struct Visit<'tree> {
    directory: &'tree Directory,
    name: OsString,
    pub(crate) metadata: Metadata,
    pub(crate) is_top: bool,
    mounts: Mounts,
}

impl Root {
    /// The tree with its top at `path`. Names in `exclude` are left out wherever they stand below the top.
    pub(crate) fn tree(&self, path: &Path, exclude: &[String], mounts: Mounts) -> Result<Tree, Error> {
        let (parent, name) = self.parent(path)?;
        let top = Level { name: OsString::new(), directories: vec![name.to_owned()] };
        let exclude = exclude.iter().map(OsString::from).collect();
        Ok(Tree { descent: Descent::new(parent), levels: vec![top], entries: None, exclude, mounts, shallow: false })
    }

    /// The same walk over nothing but the top.
    pub(crate) fn object(&self, path: &Path) -> Result<Tree, Error> {
        Ok(Tree { shallow: true, ..self.tree(path, &[], Mounts::Cross)? })
    }
}

impl Tree {
    /// The next object, or `None` behind the top. After an error the walk goes on behind the object it is about.
    pub(crate) fn next(&mut self) -> Result<Option<Visit<'_>>, Error> {
        loop {
            if let Some(found) = self.next_entry()? {
                return Ok(Some(self.visit(found.0, found.1)));
            }
            let Some(level) = self.levels.last_mut() else {
                return Ok(None);
            };
            if let Some(name) = level.directories.pop() {
                if let Some(found) = self.enter(name)? {
                    return Ok(Some(self.visit(found.0, found.1)));
                }
                continue;
            }
            let Some(Level { name, .. }) = self.levels.pop() else {
                return Ok(None);
            };
            if self.levels.is_empty() {
                return Ok(None);
            }
            if let Err(error) = self.descent.leave() {
                // The way back is lost: nothing above can be done.
                self.levels.clear();
                return Err(error);
            }
            if let Some(metadata) = self.descent.current().metadata(&name)? {
                return Ok(Some(self.visit(name, metadata)));
            }
        }
    }

    /// Goes on through the entries of the current directory to one that is not a directory; those are kept for later.
    fn next_entry(&mut self) -> Result<Option<(OsString, Metadata)>, Error> {
        let directory = self.descent.current();
        while let Some(entries) = &mut self.entries {
            let entry = match entries.next(directory) {
                Ok(Some(entry)) => entry,
                end => {
                    self.entries = None;
                    end?;
                    break;
                }
            };
            if self.exclude.contains(&entry.name) {
                continue;
            }
            if entry.kind == FileKind::Directory {
                if let Some(level) = self.levels.last_mut() {
                    level.directories.push(entry.name);
                }
                continue;
            }
            if let Some(metadata) = directory.metadata(&entry.name)? {
                return Ok(Some((entry.name, metadata)));
            }
        }
        Ok(None)
    }

    /// Goes down into a directory; yields it at once if it has become something else, or is the top and no directory.
    fn enter(&mut self, name: OsString) -> Result<Option<(OsString, Metadata)>, Error> {
        let parent = self.descent.current();
        let is_top = self.levels.len() == 1;
        if self.shallow {
            return parent.required_metadata(&name).map(|metadata| Some((name, metadata)));
        }
        let entered = match self.mounts {
            Mounts::Cross => parent.enter(&name),
            Mounts::Skip if is_top => parent.enter(&name),
            Mounts::Skip | Mounts::Refuse => parent.enter_same_mount(&name),
        };
        let child = match entered {
            Ok(child) => child,
            Err(error) => {
                return match error.cause() {
                    Cause::MountPoint if self.mounts == Mounts::Skip => Ok(None),
                    Cause::Is(_) => Ok(parent.metadata(&name)?.map(|metadata| (name, metadata))),
                    _ if error.is_not_found() && !is_top => Ok(None),
                    _ => Err(error),
                };
            }
        };
        let entries = child.entries()?;
        self.descent.descend(child)?;
        self.entries = Some(entries);
        self.levels.push(Level { name, directories: Vec::new() });
        Ok(None)
    }

    fn visit(&self, name: OsString, metadata: Metadata) -> Visit<'_> {
        let is_top = self.levels.len() == 1;
        Visit { directory: self.descent.current(), name, metadata, is_top, mounts: self.mounts }
    }
}

impl Visit<'_> {
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.child(&self.name)
    }

    /// Looks again; `false` when the object is gone.
    pub(crate) fn refresh(&mut self) -> Result<bool, Error> {
        let metadata = self.directory.metadata(&self.name)?;
        if let Some(metadata) = metadata {
            self.metadata = metadata;
        }
        Ok(metadata.is_some())
    }

    /// What of `attributes` is not so yet and is ours to change; a file that something is mounted on is not, unless mounts are
    /// crossed.
    pub(crate) fn missing(&self, attributes: Attributes) -> Result<Attributes, Error> {
        let missing = attributes.missing_in(&self.metadata);
        let may_be_mount = self.mounts == Mounts::Skip && !self.is_top && self.metadata.kind == FileKind::File;
        if !missing.is_empty() && may_be_mount && self.directory.is_mount(&self.name)? {
            return Ok(Attributes::default());
        }
        Ok(missing)
    }

    /// Makes owner and mode as wished if this is still the object that was visited. What has become a mount point and is not
    /// to be crossed stays as it is.
    pub(crate) fn set_attributes(&self, attributes: Attributes) -> Result<(), Error> {
        if self.mounts == Mounts::Cross || self.is_top {
            return self.directory.set_attributes(&self.name, attributes);
        }
        match self.directory.set_attributes_of(&self.name, attributes, &self.metadata) {
            Err(error) if error.cause() == Cause::MountPoint && self.mounts == Mounts::Skip => Ok(()),
            result => result,
        }
    }

    pub(crate) fn remove(&self) -> Result<(), Error> {
        match self.metadata.kind {
            FileKind::Directory => self.directory.remove_directory(&self.name),
            FileKind::File | FileKind::Link | FileKind::Other => self.directory.remove(&self.name),
        }
    }
}
