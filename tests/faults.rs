//! The file layer where something fails: each step, through the real binary, and then a run that finishes.

mod databases;
mod ends;
mod full;
mod names;
mod network;
mod users;
mod volumes;

use std::process::Command;
use std::sync::OnceLock;

use crate::fetch::sha256;
use crate::harness::{Ran, Scene, binary};
use crate::server::{Server, reply};
use crate::unpack::archives::Tar;

/// What steps call the server.
const SERVER: &str = "http://files/";

/// An archive of files that together are larger than a small volume.
fn archive() -> Vec<u8> {
    let mut tar = Tar::default();
    for name in ["a", "b", "c"] {
        tar.file(&format!("sub/{name}"), &"x".repeat(60_000))
            .hard_link(&format!("{name}-again"), &format!("sub/{name}"));
    }
    tar.end()
}

/// A server for all of these tests, with an archive and a file of 400,000 bytes.
fn server() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| {
        Server::start(|_, head, stream| {
            let body = if head.starts_with("get /archive.tar") { archive() } else { "x".repeat(400_000).into_bytes() };
            reply(stream, "200 OK", &[], &body);
        })
    })
}

/// A scene with a volume `v` and what the steps need: a file, a tree, an archive, a certificate, a server, and a file in the
/// volume that is edited.
pub(crate) fn scene(steps: &str) -> Scene {
    let steps = steps.replace(SERVER, &server().url("/")).replace("CHECKSUM", &sha256(archive()));
    let scene = Scene::with_plan(&format!("version: 1\nsteps:\n{steps}"));
    scene.directory("v").file("source/file", "one").file("source/sub/file", "two");
    scene.file("archive.tar", archive()).file("ca.pem", include_str!("certificates/authority.pem"));
    scene
}

/// Each step that writes, on a volume `v` in which `v/edited.json` and `v/there` are.
pub(crate) const STEPS: [&str; 13] = [
    "render: { text: new, path: /v/rendered }",
    "edit: { path: /v/edited.json, set: { a: 2 } }",
    "copy: { source: /source/file, path: /v/copied }",
    "copy: { source: /source, path: /v/tree }",
    "mkdir: { path: /v/made }",
    "link: { target: there, path: /v/link }",
    "remove: { path: /v/there }",
    "unpack: { archive: /archive.tar, path: /v/unpacked }",
    "fetch: { url: \"http://files/file\", path: /v/fetched, unverified: true }",
    "fetch: { url: \"http://files/archive.tar\", path: /v/app, sha256: CHECKSUM, unpack: true }",
    "generate: { kind: password, path: /v/secret }",
    "trust: { path: /v/bundle.pem, base: none, add: [/ca.pem] }",
    "account: { user: app, uid: 7, gid: 7, passwd: /v/passwd, group: /v/group }",
];

/// Shell words in a mount namespace of their own, with the program as `$1`.
pub(crate) fn in_mount_namespace(scene: &Scene, script: &str) -> Ran {
    let mut command = Command::new("unshare");
    command.args(["-m", "/bin/sh", "-e", "-c", script, "sh"]).arg(binary());
    command.current_dir(&scene.directory).env("FITOUT_ROOT", &scene.directory).output().unwrap().into()
}
