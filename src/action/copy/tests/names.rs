//! Files with several names.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use super::super::super::ownership::fixture::{apply, context, failure, observe};
use crate::root::tests::Scratch;
use crate::spec::CopySpec;

fn again(scratch: &Scratch, first: &str, name: &str) {
    fs::hard_link(scratch.path(first), scratch.path(name)).unwrap();
}

fn inode(scratch: &Scratch, name: &str) -> u64 {
    fs::metadata(scratch.path(name)).unwrap().ino()
}

#[test]
fn a_last_file_that_is_a_further_name_is_made_at_the_end() {
    let scratch = Scratch::new();
    scratch.file("source/a/release", "2").file("source/z", "x").file("there/version", "1");
    again(&scratch, "source/a/release", "source/version");
    again(&scratch, "source/a/release", "source/complete");
    let context = context(scratch.root());
    for target in ["new", "there"] {
        let plan = format!("{{source: /source, path: /{target}, preserve: [hard_links], last: [version, complete]}}");
        let told = observe::<CopySpec>(&plan, &context).unwrap();
        assert!(told.iter().any(|line| line.contains(&format!("/{target}/version: another name of"))), "{told:?}");
        apply::<CopySpec>(&plan, &context).unwrap().unwrap();
        let names = ["a/release", "version", "complete"].map(|name| inode(&scratch, &format!("{target}/{name}")));
        assert!(names.iter().all(|name| *name == names[0]), "{target}: {names:?}");
    }
}

#[test]
fn what_is_in_the_way_of_a_further_name_goes_with_what_is_extra() {
    let scratch = Scratch::new();
    scratch.file("source/first", "x").file("target/first/old", "").file("target/z/old", "");
    again(&scratch, "source/first", "source/z");
    let context = context(scratch.root());
    let plan = "{source: /source, path: /target, preserve: [hard_links]}";
    assert!(failure::<CopySpec>(plan, &context).ends_with("`: a directory is in its place"));
    let plan = "{source: /source, path: /target, preserve: [hard_links], delete_extra: true}";
    // Either name may be found first.
    let told = observe::<CopySpec>(plan, &context).unwrap();
    let count = |what: &str| told.iter().filter(|line| line.contains(what)).count();
    assert_eq!(
        (told.len(), count("another name of"), count(": a directory with everything in it")),
        (4, 1, 2),
        "{told:?}"
    );
    let outcome = apply::<CopySpec>(plan, &context).unwrap().unwrap();
    assert_eq!(outcome.summary, "2 changed of 3, 2 removed");
    assert_eq!(inode(&scratch, "target/z"), inode(&scratch, "target/first"));
    assert_eq!(apply::<CopySpec>(plan, &context).unwrap(), None);
}
