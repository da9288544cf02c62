#![allow(clippy::disallowed_methods, reason = "the tests look at what the file layer did")]

use std::fs;

use super::super::ownership::fixture::{context, spec};
use super::super::{Context, Perform};
use crate::root::tests::Scratch;
use crate::spec::RenderSpec;

fn observed(yaml: &str, context: &Context) -> (RenderSpec, super::super::Change<super::Work>) {
    let step = spec::<RenderSpec>(yaml);
    let change = step.observe(context).unwrap();
    (step, change)
}

#[test]
fn a_link_that_is_moved_in_the_way_of_pruning_leads_nowhere() {
    let scratch = Scratch::new();
    scratch.file("t/a", "a").file("out/a", "a").file("out/gone/x", "").file("kept/x", "");
    let context = context(scratch.root());
    let (step, change) = observed("{source: /t, path: /out, prune: true}", &context);
    assert_eq!(change.differences.len(), 2);
    fs::rename(scratch.path("out/gone"), scratch.path("moved")).unwrap();
    scratch.link("out/gone", "../kept");
    let summary = step.apply(change, &context).unwrap().summary;
    assert_eq!(summary, "0 of 1 files written");
    assert_eq!((scratch.names("kept"), scratch.names("out")), (vec!["x".to_owned()], vec!["a".into(), "gone".into()]));
}

#[test]
fn diffs_are_made_only_to_be_shown() {
    let scratch = Scratch::new();
    scratch.file("t/a", "new\n").file("t/b", "b\n").file("t/c", "c\n").file("out/a", "old\n").file("out/b", "b\n");
    let context = context(scratch.root());
    let (step, mut change) = observed("{source: /t, path: /out}", &context);
    let diffs = |change: &super::super::Change<super::Work>| -> Vec<Option<String>> {
        change.differences.iter().map(|difference| difference.diff.clone()).collect()
    };
    assert_eq!(diffs(&change), [None, None]);
    step.preview(&mut change, &context).unwrap();
    let wanted = ["@@ -1 +1 @@\n-old\n+new\n", "@@ -0,0 +1 @@\n+c\n"];
    assert_eq!(diffs(&change), wanted.map(|diff| Some(diff.to_owned())));
}

/// Nothing of it can be removed, so it is not announced at each run either.
#[test]
fn mounts_and_what_is_not_ours_stay_with_the_directories_that_lead_there() {
    let scratch = Scratch::new();
    scratch
        .file("t/a", "a")
        .file("out/a", "a")
        .file("out/snapshots/.snapshot/x", "")
        .file("other/x", "")
        .directory("out/b/mount")
        .file("out/c/mount", "")
        .file("out/gone", "");
    let (Some(_directory), Some(_file)) =
        (scratch.bind("other", "out/b/mount"), scratch.bind("other/x", "out/c/mount"))
    else {
        return;
    };
    let context = context(scratch.root());
    let (step, change) = observed("{source: /t, path: /out, prune: true}", &context);
    let announced: Vec<&str> = change.differences.iter().map(|difference| difference.subject.as_str()).collect();
    assert_eq!(announced, ["/out/gone"]);
    assert_eq!(step.apply(change, &context).unwrap().summary, "0 of 1 files written, 1 removed");
    assert_eq!(
        (scratch.names("out"), scratch.names("other")),
        (vec!["a", "b", "c", "snapshots"].into_iter().map(str::to_owned).collect(), vec!["x".to_owned()])
    );
}
