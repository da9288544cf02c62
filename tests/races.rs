//! A service user exchanges directories and a file for links while root works on the volume. These are the races that `find -exec
//! chown` and `cp -a` lose nearly always: nothing outside of the volume may be read, written, changed or removed, ever.
//!
//! `FITOUT_RACES` says how many times each race is run (20).

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::harness::{Scene, root_or_skip, stat};
use crate::unpack::archives::Tar;

/// Below this number of exchanges a race was none.
const EXCHANGES: u64 = 100;

const SECRET: &str = "what only root may know";

fn trials() -> u32 {
    std::env::var("FITOUT_RACES").ok().and_then(|number| number.parse().ok()).unwrap_or(20)
}

/// What is exchanged below the top of a volume, and the link that takes its place. The links lead to the same places for whoever
/// follows them from the machine's root and from the scene's.
const EXCHANGED: [(&str, &str, &str); 3] = [
    ("swapped", "link", "../outside"),
    ("deep/inner", "deep/link", "../../outside"),
    ("beside/0", "beside/link", "../../outside/victim"),
];

/// Runs `work` while another thread exchanges all of [`EXCHANGED`], and takes it back at once: in two trials of three with pauses, in
/// which `work` gets on to what it does later, else it mostly ends with the first link that it meets.
fn while_exchanged<T>(top: &Path, trial: u32, work: impl FnOnce() -> T) -> T {
    let pause = Duration::from_micros(u64::from(trial % 3 * 300));
    let pairs = EXCHANGED.map(|(one, other, _)| (top.join(one), top.join(other)));
    let (is_over, exchanges) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                for (one, other) in &pairs {
                    for _ in 0..2 {
                        if renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok() {
                            exchanges.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
                std::thread::sleep(pause);
            }
        });
        let done = work();
        let is_there = |path: &Path| path.symlink_metadata().is_ok();
        while exchanges.load(Ordering::Relaxed) < EXCHANGES
            && pairs.iter().any(|(one, other)| is_there(one) && is_there(other))
        {
            std::thread::yield_now();
        }
        is_over.store(true, Ordering::Relaxed);
        done
    })
}

/// A directory outside of the volume, with a file that is only root's.
fn outside(scene: &Scene) {
    scene.file("outside/victim", SECRET).mode("outside/victim", 0o600).mode("outside", 0o700);
    for number in 0..40 {
        scene.file(&format!("outside/{number}"), SECRET).mode(&format!("outside/{number}"), 0o600);
    }
}

#[track_caller]
fn is_untouched(scene: &Scene) {
    assert_eq!(stat(&scene.path("outside")), "0:0 0700");
    let mut names = 0;
    for entry in std::fs::read_dir(scene.path("outside")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!((stat(&path).as_str(), std::fs::read_to_string(&path).unwrap().as_str()), ("0:0 0600", SECRET));
        assert_eq!(path.symlink_metadata().unwrap().nlink(), 1, "{} has another name", path.display());
        names += 1;
    }
    assert_eq!(names, 41);
}

/// Directories with files, and the links for which some of them are exchanged.
fn volume(scene: &Scene, top: &str) {
    for number in 0..40 {
        for directory in ["swapped", "deep/inner", "beside"] {
            scene.file(&format!("{top}/{directory}/{number}"), "ours");
        }
    }
    for (_, link, says) in EXCHANGED {
        let link = format!("{top}/{link}");
        scene.link(says, &link);
        // Who planted it is not trusted; a link that root made would be followed on the way to a destination.
        std::os::unix::fs::lchown(scene.path(&link), Some(1000), Some(1000)).unwrap();
    }
}

#[test]
fn own_never_changes_what_an_exchanged_directory_leads_to() {
    if !root_or_skip("own_never_changes_what_an_exchanged_directory_leads_to") {
        return;
    }
    let scene = Scene::new();
    outside(&scene);
    volume(&scene, "data");
    for trial in 0..trials() {
        let owner = format!("{0}:{0}", 1000 + trial % 2);
        while_exchanged(&scene.path("data"), trial, || {
            let modes = ["--file-mode", "u=rw,go=r", "--directory-mode", "0755"];
            let modes: &[&str] = if trial % 3 == 0 { &modes } else { &[] };
            let arguments =
                [&["own", "/data", "--owner", &owner, "--recursive", "--on-denied", "skip"], modes].concat();
            let ran = scene.run(&arguments);
            assert!([0, 6].contains(&ran.code), "{ran:?}");
        });
        is_untouched(&scene);
    }
}

#[test]
fn own_never_changes_a_file_that_is_linked_into_the_tree_for_a_moment() {
    if !root_or_skip("own_never_changes_a_file_that_is_linked_into_the_tree_for_a_moment") {
        return;
    }
    let scene = Scene::new();
    outside(&scene);
    scene.directory("data");
    let (victim, linked, is_over) = (scene.path("outside/victim"), scene.path("data/linked"), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                std::fs::hard_link(&victim, &linked).unwrap();
                std::fs::remove_file(&linked).unwrap();
            }
        });
        for _ in 0..5 * trials() {
            // With a mode no change is made by name, whatever the kernel protects.
            let wished = ["--owner", "1000:1000", "--mode", "0644"];
            let ran = scene.run(&[&["own", "/data/linked"], &wished[..]].concat());
            assert!([0, 6].contains(&ran.code), "{ran:?}");
        }
        is_over.store(true, Ordering::Relaxed);
    });
    is_untouched(&scene);
}

#[test]
fn copy_never_reads_what_an_exchanged_directory_leads_to() {
    if !root_or_skip("copy_never_reads_what_an_exchanged_directory_leads_to") {
        return;
    }
    let scene = Scene::new();
    outside(&scene);
    volume(&scene, "data");
    for trial in 0..trials() {
        let target = format!("/copy{trial}");
        while_exchanged(&scene.path("data"), trial, || {
            let ran = scene.run(&["copy", "/data", &target]);
            assert!([0, 6].contains(&ran.code), "{ran:?}");
        });
        no_secret_in(&scene.path(&target));
        is_untouched(&scene);
        let _ = std::fs::remove_dir_all(scene.path(&target));
    }
}

fn no_secret_in(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        if metadata.is_dir() {
            no_secret_in(&path);
        } else if metadata.is_file() {
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "ours", "{}", path.display());
        }
    }
}

#[test]
fn copy_never_writes_where_an_exchanged_directory_leads_to() {
    if root_or_skip("copy_never_writes_where_an_exchanged_directory_leads_to") {
        never_writes_outside("copy", &[]);
    }
}

#[test]
fn render_never_writes_where_an_exchanged_directory_leads_to() {
    if root_or_skip("render_never_writes_where_an_exchanged_directory_leads_to") {
        never_writes_outside("render", &[]);
    }
}

#[test]
fn writing_in_place_never_leads_where_an_exchanged_directory_leads_to() {
    if root_or_skip("writing_in_place_never_leads_where_an_exchanged_directory_leads_to") {
        never_writes_outside("copy", &["--keep-inode"]);
        never_writes_outside("render", &["--keep-inode"]);
    }
}

fn never_writes_outside(verb: &str, further: &[&str]) {
    let scene = Scene::new();
    outside(&scene);
    for number in 0..40 {
        for directory in ["swapped", "deep/inner", "beside"] {
            scene.file(&format!("source/{directory}/{number}"), format!("new {number}"));
        }
    }
    for trial in 0..trials() {
        volume(&scene, "data");
        while_exchanged(&scene.path("data"), trial, || {
            let ran = scene.run(&[&[verb, "/source", "/data"], further].concat());
            assert!([0, 6].contains(&ran.code), "{ran:?}");
        });
        is_untouched(&scene);
        std::fs::remove_dir_all(scene.path("data")).unwrap();
    }
}

#[test]
fn remove_never_removes_what_an_exchanged_directory_leads_to() {
    if !root_or_skip("remove_never_removes_what_an_exchanged_directory_leads_to") {
        return;
    }
    let scene = Scene::new();
    outside(&scene);
    for trial in 0..trials() {
        volume(&scene, "data");
        while_exchanged(&scene.path("data"), trial, || {
            let ran = scene.run(&["remove", "/data", "--recursive"]);
            assert!([0, 6].contains(&ran.code), "{ran:?}");
        });
        is_untouched(&scene);
        let _ = std::fs::remove_dir_all(scene.path("data"));
    }
}

#[test]
fn unpack_never_writes_or_links_where_an_exchanged_directory_leads_to() {
    if !root_or_skip("unpack_never_writes_or_links_where_an_exchanged_directory_leads_to") {
        return;
    }
    let scene = Scene::new();
    outside(&scene);
    let mut tar = Tar::default();
    for number in 0..40 {
        for directory in ["swapped", "deep/inner", "beside"] {
            tar.file(&format!("{directory}/{number}"), "ours").link(&format!("{directory}/link{number}"), "0");
        }
        // Hard links in a directory that is exchanged, and from one that is not to what is.
        tar.hard_link(&format!("swapped/hard{number}"), &format!("swapped/{number}"));
        tar.hard_link(&format!("beside/hard{number}"), &format!("deep/inner/{number}"));
        tar.hard_link(&format!("deep/inner/hard{number}"), "beside/0");
    }
    tar.directory("swapped/new").directory("swapped").directory("deep/inner/new").directory("deep/inner");
    scene.file("a.tar", tar.end());
    for trial in 0..trials() {
        volume(&scene, "data");
        while_exchanged(&scene.path("data"), trial, || {
            let ran = scene.run(&["unpack", "/a.tar", "/data", "--owner", "1000:1000", "--if-exists", "replace"]);
            assert!([0, 6].contains(&ran.code), "{ran:?}");
        });
        no_secret_in(&scene.path("data"));
        is_untouched(&scene);
        std::fs::remove_dir_all(scene.path("data")).unwrap();
    }
}
