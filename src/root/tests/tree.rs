//! Walks.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::{Scratch, path};
use crate::root::{Attributes, Descent, Mounts, Root, Tree};

fn visited(root: &Root, name: &str, exclude: &[String], mounts: Mounts) -> Vec<PathBuf> {
    let mut tree = root.tree(path(name), exclude, mounts).unwrap();
    paths(&mut tree)
}

fn paths(tree: &mut Tree) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    while let Some(visit) = tree.next().unwrap() {
        paths.push(visit.path());
    }
    paths
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
        assert_eq!(paths(&mut root.object(path("/top")).unwrap()), [path("/top")]);
        assert!(visited(&root, "/", &[], Mounts::Skip).ends_with(&[PathBuf::from("/")]));
        let mut missing = root.tree(path("/missing"), &[], Mounts::Skip).unwrap();
        assert!(missing.next().unwrap_err().is_not_found());
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
        let mut tree = root.tree(path("/top"), &[], Mounts::Skip).unwrap();
        let wished = Attributes { user: Some(1000), ..Attributes::default() };
        while let Some(visit) = tree.next().unwrap() {
            let ours = !visit.path().ends_with("single");
            assert_eq!(visit.missing(wished).unwrap().is_empty(), !ours, "{visit:?}");
        }
        let mut tree = root.tree(path("/top/mount"), &[], Mounts::Refuse).unwrap();
        assert_eq!(tree.next().unwrap_err().to_string(), "is a mount point");
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
    let mut tree = root.tree(path("/top"), &[], Mounts::Refuse).unwrap();
    while let Some(visit) = tree.next().unwrap() {
        visit.remove().unwrap();
    }
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
    let result: Result<Vec<()>, _> = (0..80).map(|_| descent.leave()).collect();
    assert!(result.unwrap_err().is_changed());
}
