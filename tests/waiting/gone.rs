//! Targets that have to be gone: what proves it, and what only looks like it.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use crate::authority::Authority;
use crate::files::in_mount_namespace;
use crate::harness::{Ran, Scene, root_or_skip};
use crate::server::{Server, reply};

#[test]
fn what_has_to_be_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    let scene = Scene::new();
    let ran = scene.run(&["wait", &target, "--gone", "--timeout", "300ms", "--interval", "20ms"]);
    ran.code(5).stderr_has(&format!("= `{target}`: it is still there ("));
    scene.run(&["probe", &target, "--gone"]).code(1).stderr_has("is not gone: it is still there");
    drop(listener);
    scene.run(&["wait", &target, "--gone", "--timeout", "10s"]).code(0);
    scene.run(&["probe", &target, "--gone"]).code(0);
    scene.file("marker", "");
    // One target of a step may be meant the other way round.
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - wait: {{ gone: true, timeout: 5s, targets: [\"{target}\", \
             {{ url: \"file:///marker\", gone: false }}] }}\n"
        ),
    );
    scene.apply().code(0);
    assert_eq!(scene.run(&["show", "plan.yaml"]).code(0).stdout.matches("? ").count(), 0);
    std::fs::remove_file(scene.path("marker")).unwrap();
    assert!(scene.run(&["show", "plan.yaml"]).stdout.contains("? file:///marker  no such file"));
}

#[test]
fn who_is_slow_is_not_gone() {
    let server = Server::start(|_, _, stream| {
        std::thread::sleep(Duration::from_millis(700));
        reply(stream, "200 OK", &[], b"");
    });
    let scene = Scene::with_plan(&format!(
        "version: 1\nsteps:\n  - wait: {{ targets: [\"{}\"], gone: true, timeout: 2s }}\n",
        server.url("/")
    ));
    assert!(scene.run(&["show", "plan.yaml"]).stdout.contains("no answer within 200ms"));
    scene.apply().code(5).stderr_has("it is still there (");
    // Silent for as long as one look may take, and shorter than that.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |scheme: &str| format!("{scheme}://a@{}/1", silent.local_addr().unwrap());
    for target in [at("redis"), at("postgres"), at("mysql")] {
        scene.run(&["wait", "--gone", &target, "--timeout", "700ms"]).code(5).stderr_has("no answer");
        scene.run(&["probe", "--gone", &target, "--timeout", "300ms"]).code(0);
        let text = format!(
            "version: 1\nsteps:\n  - wait: {{ targets: [{{ url: \"{target}\", try_timeout: 300ms }}], gone: true, timeout: 20s }}\n"
        );
        scene.file("plan.yaml", text).apply().code(0);
    }
}

#[test]
fn who_cannot_be_trusted_is_not_gone() {
    let authority = Authority::new();
    let server = Server::secure(authority.server(&["localhost"]), |_, _, stream| reply(stream, "200 OK", &[], b""));
    let scene = Scene::new();
    scene.file("ca.pem", &Authority::new().pem);
    let target = format!("https://localhost:{}/", server.address.port());
    let ran = scene.run(&["probe", "--gone", &target, "--ca", "/ca.pem", "--timeout", "10s"]).code(1);
    ran.stderr_has("the server's certificate is of an authority that is not trusted");
}

#[test]
fn what_cannot_be_looked_at_is_not_gone() {
    if !root_or_skip("what_cannot_be_looked_at_is_not_gone") {
        return;
    }
    let scene = Scene::new();
    scene.directory("closed").file("closed/marker", "").file("marker", "");
    let _socket = UnixListener::bind(scene.path("closed/socket")).unwrap();
    scene.mode("closed", 0o700);
    for target in ["file:///closed/marker", "unix:///closed/socket"] {
        let mut command = scene.command_as(1234, &["probe", target, "--gone"]);
        Ran::from(command.output().unwrap()).code(1).stderr_has("permission denied");
    }
    let target = format!("postgres://a@/b?host={}", "/closed");
    let mut command = scene.command_as(1234, &["probe", &target, "--gone", "--timeout", "10s"]);
    Ran::from(command.output().unwrap()).code(1).stderr_has("permission denied");
    for target in ["unix:///marker/socket", "unix:///missing"] {
        scene.run(&["probe", target, "--gone"]).code(0);
    }
}

#[test]
fn a_name_that_no_server_knows_anything_of_is_not_gone() {
    if !root_or_skip("a_name_that_no_server_knows_anything_of_is_not_gone") {
        return;
    }
    let scene = Scene::new();
    // Nobody listens there: the look-up fails after a second, or has not come back when the time is over.
    scene.file("resolv.conf", "nameserver 127.0.0.99\noptions timeout:1 attempts:1\n");
    for target in ["tcp://db:1", "dns://db", "http://db/", "redis://db", "postgres://a@db/b", "mysql://a@db/b"] {
        let script = format!(
            "mount --bind resolv.conf /etc/resolv.conf; \
             for limit in 300ms 20s; do \"$1\" probe --gone {target} --timeout $limit && exit 7; done; \
             \"$1\" wait --gone {target} --timeout 2s || echo code $?"
        );
        let output = in_mount_namespace(&scene, &script);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "code 5\n", "{target}: {told}");
    }
    let unknown = in_mount_namespace(&scene, "\"$1\" probe --gone tcp://localhost:1");
    assert!(unknown.status.success());
}
