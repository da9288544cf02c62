//! The walk through the source, beside which the target is made.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::level::{Level, Slot, Target};
use super::{Copy, Failure};
use crate::failure::Kind;
use crate::root::{Directory, Error, Mounts, Opened, Place, Root, Source, Tree, Visitor, shown};

/// How many links may lead from one to the next, as many as the kernel allows.
const LINKS: u32 = 40;

/// The walk through a directory and its copy.
pub(super) struct Walk<'w, 'c> {
    copy: &'w Copy<'c>,
    /// Where the top is copied to: a name in this directory.
    target: &'w Target,
    name: &'w OsStr,
    /// What the top lies in when a link led to it.
    above: Option<&'w Level>,
}

impl<'w, 'c> Walk<'w, 'c> {
    pub(super) fn new(copy: &'w Copy<'c>, target: &'w Target, name: &'w OsStr) -> Self {
        Self { copy, target, name, above: None }
    }

    /// Copies what a link leads to. The content of a ConfigMap or Secret volume lies behind links in the same directory: whoever
    /// may make a link of that form must not have us read a file of somebody else.
    fn follow(&self, place: &Place<'_>, slot: &Slot<'_>, above: &Level) -> Result<(), Failure> {
        let copy = self.copy;
        let path = place.path();
        if above.links == LINKS {
            let message = format!("cannot copy `{}`: too many links lead from one to the next", shown(&path));
            return Err(Failure::new(Kind::FileSystem, message).at(copy.spec.source.span));
        }
        let source = if copy.spec.dereference {
            copy.context.root.source(&path)
        } else {
            Root::below(place.directory()).and_then(|volume| volume.source(Path::new(place.name())))
        };
        match source.map_err(|error| copy.source_failure(&error, &path))? {
            Source::File(file, metadata) => copy.file(copy.original(&file, &metadata, path.as_path().into()), slot),
            Source::Directory(directory) => {
                let tree = Tree::of(&directory, OsStr::new("."), Mounts::Cross);
                let walk = Walk { copy, target: slot.target, name: slot.name, above: Some(above) };
                tree.map_err(|error| copy.source_failure(&error, &path))?.in_order().walk(&walk)
            }
        }
    }
}

impl Visitor for Walk<'_, '_> {
    type Kept = Level;

    fn enter(&self, place: &Place<'_>, directory: &Directory, above: Option<&Level>) -> Result<Option<Level>, Failure> {
        let copy = self.copy;
        let Some(level) = above else {
            let mut level = copy.enter(directory, self.above, (self.target, self.name))?;
            level.links += u32::from(self.above.is_some());
            return Ok(Some(level));
        };
        if is_volume_internal(place.name()) || copy.is_excluded(&level.path.join(place.name())) {
            return Ok(None);
        }
        copy.enter(directory, Some(level), (&level.target, place.name())).map(Some)
    }

    fn visit(&self, place: &Place<'_>, above: Option<&Level>) -> Result<(), Failure> {
        let (copy, Some(level)) = (self.copy, above) else { return Ok(()) };
        let name = place.name();
        let path = level.path.join(name);
        if is_volume_internal(name) || copy.is_excluded(&path) || copy.is_last(&path) {
            return Ok(());
        }
        let slot = Slot { target: &level.target, hidden: level.hidden(), name, path: &path };
        match place.directory().open(name).map_err(|error| copy.source_failure(&error, &place.path()))? {
            Opened::File(file, metadata) => copy.file(copy.original(&file, &metadata, place.at()), &slot),
            Opened::Link(says, _) if copy.spec.dereference || says.as_bytes().starts_with(b"..data/") => {
                self.follow(place, &slot, level)
            }
            Opened::Link(says, metadata) => copy.link(&says, &metadata, &slot),
            Opened::Else(metadata) => {
                let message = format!("cannot copy `{}`: is {}", shown(place.path()), metadata.kind);
                Err(Failure::new(Kind::FileSystem, message).at(copy.spec.source.span))
            }
        }
    }

    fn leave(&self, _place: &Place<'_>, directory: &Directory, level: &Level) -> Result<(), Failure> {
        self.copy.leave(directory, level)
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        Err(self.copy.source_failure(&error, error.path()))
    }
}

impl Copy<'_> {
    /// The path below the top of the target.
    pub(super) fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.spec.path.as_path()).unwrap_or(path)
    }

    pub(super) fn is_excluded(&self, path: &Path) -> bool {
        !self.spec.exclude.is_empty() && {
            let text = self.relative(path).to_string_lossy();
            self.spec.exclude.iter().any(|glob| glob.matches(&text))
        }
    }

    pub(super) fn is_last(&self, path: &Path) -> bool {
        self.spec.last.iter().any(|last| last.as_path() == self.relative(path))
    }
}

/// Whether a name belongs to the machinery of a ConfigMap, Secret or downward volume: `..data`, `..data_tmp`, and
/// `..2026_01_31_10_20_30.123456789`.
pub(super) fn is_volume_internal(name: &OsStr) -> bool {
    let rest = name.as_bytes().strip_prefix(b"..");
    rest.is_some_and(|rest| rest.starts_with(b"data") || rest.first().is_some_and(u8::is_ascii_digit))
}
