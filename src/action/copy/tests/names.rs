//! Files with several names.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use super::super::super::ownership::fixture::{apply, context, observe};
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
