//! What is no target, in the words of messages; and targets that have to be gone.

use std::net::TcpListener;
use std::process::Command;

use crate::harness::Scene;

#[test]
fn what_is_no_target_is_told_with_its_place() {
    for (target, message) in [
        ("{}", "not a target"),
        ("{ url: \"tcp://a:1\", command: [a] }", "not a target"),
        ("{ url: \"tcp://a:1\", status: [200] }", "`status` has no meaning for this target"),
        ("{ command: [a], body: b }", "`body` has no meaning for this target"),
        ("{ url: \"redis://a\", env: { A: b } }", "`env` has no meaning for this target"),
        ("{ url: \"http://a/\", password: { from_env: A } }", "`password` has no meaning for this target"),
        ("{ url: \"http://a/\", ca: /ca.pem }", "certificates have no meaning without TLS"),
        ("{ url: \"https://a/\", certificate: /c.pem }", "`certificate` needs `key`"),
        ("{ url: \"https://a/\", key: /c.pem }", "`key` needs `certificate`"),
        ("{ url: \"http://a/\", status: [99] }", "not a status"),
        ("{ url: \"http://a/\", body: \"(\" }", "not a regular expression"),
        ("{ url: \"http://a/\", header: { \"a b\": c } }", "not the name of a header"),
        ("{ url: \"http://a/\", headers: { \"a:\": c } }", "not the name of a header"),
        (
            "{ url: \"http://a/\", headers: { Content-Length: \"5\" } }",
            "the header `Content-Length` is made by `wait` itself",
        ),
        ("{ url: \"redis://a\", password: {} }", "`password` is not one place"),
        ("{ url: \"redis://a\", password: { from_env: NOPE } }", "`NOPE` is not declared under `inputs.env`"),
        ("{ database: { from_env: NOPE } }", "`NOPE` is not declared under `inputs.env`"),
        ("\"redis://:hunter2@a\"", "the URL holds a password"),
        ("\"postgres://u:hunter2@a/b\"", "the URL holds a password"),
        ("{ command: [] }", "`command` is empty"),
        ("{ command: [\"{{env.TOKEN}}\"] }", "`env.TOKEN` is secret, and arguments can be seen by every user"),
        ("{ url: \"tcp://a:1\", statsu: [200] }", "unknown key `statsu`"),
        ("{ migrated: { database: \"sqlite:///a\", source: /m }, gone: true }", "`gone` has no meaning for `migrated`"),
        ("{ url: \"tcp://a:1\", try_timeout: \"5\" }", "not a duration"),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ TOKEN: {{ secret: true }} }} }}\nsteps:\n  - wait: {{ targets: [{target}] }}\n"
        ));
        scene.directory("m").env("TOKEN", "hunter2");
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message).stderr_has("plan.yaml:4:").lacks("hunter2");
    }
}

#[test]
fn flags_that_belong_to_no_target_are_refused() {
    let scene = Scene::new();
    for (arguments, message) in [
        (&["wait", "tcp://a:1", "--status", "200"][..], "`status` has no target that it could belong to"),
        (&["wait", "tcp://a:1", "--body", "x"], "`body` has no target that it could belong to"),
        (&["probe", "tcp://a:1", "--password-env", "A"], "`password` has no target that it could belong to"),
        (&["wait"], "<TARGET"),
        (&["probe"], "<TARGET>"),
        (&["wait", "--database", "postgres://u:hunter2@a/b"], "the URL holds a password"),
    ] {
        scene.run(arguments).code(2).stderr_has(message).lacks("hunter2");
    }
}

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
fn what_cannot_be_looked_at_is_not_gone() {
    if !crate::harness::root_or_skip("what_cannot_be_looked_at_is_not_gone") {
        return;
    }
    let scene = Scene::new();
    scene.directory("closed").mode("closed", 0o700).file("closed/marker", "");
    let mut command: Command = scene.command_as(1234, &["probe", "file:///closed/marker", "--gone"]);
    let ran = crate::harness::Ran::from(command.output().unwrap());
    ran.code(1).stderr_has("permission denied");
}
