//! The walk through a tree and its copy, side by side.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::super::ownership;
use super::Copy;
use crate::failure::{Failure, Kind};
use crate::root::{Attributes, Descent, Directory, Entry, FileKind, Identity, Metadata, Root, Source, shown};
use crate::spec::IfExists;

/// What is made in a directory with this bit gets the directory's group.
const SETGID: u32 = 0o2000;

/// Source and target are held by descriptor: whoever may write to one of them cannot make us read or write elsewhere.
pub(super) struct Tree {
    source: Descent,
    /// The way down the target, as far as it exists.
    target: Option<Descent>,
    /// How many levels of the way down are missing in the target; none while changes are made.
    absent: usize,
    levels: Vec<Level>,
    /// The path in the target of what is being copied.
    path: PathBuf,
    /// The top of the target, which must not be found in the source.
    target_top: Option<Identity>,
}

struct Level {
    name: OsString,
    created: bool,
    /// The directory in the source.
    identity: Identity,
    /// What is still to do, the next one last.
    entries: Vec<Entry>,
}

impl Tree {
    /// A walk through `source` that makes `path`, whose parent is `parent` if there is one.
    pub(super) fn new(source: Directory, parent: Option<Directory>, path: &Path) -> Self {
        Self {
            source: Descent::new(source),
            absent: usize::from(parent.is_none()),
            target: parent.map(Descent::new),
            levels: Vec::new(),
            path: path.to_owned(),
            target_top: None,
        }
    }

    pub(super) fn copy(mut self, name: &OsStr, copy: &mut Copy<'_>) -> Result<(), Failure> {
        self.open(name.to_owned(), copy)?;
        while let Some(level) = self.levels.last_mut() {
            copy.context.check_interrupt()?;
            match level.entries.pop() {
                Some(entry) => self.entry(entry, copy)?,
                None => self.close(copy)?,
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: Entry, copy: &mut Copy<'_>) -> Result<(), Failure> {
        let Entry { name, kind } = entry;
        if is_volume_internal(&name) {
            return Ok(());
        }
        let directory = self.source.current();
        let path = directory.child(&name);
        self.path.push(&name);
        match kind {
            FileKind::Directory => {
                self.source.enter(&name).map_err(|error| copy.source_failure(&error, &path))?;
                return self.open(name, copy);
            }
            FileKind::Link => {
                let says = directory.read_link(&name).map_err(|error| copy.source_failure(&error, &path))?;
                // The content of a ConfigMap or Secret volume lies behind such links, in the same directory: whoever may make
                // a link of that form must not have us read a file of somebody else.
                let internal = says.as_bytes().starts_with(b"..data/");
                if !copy.spec.dereference && !internal {
                    copy.link(&says, (self.directory(), &name, &self.path))?;
                } else {
                    let source = if copy.spec.dereference {
                        copy.context.root.source(&path)
                    } else {
                        Root::below(directory).and_then(|volume| volume.source(Path::new(&name)))
                    };
                    match source.map_err(|error| copy.source_failure(&error, &path))? {
                        Source::File(file, metadata) => {
                            copy.file((&file, &metadata, &path), (self.directory(), &name, &self.path))?;
                        }
                        Source::Directory(directory) => {
                            self.source.descend(directory).map_err(|error| copy.source_failure(&error, &path))?;
                            return self.open(name, copy);
                        }
                    }
                }
            }
            // What is no file is refused by this without being opened.
            FileKind::File | FileKind::Other => {
                let (file, metadata) =
                    directory.open_file(&name).map_err(|error| copy.source_failure(&error, &path))?;
                copy.file((&file, &metadata, &path), (self.directory(), &name, &self.path))?;
            }
        }
        self.path.pop();
        Ok(())
    }

    /// The current directory of the target, if it exists.
    fn directory(&self) -> Option<&Directory> {
        self.target.as_ref().filter(|_| self.absent == 0).map(Descent::current)
    }

    /// Begins a directory: the current one of the source, and `name` in the current one of the target.
    fn open(&mut self, name: OsString, copy: &mut Copy<'_>) -> Result<(), Failure> {
        let source = self.source.current();
        let refused = |error| copy.source_failure(&error, source.path());
        let metadata = source.own_metadata().map_err(refused)?;
        let identity = metadata.identity();
        if self.target_top == Some(identity) || self.levels.iter().any(|level| level.identity == identity) {
            let message = format!("cannot copy `{}`: it leads back into the tree or its copy", shown(source.path()));
            return Err(Failure::new(Kind::FileSystem, message).at(copy.spec.source.span));
        }
        let mut entries = source.list().map_err(refused)?;
        entries.reverse();
        copy.visited += 1;
        let created = self.open_target(&name, &metadata, copy)?;
        if self.levels.is_empty()
            && let Some(top) = self.directory()
        {
            let metadata = top.own_metadata().map_err(|error| copy.failure(&error, &self.path))?;
            if metadata.identity() == identity {
                return Err(copy.refusal(&self.path, "it is the source"));
            }
            self.target_top = Some(metadata.identity());
        }
        copy.prepare(self.directory());
        self.levels.push(Level { name, created, identity, entries });
        Ok(())
    }

    /// Goes down into a directory of the target; makes it if it is missing, and says so.
    fn open_target(&mut self, name: &OsStr, source: &Metadata, copy: &mut Copy<'_>) -> Result<bool, Failure> {
        let existing = match self.directory() {
            Some(directory) => directory.metadata(name).map_err(|error| copy.failure(&error, &self.path))?,
            None => None,
        };
        match existing {
            Some(metadata) if metadata.kind == FileKind::Directory => {
                if !copy.apply
                    && let Some(detail) = ownership::differences(&metadata, directory_wish(copy))
                {
                    copy.record(true, &self.path, detail);
                }
            }
            Some(metadata) => return Err(copy.in_the_way(&self.path, &metadata)),
            None => {
                let wish = Attributes { user: copy.user, group: copy.group, mode: Some(self.new_mode(source, copy)?) };
                copy.record(false, &self.path, ownership::description(FileKind::Directory, wish));
                if !copy.apply {
                    self.absent += 1;
                    return Ok(true);
                }
                if let Some(directory) = self.directory() {
                    // The owner follows when everything is in it: until then nobody else may change names in it.
                    let made = directory.make(name, Attributes { mode: wish.mode, ..Attributes::default() });
                    made.map_err(|error| copy.failure(&error, &self.path))?;
                }
            }
        }
        if let Some(target) = &mut self.target {
            target.enter(name).map_err(|error| copy.failure(&error, &self.path))?;
        }
        Ok(existing.is_none())
    }

    /// The mode of a new directory: the wished one, else that of the source with the setgid bit that the target hands down.
    fn new_mode(&self, source: &Metadata, copy: &Copy<'_>) -> Result<u32, Failure> {
        if let Some(mode) = &copy.spec.mode {
            return Ok(mode.for_directory().bits());
        }
        let inherited = match self.directory() {
            Some(parent) => parent.own_metadata().map_err(|error| copy.failure(&error, &self.path))?.mode & SETGID,
            None => 0,
        };
        Ok(source.mode & 0o777 | inherited)
    }

    /// Ends the current directory, and gives it its owner.
    fn close(&mut self, copy: &mut Copy<'_>) -> Result<(), Failure> {
        let Some(level) = self.levels.pop() else {
            return Ok(());
        };
        self.source.leave().map_err(|error| copy.source_failure(&error, error.path()))?;
        if self.absent > 0 {
            self.absent -= 1;
        } else if let Some(target) = &mut self.target {
            target.leave().map_err(|error| copy.failure(&error, &self.path))?;
            if copy.apply {
                let (parent, wish) = (target.current(), directory_wish(copy));
                let metadata =
                    parent.required_metadata(&level.name).map_err(|error| copy.failure(&error, &self.path))?;
                if let Some(detail) = ownership::differences(&metadata, wish) {
                    parent.set_attributes(&level.name, wish).map_err(|error| copy.failure(&error, &self.path))?;
                    if !level.created {
                        copy.record(true, &self.path, detail);
                    }
                }
            }
        }
        self.path.pop();
        Ok(())
    }
}

/// What is wished of directories. One that exists keeps what the plan does not name: it may be a mounted volume.
fn directory_wish(copy: &Copy<'_>) -> Attributes {
    if copy.spec.if_exists == IfExists::Keep {
        return Attributes::default();
    }
    let mode = copy.spec.mode.as_ref().map(|mode| mode.for_directory().bits());
    Attributes { user: copy.user, group: copy.group, mode }
}

/// Whether a name belongs to the machinery of a ConfigMap, Secret or downward volume: `..data`, `..data_tmp`, and
/// `..2026_01_31_10_20_30.123456789`.
fn is_volume_internal(name: &OsStr) -> bool {
    let rest = name.as_bytes().strip_prefix(b"..");
    rest.is_some_and(|rest| rest.starts_with(b"data") || rest.first().is_some_and(u8::is_ascii_digit))
}
