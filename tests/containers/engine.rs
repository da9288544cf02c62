//! The Docker engine: the one that answers, or one that is started for this run.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::{output, repository, unique};
use crate::harness::skip;

static ENGINE: OnceLock<Option<Engine>> = OnceLock::new();

pub(super) struct Engine {
    /// The keeper of an engine of our own: its standard input closes when the run ends, and then it stops the engine.
    own: Option<(String, Child)>,
}

/// An engine, or a skipped test.
pub(super) fn engine(test: &str) -> Option<&'static Engine> {
    let engine = ENGINE.get_or_init(Engine::find).as_ref();
    if engine.is_none() {
        skip(test, "a Docker engine (or root, to start one from Debian's docker.io)");
    }
    engine
}

pub(super) fn has_program(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

impl Engine {
    fn find() -> Option<Self> {
        if !has_program("docker") {
            return None;
        }
        let present = Self { own: None };
        if present.answers() {
            return Some(present);
        }
        if !nix::unistd::geteuid().is_root() || !has_program("dockerd") {
            return None;
        }
        Self::start()
    }

    /// Starts an engine of our own; `None` when it gives up, which it explains itself.
    fn start() -> Option<Self> {
        let directory = std::env::temp_dir().join(unique());
        let keeper = Command::new(repository().join("tests/containers/engine"))
            .arg(&directory)
            .stdin(Stdio::piped())
            // An interrupt from the keyboard ends the run, and only through it the keeper.
            .process_group(0)
            .spawn()
            .unwrap();
        let mut engine = Self { own: Some((format!("unix://{}/socket", directory.display()), keeper)) };
        let deadline = Instant::now() + Duration::from_mins(1);
        while !engine.answers() {
            let ended = engine.own.as_mut().is_some_and(|(_, keeper)| keeper.try_wait().unwrap().is_some());
            if ended || Instant::now() > deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(engine)
    }

    fn answers(&self) -> bool {
        self.docker(&["version", "--format", "{{.Server.Version}}"])
            .output()
            .is_ok_and(|output| output.status.success())
    }

    /// A program that talks to this engine, in the folder of the repository.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(repository()).stdin(Stdio::null());
        if let Some((host, _)) = &self.own {
            command.env("DOCKER_HOST", host).env_remove("DOCKER_CONTEXT");
        }
        command
    }

    pub(super) fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("docker");
        command.args(arguments);
        command
    }

    /// One fact about a container, an image or a volume.
    pub(super) fn inspect(&self, what: &str, format: &str, name: &str) -> String {
        let ran = output(&mut self.docker(&[what, "inspect", "--format", format, name])).code(0);
        ran.stdout.trim().to_owned()
    }
}

/// A container of a test; removed at the end.
pub(super) struct Container {
    engine: &'static Engine,
    pub(super) name: String,
}

impl Container {
    /// `docker run` without a network, with these further arguments.
    pub(super) fn command(engine: &'static Engine, arguments: &[&str]) -> (Self, Command) {
        let container = Self { engine, name: unique() };
        let mut command = engine.docker(&["run", "--network", "none", "--name", &container.name]);
        command.args(arguments);
        (container, command)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.engine.docker(&["rm", "--force", "--volumes", &self.name]).output();
    }
}
