//! What somebody puts under a name of ours between two calls.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{Scratch, path};
use crate::root::write::Unpublished;
use crate::root::{Attributes, Content, Written};

#[test]
fn a_fifo_in_place_of_a_temporary_program_holds_nobody() {
    let scratch = Scratch::new();
    scratch.directory("volume");
    let root = scratch.root();
    let (volume, name) = root.parent(path("/volume/program")).unwrap();
    let program = Attributes { mode: Some(0o755), ..Attributes::default() };
    let file = Unpublished::write(&volume, name, Content::Bytes(b"program"), program).unwrap().unwrap();
    let temporary = format!("volume/{}", scratch.names("volume")[0]);
    fs::remove_file(scratch.path(&temporary)).unwrap();
    scratch.fifo(&temporary);
    let (end, ended) = mpsc::channel();
    let in_time = thread::scope(|scope| {
        scope.spawn(move || end.send(file.publish()));
        let in_time = ended.recv_timeout(Duration::from_secs(10)).is_ok();
        if !in_time {
            // Lets go whoever waits for a writer.
            let _ = fs::OpenOptions::new().write(true).open(scratch.path(&temporary));
        }
        in_time
    });
    assert!(in_time);
}

/// Each exchange stays long enough for the file to be found again by its name.
#[test]
fn a_file_in_place_of_a_directory_that_is_made_keeps_its_owner() {
    let scratch = Scratch::new();
    scratch.directory("directory").file("bait", "").mode("bait", 0o600);
    let bait = fs::File::open(scratch.path("bait")).unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..30 {
                for pause in [40, 1] {
                    let (directory, bait) = (scratch.path("directory"), scratch.path("bait"));
                    renameat_with(CWD, directory, CWD, bait, RenameFlags::EXCHANGE).unwrap();
                    thread::sleep(Duration::from_millis(pause));
                }
            }
            is_over.store(true, Ordering::Relaxed);
        });
        let root = scratch.root();
        let wished = Attributes { user: Some(1000), group: Some(1000), mode: Some(0o755) };
        while !is_over.load(Ordering::Relaxed) {
            let _ = root.make_directory(path("/directory"), wished);
        }
    });
    let found = bait.metadata().unwrap();
    assert_eq!((found.uid(), found.mode() & 0o7777), (0, 0o600));
}

#[test]
fn what_was_written_is_what_a_mounted_file_gets() {
    let scratch = Scratch::new();
    scratch.file("host", "old").file("file", "");
    let Some(_mount) = scratch.bind("host", "file") else { return };
    let root = scratch.root();
    let mut file = root.top().grow().unwrap();
    file.append(b"checked").unwrap();
    let temporary = file.path().to_str().unwrap().to_owned();
    fs::remove_file(scratch.path(&temporary)).unwrap();
    scratch.file(&temporary, "planted");
    let written = file.publish(OsStr::new("file"), Attributes::default(), &|| false).unwrap();
    assert_eq!((written, scratch.read("file").as_str()), (Written::InPlace, "checked"));
}
