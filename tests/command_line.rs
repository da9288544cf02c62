//! Steps from the command line are the same steps; and the commands that only print.

use crate::harness::{Ran, Scene};

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

#[test]
fn a_program_without_dashes_in_front_of_it_is_told_where_it_stands() {
    let scene = Scene::new();
    for words in [&["exec", "nginx", "-g", "daemon off;"][..], &["run", "ls", "-l"], &["apply", "plan.yaml", "nginx"]] {
        scene.run(words).code(2).stderr_has("tip: a program and its arguments stand behind '--': '-- ");
    }
    for words in
        [&["exec", "--usr", "0", "true"][..], &["exec", "--", "true", "--", "true"], &["apply", "a", "b", "--", "c"]]
    {
        assert!(!scene.run(words).stderr.contains("behind '--'"), "{words:?}");
    }
    scene.file("server", [0x7f, b'E', b'L', b'F', 0xff]);
    for plan in ["server", "nginx", "/app/server"] {
        scene
            .run(&["apply", plan])
            .code(3)
            .stderr_has("hint: the argument is the plan; an application stands behind `--`");
    }
    assert!(!scene.run(&["apply", "missing.yaml"]).code(3).stderr.contains("hint"));
}

#[test]
fn flags_of_an_edit_belong_to_the_operation_before_them() {
    let scene = Scene::new();
    scene.file("a.conf", "a b c\n");
    scene
        .run(&[
            "edit",
            "/a.conf",
            "--replace",
            "a",
            "--with",
            "1",
            "--replace-regex",
            "[bc]",
            "--with",
            "2",
            "--count",
            "1",
        ])
        .code(0);
    assert_eq!(scene.read("a.conf"), "1 2 c\n");
    scene.run(&["edit", "/a.conf", "--block", "m", "--text", "t", "--line", "x", "--at", "beginning"]).code(0);
    assert_eq!(scene.read("a.conf"), "x\n1 2 c\n# BEGIN m\nt\n# END m\n");
    for (flags, message) in [
        (&["--with", "x"][..], "error: `--with` stands without what it belongs to\n  --> command line:1:21\n"),
        (&["--line", "x", "--with", "y"], "error: `--with` stands without what it belongs to"),
        (&["--replace", "x", "--at", "end"], "error: `--at` stands without what it belongs to"),
        (&["--line", "x", "--at", "end", "--at", "end"], "error: `--at` stands twice"),
        (&["--replace", "x", "--line", "y"], "error: `with` is missing\n  --> command line:1:31"),
        (&["--replace", "x", "--with", "y", "--replace-regex", "(", "--with", "z"], "error: not a regular expression"),
        (&["--line", "x", "--absent=1"], "unexpected value"),
    ] {
        scene.run(&[&["edit", "/a.conf"], flags].concat()).code(2).stderr_has(message);
    }
    scene
        .run(&["edit", "/a.conf", "--line", "y", "--validate-command", "/bin/false", "{}"])
        .code(1)
        .stderr_has("error: cannot use `/a.conf`: its validation failed: `/bin/false` ended with code 1");
    assert_eq!(scene.read("a.conf"), "x\n1 2 c\n# BEGIN m\nt\n# END m\n");
}

#[test]
fn a_template_and_its_judge_come_from_the_command_line() {
    let scene = Scene::new();
    scene.env("X", "good");
    scene
        .run(&[
            "render",
            "/a",
            "--text",
            "{{env.X}}",
            "--validate-command",
            "/bin/grep",
            "-q",
            "good",
            "{}",
            ";",
            "--mode",
            "0600",
        ])
        .code(0);
    assert_eq!(scene.read("a"), "good");
    assert!(scene.stat("a").ends_with(" 0600"));
    let judge = ["--validate-command", "/bin/grep", "-q", "good", "{}"];
    scene.run(&[&["render", "--text", "bad", "/a"], &judge[..]].concat()).code(1).stderr_has("its validation failed");
    assert_eq!(scene.read("a"), "good");
    for (arguments, code, message) in [
        (&["render", "/a", "--text", "x{{env.NO}}"][..], 3, "  --> command line:1:28"),
        (&["render", "/a", "--text", "{{env.X"], 2, "error: cannot parse the template"),
        (&["render", "/t", "/a", "--text", "x"], 2, "'[SOURCE]' cannot be used with '--text <TEMPLATE>'"),
        (&["render", "/a"], 2, "required arguments were not provided"),
        (&["render", "/a", "--text", "x", "--validate", "none", "--validate-command", "/x"], 2, "cannot be used with"),
    ] {
        scene.run(arguments).code(code).stderr_has(message);
    }
}

#[test]
fn an_argument_that_is_not_utf_8_is_named() {
    use std::os::unix::ffi::OsStrExt as _;

    let scene = Scene::new();
    scene.directory("v");
    let name = std::ffi::OsStr::from_bytes(b"/v/\xffx\n");
    let ran = Ran::from(scene.command(&["own", "--mode", "0600"]).arg(name).output().unwrap()).code(2);
    assert_eq!(
        ran.stderr,
        "error: argument 4 is not UTF-8: `/v/\\xffx\\n`\n\nhint: name the directory that it is in\n"
    );
    let ran = Ran::from(scene.command(&["exec", "--", "/bin/echo"]).arg(name).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}
