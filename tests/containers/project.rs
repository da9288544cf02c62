//! A Compose project of a test.

use std::ffi::OsString;
use std::path::PathBuf;

use super::engine::{Engine, has_program};
use super::{eventually, output, unique};
use crate::harness::{Ran, root_or_skip, skip};

/// An example under a project name of its own; taken down at the end.
pub(super) struct Project {
    engine: &'static Engine,
    name: String,
    file: &'static str,
    environment: Vec<(&'static str, OsString)>,
}

impl Project {
    /// Whether a project can be started and its volumes can be looked at from outside, or a skipped test.
    pub(super) fn is_possible(test: &str) -> bool {
        if !has_program("docker-compose") {
            skip(test, "docker-compose");
            return false;
        }
        root_or_skip(test)
    }

    pub(super) fn new(engine: &'static Engine, file: &'static str, environment: Vec<(&'static str, OsString)>) -> Self {
        Self { engine, name: unique(), file, environment }
    }

    pub(super) fn compose(&self, arguments: &[&str]) -> Ran {
        let mut command = self.engine.command("docker-compose");
        command.args(["--project-name", &self.name, "--file", self.file]).args(arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        output(&mut command)
    }

    /// The container of a service, when it was made.
    pub(super) fn container(&self, service: &str) -> Option<String> {
        let project = format!("label=com.docker.compose.project={}", self.name);
        let service = format!("label=com.docker.compose.service={service}");
        let arguments = ["ps", "--all", "--quiet", "--filter", &project, "--filter", &service];
        let ran = output(&mut self.engine.docker(&arguments)).code(0);
        ran.stdout.lines().next().map(str::to_owned)
    }

    pub(super) fn state(&self, service: &str) -> String {
        let container = self.container(service).unwrap_or_else(|| panic!("there is no container of `{service}`"));
        self.engine.inspect("container", "{{.State.Status}} {{.State.ExitCode}}", &container)
    }

    pub(super) fn log(&self, service: &str) -> String {
        self.compose(&["logs", "--no-color", service]).code(0).stdout
    }

    pub(super) fn volume(&self, name: &str) -> PathBuf {
        let name = format!("{}_{name}", self.name);
        self.engine.inspect("volume", "{{.Mountpoint}}", &name).into()
    }

    /// The port on the loopback address that the engine chose for one of a service.
    pub(super) fn port(&self, service: &str, port: &str) -> u16 {
        eventually("a published port", || {
            self.compose(&["port", service, port]).stdout.trim().rsplit(':').next()?.parse().ok()
        })
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let ran = self.compose(&["down", "--volumes", "--timeout", "2"]);
        if ran.code != 0 {
            eprintln!("{}", ran.stderr);
        }
    }
}
