//! Tests of the file layer on real directories. Those that need another owner need root.

mod attributes;
mod exchanged;
mod make;
mod resolve;
mod sweep;
mod tree;
mod write;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::Root;

/// A directory that is removed in the end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("fitout-test-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path)
    }

    /// The path in the machine's tree.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.0.join(inside.trim_start_matches('/'))
    }

    pub(crate) fn root(&self) -> Root {
        Root::open(&self.0).unwrap()
    }

    /// The root with each of the two resolvers.
    pub(crate) fn roots(&self) -> [Root; 2] {
        [self.root(), Root::open_without_openat2(&self.0).unwrap()]
    }

    pub(crate) fn directory(&self, inside: &str) -> &Self {
        fs::create_dir_all(self.path(inside)).unwrap();
        // Another test may have changed the umask at this moment.
        self.mode(inside, 0o755)
    }

    pub(crate) fn file(&self, inside: &str, content: &str) -> &Self {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self.mode(inside, 0o644)
    }

    pub(crate) fn link(&self, inside: &str, target: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.path(inside)).unwrap();
        self
    }

    pub(crate) fn fifo(&self, inside: &str) -> &Self {
        nix::unistd::mkfifo(&self.path(inside), nix::sys::stat::Mode::S_IRWXU).unwrap();
        self
    }

    /// Shows one file or directory at another; `None` where mounting is not allowed.
    pub(crate) fn bind(&self, from: &str, to: &str) -> Option<Mount> {
        let (from, to) = (self.path(from), self.path(to));
        Mount::new(&["--bind", from.to_str().unwrap(), to.to_str().unwrap()], to.clone())
    }

    /// Mounts an empty file system; `None` where mounting is not allowed.
    pub(crate) fn tmpfs(&self, options: &str, at: &str) -> Option<Mount> {
        let at = self.directory(at).path(at);
        Mount::new(&["-t", "tmpfs", "-o", options, "fitout-test", at.to_str().unwrap()], at.clone())
    }

    pub(crate) fn own(&self, inside: &str, user: u32, group: u32) -> &Self {
        std::os::unix::fs::lchown(self.path(inside), Some(user), Some(group)).unwrap();
        self
    }

    pub(crate) fn mode(&self, inside: &str, mode: u32) -> &Self {
        fs::set_permissions(self.path(inside), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    pub(crate) fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap()
    }

    /// Owner and mode, for instance `1000:1000 0640`.
    pub(crate) fn attributes(&self, inside: &str) -> String {
        let metadata = fs::symlink_metadata(self.path(inside)).unwrap();
        format!("{}:{} {:04o}", metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
    }

    /// The names in a directory, sorted.
    pub(crate) fn names(&self, inside: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(inside)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn exists(&self, inside: &str) -> bool {
        fs::symlink_metadata(self.path(inside)).is_ok()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A mount that ends with the test.
pub(crate) struct Mount(PathBuf);

impl Mount {
    fn new(arguments: &[&str], at: PathBuf) -> Option<Self> {
        run("mount", arguments).then_some(Self(at))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        run("umount", &["-l", self.0.to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    std::process::Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

pub(super) fn path(text: &str) -> &Path {
    Path::new(text)
}
