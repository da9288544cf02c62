//! The recipe for files.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;

use nix::errno::Errno;

use super::{Scratch, path};
use crate::root::{Attributes, Content, Root, Written};

fn owner(user: u32, group: u32, mode: u32) -> Attributes {
    Attributes { user: Some(user), group: Some(group), mode: Some(mode) }
}

#[test]
fn a_new_file_has_the_wished_attributes_or_the_defaults() {
    let scratch = Scratch::new();
    for root in scratch.roots() {
        assert_eq!(root.write(path("/new"), b"text", Attributes::default()).unwrap(), Written::Replaced);
        assert_eq!((scratch.read("new").as_str(), scratch.attributes("new").as_str()), ("text", "0:0 0644"));
        root.write(path("/owned"), b"", owner(1000, 1001, 0o6750)).unwrap();
        assert_eq!(scratch.attributes("owned"), "1000:1001 6750");
        fs::remove_file(scratch.path("new")).unwrap();
    }
}

#[test]
fn an_existing_file_keeps_what_is_not_wished() {
    let scratch = Scratch::new();
    scratch.file("file", "old").own("file", 1000, 1001).mode("file", 0o4750);
    let root = scratch.root();
    root.write(path("/file"), b"new", Attributes::default()).unwrap();
    assert_eq!((scratch.read("file").as_str(), scratch.attributes("file").as_str()), ("new", "1000:1001 0750"));
    root.write(path("/file"), b"new", Attributes { user: Some(7), ..Attributes::default() }).unwrap();
    assert_eq!(scratch.attributes("file"), "7:1001 0750");
}

#[test]
fn a_link_is_replaced_and_a_hard_link_is_left_alone() {
    let scratch = Scratch::new();
    scratch.file("victim", "victim").mode("victim", 0o600).link("link", "victim");
    fs::hard_link(scratch.path("victim"), scratch.path("hard")).unwrap();
    let root = scratch.root();
    for name in ["/link", "/hard"] {
        root.write(path(name), b"new", owner(1000, 1000, 0o666)).unwrap();
        assert_eq!((scratch.read(name).as_str(), scratch.attributes(name).as_str()), ("new", "1000:1000 0666"));
    }
    assert_eq!((scratch.read("victim").as_str(), scratch.attributes("victim").as_str()), ("victim", "0:0 0600"));
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let scratch = Scratch::new();
    scratch.directory("directory").fifo("fifo").file("file", "");
    let root = scratch.root();
    for (name, wanted) in [
        ("/directory", Errno::EISDIR),
        ("/", Errno::EISDIR),
        ("/fifo", Errno::EINVAL),
        ("/missing/file", Errno::ENOENT),
        ("/file/below", Errno::ENOTDIR),
    ] {
        assert_eq!(root.write(path(name), b"", Attributes::default()).unwrap_err().errno(), wanted, "{name}");
    }
    let failure = root.write(path("/missing/file"), b"", Attributes::default()).unwrap_err();
    let failure = failure.cannot("write", "/missing/file");
    assert_eq!(failure.details().hint.as_deref(), Some("make `/missing` with a `mkdir` step before this one"));
    assert_eq!(scratch.names("/"), ["directory", "fifo", "file"]);
}

#[test]
fn names_of_any_bytes_work_and_are_shown_escaped() {
    let scratch = Scratch::new();
    let root = scratch.root();
    let long = "x".repeat(255);
    for bytes in [&b"\xff\xfe"[..], b"a\nb", long.as_bytes()] {
        let name = std::path::Path::new("/").join(OsStr::from_bytes(bytes));
        root.write(&name, b"text", Attributes::default()).unwrap();
        assert_eq!(root.read(&name, 100).unwrap(), b"text");
    }
    let error = root.write(path("/a\nb/c"), b"", Attributes::default()).unwrap_err();
    assert_eq!(error.cannot("write", "/a\nb/c").to_string(), "cannot write `/a\\nb/c`: not a directory");
}

#[test]
fn a_failure_leaves_the_old_file_and_no_temporary_one() {
    let scratch = Scratch::new();
    scratch.file("file", "old").file("source", &"x".repeat(40_000_000));
    let root = scratch.root();
    let (directory, name) = root.parent(path("/file")).unwrap();
    let (source, _) = root.open_file(path("/source")).unwrap();
    let calls = std::cell::Cell::new(0);
    let interrupted = || {
        calls.set(calls.get() + 1);
        calls.get() > 2
    };
    let content = Content::File { file: &source, at: path("/source").into(), interrupted: &interrupted };
    let error = directory.write(name, content, Attributes::default()).unwrap_err();
    assert!(error.is_interrupted());
    assert_eq!(scratch.read("file"), "old");
    assert_eq!(scratch.names("/"), ["file", "source"]);
}

/// Needs the right to mount; `/dev/full` cannot be used because the recipe makes a file of its own.
#[test]
fn a_full_disk_leaves_the_old_file() {
    let scratch = Scratch::new();
    let Some(_mount) = scratch.tmpfs("size=64k", "disk") else { return };
    scratch.file("disk/file", "old");
    let root = scratch.root();
    let error = root.write(path("/disk/file"), &vec![b'x'; 200_000], Attributes::default()).unwrap_err();
    assert_eq!(error.errno(), Errno::ENOSPC);
    let failure = error.cannot("write", "/disk/file");
    assert_eq!(failure.to_string(), "cannot write `/disk/file`: no space left on device");
    assert_eq!(failure.details().hint.as_deref(), Some("make room on the volume at `/disk`"));
    assert_eq!((scratch.read("disk/file").as_str(), scratch.names("disk")), ("old", vec!["file".to_owned()]));
}

#[test]
fn a_read_only_disk_is_named_with_the_call_and_the_remedy() {
    let scratch = Scratch::new();
    let Some(_mount) = scratch.tmpfs("ro", "disk") else { return };
    let error = scratch.root().write(path("/disk/file"), b"x", Attributes::default()).unwrap_err();
    let failure = error.cannot("write", "/disk/file");
    assert_eq!(failure.to_string(), "cannot write `/disk/file`: read-only file system");
    assert_eq!(failure.details().hint.as_deref(), Some("mount an emptyDir volume at `/disk`"));
    let note = &failure.details().notes[0];
    let call = note.strip_prefix("call: openat(</disk>, \".fitout-").unwrap();
    assert_eq!(&call[16..], "\", O_CREAT|O_EXCL|O_NOFOLLOW|O_RDWR, 0600): EROFS", "{note}");
    // What would be beside it is the root itself, where nobody mounts a volume.
    let root = Root::open(&scratch.path("disk")).unwrap();
    let error = root.write(path("/file"), b"x", Attributes::default()).unwrap_err();
    assert_eq!(error.remedy().as_deref(), Some("name a path on a volume: mount one for it"));
}

#[test]
fn a_file_that_is_a_mount_is_overwritten_in_place() {
    let scratch = Scratch::new();
    scratch.file("host/file", "the old and long content").mode("host/file", 0o666).file("file", "");
    let Some(_mount) = scratch.bind("host/file", "file") else { return };
    let inode = fs::metadata(scratch.path("file")).unwrap().ino();
    for root in scratch.roots() {
        let written = root.write(path("/file"), b"new", owner(1000, 1000, 0o600)).unwrap();
        assert_eq!(written, Written::InPlace);
        assert_eq!((scratch.read("file").as_str(), scratch.attributes("file").as_str()), ("new", "1000:1000 0600"));
    }
    assert_eq!(fs::metadata(scratch.path("host/file")).unwrap().ino(), inode);
    assert_eq!(scratch.names("/"), ["file", "host"]);
}

#[test]
fn a_batch_writes_more_files_and_directories_than_it_holds() {
    let scratch = Scratch::new();
    for root in scratch.roots() {
        let mut batch = root.batch();
        for number in 0..300 {
            let directory = format!("d{}", number % 70);
            if number < 70 {
                fs::create_dir_all(scratch.path(&directory)).unwrap();
            }
            let name = format!("/{directory}/{number}");
            let written = batch.write(path(&name), name.as_bytes(), owner(1000, 1001, 0o640));
            assert!(matches!(written, Ok(Written::Replaced)));
        }
        assert!(batch.finish().is_ok());
        for number in 0..300 {
            let name = format!("d{}/{number}", number % 70);
            assert_eq!(scratch.read(&name), format!("/{name}"));
            assert_eq!(scratch.attributes(&name), "1000:1001 0640");
        }
        for number in 0..70 {
            let entries = fs::read_dir(scratch.path(&format!("d{number}"))).unwrap().count();
            assert_eq!(entries, (number..300).step_by(70).count());
            fs::remove_dir_all(scratch.path(&format!("d{number}"))).unwrap();
        }
    }
}

#[test]
fn of_a_batch_the_files_before_a_failure_are_there_and_the_file_at_fault_is_told() {
    let scratch = Scratch::new();
    scratch.file("kept", "old").directory("directory");
    let root = scratch.root();
    let mut batch = root.batch();
    assert!(batch.write(path("/kept"), b"new", Attributes::default()).is_ok());
    let refused = batch.write(path("/directory"), b"new", Attributes::default()).err().unwrap();
    assert_eq!((refused.path.as_path(), refused.error.errno()), (path("/directory"), Errno::EISDIR));
    assert_eq!(scratch.read("kept"), "old");
    assert!(batch.write(path("/late"), b"new", Attributes::default()).is_ok());
    // What has the name by now cannot be replaced.
    scratch.directory("late");
    let refused = batch.finish().err().unwrap();
    assert_eq!((refused.path.as_path(), refused.error.errno()), (path("/late"), Errno::EISDIR));
    assert_eq!(scratch.read("kept"), "new");
    let mut names: Vec<_> = fs::read_dir(scratch.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["directory", "kept", "late"]);
}

#[test]
fn a_file_holds_its_bytes_and_no_others() {
    let scratch = Scratch::new();
    let root = scratch.root();
    for length in [0, 1, 31, 32, 33, 4096, 128 * 1024, 128 * 1024 + 7, 300_000] {
        let content = "x".repeat(length);
        scratch.file("file", &content);
        assert!(root.holds(path("/file"), content.as_bytes()).unwrap());
        assert!(!root.holds(path("/file"), &vec![b'x'; length + 1]).unwrap());
        for at in [0, length / 2, length.saturating_sub(1)].into_iter().filter(|at| *at < length) {
            let mut other = content.clone().into_bytes();
            other[at] = b'y';
            assert!(!root.holds(path("/file"), &other).unwrap(), "{length} {at}");
        }
    }
}
