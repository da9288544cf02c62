//! `podman kube play` with a storage of its own.

use std::process::Command;

use super::engine::{Engine, has_program};
use super::output;
use crate::harness::{Ran, Scene, root_or_skip, skip};

/// What this needs of Podman, whatever the machine's own configuration is.
const CONFIGURATION: &str = r#"[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"#;

/// A pod with its containers, volumes and images; all of it is removed at the end.
pub(super) struct Podman {
    pub(super) scene: Scene,
    pod: &'static str,
}

impl Podman {
    /// Whether pods can be played here, or a skipped test.
    pub(super) fn is_here(test: &str) -> bool {
        let missing = ["podman", "runc", "catatonit"].into_iter().find(|name| {
            // Podman looks for catatonit beside its own helpers too.
            !has_program(name) && !std::path::Path::new("/usr/libexec/podman").join(name).is_file()
        });
        if let Some(name) = missing {
            skip(test, name);
        }
        missing.is_none() && root_or_skip(test)
    }

    pub(super) fn new(pod: &'static str, engine: &'static Engine, images: &[&str]) -> Self {
        let scene = Scene::new();
        scene.file("containers.conf", CONFIGURATION).directory("work");
        let podman = Self { scene, pod };
        let saved = podman.scene.path("images.tar");
        let mut save = engine.docker(&["save", "--output"]);
        output(save.arg(&saved).args(images)).code(0);
        podman.run(&["load", "--quiet", "--input", saved.to_str().unwrap()]).code(0);
        podman
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new("podman");
        for (option, directory) in [("--root", "root"), ("--runroot", "run"), ("--tmpdir", "tmp")] {
            command.arg(option).arg(self.scene.path(directory));
        }
        command.args(arguments).current_dir(self.scene.path("work"));
        command.env("CONTAINERS_CONF", self.scene.path("containers.conf")).env_remove("CONTAINER_HOST");
        output(command.stdin(std::process::Stdio::null()))
    }

    /// Plays these documents.
    pub(super) fn play(&self, documents: &[serde_json::Value]) -> Ran {
        let text: Vec<String> = documents.iter().map(ToString::to_string).collect();
        self.scene.file("pod.yaml", text.join("\n---\n"));
        let file = self.scene.path("pod.yaml");
        self.run(&["kube", "play", "--log-driver", "k8s-file", "--network", "none", file.to_str().unwrap()])
    }

    pub(super) fn state(&self, container: &str) -> String {
        let format = "{{.State.Status}} {{.State.ExitCode}}";
        self.run(&["container", "inspect", "--format", format, container]).code(0).stdout.trim().to_owned()
    }

    pub(super) fn log(&self, container: &str) -> String {
        let ran = self.run(&["logs", container]).code(0);
        ran.stdout + &ran.stderr
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        for arguments in [
            &["pod", "stop", "--time", "1", self.pod][..],
            &["pod", "rm", "--force", "--time", "0", self.pod],
            &["secret", "rm", self.pod],
            &["volume", "rm", "--all", "--force"],
            &["rmi", "--all", "--force"],
        ] {
            self.run(arguments);
        }
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let below = format!("{}/", self.scene.directory.display());
        for mount in mounts.lines().rev().filter_map(|line| line.split(' ').nth(1)) {
            if mount.starts_with(&below) {
                let _ = Command::new("umount").arg(mount).output();
            }
        }
    }
}
