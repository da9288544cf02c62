//! `validate`: what does not pass is not published.

use std::process::Command;

use crate::harness::{Scene, root_or_skip, skip};

fn scene(path: &str, fields: &str, template: &str) -> Scene {
    let scene = Scene::with_plan(&format!(
        "version: 1\ninputs: {{ env: {{ X: {{ default: v }} }} }}\nsteps:\n  - render: {{ source: /t.hbs, path: {path}, {fields} }}\n"
    ));
    scene.file("t.hbs", template);
    scene
}

#[test]
fn a_result_of_a_known_format_is_parsed_first() {
    for (path, fields, template, message) in [
        ("/a.json", "if_exists: replace", "{\"a\": }", "   = line 1 column 7 of the result"),
        ("/a.yaml", "if_exists: replace", "a: [1\nb: 2\n", "not valid YAML: "),
        ("/a.toml", "if_exists: replace", "a = \n", "not valid TOML: "),
        ("/a.xml", "if_exists: replace", "<a><b></a>", "not valid XML: "),
        ("/a.json", "if_exists: replace", "{\"a\": {\"x\\\"\": 1,\n \"x\\u0022\": 2}}", "duplicate key\n"),
        (
            "/a.json",
            "if_exists: replace",
            "{\"a\": {\"x\\\"\": 1,\n \"x\\u0022\": 2}}",
            "   = line 2 column 2 of the result\n",
        ),
        ("/a.yaml", "if_exists: replace", "b:\n- {a: 1, \"a\": 2}\n", "duplicate key\n"),
        ("/a.yaml", "if_exists: replace", "b:\n- {a: 1, \"a\": 2}\n", "   = line 2 column 10 of the result\n"),
        (
            "/a.yaml",
            "if_exists: replace",
            "1: 1\na: {b: [1]}\n---\na: 1\n1: 2\n? [a]\n: 1\n1: 3\n",
            "line 8 column 1 of",
        ),
        ("/a.conf", "validate: json", "{", "not valid JSON: "),
        ("/a.conf", "validate: yaml", "a: {", "not valid YAML: "),
        ("/a.conf", "validate: toml", "=", "not valid TOML: "),
        ("/a.conf", "validate: xml", "text", "not valid XML: "),
    ] {
        let scene = scene(path, fields, template);
        scene.file(path, "old");
        scene.apply().code(3).stderr_has("error: cannot use the rendered `/t.hbs`: ").stderr_has(message);
        assert_eq!(scene.read(path), "old", "{path} {fields}");
    }
    for (path, fields, template) in [
        ("/a.json", "validate: none", "{\"a\": }"),
        ("/a.yaml", "if_exists: replace", "a: 1\n---\nb: !tag [2]\n"),
        ("/a.yaml", "if_exists: replace", "a: &a {x: a, y: [a, a]}\nb: {<<: *a, 1: a, \"1\": a, *a : 1}\na2: a\n"),
        ("/a.json", "if_exists: replace", "[{\"a\": {\"a\": 1}, \"A\": \"a\"}, {\"a\": 1.5e3}]"),
        ("/a.toml", "if_exists: replace", "a = 1\n[b.c]\n"),
        ("/a.xml", "if_exists: replace", "<?xml version=\"1.0\"?>\n<a b='c'>{{env.X}}</a>\n"),
    ] {
        scene(path, fields, template).apply().code(0);
    }
}

#[test]
fn a_result_is_held_against_a_json_schema() {
    let schema =
        r#"{"type": "object", "required": ["port"], "properties": {"port": {"type": "integer", "maximum": 65535}}}"#;
    for (path, template, message) in [
        ("/a.json", "{\"port\": 70000}", "`/port` is greater than the maximum 65535"),
        ("/a.yaml", "port: abc\n", "`/port` is not of the type integer"),
        ("/a.toml", "prot = 1\n", "`/` has no key `port`, which is required"),
    ] {
        let scene = scene(path, "validate: { schema: /s.json }", template);
        scene.file("s.json", schema);
        scene
            .apply()
            .code(3)
            .stderr_has("error: cannot use the rendered `/t.hbs`: ")
            .stderr_has(message)
            .stderr_has("   = schema: /s.json")
            .lacks("70000")
            .lacks("abc");
        assert!(!scene.exists(path));
    }
    let scene = scene("/a.json", "validate: { schema: /s.json }", "{\"port\": 8080}");
    scene.apply().code(3).stderr_has("error: cannot use the schema `/s.json`: no such file or directory");
    scene.file("s.json", "{\"type\": 5}");
    scene.apply().code(3).stderr_has("error: cannot use the schema `/s.json`: ");
    scene.file("s.json", schema).apply().code(0);
}

#[test]
fn a_command_judges_the_staged_file() {
    let command =
        "validate: { command: [/bin/sh, -c, 'echo looked at \"$1\"; grep -q good \"$1\"', sh, '{}'] }, mode: \"0640\"";
    let scene = scene("/out/a.conf", command, "bad\n");
    scene.file("out/a.conf", "old\n");
    let ran = scene.apply().code(1).stderr_has(
        "error: cannot use `/out/a.conf`: its validation failed: `/bin/sh` ended with code 1\n  --> plan.yaml:4:",
    );
    assert!(ran.stderr.contains("   = /bin/sh: looked at "), "{}", ran.stderr);
    assert_eq!(scene.read("out/a.conf"), "old\n");
    assert_eq!(scene.names("out"), ["a.conf"]);
    scene.file("t.hbs", "good\n").apply().code(0);
    assert_eq!(scene.read("out/a.conf"), "good\n");
    assert_eq!(scene.names("out"), ["a.conf"]);
    // What is right already needs no judge.
    scene.apply().code(0).stderr_has("unchanged").lacks("looked at");
    // `show` runs nothing.
    scene.file("t.hbs", "bad\n").run(&["show", "plan.yaml"]).code(10).lacks("looked at");
}

#[test]
fn nothing_of_a_tree_is_published_when_one_file_fails() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - render: { source: /t, path: /out, validate: { command: [/bin/grep, -q, good, '{}'] } }\n",
    );
    scene.file("t/a.hbs", "good").file("t/b.hbs", "bad").file("out/a", "old");
    scene.apply().code(1);
    assert_eq!(scene.read("out/a"), "old");
    assert_eq!(scene.names("out"), ["a"]);
}

#[test]
fn a_wrong_validate_is_found_by_check() {
    for (validate, message) in [
        ("jsno", "did you mean `json`?"),
        ("{ command: [/bin/true] }", "hint: write `{}` where its path belongs"),
        ("{ command: [/no/such, '{}'], schema: /s }", "`validate` needs either `schema` or `command`"),
    ] {
        let plan = format!("version: 1\nsteps:\n  - render: {{ text: x, path: /a, validate: {validate} }}\n");
        Scene::with_plan(&plan).run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
    let plan = "version: 1\nsteps:\n  - render: { text: x, path: /a, validate: { command: [/no/such, '{}'] } }\n";
    let scene = Scene::with_plan(plan);
    scene
        .apply()
        .code(1)
        .stderr_has("error: cannot use `/a`: its validation failed: cannot execute `/no/such`: no such file");
    assert!(!scene.exists("a"));
}

#[test]
fn what_a_judge_prints_of_a_secret_is_not_shown() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PW: { secret: true } } }
steps:
  - render: { text: \"p='{{reverse_text}}'\", path: /a.conf }
"
        .replace("{{reverse_text}}", "{{env.PW}}-{{lower env.PW}}")
        .replace("path: /a.conf", "path: /a.conf, validate: { command: [/bin/sh, -c, 'rev \"$1\"; exit 3', sh, '{}'] }")
        .as_str(),
    );
    scene.env("PW", "Abcdefg");
    scene
        .apply()
        .code(1)
        .stderr_has("`/bin/sh` ended with code 3")
        .stderr_has("   = what it printed is not shown: the file holds a secret")
        .lacks("gfedc");
}

#[test]
fn the_language_that_is_said_decides_what_is_parsed() {
    let scene = scene("/bad", "escape: yaml", "a: [1\nb: 2\n");
    scene.apply().code(3).stderr_has("not valid YAML: ");
    let scene = scene_with_schema("/noname", "escape: json", "{\"port\": 70000}");
    scene.apply().code(3).stderr_has("`/port` is greater than the maximum 65535");
}

fn scene_with_schema(path: &str, fields: &str, template: &str) -> Scene {
    let scene = scene(path, &format!("validate: {{ schema: /s.json }}, {fields}"), template);
    scene.file("s.json", "{\"properties\": {\"port\": {\"maximum\": 65535}}}");
    scene
}

#[test]
fn the_words_of_a_judge_are_like_those_of_every_program() {
    let plan = |step: &str| {
        Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ PW: {{ secret: true, required: false }}, WORDS: {{ type: list }} }} }}\nsteps:\n  - {step}\n"
        ))
    };
    for step in [
        "render: { text: x, path: /a, validate: { command: [/bin/grep, \"{{env.PW}}\", \"{}\"] } }",
        "edit: { path: /a, format: text, line: { text: x }, validate: { command: [/bin/grep, \"{{env.PW}}\", \"{}\"] } }",
    ] {
        plan(step)
            .run(&["check", "plan.yaml"])
            .code(3)
            .stderr_has("is secret, and arguments can be seen by every user");
    }
    let scene = plan("render: { text: good, path: /a, validate: { command: [/bin/grep, \"{{env.WORDS}}\", \"{}\"] } }");
    scene.env("WORDS", "-q,good").apply().code(0);
    scene.env("WORDS", "-q,better").file("a", "").apply().code(1);
}

#[test]
fn a_script_can_judge_itself() {
    let scene = scene(
        "/out/check.sh",
        "mode: \"0755\", validate: { command: [/usr/bin/env, \"{}\"] }",
        "#!/bin/sh\nexit {{env.X}}\n",
    );
    scene.directory("out").env("X", "0").apply().code(0);
    scene.env("X", "3").apply().code(1).stderr_has("ended with code 3");
    assert_eq!(scene.read("out/check.sh"), "#!/bin/sh\nexit 0\n");
    assert_eq!(scene.names("out"), ["check.sh"]);
}

#[test]
fn a_staged_file_keeps_its_suffix() {
    let judge = "validate: { command: [/bin/sh, -c, 'echo \"$1\"; exit 1', sh, '{}'] }";
    for (path, suffix) in [("/out/a.conf.yaml", ".yaml\n"), ("/out/a", ""), ("/out/a.b-c", "")] {
        let scene = scene(path, judge, "x");
        scene.directory("out");
        let ran = scene.apply().code(1);
        let (_, name) = ran.stderr.split_once("/out/.fitout-").unwrap();
        let name = name.split_once('\n').unwrap().0;
        assert_eq!(name.len(), 16 + suffix.trim_end().len(), "{name}");
        assert!(name.ends_with(suffix.trim_end()), "{name}");
        assert!(scene.names("out").is_empty());
    }
}

#[test]
fn a_bind_mounted_file_in_a_read_only_directory_is_judged_elsewhere() {
    let test = "a_bind_mounted_file_in_a_read_only_directory_is_judged_elsewhere";
    if !root_or_skip(test) {
        return;
    }
    let judge =
        "validate: { command: [/bin/sh, -c, 'stat -c %u:%a:%n \"$1\" > seen && grep -q good \"$1\"', sh, '{}'] }";
    for (content, code) in [("bad\n", 1), ("good\n", 0)] {
        let scene = scene("/etc/a.yaml", &format!("{judge}, owner: \"1000:1000\""), content);
        scene.file("real.yaml", "old\n").file("etc/a.yaml", "").directory("tmp").mode("tmp", 0o1777);
        let plan = format!("{}    writes: [/seen]\n", scene.read("plan.yaml"));
        scene.file("plan.yaml", plan).file("seen", "");
        let script = format!(
            "mount --bind {0}/etc {0}/etc && mount --bind {0}/real.yaml {0}/etc/a.yaml && mount -o remount,ro,bind {0}/etc && exec {1} apply plan.yaml",
            scene.directory.display(),
            crate::harness::binary().display()
        );
        let ran = Command::new("unshare")
            .args(["-m", "sh", "-c", &script])
            .current_dir(&scene.directory)
            .env("FITOUT_ROOT", &scene.directory)
            .output();
        let Ok(ran) = ran else { return skip(test, "unshare") };
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{stderr}");
        assert_eq!(scene.read("real.yaml"), if code == 0 { content } else { "old\n" });
        let seen = scene.read("seen");
        assert!(seen.starts_with("0:600:") && seen.contains("/tmp/.fitout-") && seen.ends_with(".yaml\n"), "{seen}");
        assert!(scene.names("tmp").is_empty());
    }
}
