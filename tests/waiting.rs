//! `wait` and `probe`: each kind of target, by a server of the test or by the real one.

mod commands;
mod databases;
mod forms;
mod gone;
mod http;
mod names;
mod redis;

use crate::authority::Authority;
use crate::harness::Scene;
use crate::server::{Server, reply};

#[test]
fn waiting_for_a_secure_server() {
    let authority = Authority::new();
    let server = Server::secure(authority.server(&["localhost"]), |_, _, stream| reply(stream, "200 OK", &[], b"x"));
    let port = server.address.port();
    let scene = Scene::with_plan(&format!(
        "version: 1\nsteps:\n  - wait: {{ targets: [\"https://localhost:{port}/health\"], timeout: 20s, ca: /ca.pem }}\n"
    ));
    scene.file("ca.pem", &authority.pem);
    scene.apply().code(0).stderr_has("unchanged");
    assert!(server.requests()[0].starts_with("get /health http/1.1\r\n"));
    let target = format!("https://localhost:{port}/");
    scene.run(&["wait", &target, "--ca", "/ca.pem"]).code(0);
    scene.run(&["wait", &target]).code(6).stderr_has("this system has no certificates of authorities");
    let other = Authority::new();
    scene.file("other.pem", &other.pem);
    scene
        .run(&["wait", &target, "--ca", "/other.pem", "--timeout", "2s"])
        .code(5)
        .stderr_has(&format!("`{target}`: the server's certificate is of an authority that is not trusted ("));
}
