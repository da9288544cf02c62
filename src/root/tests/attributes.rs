//! Owner and mode of what exists.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::errno::Errno;

use super::{Scratch, path};
use crate::failure::Failure;
use crate::root::{Attributes, Directory, Error, HardLinks, Mounts, Place, Root, Visitor};

fn set(root: &Root, name: &str, attributes: Attributes) -> Result<(), Errno> {
    root.set_attributes(path(name), attributes).map_err(|error| error.errno())
}

#[test]
fn only_what_differs_is_touched() {
    let scratch = Scratch::new();
    scratch.file("file", "").mode("file", 0o6755).directory("directory").fifo("fifo");
    scratch.file("victim", "").mode("victim", 0o600).link("link", "victim");
    for root in scratch.roots() {
        set(&root, "/file", Attributes { mode: Some(0o6755), user: Some(0), group: None }).unwrap();
        assert_eq!(scratch.attributes("file"), "0:0 6755");
    }
    let root = scratch.root();
    let wished = Attributes { user: Some(1000), group: Some(1001), mode: Some(0o6711) };
    for name in ["/file", "/directory", "/fifo"] {
        set(&root, name, wished).unwrap();
        assert_eq!(scratch.attributes(name), "1000:1001 6711", "{name}");
    }
    set(&root, "/link", wished).unwrap();
    assert_eq!(scratch.attributes("link"), "1000:1001 0777");
    assert_eq!(scratch.attributes("victim"), "0:0 0600");
    assert_eq!(set(&root, "/missing", wished), Err(Errno::ENOENT));
}

#[test]
fn a_changed_owner_takes_setuid_away_unless_the_mode_is_wished() {
    // CAP_SETUID and CAP_SETGID, as the kernel keeps them.
    const CAPABILITIES: [u8; 20] = [1, 0, 0, 2, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let scratch = Scratch::new();
    for (mode, wanted) in [(None, "1000:0 0755"), (Some(0o4755), "1000:0 4755")] {
        let _ = fs::remove_file(scratch.path("file"));
        scratch.file("file", "").mode("file", 0o4755);
        let capabilities = || rustix::fs::getxattr(scratch.path("file"), "security.capability", &mut [0_u8; 20]);
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(scratch.path("file"), "security.capability", &CAPABILITIES, flags).unwrap();
        assert_eq!(capabilities(), Ok(20));
        set(&scratch.root(), "/file", Attributes { user: Some(1000), mode, ..Attributes::default() }).unwrap();
        assert_eq!(scratch.attributes("file"), wanted);
        assert_eq!(capabilities(), Err(rustix::io::Errno::NODATA));
    }
}

#[test]
fn a_hard_link_is_refused_when_something_is_wrong() {
    let scratch = Scratch::new();
    scratch.file("victim", "");
    fs::hard_link(scratch.path("victim"), scratch.path("hard")).unwrap();
    let root = scratch.root();
    set(&root, "/hard", Attributes { user: Some(0), ..Attributes::default() }).unwrap();
    assert_eq!(set(&root, "/hard", Attributes { user: Some(1000), ..Attributes::default() }), Err(Errno::EMLINK));
    assert_eq!(scratch.attributes("victim"), "0:0 0644");
}

/// The file that is held has one name when it is looked at: the one that is none of ours. Who may link it, which is root where
/// the kernel protects hard links, wins once in some ten thousand times; without a second look it was once in forty.
#[test]
fn a_file_that_is_linked_here_for_a_moment_is_hardly_ever_changed() {
    let scratch = Scratch::new();
    scratch.file("victim", "").mode("victim", 0o600).directory("d");
    let (victim, hard) = (scratch.path("victim"), scratch.path("d/hard"));
    let (is_over, mut changes) = (AtomicBool::new(false), 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                fs::hard_link(&victim, &hard).unwrap();
                fs::remove_file(&hard).unwrap();
            }
        });
        let root = scratch.root();
        let wished = Attributes { user: Some(1000), group: Some(1000), mode: Some(0o644) };
        for _ in 0..1000 {
            let _ = root.set_attributes(path("/d/hard"), wished);
            let tree = root.tree(path("/d/hard"), &[], Mounts::Skip);
            let _ = tree.map(|tree| tree.walk(&Change(wished)));
            if scratch.attributes("victim") != "0:0 0600" {
                changes += 1;
                scratch.own("victim", 0, 0).mode("victim", 0o600);
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(changes <= 2, "{changes} of 2000");
}

#[test]
fn a_file_that_is_written_all_the_time_gets_its_owner() {
    let scratch = Scratch::new();
    scratch.file("log", "");
    let (log, is_over) = (scratch.path("log"), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                fs::write(&log, "line").unwrap();
            }
        });
        let root = scratch.root();
        for user in 1000..1010 {
            let wished = Attributes { user: Some(user), mode: Some(0o600), ..Attributes::default() };
            assert_eq!(set(&root, "/log", wished), Ok(()));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_eq!(scratch.attributes("log"), "1009:0 0600");
}

/// Changes whatever it meets.
struct Change(Attributes);

impl Visitor for Change {
    type Kept = ();

    fn enter(&self, _place: &Place<'_>, _directory: &Directory, _above: Option<&()>) -> Result<Option<()>, Failure> {
        Ok(Some(()))
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        if let Ok(Some(seen)) = place.status() {
            let _ = place.set_attributes(self.0, &seen, HardLinks::Refuse);
        }
        Ok(())
    }

    fn leave(&self, _place: &Place<'_>, _directory: &Directory, _kept: &()) -> Result<(), Failure> {
        Ok(())
    }

    fn refused(&self, _error: Error) -> Result<(), Failure> {
        Ok(())
    }
}

#[test]
fn a_mode_that_was_right_is_set_again_when_the_owner_took_it_away() {
    let scratch = Scratch::new();
    scratch.file("file", "").mode("file", 0o6755);
    let wished = Attributes { user: Some(1000), group: None, mode: Some(0o6755) };
    set(&scratch.root(), "/file", wished).unwrap();
    assert_eq!(scratch.attributes("file"), "1000:0 6755");
}
