//! What killed runs leave.

use super::{Scratch, path};
use crate::root::Attributes;

#[test]
fn only_dead_temporary_files_are_removed() {
    let scratch = Scratch::new();
    let kept = [
        ".fitout-0123456789abcde",
        ".fitout-0123456789abcdef0",
        ".fitout-0123456789abcdeG",
        ".fitout-0123456789ABCDEF",
        "fitout-0123456789abcdef",
        ".fitout-live000000000000",
        ".fitout-0123456789abcdef.",
        ".fitout-0123456789abcdef.a-b",
        ".fitout-0123456789abcdef.averylongsuffix01",
        ".fitout-0123456789abcdef.a.b",
    ];
    for name in kept {
        scratch.file(&format!("d/{name}"), "");
    }
    scratch.file("d/.fitout-00000000000000aa", "").own("d/.fitout-00000000000000aa", 1000, 1000);
    scratch.file("d/.fitout-00000000000000ab", "");
    scratch.file("d/.fitout-00000000000000ac", "").file("d/.fitout-00000000000000b0.yaml", "");
    scratch
        .file("d/.fitout-00000000000000ad/deep/file", "")
        .directory("d/.fitout-00000000000000b1")
        .link("d/.fitout-00000000000000ae", "x");
    scratch.fifo("d/.fitout-00000000000000af");
    let live = std::fs::File::open(scratch.path("d/.fitout-00000000000000ac")).unwrap();
    live.try_lock().unwrap();
    let live_directory = std::fs::File::open(scratch.path("d/.fitout-00000000000000b1")).unwrap();
    live_directory.try_lock_shared().unwrap();
    let root = scratch.root();
    root.sweep(path("/d")).unwrap();
    let mut wanted: Vec<String> = kept.iter().map(|name| (*name).to_owned()).collect();
    wanted.extend(["ac", "af", "b1"].map(|end| format!(".fitout-00000000000000{end}")));
    wanted.sort();
    assert_eq!(scratch.names("d"), wanted);
    // Once for each directory: the next run does the rest.
    drop(live);
    root.sweep(path("/d")).unwrap();
    assert!(scratch.exists("d/.fitout-00000000000000ac"));
    scratch.root().write(path("/d/file"), b"", Attributes::default()).unwrap();
    assert!(!scratch.exists("d/.fitout-00000000000000ac"));
}

#[test]
fn writers_and_sweepers_do_not_meet() {
    let scratch = Scratch::new();
    scratch.directory("d");
    std::thread::scope(|scope| {
        for number in 0..4 {
            let scratch = &scratch;
            scope.spawn(move || {
                for _ in 0..50 {
                    let root = scratch.root();
                    root.sweep(path("/d")).unwrap();
                    root.write(path(&format!("/d/{number}")), b"x", Attributes::default()).unwrap();
                }
            });
        }
    });
    assert_eq!(scratch.names("d"), ["0", "1", "2", "3"]);
}
