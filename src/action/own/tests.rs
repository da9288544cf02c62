#![allow(clippy::disallowed_methods, reason = "the tests look at what the file layer did")]

use std::fs;

use super::super::ownership::fixture::{apply, context, failure, observe};
use crate::failure::Kind;
use crate::root::tests::Scratch;
use crate::spec::OwnSpec;

#[test]
fn only_what_is_wrong_is_told_and_touched() {
    let scratch = Scratch::new();
    scratch.file("data/a/file", "").file("data/right", "").own("data/right", 1000, 1000).mode("data/right", 0o640);
    scratch.file("data/lost+found/x", "").fifo("data/fifo").link("data/link", "/secret").file("secret", "");
    let context = context(scratch.root());
    let plan =
        "{path: /data, owner: '1000:1000', file_mode: '0640', directory_mode: '0750', mode: '0700', recursive: true}";
    let wanted = [
        "~ /data: owner 0:0 -> 1000:1000, mode 0755 -> 0700",
        "~ /data/a: owner 0:0 -> 1000:1000, mode 0755 -> 0750",
        "~ /data/a/file: owner 0:0 -> 1000:1000, mode 0644 -> 0640",
        "~ /data/fifo: owner 0:0 -> 1000:1000",
        "~ /data/link: owner 0:0 -> 1000:1000",
    ];
    scratch.mode("data", 0o755).mode("data/a", 0o755);
    assert_eq!(observe::<OwnSpec>(plan, &context).unwrap(), wanted);
    let outcome = apply::<OwnSpec>(plan, &context).unwrap().unwrap();
    assert_eq!((outcome.changed, outcome.summary.as_str()), (true, "5 changed of 6"));
    for (name, wanted) in [
        ("data", "1000:1000 0700"),
        ("data/a", "1000:1000 0750"),
        ("data/a/file", "1000:1000 0640"),
        ("data/link", "1000:1000 0777"),
        ("data/lost+found/x", "0:0 0644"),
        ("secret", "0:0 0644"),
    ] {
        assert_eq!(scratch.attributes(name), wanted, "{name}");
    }
}

#[test]
fn without_recursive_only_the_path_itself_is_meant() {
    let scratch = Scratch::new();
    scratch.file("data/file", "").link("link", "data");
    let context = context(scratch.root());
    let outcome = apply::<OwnSpec>("{path: /data, owner: '7:8', mode: '2750'}", &context).unwrap().unwrap();
    assert_eq!(outcome.summary, "1 changed of 1");
    apply::<OwnSpec>("{path: /link, owner: '9:9'}", &context).unwrap().unwrap();
    let found = ["data", "data/file", "link"].map(|name| scratch.attributes(name));
    assert_eq!(found, ["7:8 2750", "0:0 0644", "9:9 0777"]);
}

#[test]
fn a_long_list_is_cut() {
    let scratch = Scratch::new();
    for number in 0..30 {
        scratch.file(&format!("data/{number:02}"), "");
    }
    let context = context(scratch.root());
    let plan = "{path: /data, owner: '7', recursive: true}";
    let differences = observe::<OwnSpec>(plan, &context).unwrap();
    assert_eq!(differences.len(), 21);
    assert_eq!(differences[20], "~ \u{2026} and 11 more: owner or mode");
    assert_eq!(apply::<OwnSpec>(plan, &context).unwrap().unwrap().summary, "31 changed of 31");
}

#[test]
fn a_hard_link_to_something_else_is_refused() {
    let scratch = Scratch::new();
    scratch.file("shadow", "").directory("data");
    fs::hard_link(scratch.path("shadow"), scratch.path("data/hard")).unwrap();
    let context = context(scratch.root());
    let plan = "path: /data\nowner: '1000'\nrecursive: true\n";
    let error = apply::<OwnSpec>(plan, &context).unwrap_err();
    assert_eq!(error.to_string(), "cannot set owner or mode of `/data/hard`: has 2 hard links");
    assert_eq!(error.kind(), Kind::FileSystem);
    for policy in ["warn", "skip"] {
        let step: OwnSpec = super::super::ownership::fixture::spec(&format!("{plan}on_denied: {policy}\n"));
        let change = super::Perform::observe(&step, &context).unwrap();
        scratch.own("data", 0, 0);
        let outcome = super::Perform::apply(&step, change, &context).unwrap();
        assert_eq!(outcome.summary, "1 changed of 2, 1 denied");
    }
    assert_eq!(scratch.attributes("shadow"), "0:0 0644");
}

#[test]
fn a_changed_owner_keeps_setuid_only_when_the_plan_says_so() {
    let scratch = Scratch::new();
    scratch.file("data/program", "").mode("data/program", 0o4755);
    let context = context(scratch.root());
    apply::<OwnSpec>("{path: /data, owner: '7', recursive: true}", &context).unwrap().unwrap();
    assert_eq!(scratch.attributes("data/program"), "7:0 0755");
    apply::<OwnSpec>("{path: /data, owner: '8', file_mode: '4755', recursive: true}", &context).unwrap().unwrap();
    assert_eq!(scratch.attributes("data/program"), "8:0 4755");
}

#[test]
fn mounts_are_left_out_or_walked_through() {
    let scratch = Scratch::new();
    scratch.file("host/file", "").directory("data/mount");
    let Some(_mount) = scratch.bind("host", "data/mount") else { return };
    let context = context(scratch.root());
    let outcome = apply::<OwnSpec>("{path: /data, owner: '7', recursive: true}", &context).unwrap().unwrap();
    assert_eq!(outcome.summary, "1 changed of 1");
    assert_eq!(scratch.attributes("host/file"), "0:0 0644");
    let plan = "{path: /data, owner: '7', recursive: true, one_filesystem: false}";
    assert_eq!(apply::<OwnSpec>(plan, &context).unwrap().unwrap().summary, "2 changed of 3");
}

/// The socket of a container engine is often mounted into a directory of the application.
#[test]
fn a_mounted_socket_or_fifo_is_left_out() {
    let scratch = Scratch::new();
    scratch.fifo("host").file("data/mount", "");
    let Some(_mount) = scratch.bind("host", "data/mount") else { return };
    let context = context(scratch.root());
    let outcome = apply::<OwnSpec>("{path: /data, owner: '7', recursive: true}", &context).unwrap().unwrap();
    assert_eq!(outcome.summary, "1 changed of 2, 1 skipped");
    assert!(scratch.attributes("host").starts_with("0:0 "));
}

#[test]
fn what_is_missing_or_behind_a_planted_link_is_a_failure() {
    let scratch = Scratch::new();
    scratch.directory("etc").file("etc/shadow", "").directory("volume").link("volume/way", "/etc").own(
        "volume/way",
        9,
        9,
    );
    let context = context(scratch.root());
    for (plan, wanted) in [
        ("{path: /missing, owner: '7'}", "cannot set owner or mode of `/missing`: no such file or directory"),
        (
            "{path: /missing, owner: '7', recursive: true}",
            "cannot set owner or mode of `/missing`: no such file or directory",
        ),
        (
            "{path: /volume/way/shadow, owner: '7'}",
            "cannot set owner or mode of `/volume/way/shadow`: `/volume/way` is a symbolic link owned by another user (9)",
        ),
    ] {
        assert_eq!(failure::<OwnSpec>(plan, &context), wanted);
    }
}

/// A service user exchanges directories for links all the time while root walks: nothing outside is ever touched.
#[test]
fn a_race_for_a_link_is_lost() {
    let scratch = Scratch::new();
    scratch.directory("outside").file("outside/victim", "");
    for number in 0..20 {
        scratch.file(&format!("data/d{number}/victim"), "");
    }
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (directory, aside) = (scratch.path("data/d7"), scratch.path("data/aside"));
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = fs::rename(&directory, &aside);
                let _ = std::os::unix::fs::symlink(scratch.path("outside"), &directory);
                let _ = fs::remove_file(&directory);
                let _ = fs::rename(&aside, &directory);
            }
        });
        let context = context(scratch.root());
        for round in 0..200 {
            let plan = format!("{{path: /data, owner: '{}', recursive: true, on_denied: skip}}", 1000 + round % 2);
            let step: OwnSpec = super::super::ownership::fixture::spec(&plan);
            if let Ok(change) = super::Perform::observe(&step, &context) {
                let _ = super::Perform::apply(&step, change, &context);
            }
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(
        (scratch.attributes("outside/victim"), scratch.attributes("outside")),
        ("0:0 0644".into(), "0:0 0755".into())
    );
}

/// A thread whose file system user is not root has none of root's rights to files.
#[test]
fn what_the_kernel_denies_is_decided_by_the_plan() {
    let scratch = Scratch::new();
    scratch
        .file("data/ours", "")
        .own("data/ours", 1000, 1000)
        .file("data/private/file", "")
        .mode("data/private", 0o700);
    let context = context(scratch.root());
    let plan = |policy: &str| format!("{{path: /data, owner: '2000', recursive: true, on_denied: {policy}}}");
    let without_rights = |plan: &str| {
        std::thread::scope(|scope| {
            let walk = || {
                nix::unistd::setfsuid(nix::unistd::Uid::from_raw(1000));
                let step: OwnSpec = super::super::ownership::fixture::spec(plan);
                let change = super::Perform::observe(&step, &context)?;
                super::Perform::apply(&step, change, &context)
            };
            scope.spawn(walk).join().unwrap()
        })
    };
    for policy in ["warn", "skip"] {
        let outcome = without_rights(&plan(policy)).unwrap();
        assert_eq!(
            (outcome.changed, outcome.summary.as_str()),
            (false, "0 changed of 3, 3 denied; user 2000 cannot write `/data`")
        );
    }
    let error = without_rights(&plan("fail")).unwrap_err();
    assert_eq!(error.to_string(), "cannot set owner or mode of `/data/private`: permission denied");
    scratch.mode("data/private", 0o755);
    let error = without_rights(&plan("fail")).unwrap_err();
    assert!(error.to_string().ends_with(": operation not permitted"), "{error}");
    let hint = error.iter().next().unwrap().details().hint.as_deref().unwrap();
    assert!(hint.starts_with("changing an owner needs CAP_CHOWN"), "{hint}");
}
