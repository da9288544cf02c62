//! Both resolvers give the same answers.

use std::os::unix::fs::MetadataExt as _;

use nix::errno::Errno;

use super::{Scratch, path};
use crate::root::{Access, Attributes, FileKind, Root};

fn tree() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .file("etc/app.conf", "app")
        .file("secret", "inside")
        .directory("empty")
        .fifo("fifo")
        .file("volume/..2026_01_01_00_00_00.1/key", "one")
        .link("volume/..data", "..2026_01_01_00_00_00.1")
        .link("volume/key", "..data/key")
        .link("absolute", "/etc/app.conf")
        .link("relative", "etc/app.conf")
        .link("directory", "etc")
        .link("directory-slash", "etc/")
        .link("up", "../../../secret")
        .link("etc/up", "../secret")
        .link("escape", "/../../etc/app.conf")
        .link("dangling", "nowhere")
        .link("loop-one", "loop-two")
        .link("loop-two", "loop-one")
        .link("self", "self/x")
        .link("file-slash", "secret/")
        .link("root", "/");
    for number in 0..45 {
        let target = if number == 0 { "secret".to_owned() } else { format!("chain-{}", number - 1) };
        scratch.link(&format!("chain-{number}"), &target);
    }
    scratch
}

fn content(root: &Root, name: &str) -> Result<String, Errno> {
    root.read(path(name), 100).map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.errno())
}

#[test]
fn sources_are_read_through_links_inside_the_root() {
    let scratch = tree();
    for root in scratch.roots() {
        for (name, wanted) in [
            ("/etc/app.conf", Ok("app")),
            ("etc/app.conf", Ok("app")),
            ("//etc/./app.conf", Ok("app")),
            ("/absolute", Ok("app")),
            ("/relative", Ok("app")),
            ("/directory/app.conf", Ok("app")),
            ("/directory-slash/app.conf", Ok("app")),
            ("/etc/../secret", Ok("inside")),
            ("/../../secret", Ok("inside")),
            ("/directory/../secret", Ok("inside")),
            ("/up", Ok("inside")),
            ("/etc/up", Ok("inside")),
            ("/escape", Ok("app")),
            ("/root/root/secret", Ok("inside")),
            ("/volume/key", Ok("one")),
            ("/chain-39", Ok("inside")),
            ("/chain-40", Err(Errno::ELOOP)),
            ("/dangling", Err(Errno::ENOENT)),
            ("/missing", Err(Errno::ENOENT)),
            ("/missing/..", Err(Errno::ENOENT)),
            ("", Err(Errno::ENOENT)),
            ("/loop-one", Err(Errno::ELOOP)),
            ("/self", Err(Errno::ELOOP)),
            ("/secret/", Err(Errno::ENOTDIR)),
            ("/secret/.", Err(Errno::ENOTDIR)),
            ("/secret/..", Err(Errno::ENOTDIR)),
            ("/secret/below", Err(Errno::ENOTDIR)),
            ("/file-slash", Err(Errno::ENOTDIR)),
            ("/absolute/", Err(Errno::ENOTDIR)),
            ("/etc", Err(Errno::EISDIR)),
            ("/etc/", Err(Errno::EISDIR)),
            ("/", Err(Errno::EISDIR)),
            ("/directory", Err(Errno::EISDIR)),
            ("/fifo", Err(Errno::EINVAL)),
        ] {
            assert_eq!(content(&root, name), wanted.map(str::to_owned), "{name} {root:?}");
        }
    }
}

#[test]
fn metadata_follows_the_last_element_only_when_told_to() {
    let scratch = tree();
    for root in scratch.roots() {
        for (name, itself, followed) in [
            ("/", Some(FileKind::Directory), Some(FileKind::Directory)),
            ("/etc/..", Some(FileKind::Directory), Some(FileKind::Directory)),
            ("/absolute", Some(FileKind::Link), Some(FileKind::File)),
            ("/directory", Some(FileKind::Link), Some(FileKind::Directory)),
            ("/directory/", Some(FileKind::Directory), Some(FileKind::Directory)),
            ("/directory/app.conf", Some(FileKind::File), Some(FileKind::File)),
            ("/dangling", Some(FileKind::Link), None),
            ("/dangling/", None, None),
            ("/fifo", Some(FileKind::Other), Some(FileKind::Other)),
            ("/missing", None, None),
            ("/secret/below", None, None),
        ] {
            let kind = |found: Option<crate::root::Metadata>| found.map(|metadata| metadata.kind);
            assert_eq!(kind(root.metadata(path(name)).unwrap()), itself, "{name} {root:?}");
            assert_eq!(kind(root.metadata_followed(path(name)).unwrap()), followed, "{name} {root:?}");
        }
        assert_eq!(root.metadata_followed(path("/loop-one")).unwrap_err().errno(), Errno::ELOOP);
        let metadata = std::fs::symlink_metadata(scratch.path("secret")).unwrap();
        let ours = root.metadata(path("/secret")).unwrap().unwrap();
        assert_eq!((ours.inode, ours.device, ours.size), (metadata.ino(), metadata.dev(), 6));
    }
}

#[test]
fn magic_links_are_not_followed() {
    let [kernel, walk] = [Root::open(path("/")).unwrap(), Root::open_without_openat2(path("/")).unwrap()];
    assert!(kernel.top().has_openat2(), "these tests compare two resolvers, and this kernel has only one");
    for root in [kernel, walk] {
        for (name, wanted) in [
            ("/proc/self/exe", Err(Errno::ELOOP)),
            ("/proc/self/root/etc/passwd", Err(Errno::ELOOP)),
            ("/proc/self/cwd/x", Err(Errno::ELOOP)),
            ("/proc/self/ns/net", Err(Errno::ELOOP)),
            ("/proc/self/comm", Ok(())),
        ] {
            let result = root.read(path(name), 1 << 20).map(|_| ()).map_err(|error| error.errno());
            assert_eq!(result, wanted, "{name} {root:?}");
        }
    }
}

#[test]
fn destinations_follow_only_links_that_root_or_we_made() {
    let scratch = Scratch::new();
    scratch
        .directory("etc")
        .directory("volume/real")
        .link("trusted", "etc")
        .link("absolute", "/etc")
        .link("volume/planted", "/etc")
        .own("volume/planted", 1000, 1000)
        .link("volume/way", "planted/deeper")
        .link("dangling", "nowhere");
    for root in scratch.roots() {
        for (name, wanted) in [
            ("/etc/new", Ok(())),
            ("/trusted/new", Ok(())),
            ("/absolute/new", Ok(())),
            ("/volume/real/new", Ok(())),
            ("/volume/planted", Ok(())),
            ("/new/", Ok(())),
            ("/", Ok(())),
            ("/volume/planted/new", Err(Errno::ELOOP)),
            ("/volume/way/new", Err(Errno::ELOOP)),
            ("/dangling/new", Err(Errno::ENOENT)),
            ("/missing/new", Err(Errno::ENOENT)),
            ("/etc/..", Err(Errno::EINVAL)),
            ("", Err(Errno::ENOENT)),
        ] {
            let result = root.parent(path(name)).map(|_| ()).map_err(|error| error.errno());
            assert_eq!(result, wanted, "{name} {root:?}");
        }
        let error = root.write(path("/volume/planted/new"), b"x", Attributes::default()).unwrap_err();
        assert_eq!(
            error.cannot("write", "/volume/planted/new").to_string(),
            "cannot write `/volume/planted/new`: `/volume/planted` is a symbolic link owned by another user (1000)"
        );
    }
    assert_eq!(scratch.names("etc"), [""; 0]);
}

#[test]
fn a_file_larger_than_the_limit_is_refused() {
    let scratch = Scratch::new();
    scratch.file("file", "12345");
    let root = scratch.root();
    assert_eq!(root.read(path("/file"), 5).unwrap(), b"12345");
    assert_eq!(root.read(path("/file"), 4).unwrap_err().to_string(), "is larger than 4 bytes");
}

#[test]
fn lists_are_sorted_and_complete() {
    let scratch = Scratch::new();
    scratch.file("d/b", "").directory("d/a").link("d/c", "x").fifo("d/\n").link("way", "d");
    for root in scratch.roots() {
        let names: Vec<_> = root.list(path("/way")).unwrap();
        let names: Vec<_> = names.iter().map(|entry| (entry.name.to_str().unwrap(), entry.kind)).collect();
        let wanted =
            [("\n", FileKind::Other), ("a", FileKind::Directory), ("b", FileKind::File), ("c", FileKind::Link)];
        assert_eq!(names, wanted);
    }
}

#[test]
fn access_is_asked_of_the_kernel() {
    let scratch = Scratch::new();
    scratch.file("file", "").mode("file", 0o644).link("way", "file").directory("program").fifo("fifo");
    for root in scratch.roots() {
        for (name, access, wanted) in [
            ("/file", Access::Read, true),
            ("/way", Access::Write, true),
            ("/file", Access::Execute, false),
            ("/program", Access::Execute, true),
            ("/fifo", Access::Write, true),
            ("/missing", Access::Read, false),
        ] {
            assert_eq!(root.can(path(name), access).unwrap(), wanted, "{name} {access:?}");
        }
    }
}
