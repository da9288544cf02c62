//! `probe`: one look, one line, and nothing that belongs to somebody else.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use crate::authority::Authority;
use crate::harness::{Ran, Scene};
use crate::server::{Server, reply};

#[track_caller]
fn one_line(ran: &Ran, text: &str) {
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains(text) && ran.stderr.matches('\n').count() == 1, "{text}: {}", ran.stderr);
}

#[test]
fn what_is_ready_is_0_and_silent_and_what_is_not_is_1_with_one_line() {
    let scene = Scene::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().port();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let socket = UnixListener::bind(scene.path("socket")).unwrap();
    scene.file("file", "");
    for target in [format!("tcp://127.0.0.1:{open}"), "unix:///socket".into(), "file:///file".into()] {
        let ran = scene.run(&["probe", &target]).code(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{target}");
    }
    for (target, cause) in [
        (format!("tcp://127.0.0.1:{closed}"), "connection refused"),
        ("unix:///missing".into(), "no such file or directory"),
        ("file:///missing".into(), "no such file"),
        // Accepts, and says nothing.
        (format!("http://127.0.0.1:{open}/"), "no answer within 1s"),
    ] {
        let ran = scene.run(&["probe", &target]).code(1);
        one_line(&ran, &format!("error: `{target}` is not ready: {cause}"));
    }
    drop(socket);
    let ran = scene.run(&["probe", &format!("http://127.0.0.1:{open}/"), "--timeout", "50ms"]).code(1);
    one_line(&ran, "no answer within 50ms");
}

#[test]
fn a_status_decides_over_http_and_https() {
    let authority = Authority::new();
    let server = Server::secure(authority.server(&["localhost"]), |_, head, stream| {
        let status = if head.contains("/health") { "200 OK" } else { "503 Service Unavailable" };
        reply(stream, status, &[], b"");
    });
    let scene = Scene::new();
    scene.file("ca.pem", &authority.pem);
    let at = |path: &str| format!("https://localhost:{}{path}", server.address.port());
    scene.run(&["probe", &at("/health"), "--ca", "/ca.pem"]).code(0);
    one_line(&scene.run(&["probe", &at("/x"), "--ca", "/ca.pem"]).code(1), "answered with status 503");
    one_line(&scene.run(&["probe", &at("/health"), "--ca", "/missing.pem"]).code(1), "/missing.pem");
    one_line(&scene.run(&["probe", &at("/health")]).code(1), "this system has no certificates of authorities");
}

#[test]
fn the_termination_message_and_the_report_stay_the_application_s() {
    let scene = Scene::new();
    scene.file("message", "the application's").file("report", "the application's");
    for (name, path) in [("FITOUT_TERMINATION_LOG", "message"), ("FITOUT_REPORT", "report")] {
        scene.env(name, scene.path(path));
    }
    scene.run(&["probe", "file:///missing"]).code(1);
    scene.run(&["probe", "nonsense"]).code(2).stderr_has("error: not a target");
    scene.run(&["probe", "tcp://a:1", "--timeout", "5"]).code(2).stderr_has("error: not a duration");
    scene.run(&["probe"]).code(2);
    scene.run(&["probe", "--unknown"]).code(2);
    for path in ["message", "report"] {
        assert_eq!(scene.read(path), "the application's");
    }
}
