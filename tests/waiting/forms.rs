//! What is no target, in the words of messages.

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
        (&["wait", "tcp://a:1", "--header", "A=b"], "`headers` has no target that it could belong to"),
        (
            &["wait", "http://a/", "--certificate", "/c", "--key", "/k"],
            "`certificate` has no target that it could belong to",
        ),
        (&["wait", "https://a/", "--certificate", "/c"], "--key <PATH>"),
        (&["wait", "http://a/", "--header", "oops"], "`oops` is no `NAME=VALUE`"),
        (&["wait", "http://a/", "--header", "A b=hunter2"], "not the name of a header"),
        (&["wait", "http://a/", "--header", "Authorization=hunter2"], "`Authorization` stands in plain sight"),
        (&["wait", "tcp://a:1", "--try-timeout", "5"], "not a duration"),
        (&["wait"], "<TARGET"),
        (&["probe"], "<TARGET>"),
        (&["wait", "--database", "postgres://u:hunter2@a/b"], "the URL holds a password"),
    ] {
        scene.run(arguments).code(2).stderr_has(message).lacks("hunter2");
    }
}
