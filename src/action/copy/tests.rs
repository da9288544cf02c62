#![allow(clippy::disallowed_methods, reason = "the tests look at what the file layer did")]

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
