//! Steps from the command line are the same steps; and the commands that only print.

use crate::harness::Scene;

#[test]
fn steps_as_verbs() {
    let scene = Scene::new();
    scene.env("NAME", "n").file("t.hbs", "{{env.NAME}} {{values.v.x}}").file("v.yaml", "x: 1\n");
    scene.run(&["render", "/t.hbs", "/out", "--mode", "0600", "--values", "v=/v.yaml"]).code(0);
    assert_eq!(scene.read("out"), "n 1");
    assert!(scene.stat("out").ends_with(" 0600"));
    scene.run(&["mkdir", "/d/e", "/f", "--mode", "0750"]).code(0);
    assert!(scene.stat("d/e").ends_with(" 0750") && scene.stat("f").ends_with(" 0750"));
    scene.run(&["copy", "/out", "/f/out"]).code(0);
    scene.run(&["link", "out", "/f/link"]).code(0);
    assert_eq!(scene.read("f/link"), "n 1");
    scene.run(&["own", "/f", "--recursive", "--file-mode", "0640", "--directory-mode", "0700"]).code(0);
    assert!(scene.stat("f/out").ends_with(" 0640") && scene.stat("f").ends_with(" 0700"));
    scene.run(&["remove", "/f", "/d", "--recursive"]).code(0);
    assert!(!scene.exists("f") && !scene.exists("d"));
    scene.run(&["wait", "file:///out", "--timeout", "2s"]).code(0);
    scene.run(&["wait", "file:///none", "--timeout", "200ms"]).code(5);
    scene.run(&["run", "--creates", "/never", "--", "/bin/sh", "-c", "echo $0 > ran", "a b"]).code(0);
    assert_eq!(scene.read("ran"), "a b\n");
    scene.file("m/0001_a.sql", "CREATE TABLE a (x);");
    scene.run(&["migrate", "--database", "sqlite:///app.db", "--source", "/m"]).code(0).stderr_has("1 migration");
    assert!(scene.exists("app.db"));
}

#[test]
fn what_is_wrong_on_the_command_line_is_marked_there() {
    let scene = Scene::new();
    let ran = scene.run(&["mkdir", "/a", "--mode", "abc"]).code(2);
    assert!(
        ran.stderr.contains("error: not a mode\n  --> command line:1:21  ")
            || ran.stderr.contains("--> command line:1:21\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(" 1 | fitout mkdir --mode abc /a\n   |                     ^^^\n"), "{}", ran.stderr);
    scene.run(&["mkdir", "relative"]).code(2).stderr_has("error: the path is not absolute");
    scene.run(&["wait", "db"]).code(2).stderr_has("error: not a target");
    scene.run(&["frobnicate"]).code(2).stderr_has("unrecognized subcommand");
    scene.run(&["apply", "--nope"]).code(2);
    scene.run(&["migrate", "--source", "/m"]).code(2).stderr_has("`database` is missing");
    scene
        .run(&["migrate", "--database", "postgres://u:hunter2@h/d", "--source", "/m"])
        .code(2)
        .stderr_has("error: the URL holds a password")
        .lacks("hunter2");
}

#[test]
fn help_version_completions_and_schema_go_to_standard_output() {
    let scene = Scene::new();
    assert!(scene.run(&["--help"]).code(0).stdout.contains("apply"));
    assert_eq!(scene.run(&["--version"]).code(0).stdout, format!("fitout {}\n", env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish"] {
        assert!(scene.run(&["completions", shell]).code(0).stdout.contains("fitout"));
    }
    let schema = scene.run(&["schema"]).code(0).stdout;
    assert_eq!(schema, include_str!("../plan.schema.json"));
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["properties"]["version"]["type"], "integer");
}

#[test]
fn the_plan_is_found_in_its_places() {
    let plan = "version: 1\nsteps:\n  - render: { text: x, path: /a }\n";
    let by_text = Scene::new();
    by_text.env("FITOUT_PLAN_YAML", plan);
    by_text.run(&["apply"]).code(0);
    assert!(by_text.exists("a"));
    let by_path = Scene::with_plan(plan);
    by_path.env("FITOUT_PLAN", "plan.yaml");
    by_path.run(&["apply"]).code(0);
    assert!(by_path.exists("a"));
    let by_input = Scene::new();
    let mut child = by_input.command(&["apply", "-"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), plan.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(by_input.exists("a"));
    Scene::new()
        .run(&["apply"])
        .code(3)
        .stderr_has("error: cannot read the plan `/etc/fitout/plan.yaml`")
        .stderr_has("hint: name the plan");
}
