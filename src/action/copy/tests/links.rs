//! Links that are followed.

use super::super::super::ownership::fixture::{apply, context, failure, observe};
use crate::root::tests::Scratch;
use crate::spec::CopySpec;

/// Directories of which each holds nothing but a link to the next one.
fn chain(length: usize) -> Scratch {
    let scratch = Scratch::new();
    for number in 0..length {
        let directory = format!("d{number}");
        scratch.directory(&directory).link(&format!("{directory}/next"), &format!("/d{}", number + 1));
    }
    scratch.file(&format!("d{length}/file"), "end");
    scratch
}

#[test]
fn links_that_lead_from_one_to_the_next_are_followed_up_to_a_limit() {
    const PLAN: &str = "{source: /d0, path: /target, dereference: true}";
    for length in [20, 40] {
        let scratch = chain(length);
        let context = context(scratch.root());
        apply::<CopySpec>(PLAN, &context).unwrap().unwrap();
        assert_eq!(observe::<CopySpec>(PLAN, &context).unwrap(), [""; 0]);
        assert_eq!(scratch.read(&format!("target{}/file", "/next".repeat(length))), "end");
    }
    for length in [41, 60] {
        let scratch = chain(length);
        let wanted = format!("cannot copy `/d0{}`: too many links lead from one to the next", "/next".repeat(41));
        for root in scratch.roots() {
            assert_eq!(failure::<CopySpec>(PLAN, &context(root)), wanted);
        }
        assert!(!scratch.exists("target"));
    }
}

/// The number is that of the links on the way, not of those in the tree.
#[test]
fn any_number_of_links_beside_each_other_is_followed() {
    let scratch = Scratch::new();
    scratch.file("shared/file", "x").directory("source");
    for number in 0..60 {
        scratch.link(&format!("source/l{number}"), "/shared");
    }
    let context = context(scratch.root());
    apply::<CopySpec>("{source: /source, path: /target, dereference: true}", &context).unwrap().unwrap();
    for number in 0..60 {
        assert_eq!(scratch.read(&format!("target/l{number}/file")), "x");
    }
}
