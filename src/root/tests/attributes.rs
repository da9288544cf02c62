//! Owner and mode of what exists.

use std::fs;

use nix::errno::Errno;

use super::{Scratch, path};
use crate::root::{Attributes, Root};

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
    let scratch = Scratch::new();
    scratch.file("file", "").mode("file", 0o4755);
    set(&scratch.root(), "/file", Attributes { user: Some(1000), ..Attributes::default() }).unwrap();
    assert_eq!(scratch.attributes("file"), "1000:0 0755");
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

#[test]
fn a_mode_that_was_right_is_set_again_when_the_owner_took_it_away() {
    let scratch = Scratch::new();
    scratch.file("file", "").mode("file", 0o6755);
    let wished = Attributes { user: Some(1000), group: None, mode: Some(0o6755) };
    set(&scratch.root(), "/file", wished).unwrap();
    assert_eq!(scratch.attributes("file"), "1000:0 6755");
}
