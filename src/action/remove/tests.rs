use super::super::ownership::fixture::{apply, context, failure, observe};
use crate::failure::Kind;
use crate::root::tests::Scratch;
use crate::spec::RemoveSpec;

#[test]
fn what_is_named_goes_and_nothing_else() {
    let scratch = Scratch::new();
    scratch
        .file("file", "")
        .directory("empty")
        .file("tree/a/b/file", "")
        .link("tree/a/link", "/kept")
        .fifo("tree/fifo");
    scratch.file("kept/file", "").link("link", "kept");
    let context = context(scratch.root());
    for (plan, difference, summary) in [
        ("{path: /file}", "- /file: a file", "1 removed"),
        ("{path: /link, recursive: true}", "- /link: a symbolic link", "1 removed"),
        ("{path: /empty}", "- /empty: a directory", "1 removed"),
        ("{path: /tree, recursive: true}", "- /tree: a directory with everything in it", "6 removed"),
    ] {
        assert_eq!(observe::<RemoveSpec>(plan, &context).unwrap(), [difference]);
        assert_eq!(apply::<RemoveSpec>(plan, &context).unwrap().unwrap().summary, summary);
        assert_eq!(apply::<RemoveSpec>(plan, &context).unwrap(), None);
    }
    assert_eq!(scratch.names("/"), ["kept"]);
    assert_eq!(scratch.names("kept"), ["file"]);
    assert_eq!(apply::<RemoveSpec>("{path: /missing/file}", &context).unwrap(), None);
    for (plan, wanted) in [
        ("{path: /kept}", "cannot remove `/kept`: directory not empty"),
        ("{path: /, recursive: true}", "cannot remove `/`: is the root directory"),
        ("{path: /., recursive: true}", "cannot remove `/.`: is the root directory"),
    ] {
        assert_eq!(failure::<RemoveSpec>(plan, &context), wanted);
    }
}

#[test]
fn a_mount_point_is_refused_before_anything_is_removed_from_it() {
    let scratch = Scratch::new();
    scratch.file("host/file", "").directory("mount").directory("tree/mount");
    let context = context(scratch.root());
    for (at, plan, wanted) in [
        ("mount", "{path: /mount, recursive: true}", "cannot remove `/mount`: is a mount point"),
        ("tree/mount", "{path: /tree, recursive: true}", "cannot remove `/tree/mount`: is a mount point"),
    ] {
        let Some(_mount) = scratch.bind("host", at) else { return };
        assert_eq!(failure::<RemoveSpec>(plan, &context), wanted);
        assert_eq!(scratch.names("host"), ["file"]);
    }
}

#[test]
fn an_interrupt_ends_the_walk() {
    let scratch = Scratch::new();
    scratch.file("tree/file", "");
    let context = context(scratch.root());
    context.interrupt.trigger(15);
    let failure = apply::<RemoveSpec>("{path: /tree, recursive: true}", &context).unwrap_err();
    assert_eq!(failure.kind(), Kind::Interrupted(15));
    assert!(scratch.exists("tree/file"));
}
