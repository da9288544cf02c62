//! `redis://`: a login and an answer, from the real server and from what only looks like one.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::authority::{Authority, pem};
use crate::harness::{Scene, skip};

const PROGRAM: &str = "/usr/bin/redis-server";

struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The real server, which may still be starting.
fn start(test: &str, scene: &Scene, options: &[String]) -> Option<Redis> {
    if !std::path::Path::new(PROGRAM).exists() {
        skip(test, "redis-server");
        return None;
    }
    let (files, flags) = options.split_at(usize::from(!options[0].starts_with('-')));
    let mut command = Command::new(PROGRAM);
    command
        .args(files)
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"])
        .arg(scene.path(""))
        .args(flags);
    Some(Redis(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()))
}

/// A server that says this to whatever it is asked, and the arguments that ask it.
fn says(answer: &'static [u8]) -> String {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut question = [0; 1024];
            if answer.is_empty() {
                drop(stream);
            } else if stream.read(&mut question).is_ok() {
                let _ = stream.write_all(answer);
            }
        }
    });
    format!("redis://{address}")
}

#[test]
fn a_login_and_an_answer_not_just_a_port() {
    let scene = Scene::new();
    let port = free_port();
    let settings = format!("port {port}\nrequirepass \"hunter2 p@ss\"\nuser app on >other-word ~* +@all\n");
    scene.file("redis.conf", settings);
    let options = [scene.path("redis.conf").display().to_string()];
    let Some(_redis) = start("a_login_and_an_answer_not_just_a_port", &scene, &options) else { return };
    scene.file("password", "hunter2 p@ss\n").env("WORD", "other-word").env("WRONG", "wrong-word");
    let at = |user: &str, path: &str| format!("redis://{user}127.0.0.1:{port}{path}");
    scene.run(&["wait", &at("", ""), "--password-file", "/password", "--timeout", "30s"]).code(0).lacks("hunter2");
    scene.run(&["probe", &at("", "/3"), "--password-file", "/password"]).code(0);
    scene.run(&["probe", &at("app@", ""), "--password-env", "WORD"]).code(0);
    let ran = scene.run(&["probe", &at("app@", ""), "--password-env", "WRONG"]).code(1).lacks("wrong-word");
    ran.stderr_has("the server says: WRONGPASS");
    scene.run(&["probe", &at("", "")]).code(1).stderr_has("the server says: NOAUTH");
    scene
        .run(&["probe", &at("", "/99"), "--password-file", "/password"])
        .code(1)
        .stderr_has("DB index is out of range");
    // A password is read again at each look.
    scene.file("later", "wrong-word");
    let flags = ["--password-file", "/later", "--timeout", "30s", "--interval", "50ms"];
    let child = scene.start(&[&["wait", &at("", "")][..], &flags].concat());
    std::thread::sleep(std::time::Duration::from_millis(500));
    scene.file("later.new", "hunter2 p@ss\n");
    std::fs::rename(scene.path("later.new"), scene.path("later")).unwrap();
    let ran = crate::harness::Ran::from(child.wait_with_output().unwrap()).code(0).lacks("hunter2");
    ran.lacks("wrong-word").stderr_has("WRONGPASS");
    // It answers, so it is not gone.
    scene.run(&["probe", &at("", ""), "--gone"]).code(1).stderr_has("NOAUTH");
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - wait: {{ timeout: 9s, targets: [{{ url: \"{}\", password: {{ from_file: /password }} }}] }}\n",
            at("default@", "")
        ),
    );
    scene.apply().code(0).lacks("hunter2");
}

#[test]
fn over_tls_the_certificate_is_checked() {
    let (scene, authority, port) = (Scene::new(), Authority::new(), free_port());
    let (certificate, key) = authority.issue(&["localhost"], |_| {});
    scene.file("ca.pem", &authority.pem).file("cert.pem", pem("CERTIFICATE", &certificate));
    scene.file("key.pem", pem("PRIVATE KEY", key.serialized_der()));
    let file = |name: &str| scene.path(name).display().to_string();
    let options = [
        ["--port".to_owned(), "0".to_owned()],
        ["--tls-port".to_owned(), port.to_string()],
        ["--tls-cert-file".to_owned(), file("cert.pem")],
        ["--tls-key-file".to_owned(), file("key.pem")],
        ["--tls-ca-cert-file".to_owned(), file("ca.pem")],
        ["--tls-auth-clients".to_owned(), "no".to_owned()],
    ];
    let Some(_redis) = start("over_tls_the_certificate_is_checked", &scene, &options.concat()) else { return };
    let target = format!("rediss://localhost:{port}");
    scene.run(&["wait", &target, "--ca", "/ca.pem", "--timeout", "30s"]).code(0);
    scene.file("other.pem", &Authority::new().pem);
    let ran = scene.run(&["probe", &target, "--ca", "/other.pem", "--timeout", "10s"]);
    ran.code(1).stderr_has("the server's certificate is of an authority that is not trusted");
}

#[test]
fn what_is_not_ready_or_no_such_server_is_told() {
    let scene = Scene::new();
    for (answer, cause) in [
        (&b"-LOADING Redis is loading the dataset in memory\r\n"[..], "the server says: LOADING Redis is loading"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the answer is not that of a Redis server"),
        (b"+OK\r\n", "the answer is not that of a Redis server"),
        (b"+PO", "the answer is not that of a Redis server"),
        (b"-\x1b[2J\r\n", "the server says:  [2J"),
        (b"", "the connection"),
    ] {
        let ran = scene.run(&["probe", &says(answer), "--timeout", "10s"]).code(1);
        if !answer.is_empty() {
            ran.stderr_has(cause);
        }
    }
    // Accepts, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("redis://{}", listener.local_addr().unwrap());
    scene.run(&["probe", &target, "--timeout", "200ms"]).code(1).stderr_has("no answer within 200ms");
    let closed = format!("redis://127.0.0.1:{}", free_port());
    scene.run(&["probe", &closed]).code(1).stderr_has("connection refused");
    scene.run(&["probe", &closed, "--gone"]).code(0);
}

#[test]
fn a_line_without_end_is_bounded() {
    let scene = Scene::new();
    let target = says(Box::leak(vec![b'+'; 1 << 20].into_boxed_slice()));
    scene.run(&["probe", &target, "--timeout", "20s"]).code(1).stderr_has("the answer is not that of a Redis server");
}
