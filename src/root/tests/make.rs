//! Directories and links.

use std::ffi::OsStr;

use nix::errno::Errno;

use super::{Scratch, path};
use crate::root::Attributes;

#[test]
fn missing_parents_are_made() {
    let scratch = Scratch::new();
    scratch.file("file", "").link("link", "elsewhere");
    for (number, root) in scratch.roots().into_iter().enumerate() {
        let top = format!("/new-{number}");
        let wished = Attributes { user: Some(1000), group: Some(1000), mode: Some(0o2750) };
        root.make_directory(path(&format!("{top}/a/b")), wished).unwrap();
        let found = ["", "/a", "/a/b"].map(|name| scratch.attributes(&format!("{top}{name}")));
        assert_eq!(found, ["0:0 0755", "0:0 0755", "1000:1000 2750"]);
        root.make_directory(path(&format!("{top}/a/b")), Attributes::default()).unwrap();
        assert_eq!(scratch.attributes(&format!("{top}/a/b")), "1000:1000 2750");
        root.make_directory(path(&format!("{top}/a/b")), Attributes { mode: Some(0o700), ..Attributes::default() })
            .unwrap();
        assert_eq!(scratch.attributes(&format!("{top}/a/b")), "1000:1000 0700");
        for (name, wanted) in
            [("/file", Errno::ENOTDIR), ("/link", Errno::ELOOP), ("/file/x", Errno::ENOTDIR), ("/link/x", Errno::ELOOP)]
        {
            let error = root.make_directory(path(name), Attributes::default()).unwrap_err();
            assert_eq!(error.errno(), wanted, "{name}");
        }
        root.make_directory(path("/"), Attributes::default()).unwrap();
    }
    assert!(!scratch.exists("elsewhere"));
}

#[test]
fn a_setgid_directory_hands_its_group_down() {
    let scratch = Scratch::new();
    scratch.directory("volume").own("volume", 0, 2000).mode("volume", 0o2770);
    let root = scratch.root();
    root.make_directory(path("/volume/a/b"), Attributes::default()).unwrap();
    root.write(path("/volume/a/file"), b"", Attributes::default()).unwrap();
    let found = ["volume/a", "volume/a/b", "volume/a/file"].map(|name| scratch.attributes(name));
    assert_eq!(found, ["0:2000 2755", "0:2000 2755", "0:2000 0644"]);
}

#[test]
fn a_link_replaces_a_link_at_once_and_nothing_else() {
    let scratch = Scratch::new();
    scratch.directory("directory").file("file", "").link("link", "old");
    let root = scratch.root();
    let make = |name: &str| {
        let path = std::path::PathBuf::from(name);
        let (parent, name) = root.parent(&path).unwrap();
        parent.link(name, OsStr::new("new"), Attributes { user: Some(1000), ..Attributes::default() })
    };
    make("/link").unwrap();
    make("/fresh").unwrap();
    for name in ["link", "fresh"] {
        assert_eq!(std::fs::read_link(scratch.path(name)).unwrap(), path("new"));
        assert_eq!(scratch.attributes(name), "1000:0 0777");
    }
    assert_eq!(make("/directory").unwrap_err().to_string(), "is a directory");
    assert_eq!(make("/file").unwrap_err().to_string(), "is a file");
    assert_eq!(scratch.names("/"), ["directory", "file", "fresh", "link"]);
}
