//! Secrets in headers and addresses, and that they stay there.

use crate::harness::Scene;
use crate::server::{Server, header, reply};

const INPUTS: &str = "inputs: { env: { TOKEN: { secret: true, file: true }, KEY: { secret: true } } }\n";

fn scene(server: &Server, path: &str, fields: &str) -> Scene {
    let step = super::plan(&server.url(path), &format!(", unverified: true{fields}"));
    let scene = Scene::with_plan(&step.replace("steps:", &format!("{INPUTS}steps:")));
    scene.directory("out").env("TOKEN", "hunter2 in full").env("KEY", "k&y=1");
    scene
}

#[test]
fn secrets_reach_the_server_and_no_log() {
    let server = Server::start(|_, _, stream| reply(stream, "404 X", &[], b""));
    let fields = ", headers: { Authorization: { from_env: TOKEN, prefix: \"Bearer \" }, X-File: { from_file: /run/t }, X-Text: \"{{env.KEY}}\", Accept: text/plain }";
    let scene = scene(&server, "/?key={{url_encode env.KEY}}", fields);
    scene.file("run/t", "from a file\n").env("FITOUT_LOG_LEVEL", "debug");
    for arguments in [&["apply", "plan.yaml"][..], &["show", "plan.yaml"], &["apply", "plan.yaml", "--log", "json"]] {
        scene.run(arguments).lacks("hunter2").lacks("k&y").lacks("k%26y").lacks("from a file");
    }
    let request = &server.requests()[0];
    assert!(request.starts_with("get /?key=k%26y%3d1 http/1.1\r\n"), "{request}");
    for (name, value) in [
        ("authorization", "bearer hunter2 in full"),
        ("x-file", "from a file"),
        ("x-text", "k&y=1"),
        ("accept", "text/plain"),
    ] {
        assert_eq!(header(request, name), Some(value), "{request}");
    }
}

#[test]
fn a_token_may_come_from_the_file_that_a_variable_names() {
    let server = Server::with("x");
    let scene = scene(&server, "/", ", headers: { A: { from_env: TOKEN } }");
    scene.file("run/token", "from file\n").env("TOKEN", "").env("TOKEN_FILE", "/run/token");
    scene.apply().code(0);
    assert_eq!(header(&server.requests()[0], "a"), Some("from file"));
}

#[test]
fn secrets_that_are_missing_or_cannot_be_sent() {
    let server = Server::with("x");
    for (content, code, message) in [
        (None, 4, "error: cannot read the secret `/run/t`: no such file or directory\n"),
        (Some(""), 4, "error: the secret `/run/t` is empty\n"),
        (
            Some("hunter2\r\nX-Evil: 1"),
            4,
            "error: cannot send the header `A`: the value holds a newline or a control character\n",
        ),
    ] {
        let scene = scene(&server, "/", ", headers: { A: { from_file: /run/t } }");
        if let Some(content) = content {
            scene.file("run/t", content);
        }
        scene.apply().code(code).stderr_has(message).lacks("hunter2");
    }
    assert_eq!(server.requests().len(), 0);
}
