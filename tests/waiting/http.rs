//! Conditions for an answer over HTTP.

use std::time::Duration;

use crate::authority::{Authority, pem};
use crate::harness::Scene;
use crate::server::{Server, announce, header, reply, send};

/// A plan that waits a second for one target.
fn wait_for(target: &str) -> Scene {
    Scene::with_plan(&format!(
        "version: 1\ninputs: {{ env: {{ TOKEN: {{ required: false, secret: true }} }} }}\nsteps:\n  \
         - wait: {{ targets: [{target}], timeout: 1s, interval: 50ms }}\n"
    ))
}

#[test]
fn status_header_and_body_decide() {
    let server = Server::start(|_, _, stream| {
        reply(stream, "401 Unauthorized", &["X-Version: 4.2.1", "X-Version: 17"], b"maintenance: off");
    });
    let url = server.url("/health");
    for (conditions, cause) in [
        ("status: [200, 401]", ""),
        ("status: [\"4xx\"]", ""),
        ("status: [\"400-499\"], body: \"maintenance: (off|no)\"", ""),
        ("status: [401], header: { x-version: '^17$' }", ""),
        ("status: [200]", "answered with status 401"),
        ("", "answered with status 401"),
        ("status: [401], body: \"maintenance: on\"", "the answer does not hold what is looked for"),
        ("status: [401], header: { X-Version: '^5' }", "the header `X-Version` of the answer is another one"),
        ("status: [401], header: { X-Missing: '' }", "the header `X-Missing` of the answer is missing"),
    ] {
        let scene = wait_for(&format!("{{ url: \"{url}\", {conditions} }}"));
        if cause.is_empty() {
            scene.apply().code(0).stderr_has("unchanged");
        } else {
            scene.apply().code(5).stderr_has(&format!("= `{url}`: {cause} ("));
        }
    }
    let scene = Scene::new();
    scene.run(&["probe", &url, "--status", "401", "--body", "off"]).code(0);
    scene.run(&["probe", &url, "--status", "2xx"]).code(1).stderr_has("answered with status 401");
    scene.run(&["wait", &url, "--status", "4xx", "--timeout", "5s"]).code(0);
}

#[test]
fn a_redirect_is_not_followed_and_a_host_can_be_named() {
    let server = Server::start(|_, head, stream| {
        let status = if head.starts_with("get / ") { "302 Found" } else { "500 Oops" };
        reply(stream, status, &["Location: /elsewhere"], b"");
    });
    let scene =
        wait_for(&format!("{{ url: \"{}\", status: [302], headers: {{ Host: app.example }} }}", server.url("/")));
    scene.apply().code(0);
    assert!(server.requests().iter().all(|head| head.starts_with("get / ")), "{:?}", server.requests());
    assert_eq!(header(&server.requests()[0], "host"), Some("app.example"));
    assert_eq!(server.requests()[0].matches("\r\nhost:").count(), 1);
}

#[test]
fn a_token_is_sent_and_never_told() {
    let server = Server::start(|_, head, stream| {
        let right = header(head, "authorization") == Some("bearer hunter2-token");
        reply(stream, if right { "200 OK" } else { "403 Forbidden" }, &[], b"hunter2-token");
    });
    let target = |more: &str| {
        format!(
            "{{ url: \"{}\", {more}headers: {{ Authorization: {{ from_env: TOKEN, prefix: \"Bearer \" }} }} }}",
            server.url("/")
        )
    };
    let scene = wait_for(&target(""));
    scene.env("TOKEN", "hunter2-token");
    scene.apply().code(0).lacks("hunter2");
    let scene = wait_for(&target("body: \"^no$\", "));
    scene.env("TOKEN", "hunter2-token");
    scene.apply().code(5).stderr_has("the answer does not hold what is looked for").lacks("hunter2");
    scene.env("TOKEN", "hunter2\nX: y");
    scene
        .apply()
        .code(4)
        .stderr_has("cannot send the header `Authorization`: the value holds a newline")
        .lacks("hunter2");
    let scene = wait_for(&format!("{{ url: \"{}\", headers: {{ Authorization: secret }} }}", server.url("/")));
    scene.apply().code(3).stderr_has("the secret of `Authorization` stands in plain sight");
}

#[test]
fn an_answer_without_end_is_bounded() {
    let server = Server::start(|_, head, stream| {
        announce(stream, "200 OK", &[], usize::MAX >> 1);
        let piece = vec![b'x'; 64 * 1024];
        for _ in 0..32 {
            send(stream, &piece);
        }
        if head.contains("/found") {
            send(stream, b"needle");
        }
        std::thread::sleep(Duration::from_secs(20));
    });
    let scene = wait_for(&format!("{{ url: \"{}\", body: needle }}", server.url("/found")));
    scene.apply().code(5).stderr_has("the first MiB of the answer does not hold what is looked for");
    let scene = wait_for(&format!("{{ url: \"{}\", body: '^x{{900}}' }}", server.url("/")));
    scene.apply().code(0);
}

#[test]
fn a_certificate_of_ours_is_shown() {
    let authority = Authority::new();
    let server = Server::secure(authority.server(&["localhost"]), |_, _, stream| reply(stream, "200 OK", &[], b""));
    let (certificate, key) = authority.issue(&["client"], |_| {});
    let target = format!(
        "{{ url: \"https://localhost:{}/\", ca: /ca.pem, certificate: /client.pem, key: /client.key }}",
        server.address.port()
    );
    let scene = wait_for(&target);
    scene.file("ca.pem", &authority.pem).file("client.pem", pem("CERTIFICATE", &certificate));
    scene.file("client.key", pem("PRIVATE KEY", key.serialized_der()));
    scene.apply().code(0);
    scene.file("client.key", "nonsense");
    scene
        .apply()
        .code(4)
        .stderr_has("cannot use the certificate `/client.pem`: the file of the private key holds none");
}

#[test]
fn it_is_waited_until_a_page_is_gone() {
    let server = Server::start(|number, _, stream| {
        let body: &[u8] = if number < 3 { b"down for maintenance" } else { b"welcome" };
        reply(stream, "200 OK", &[], body);
    });
    let scene = wait_for(&format!("{{ url: \"{}\", body: maintenance, gone: true }}", server.url("/")));
    scene.apply().code(0).stderr_has("it is still there").stderr_has("is gone after");
}

#[test]
fn each_condition_has_its_flag() {
    let authority = Authority::new();
    let server = Server::secure(authority.server(&["localhost"]), |_, head, stream| {
        let right =
            header(head, "authorization") == Some("bearer hunter2") && header(head, "x-two") == Some("from a file");
        let status = if right && header(head, "x-one") == Some("a=b") { "200 OK" } else { "403 Forbidden" };
        reply(stream, status, &["X-Version: 17"], b"");
    });
    let (certificate, key) = authority.issue(&["client"], |_| {});
    let scene = Scene::new();
    scene.env("TOKEN", "Bearer hunter2").file("two", "from a file\n").file("ca.pem", &authority.pem);
    scene.file("client.pem", pem("CERTIFICATE", &certificate));
    scene.file("client.key", pem("PRIVATE KEY", key.serialized_der()));
    let target = format!("https://localhost:{}/", server.address.port());
    let flags = ["--ca", "/ca.pem", "--certificate", "/client.pem", "--key", "/client.key", "--header", "X-One=a=b"];
    let more = ["--header-env", "Authorization=TOKEN", "--header-file", "X-Two=/two", "--answer-header"];
    let with = |verb: &str, version: &str, last: &[&str]| {
        let arguments = [&[verb, target.as_str()][..], &flags, &more, &[version], last].concat();
        scene.run(&arguments).lacks("hunter2")
    };
    with("probe", "x-version=^17$", &["--timeout", "10s"]).code(0);
    with("wait", "x-version=^17$", &["--timeout", "20s", "--try-timeout", "10s"]).code(0);
    with("wait", "x-version=^18$", &["--timeout", "1s"])
        .code(5)
        .stderr_has("the header `x-version` of the answer is another one");
    with("probe", "x-version=(", &[]).code(2).stderr_has("not a regular expression");
    scene.file("client.key", "nonsense");
    with("probe", "x-version=17", &[]).code(1).stderr_has("the file of the private key holds none");
    // For each kind of target that they could be for.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}/", silent.local_addr().unwrap());
    let started = std::time::Instant::now();
    let ran =
        scene.run(&["wait", &silent, "file:///two", "--try-timeout", "200ms", "--timeout", "2s", "--", "sleep", "60"]);
    ran.code(5).stderr_has("no answer within 200ms").stderr_has("`sleep` was stopped after");
    assert!(started.elapsed() < Duration::from_secs(30));
}
