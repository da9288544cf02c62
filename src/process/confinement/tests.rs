#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "test files, made in every way there is")]

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::{Allowed, Right, access, confine_thread, handled, landlock_version};

#[test]
fn older_kernels_are_asked_for_what_they_know() {
    let first = access::WRITE_FILE | access::ENTRIES;
    assert_eq!(first, 0x1ff2);
    for (version, wanted) in
        [(1, first), (2, first | access::REFER), (3, first | access::REFER | access::TRUNCATE), (9, 0x7ff2)]
    {
        assert_eq!(handled(version), wanted, "{version}");
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fitout-{name}-{}", std::process::id()));
        for directory in ["inside", "outside", "bare"] {
            fs::create_dir_all(path.join(directory)).unwrap();
        }
        for file in ["inside/old", "outside/old", "outside/single"] {
            fs::write(path.join(file), "old").unwrap();
        }
        Self(path)
    }

    fn allowed(&self, name: &str, right: Right) -> Allowed {
        Allowed { object: fs::File::open(self.0.join(name)).unwrap().into(), right }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

type Attempt = (&'static str, fn(&Path) -> io::Result<()>);

/// Every way to write in a directory.
const ATTEMPTS: [Attempt; 9] = [
    ("make", |at| fs::write(at.join("new"), "new")),
    ("overwrite", |at| fs::write(at.join("old"), "new")),
    ("truncate", |at| fs::OpenOptions::new().write(true).open(at.join("old"))?.set_len(0)),
    ("rename", |at| fs::rename(at.join("old"), at.join("moved"))),
    ("link", |at| fs::hard_link(at.join("moved"), at.join("second"))),
    ("symlink", |at| symlink("target", at.join("link"))),
    ("remove", |at| fs::remove_file(at.join("moved"))),
    ("mkdir", |at| fs::create_dir(at.join("directory"))),
    ("rmdir", |at| fs::remove_dir(at.join("directory"))),
];

#[test]
fn a_confined_thread_writes_only_where_it_may() {
    let Ok(version) = landlock_version() else {
        assert!(std::env::vars_os().all(|(name, _)| name != "CI"), "the kernel has no Landlock");
        return;
    };
    let folder = Folder::new("confined");
    let allowed = [
        folder.allowed("inside", Right::Everything),
        folder.allowed("outside/single", Right::Content),
        folder.allowed("bare", Right::Directories),
    ];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            confine_thread(version, &allowed).unwrap();
            for (name, attempt) in ATTEMPTS {
                attempt(&folder.0.join("inside")).unwrap_or_else(|error| panic!("{name}: {error}"));
                let refused = attempt(&folder.0.join("outside")).unwrap_err();
                // What is looked at before the permission is missing there.
                let absent = ["link", "remove", "rmdir"].contains(&name);
                let wanted = if absent { io::ErrorKind::NotFound } else { io::ErrorKind::PermissionDenied };
                assert_eq!(refused.kind(), wanted, "{name}: {refused}");
            }
            fs::write(folder.0.join("outside/single"), "new").unwrap();
            assert!(fs::remove_file(folder.0.join("outside/single")).is_err());
            fs::create_dir(folder.0.join("bare/made")).unwrap();
            assert!(fs::write(folder.0.join("bare/made/file"), "").is_err());
            // Reading, executing, and the mode are not confined.
            assert_eq!(fs::read_to_string(folder.0.join("outside/old")).unwrap(), "old");
            fs::set_permissions(folder.0.join("outside/old"), fs::Permissions::from_mode(0o600)).unwrap();
            // A thread and a program that are started here are.
            let inner = std::thread::scope(|scope| {
                scope.spawn(|| fs::write(folder.0.join("outside/old"), "new").is_err()).join().unwrap()
            });
            let touched = std::process::Command::new("touch").arg(folder.0.join("outside/touched")).status();
            assert!(inner && !touched.unwrap().success());
        });
    });
    // The thread that started it has all its rights, and no promise was made for it.
    fs::write(folder.0.join("outside/old"), "new").unwrap();
    assert_eq!(nix::sys::prctl::get_no_new_privs(), Ok(false));
}
