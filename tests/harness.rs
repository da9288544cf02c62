//! A directory, an environment and a command line for one test; what the program did with them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory that is the root of the plan, and what the program is started with. Removed at the end.
pub(crate) struct Scene {
    pub(crate) directory: PathBuf,
    environment: Mutex<BTreeMap<OsString, OsString>>,
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary that is tested: the release build when the Makefile says so, else the one that cargo just built.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("FITOUT_BINARY").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_fitout")), PathBuf::from)
}

/// Whether the test runs as root. Without it the test is skipped loudly; in CI that is a failure.
pub(crate) fn root_or_skip(test: &str) -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        skip(test, "root");
    }
    root
}

/// Says that a test cannot run here; in CI it must.
pub(crate) fn skip(test: &str, needs: &str) {
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{test} needs {needs}, and in CI it must not be skipped"
    );
    eprintln!("SKIPPED {test}: needs {needs}");
}

/// Owner, group and mode, for instance `1000:1000 0640`; links are not followed.
#[track_caller]
pub(crate) fn stat(path: &Path) -> String {
    let metadata = path.symlink_metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    format!("{}:{} {:04o}", metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
}

/// What each of the last steps in a log did, in order: `changed`, `unchanged`.
pub(crate) fn last_outcomes(log: &str, steps: usize) -> Vec<&str> {
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("fitout: step ")).collect();
    let last = &lines[lines.len().saturating_sub(steps)..];
    last.iter().map(|line| line.rsplit(": ").next().unwrap().split(',').next().unwrap()).collect()
}

/// The Python that `tools/install test` made, with the validators, or a skipped test.
pub(crate) fn python(test: &str) -> Option<Command> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/python/bin/python");
    if !python.exists() {
        skip(test, "the validators that `tools/install test` gets from PyPI");
        return None;
    }
    let mut command = Command::new(python);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    Some(command)
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// The same in memory, where there is such a file system: for thousands of files, which would each wait for the disk.
    pub(crate) fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::below(memory) } else { Self::new() }
    }

    fn below(directory: &Path) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = directory.join(format!("fitout-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
        Self { directory, environment: Mutex::default() }
    }

    /// A scene with a plan in `/plan.yaml`.
    pub(crate) fn with_plan(plan: &str) -> Self {
        let scene = Self::new();
        scene.file("plan.yaml", plan);
        scene
    }

    pub(crate) fn path(&self, inner: &str) -> PathBuf {
        self.directory.join(inner.trim_start_matches('/'))
    }

    pub(crate) fn file(&self, inner: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(inner);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn directory(&self, inner: &str) -> &Self {
        fs::create_dir_all(self.path(inner)).unwrap();
        self
    }

    pub(crate) fn link(&self, target: &str, inner: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.path(inner)).unwrap();
        self
    }

    pub(crate) fn owned(&self, inner: &str, user: u32, group: u32) -> &Self {
        chown(self.path(inner), Some(user), Some(group)).unwrap();
        self
    }

    pub(crate) fn mode(&self, inner: &str, mode: u32) -> &Self {
        fs::set_permissions(self.path(inner), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    pub(crate) fn env(&self, name: impl Into<OsString>, value: impl Into<OsString>) -> &Self {
        self.environment.lock().unwrap().insert(name.into(), value.into());
        self
    }

    /// The program with the scene as root and an otherwise empty environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .current_dir(&self.directory)
            .env_clear()
            .env("FITOUT_ROOT", &self.directory)
            .envs(self.environment.lock().unwrap().iter())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// The same as another user, who may not be able to reach where the binary was built.
    pub(crate) fn command_as(&self, user: u32, arguments: &[&str]) -> Command {
        use std::os::unix::process::CommandExt as _;
        let copy = self.path("binary-for-everybody");
        if !copy.exists() {
            fs::copy(binary(), &copy).unwrap();
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let like = self.command(arguments);
        let mut command = Command::new(copy);
        command.args(like.get_args()).env_clear().uid(user).gid(user).stdin(Stdio::null());
        command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(directory) = like.get_current_dir() {
            command.current_dir(directory);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// A script in which `fitout` is the program.
    pub(crate) fn shell(&self, script: &str) -> Ran {
        let script = format!("fitout() {{ '{}' \"$@\"; }}\n{script}", binary().display());
        let mut command = Command::new("/bin/sh");
        command.current_dir(&self.directory).env_clear().env("FITOUT_ROOT", &self.directory);
        command.envs(self.environment.lock().unwrap().iter()).args(["-c", &script]).stdin(Stdio::null());
        command.output().unwrap().into()
    }

    /// `apply plan.yaml`.
    pub(crate) fn apply(&self) -> Ran {
        self.run(&["apply", "plan.yaml"])
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The program under strace, with these options of it.
    pub(crate) fn traced(&self, options: &[&str], arguments: &[&str]) -> Command {
        let plain = self.command(arguments);
        let mut command = Command::new("strace");
        command.arg("-f").args(options).arg(plain.get_program()).args(plain.get_args());
        command.current_dir(&self.directory).env("FITOUT_ROOT", &self.directory);
        command
    }

    pub(crate) fn read(&self, inner: &str) -> String {
        fs::read_to_string(self.path(inner)).unwrap_or_else(|error| panic!("{inner}: {error}"))
    }

    pub(crate) fn exists(&self, inner: &str) -> bool {
        self.path(inner).symlink_metadata().is_ok()
    }

    /// Owner, group and mode, for instance `1000:1000 0640`; links are not followed.
    pub(crate) fn stat(&self, inner: &str) -> String {
        stat(&self.path(inner))
    }

    /// The inode and the time of the last change: the same as before when nothing was touched.
    pub(crate) fn identity(&self, inner: &str) -> (u64, i64, i64) {
        let metadata = self.path(inner).symlink_metadata().unwrap();
        (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
    }

    /// The names in a directory, sorted.
    pub(crate) fn names(&self, inner: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(inner))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(Path::new(&self.directory));
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        Self {
            code: output.status.code().unwrap_or_else(|| -output.status.signal().unwrap_or(0)),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Until a child has written this to its error output. What it wrote is gone from there.
#[track_caller]
pub(crate) fn wait_until_said(child: &mut Child, text: &str) {
    let pipe = child.stderr.as_mut().unwrap();
    let mut said = Vec::new();
    let deadline = Instant::now() + Duration::from_mins(1);
    while !String::from_utf8_lossy(&said).contains(text) {
        let heard = {
            let mut wanted = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
            poll(&mut wanted, PollTimeout::from(100_u16)).unwrap() > 0
        };
        let mut byte = [0];
        let ended = heard && pipe.read(&mut byte).unwrap() == 0;
        let in_time = !ended && Instant::now() < deadline;
        assert!(in_time, "`{text}` is not in stderr:\n{}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&byte[..usize::from(heard)]);
    }
}

impl Ran {
    /// Asserts the exit code and shows everything when it is another.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn stderr_has(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "`{text}` is not in stderr:\n{}", self.stderr);
        self
    }

    /// Asserts that the text is in no output.
    #[track_caller]
    pub(crate) fn lacks(self, text: &str) -> Self {
        assert!(
            !self.stderr.contains(text) && !self.stdout.contains(text),
            "`{text}` is in:\n{}{}",
            self.stdout,
            self.stderr
        );
        self
    }
}
