//! Trees that are deeper than what is kept open.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::super::super::ownership::fixture::{apply, context};
use crate::root::tests::Scratch;
use crate::spec::{CopySpec, RemoveSpec};

const MODES: [u32; 3] = [0o750, 0o700, 0o711];

fn deep(top: &str, depth: usize) -> String {
    format!("{top}{}", "/d".repeat(depth))
}

/// The second depth is also more than the number of descriptors that a process commonly may have.
#[test]
fn a_new_tree_deeper_than_what_is_kept_open_is_copied() {
    for (bottom, preserve) in [(200, ""), (200, ", preserve: [times, xattrs]"), (1900, "")] {
        let scratch = Scratch::new();
        scratch.file(&format!("{}/file", deep("source", bottom)), "x");
        for depth in 0..=bottom {
            scratch.mode(&deep("source", depth), MODES[depth % 3]);
        }
        let context = context(scratch.root());
        let plan = format!("{{source: /source, path: /target{preserve}}}");
        let summary = format!("{0} changed of {0}", bottom + 2);
        assert_eq!(apply::<CopySpec>(&plan, &context).unwrap().unwrap().summary, summary);
        assert_eq!(apply::<CopySpec>(&plan, &context).unwrap(), None);
        for depth in 0..=bottom {
            let mode = fs::metadata(scratch.path(&deep("target", depth))).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, MODES[depth % 3], "{depth}");
        }
        assert_eq!(scratch.read(&format!("{}/file", deep("target", bottom))), "x");
        for top in ["source", "target"] {
            apply::<RemoveSpec>(&format!("{{path: /{top}, recursive: true}}"), &context).unwrap().unwrap();
        }
    }
}
