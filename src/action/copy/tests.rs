#![allow(clippy::disallowed_methods, reason = "the tests look at what the file layer did")]

mod depth;
mod links;
mod names;

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use super::super::ownership::fixture::{apply, context, failure, observe};
use crate::root::tests::Scratch;
use crate::spec::CopySpec;

#[test]
fn a_file_is_copied_once() {
    let scratch = Scratch::new();
    scratch.file("source", "text").mode("source", 0o6750).link("way", "source").directory("target");
    let context = context(scratch.root());
    let plan = "{source: /way, path: /target/file, owner: '1000:1000'}";
    let wanted = ["+ /target/file: file, owner 1000:1000, mode 0750"];
    assert_eq!(observe::<CopySpec>(plan, &context).unwrap(), wanted);
    assert_eq!(scratch.names("target"), [""; 0]);
    assert_eq!(apply::<CopySpec>(plan, &context).unwrap().unwrap().summary, "1 changed of 1");
    assert_eq!(scratch.attributes("target/file"), "1000:1000 0750");
    let inode = fs::metadata(scratch.path("target/file")).unwrap().ino();
    assert_eq!(apply::<CopySpec>(plan, &context).unwrap(), None);
    assert_eq!(fs::metadata(scratch.path("target/file")).unwrap().ino(), inode);
    scratch.file("target/file", "tex!").mode("target/file", 0o600).own("target/file", 0, 0);
    assert_eq!(
        observe::<CopySpec>(plan, &context).unwrap(),
        ["~ /target/file: content of 4 bytes -> 4 bytes, owner 0:0 -> 1000:1000, mode 0600 -> 0750"]
    );
    apply::<CopySpec>(plan, &context).unwrap().unwrap();
    assert_eq!(scratch.read("target/file"), "text");
}

#[test]
fn a_tree_is_copied_with_its_links_and_attributes() {
    let scratch = Scratch::new();
    scratch.file("source/a/b/file", "one").file("source/other", "two").mode("source/other", 0o600);
    scratch.link("source/link", "/etc/passwd").link("source/a/up", "../other").directory("source/empty");
    scratch.mode("source/a", 0o700);
    let context = context(scratch.root());
    let plan = "{source: /source, path: /target, owner: '1000:1001'}";
    let differences = observe::<CopySpec>(plan, &context).unwrap();
    assert_eq!(differences.len(), 8, "{differences:?}");
    assert!(
        differences.contains(&"+ /target/a/b/file: file, owner 1000:1001, mode 0644".to_owned()),
        "{differences:?}"
    );
    assert!(!scratch.exists("target"));
    assert_eq!(apply::<CopySpec>(plan, &context).unwrap().unwrap().summary, "8 changed of 8");
    for (name, wanted) in [
        ("target", "1000:1001 0755"),
        ("target/a", "1000:1001 0700"),
        ("target/a/b/file", "1000:1001 0644"),
        ("target/other", "1000:1001 0600"),
        ("target/link", "1000:1001 0777"),
        ("target/empty", "1000:1001 0755"),
    ] {
        assert_eq!(scratch.attributes(name), wanted, "{name}");
    }
    assert_eq!(fs::read_link(scratch.path("target/link")).unwrap().to_str(), Some("/etc/passwd"));
    scratch.own("target/a", 0, 0).file("target/extra", "kept");
    assert_eq!(observe::<CopySpec>(plan, &context).unwrap(), ["~ /target/a: owner 0:0 -> 1000:1001"]);
    assert_eq!(apply::<CopySpec>(plan, &context).unwrap().unwrap().summary, "1 changed of 8");
    let plan = "{source: /source, path: /target, mode: '0640'}";
    apply::<CopySpec>(plan, &context).unwrap().unwrap();
    let found = ["target", "target/a/b", "target/other", "target/extra"].map(|name| scratch.attributes(name));
    assert_eq!(found, ["1000:1001 0750", "1000:1001 0750", "1000:1001 0640", "0:0 0644"]);
}

#[test]
fn a_mounted_directory_keeps_what_the_plan_does_not_name() {
    let scratch = Scratch::new();
    scratch.file("source/d/file", "x").directory("volume").own("volume", 0, 2000).mode("volume", 0o2770);
    let context = context(scratch.root());
    apply::<CopySpec>("{source: /source, path: /volume}", &context).unwrap().unwrap();
    let found = ["volume", "volume/d", "volume/d/file"].map(|name| scratch.attributes(name));
    assert_eq!(found, ["0:2000 2770", "0:2000 2755", "0:2000 0644"]);
}

#[test]
fn the_content_of_a_config_map_is_copied_and_its_machinery_is_not() {
    let scratch = Scratch::new();
    scratch
        .file("config/..2026_01_01_00_00_00.123456789/app.conf", "app")
        .file("config/..2026_01_01_00_00_00.123456789/sub/key", "key")
        .link("config/..data", "..2026_01_01_00_00_00.123456789")
        .link("config/app.conf", "..data/app.conf")
        .link("config/sub", "..data/sub")
        .file("config/..ours", "kept")
        .file("config/.hidden", "kept");
    for root in scratch.roots() {
        let context = context(root);
        apply::<CopySpec>("{source: /config, path: /target}", &context).unwrap().unwrap();
        assert_eq!(scratch.names("target"), ["..ours", ".hidden", "app.conf", "sub"]);
        assert!(!scratch.path("target/app.conf").is_symlink() && !scratch.path("target/sub").is_symlink());
        assert_eq!((scratch.read("target/app.conf"), scratch.read("target/sub/key")), ("app".into(), "key".into()));
        fs::remove_dir_all(scratch.path("target")).unwrap();
    }
}

#[test]
fn links_are_followed_inside_the_root_when_the_plan_says_so() {
    let scratch = Scratch::new();
    scratch
        .file("etc/one", "one")
        .file("source/plain", "x")
        .link("source/file", "/etc/one")
        .link("source/all", "../../etc");
    let context = context(scratch.root());
    apply::<CopySpec>("{source: /source, path: /target, dereference: true}", &context).unwrap().unwrap();
    assert_eq!((scratch.read("target/file"), scratch.read("target/all/one")), ("one".into(), "one".into()));
    scratch.link("source/loop", ".");
    assert_eq!(
        failure::<CopySpec>("{source: /source, path: /target, dereference: true}", &context),
        "cannot copy `/source/loop`: it leads back into the tree or its copy"
    );
    fs::remove_file(scratch.path("source/loop")).unwrap();
    scratch.link("source/dangling", "nowhere");
    assert_eq!(
        failure::<CopySpec>("{source: /source, path: /target, dereference: true}", &context),
        "cannot copy `/source/dangling`: no such file or directory"
    );
}

#[test]
fn what_exists_is_treated_as_the_plan_says() {
    let scratch = Scratch::new();
    scratch.file("source", "new").mode("source", 0o600).file("target", "old").file("same", "new").mode("same", 0o600);
    let context = context(scratch.root());
    let plan = |path: &str, policy: &str| format!("{{source: /source, path: {path}, if_exists: {policy}}}");
    assert_eq!(apply::<CopySpec>(&plan("/target", "keep"), &context).unwrap(), None);
    assert_eq!(failure::<CopySpec>(&plan("/target", "fail"), &context), "cannot copy to `/target`: it exists");
    assert_eq!(apply::<CopySpec>(&plan("/same", "update"), &context).unwrap(), None);
    let replaced = observe::<CopySpec>(&plan("/same", "replace"), &context).unwrap();
    assert_eq!(replaced, ["~ /same: replaced in any case"]);
    assert_eq!(scratch.read("target"), "old");
    apply::<CopySpec>(&plan("/target", "update"), &context).unwrap().unwrap();
    assert_eq!((scratch.read("target").as_str(), scratch.attributes("target").as_str()), ("new", "0:0 0600"));
}

#[test]
fn what_cannot_be_copied_is_named() {
    let scratch = Scratch::new();
    scratch.file("file", "").fifo("fifo").directory("directory").file("tree/file", "").directory("clash/file");
    scratch.fifo("special").directory("with").fifo("with/fifo").link("other", "file");
    let context = context(scratch.root());
    for (source, path, wanted) in [
        ("/missing", "/x", "cannot copy `/missing`: no such file or directory"),
        ("/fifo", "/x", "cannot copy `/fifo`: is a FIFO, a socket or a device"),
        ("/with", "/x", "cannot copy `/with/fifo`: is a FIFO, a socket or a device"),
        ("/file", "/directory", "cannot copy to `/directory`: a directory is in its place"),
        ("/file", "/special", "cannot copy to `/special`: a FIFO, a socket or a device is in its place"),
        ("/tree", "/clash", "cannot copy to `/clash/file`: a directory is in its place"),
        ("/tree", "/file", "cannot copy to `/file`: a file is in its place"),
        ("/tree", "/tree/below", "cannot copy `/tree`: `/tree/below` lies in it"),
        ("/tree", "/tree", "cannot copy `/tree`: `/tree` lies in it"),
    ] {
        let plan = format!("{{source: {source}, path: {path}}}");
        assert_eq!(failure::<CopySpec>(&plan, &context), wanted, "{plan}");
    }
    apply::<CopySpec>("{source: /file, path: /other}", &context).unwrap().unwrap();
    assert!(!scratch.path("other").is_symlink());
}

#[test]
fn excluded_names_are_neither_copied_nor_removed() {
    let scratch = Scratch::new();
    scratch.file("source/app.js", "").file("source/app.map", "").file("source/cache/x", "").file("source/d/file", "");
    scratch.file("target/cache/own", "kept").file("target/old", "").file("target/older/deep/x", "");
    scratch.directory("target/lost+found").file("target/d/other", "");
    let context = context(scratch.root());
    let plan = "{source: /source, path: /target, exclude: ['*.map', cache], delete_extra: true}";
    assert_eq!(
        observe::<CopySpec>(plan, &context).unwrap(),
        [
            "+ /target/app.js: file, mode 0644",
            "+ /target/d/file: file, mode 0644",
            "- /target/d/other: a file",
            "- /target/old: a file",
            "- /target/older: a directory with everything in it",
        ]
    );
    apply::<CopySpec>(plan, &context).unwrap().unwrap();
    assert_eq!(scratch.names("target"), ["app.js", "cache", "d", "lost+found"]);
    assert_eq!((scratch.names("target/d"), scratch.read("target/cache/own").as_str()), (vec!["file".into()], "kept"));
}

#[test]
fn what_is_excluded_or_mounted_stays_deep_in_a_directory_that_goes() {
    let scratch = Scratch::new();
    scratch.file("source/a", "").file("target/a", "").file("target/v1/uploads/photo", "kept").file("target/v1/old", "");
    scratch
        .file("target/v2/x/y", "")
        .file("target/v3/deep/cache/own", "kept")
        .file("target/v4/deep/x", "")
        .directory("host");
    scratch.file("host/mine", "kept").directory("target/v4/mounted");
    let mount = scratch.bind("host", "target/v4/mounted");
    let context = context(scratch.root());
    let plan = "{source: /source, path: /target, exclude: [uploads, v3/deep/cache], delete_extra: true}";
    let some = "what in it is neither excluded nor mounted";
    let mut wanted = vec![
        format!("- /target/v1: {some}"),
        "- /target/v2: a directory with everything in it".to_owned(),
        format!("- /target/v4: {some}"),
    ];
    if mount.is_none() {
        wanted[2] = "- /target/v4: a directory with everything in it".to_owned();
    }
    assert_eq!(observe::<CopySpec>(plan, &context).unwrap(), wanted);
    apply::<CopySpec>(plan, &context).unwrap().unwrap();
    let left = ["target/v1/uploads/photo", "target/v3/deep/cache/own"].map(|path| scratch.read(path));
    assert_eq!(left, ["kept", "kept"]);
    assert_eq!((scratch.names("target/v1"), scratch.read("host/mine")), (vec!["uploads".into()], "kept".into()));
    if mount.is_some() {
        assert_eq!((scratch.names("target").len(), scratch.names("target/v4")), (4, vec!["mounted".into()]));
    }
    assert_eq!(observe::<CopySpec>(plan, &context).unwrap(), [""; 0]);
}

#[test]
fn what_has_another_kind_goes_only_with_delete_extra() {
    let scratch = Scratch::new();
    scratch.file("source/was-directory", "new").file("source/was-file/x", "new").link("source/was-fifo", "x");
    scratch.file("target/was-directory/x", "").file("target/was-file", "").fifo("target/was-fifo");
    let context = context(scratch.root());
    let message = failure::<CopySpec>("{source: /source, path: /target}", &context);
    assert!(message.ends_with("is in its place"), "{message}");
    apply::<CopySpec>("{source: /source, path: /target, delete_extra: true}", &context).unwrap().unwrap();
    let found = (scratch.read("target/was-directory"), scratch.read("target/was-file/x"));
    assert_eq!(found, ("new".into(), "new".into()));
}

#[test]
fn a_mount_of_another_kind_stays_and_is_in_the_way() {
    let scratch = Scratch::new();
    scratch.file("source/directory/x", "new").file("source/file", "new").directory("host").file("mine", "kept");
    scratch.file("one/directory", "").directory("two/file").directory("two/directory");
    let (Some(_file), Some(_directory)) = (scratch.bind("mine", "one/directory"), scratch.bind("host", "two/file"))
    else {
        return;
    };
    for root in scratch.roots() {
        let context = context(root);
        for (target, wanted) in [
            ("one", "cannot copy to `/one/directory`: a file is in its place"),
            ("two", "cannot copy to `/two/file`: a directory is in its place"),
        ] {
            let plan = format!("{{source: /source, path: /{target}, delete_extra: true}}");
            assert_eq!(observe::<CopySpec>(&plan, &context).unwrap_err().to_string(), wanted);
            assert_eq!(failure::<CopySpec>(&plan, &context), wanted);
        }
    }
    assert_eq!(scratch.read("mine"), "kept");
}

#[test]
fn the_last_files_are_written_when_all_others_are() {
    let scratch = Scratch::new();
    scratch.file("source/version", "2").file("source/a/b", "x").file("source/z", "x").file("target/version", "1");
    scratch.directory("target/z");
    let context = context(scratch.root());
    let plan = "{source: /source, path: /target, last: [version, a/b]}";
    failure::<CopySpec>(plan, &context);
    assert_eq!(scratch.read("target/version"), "1");
    fs::remove_dir(scratch.path("target/z")).unwrap();
    apply::<CopySpec>(plan, &context).unwrap().unwrap();
    assert_eq!((scratch.read("target/version"), scratch.read("target/a/b")), ("2".into(), "x".into()));
    assert_eq!(
        failure::<CopySpec>("{source: /source, path: /target, last: [missing]}", &context),
        "cannot copy `/source/missing`: no such file or directory"
    );
    assert_eq!(
        failure::<CopySpec>("{source: /source, path: /target, last: [a]}", &context),
        "cannot copy to `/target/a`: is a directory"
    );
}

#[test]
fn owner_times_names_and_attributes_are_kept_on_request() {
    let scratch = Scratch::new();
    scratch.file("source/d/file", "x").link("source/link", "d").own("source/d/file", 7, 8).own("source/d", 9, 9);
    fs::hard_link(scratch.path("source/d/file"), scratch.path("source/again")).unwrap();
    let old = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 5);
    for name in ["source/d/file", "source/d", "source"] {
        fs::File::open(scratch.path(name)).unwrap().set_modified(old).unwrap();
    }
    let context = context(scratch.root());
    let all = "{source: /source, path: /target, preserve: [owner, times, hard_links, xattrs, capabilities]}";
    apply::<CopySpec>(all, &context).unwrap().unwrap();
    for name in ["target/d/file", "target/d", "target"] {
        assert_eq!(fs::metadata(scratch.path(name)).unwrap().modified().unwrap(), old, "{name}");
    }
    assert_eq!(
        (scratch.attributes("target/d/file"), scratch.attributes("target/d")),
        ("7:8 0644".into(), "9:9 0755".into())
    );
    let inodes = ["target/d/file", "target/again"].map(|name| fs::metadata(scratch.path(name)).unwrap().ino());
    assert_eq!(inodes[0], inodes[1]);
    let plain = "{source: /source, path: /plain}";
    apply::<CopySpec>(plain, &context).unwrap().unwrap();
    let inodes = ["plain/d/file", "plain/again"].map(|name| fs::metadata(scratch.path(name)).unwrap().ino());
    assert_ne!(inodes[0], inodes[1]);
    assert_eq!(scratch.attributes("plain/d/file"), "0:0 0644");
}

#[test]
fn extended_attributes_are_kept_on_request() {
    let scratch = Scratch::new();
    scratch.file("source/file", "x");
    let name = c"user.origin";
    let file = fs::File::open(scratch.path("source/file")).unwrap();
    rustix::fs::fsetxattr(&file, name, b"there", rustix::fs::XattrFlags::empty()).unwrap();
    let context = context(scratch.root());
    apply::<CopySpec>("{source: /source, path: /plain}", &context).unwrap().unwrap();
    let plan = "{source: /source, path: /plain, preserve: [xattrs]}";
    assert_eq!(observe::<CopySpec>(plan, &context).unwrap(), ["~ /plain/file: content of 1 bytes -> 1 bytes"]);
    apply::<CopySpec>(plan, &context).unwrap().unwrap();
    let mut value = [0; 16];
    let copy = fs::File::open(scratch.path("plain/file")).unwrap();
    let length = rustix::fs::fgetxattr(&copy, name, &mut value[..]).unwrap();
    assert_eq!(&value[..length], b"there");
}

#[test]
fn holes_stay_holes_and_large_files_are_equal() {
    use std::os::unix::fs::FileExt as _;
    let scratch = Scratch::new();
    scratch.file("sparse", "").file("large", "");
    let sparse = fs::File::create(scratch.path("sparse")).unwrap();
    sparse.write_all_at(b"begin", 0).unwrap();
    sparse.write_all_at(b"middle", 40_000_000).unwrap();
    sparse.set_len(100_000_000).unwrap();
    let large: Vec<u8> = (0..3_000_001_u32).map(|number| number.to_le_bytes()[0]).collect();
    fs::write(scratch.path("large"), &large).unwrap();
    let context = context(scratch.root());
    for name in ["sparse", "large"] {
        apply::<CopySpec>(&format!("{{source: /{name}, path: /copy-{name}}}"), &context).unwrap().unwrap();
    }
    assert_eq!(fs::read(scratch.path("copy-large")).unwrap(), large);
    let copy = fs::metadata(scratch.path("copy-sparse")).unwrap();
    assert_eq!(copy.len(), 100_000_000);
    assert!(copy.blocks() * 512 < 1_000_000, "{}", copy.blocks());
}

#[test]
fn a_new_directory_is_seen_when_it_is_complete() {
    let scratch = Scratch::new();
    scratch.file("source/a/file", "x").fifo("source/a/pipe").file("source/b/file", "x");
    let context = context(scratch.root());
    assert_eq!(
        failure::<CopySpec>("{source: /source, path: /target}", &context),
        "cannot copy `/source/a/pipe`: is a FIFO, a socket or a device"
    );
    assert_eq!(scratch.names(""), ["source"]);
    // What a killed run left goes with the next one, whatever is in it.
    scratch.file(".fitout-0123456789abcdef/deep/file", "half");
    fs::remove_file(scratch.path("source/a/pipe")).unwrap();
    apply::<CopySpec>("{source: /source, path: /target}", &context).unwrap().unwrap();
    assert_eq!(scratch.names(""), ["source", "target"]);
}

#[test]
fn a_right_content_with_a_wrong_owner_is_not_written_again() {
    let scratch = Scratch::new();
    scratch.file("source/file", "x").file("target/file", "x").own("target/file", 0, 5);
    let context = context(scratch.root());
    let inode = fs::metadata(scratch.path("target/file")).unwrap().ino();
    apply::<CopySpec>("{source: /source, path: /target, owner: '6:6'}", &context).unwrap().unwrap();
    assert_eq!(fs::metadata(scratch.path("target/file")).unwrap().ino(), inode);
    assert_eq!(scratch.attributes("target/file"), "6:6 0644");
    // Another name may be none of ours: then the file is replaced.
    fs::hard_link(scratch.path("target/file"), scratch.path("other")).unwrap();
    apply::<CopySpec>("{source: /source, path: /target, owner: '7:7'}", &context).unwrap().unwrap();
    assert_eq!(
        (scratch.attributes("target/file"), scratch.attributes("other")),
        ("7:7 0644".into(), "6:6 0644".into())
    );
}

#[test]
fn a_capability_outlasts_a_new_owner() {
    let scratch = Scratch::new();
    scratch.file("source/program", "x");
    let name = c"security.capability";
    let capability: Vec<u8> = [0x0200_0001_u32, 1 << 13, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let file = fs::File::open(scratch.path("source/program")).unwrap();
    rustix::fs::fsetxattr(&file, name, &capability, rustix::fs::XattrFlags::empty()).unwrap();
    let context = context(scratch.root());
    for owner in ["1000:1000", "1001:1001"] {
        let plan = format!("{{source: /source, path: /target, owner: '{owner}', preserve: [capabilities]}}");
        apply::<CopySpec>(&plan, &context).unwrap().unwrap();
        let mut value = [0; 32];
        let copy = fs::File::open(scratch.path("target/program")).unwrap();
        let length = rustix::fs::fgetxattr(&copy, name, &mut value[..]).unwrap();
        assert_eq!(&value[..length], capability, "{owner}");
        assert_eq!(observe::<CopySpec>(&plan, &context).unwrap(), [""; 0], "{owner}");
    }
}

#[test]
fn a_file_is_not_copied_to_itself() {
    let scratch = Scratch::new();
    scratch.file("file", "x");
    let context = context(scratch.root());
    assert_eq!(failure::<CopySpec>("{source: /file, path: /file}", &context), "cannot copy `/file` to itself");
}
