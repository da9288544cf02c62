//! The file layer where something fails: each step, through the real binary, and then a run that finishes.

mod ends;
mod names;
mod users;
mod volumes;

use std::process::Command;

use crate::harness::{Ran, Scene, binary};

/// A scene with a volume `v` and what the steps need: a file, a tree, and a file in the volume that is edited.
pub(crate) fn scene(steps: &str) -> Scene {
    let scene = Scene::with_plan(&format!("version: 1\nsteps:\n{steps}"));
    scene.directory("v").file("source/file", "one").file("source/sub/file", "two");
    scene
}

/// Each step that writes, on a volume `v` in which `v/edited.json` and `v/there` are.
pub(crate) const STEPS: [&str; 7] = [
    "render: { text: new, path: /v/rendered }",
    "edit: { path: /v/edited.json, set: { a: 2 } }",
    "copy: { source: /source/file, path: /v/copied }",
    "copy: { source: /source, path: /v/tree }",
    "mkdir: { path: /v/made }",
    "link: { target: there, path: /v/link }",
    "remove: { path: /v/there }",
];

/// Shell words in a mount namespace of their own, with the program as `$1`.
pub(crate) fn in_mount_namespace(scene: &Scene, script: &str) -> Ran {
    let mut command = Command::new("unshare");
    command.args(["-m", "/bin/sh", "-e", "-c", script, "sh"]).arg(binary());
    command.current_dir(&scene.directory).env("FITOUT_ROOT", &scene.directory).output().unwrap().into()
}
