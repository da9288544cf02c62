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
        ("{ url: \"tcp://a:1\", try_timeout: 0s }", "nobody answers in no time"),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ TOKEN: {{ secret: true }} }} }}\nsteps:\n  - wait: {{ targets: [{target}] }}\n"
        ));
        scene.directory("m").env("TOKEN", "hunter2");
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message).stderr_has("plan.yaml:4:").lacks("hunter2");
    }
}

#[test]
fn a_connection_with_itself_is_none() {
    let test = "a_connection_with_itself_is_none";
    if !crate::harness::root_or_skip(test) {
        return;
    }
    let scene = Scene::new();
    // Every second connection to the first port comes from there.
    let script = "ip link set lo up || exit 9; echo 40000 40001 > /proc/sys/net/ipv4/ip_local_port_range; \
                  for n in 1 2 3 4 5 6 7 8; do \"$0\" probe tcp://127.0.0.1:40000 && exit 7; done; exit 0";
    let like = scene.command(&[]);
    let mut command = std::process::Command::new("unshare");
    command.args(["-n", "/bin/sh", "-c", script]).arg(like.get_program()).current_dir(&scene.directory);
    let ran = crate::harness::Ran::from(command.env("FITOUT_ROOT", &scene.directory).output().unwrap());
    if ran.code == 9 {
        crate::harness::skip(test, "ip");
        return;
    }
    ran.code(0).stderr_has("is not ready: connection refused");
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
