//! Walks.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Mutex;

use super::{Scratch, path};
use crate::failure::Failure;
use crate::root::{Attributes, Descent, Directory, Error, FileKind, Mounts, Place, Root, Tree, Visitor};

/// Notes what it visits, and does something with it.
struct Notes<Act>(Mutex<Vec<PathBuf>>, Act);

impl<Act: Fn(&Place<'_>, FileKind) -> Result<(), Error> + Sync> Notes<Act> {
    fn note(&self, place: &Place<'_>, kind: FileKind) -> Result<(), Failure> {
        self.1(place, kind).map_err(|error| error.cannot("visit", place.path().display()))?;
        self.0.lock().unwrap().push(place.path());
        Ok(())
    }
}

impl<Act: Fn(&Place<'_>, FileKind) -> Result<(), Error> + Sync> Visitor for Notes<Act> {
    type Kept = PathBuf;

    fn enter(
        &self,
        place: &Place<'_>,
        directory: &Directory,
        above: Option<&PathBuf>,
    ) -> Result<Option<PathBuf>, Failure> {
        assert_eq!(place.path(), directory.path());
        assert_eq!(above.is_none(), place.is_top);
        assert!(above.is_none_or(|above| place.path().parent() == Some(above)));
        Ok(Some(place.path()))
    }

    fn visit(&self, place: &Place<'_>, above: Option<&PathBuf>) -> Result<(), Failure> {
        assert!(above.is_none_or(|above| place.path().parent() == Some(above)));
        let Some(status) = place.status().map_err(|error| error.cannot("visit", place.path().display()))? else {
            return Ok(());
        };
        self.note(place, status.metadata.kind)
    }

    fn leave(&self, place: &Place<'_>, _directory: &Directory, kept: &PathBuf) -> Result<(), Failure> {
        assert_eq!(*kept, place.path());
        self.note(place, FileKind::Directory)
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        Err(error.cannot("visit", error.path().display()))
    }
}

fn walk(tree: &Tree, act: impl Fn(&Place<'_>, FileKind) -> Result<(), Error> + Sync) -> Result<Vec<PathBuf>, Failure> {
    let notes = Notes(Mutex::default(), act);
    tree.walk(&notes)?;
    Ok(notes.0.into_inner().unwrap())
}

fn paths(tree: &Tree) -> Vec<PathBuf> {
    walk(tree, |_, _| Ok(())).unwrap()
}

fn visited(root: &Root, name: &str, exclude: &[String], mounts: Mounts) -> Vec<PathBuf> {
    paths(&root.tree(path(name), exclude, mounts).unwrap())
}

fn remove(place: &Place<'_>, kind: FileKind) -> Result<(), Error> {
    if kind == FileKind::Directory { place.remove_directory() } else { place.remove() }
}

#[test]
fn children_come_before_their_directory_and_links_are_not_followed() {
    let scratch = Scratch::new();
    scratch.file("top/a/b/file", "").file("top/a/other", "").file("top/skip/x", "").link("top/link", "/top");
    scratch.file("outside", "").directory("top/empty");
    for root in scratch.roots() {
        let found = visited(&root, "/top", &["skip".to_owned()], Mounts::Skip);
        let position = |name: &str| found.iter().position(|found| found == path(name)).unwrap();
        for (first, second) in [
            ("/top/a/b/file", "/top/a/b"),
            ("/top/a/b", "/top/a"),
            ("/top/a/other", "/top/a"),
            ("/top/a", "/top"),
            ("/top/link", "/top"),
            ("/top/empty", "/top"),
        ] {
            assert!(position(first) < position(second), "{first} {second}");
        }
        assert_eq!(found.len(), 7, "{found:?}");
        assert_eq!(visited(&root, "/outside", &[], Mounts::Skip), [path("/outside")]);
        assert_eq!(visited(&root, "/top/link", &[], Mounts::Skip), [path("/top/link")]);
        assert_eq!(paths(&root.tree(path("/top"), &[], Mounts::Skip).unwrap().shallow()), [path("/top")]);
        assert!(visited(&root, "/", &[], Mounts::Skip).ends_with(&[PathBuf::from("/")]));
        let missing = root.tree(path("/missing"), &[], Mounts::Skip).unwrap();
        let failure = walk(&missing, |_, _| Ok(())).unwrap_err();
        assert_eq!(failure.to_string(), "cannot visit `/missing`: no such file or directory");
    }
}

/// The volumes of one node often lie on one device, so the device number does not tell where a mount begins.
#[test]
fn mounts_of_the_same_device_are_noticed() {
    let scratch = Scratch::new();
    scratch.file("other/file", "").file("plain", "").file("top/x", "").directory("top/mount").file("top/single", "");
    let Some(_directory) = scratch.bind("other", "top/mount") else { return };
    let Some(_file) = scratch.bind("plain", "top/single") else { return };
    for root in scratch.roots() {
        let crossed = visited(&root, "/top", &[], Mounts::Cross);
        assert!(crossed.contains(&PathBuf::from("/top/mount/file")), "{crossed:?}");
        let skipped = visited(&root, "/top", &[], Mounts::Skip);
        assert!(!skipped.iter().any(|found| found.starts_with("/top/mount")), "{skipped:?}");
        let tree = root.tree(path("/top"), &[], Mounts::Skip).unwrap();
        let left_out = Mutex::new(Vec::new());
        walk(&tree, |place, kind| {
            let status = place.status()?.unwrap();
            if kind != FileKind::Directory && place.is_left_out(&status)? {
                left_out.lock().unwrap().push(place.path());
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(left_out.into_inner().unwrap(), [PathBuf::from("/top/single")]);
        let tree = root.tree(path("/top/mount"), &[], Mounts::Refuse).unwrap();
        let failure = walk(&tree, |_, _| Ok(())).unwrap_err();
        assert_eq!(failure.to_string(), "cannot visit `/top/mount`: is a mount point");
        assert!(scratch.exists("other/file"));
    }
}

#[test]
fn a_tree_deeper_than_a_path_and_than_what_is_kept_open_is_walked() {
    let scratch = Scratch::new();
    let root = scratch.root();
    scratch.directory("top");
    let mut descent = Descent::new(root.source_directory(path("/top")).unwrap());
    let name = OsStr::new("directory");
    for _ in 0..2000 {
        descent.current().make(name, Attributes::default()).unwrap();
        descent.enter(name).unwrap();
    }
    for root in scratch.roots() {
        assert_eq!(visited(&root, "/top", &[], Mounts::Skip).len(), 2001);
    }
    walk(&root.tree(path("/top"), &[], Mounts::Refuse).unwrap(), remove).unwrap();
    assert!(!scratch.exists("top"));
}

#[test]
fn a_directory_that_is_moved_away_is_noticed() {
    let scratch = Scratch::new();
    let deep: PathBuf = std::iter::once("top").chain((0..80).map(|_| "d")).collect();
    scratch.directory(deep.to_str().unwrap()).directory("elsewhere");
    let root = scratch.root();
    let mut descent = Descent::new(root.source_directory(path("/top")).unwrap());
    for _ in 0..80 {
        descent.enter(OsStr::new("d")).unwrap();
    }
    // The sixteenth is not open any more; the seventeenth goes to another place.
    let seventeenth: PathBuf = std::iter::once("top").chain((0..17).map(|_| "d")).collect();
    std::fs::rename(scratch.path(seventeenth.to_str().unwrap()), scratch.path("elsewhere/d")).unwrap();
    let result: Result<Vec<_>, _> = (0..80).map(|_| descent.leave()).collect();
    assert!(result.unwrap_err().is_changed());
}

/// Many directories beside each other, and more threads than one: every object once, every directory after what it holds.
#[test]
fn several_threads_visit_everything_once() {
    let scratch = Scratch::new();
    for number in 0..300 {
        scratch.file(&format!("top/d{}/{number}/a/file", number % 7), "").file(&format!("top/{number}"), "");
    }
    for root in scratch.roots() {
        let found = visited(&root, "/top", &[], Mounts::Skip);
        let mut position = std::collections::HashMap::new();
        for (index, path) in found.iter().enumerate() {
            assert_eq!(position.insert(path.clone(), index), None, "{path:?}");
        }
        assert_eq!(found.len(), 300 * 4 + 7 + 1);
        for (path, index) in &position {
            assert!(path.parent().and_then(|above| position.get(above)).is_none_or(|above| above > index), "{path:?}");
        }
    }
    let tree = scratch.root().tree(path("/top"), &[], Mounts::Refuse).unwrap();
    walk(&tree, remove).unwrap();
    assert!(!scratch.exists("top"));
}
