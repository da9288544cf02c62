//! The contract with the outside: everything that is wrong is said before the first step, and no value is.

use std::os::unix::ffi::OsStringExt;

use crate::harness::Scene;

mod aliases;
mod defaults;
mod facts;
mod files;
mod groups;
mod messages;
mod patterns;
mod sources;

/// A plan with this contract whose one step writes the text to `/out`.
fn scene(env: &str, text: &str) -> Scene {
    Scene::with_plan(&format!(
        "version: 1\ninputs:\n  env:\n{env}\nsteps:\n  - render: {{ text: '{text}', path: /out }}\n"
    ))
}

#[test]
fn types_defaults_and_rules() {
    for (spec, value, wanted) in [
        ("{}", Some("a b"), Ok("a b")),
        ("{}", None, Err("the environment variable `X` is not set")),
        ("{}", Some(""), Err("the environment variable `X` is set but empty")),
        ("{ default: d }", None, Ok("d")),
        ("{ default: d }", Some(""), Ok("d")),
        ("{ type: integer }", Some("12"), Ok("12")),
        ("{ type: integer }", Some("x"), Err("cannot use the environment variable `X`: it is not an integer")),
        ("{ type: integer, min: 1 }", Some("0"), Err("cannot use the environment variable `X`: it is below 1")),
        (
            "{ type: integer, max: 65535 }",
            Some("65536"),
            Err("cannot use the environment variable `X`: it is above 65535"),
        ),
        ("{ type: number }", Some("1.5"), Ok("1.5")),
        ("{ type: boolean }", Some("yes"), Ok("true")),
        ("{ type: duration }", Some("5m"), Ok("5m")),
        ("{ type: duration }", Some("5"), Err("it is not a duration")),
        ("{ type: url }", Some("no url"), Err("it is not a URL")),
        ("{ one_of: [a, b] }", Some("b"), Ok("b")),
        ("{ one_of: [a, b] }", Some("c"), Err("cannot use the environment variable `X`: it is none of a, b")),
        ("{ type: integer, one_of: [1, 2] }", Some("2"), Ok("2")),
        ("{ type: number, one_of: [1, 2.5] }", Some("1.0"), Ok("1.0")),
        ("{ type: number, one_of: [1.0, 2.5] }", Some("1"), Ok("1")),
        ("{ type: number, one_of: [1, 2.5], default: 1.0 }", None, Ok("1.0")),
        (
            "{ type: number, one_of: [1, 2.5] }",
            Some("2"),
            Err("cannot use the environment variable `X`: it is none of 1, 2.5"),
        ),
        ("{ type: json, one_of: [1, {a: 1.0}] }", Some("1.0"), Ok("1.0")),
        ("{ one_of: [1, 2.5] }", Some("1.0"), Err("cannot use the environment variable `X`: it is none of 1, 2.5")),
        ("{ matches: \"^[a-z]{2}-[0-9]$\" }", Some("eu-1"), Ok("eu-1")),
        ("{ matches: \"^[a-z]{2}-[0-9]$\" }", Some("EU-1"), Err("it does not match `^[a-z]{2}-[0-9]$`")),
    ] {
        let scene = scene(&format!("    X: {spec}"), "{{env.X}}");
        if let Some(value) = value {
            scene.env("X", value);
        }
        match wanted {
            Ok(text) => {
                scene.apply().code(0);
                assert_eq!(scene.read("out"), text, "{spec}");
            }
            Err(message) => {
                scene.apply().code(4).stderr_has(message).stderr_has("plan.yaml:4:5");
                assert!(!scene.exists("out"), "{spec}");
            }
        }
    }
}

#[test]
fn a_secret_cannot_have_a_default() {
    let scene = scene("    X: { secret: true, default: hunter2 }", "{{env.X}}");
    scene.apply().code(3).stderr_has("error: `X` is secret and cannot have a default");
}

#[test]
fn json_and_lists_can_be_walked() {
    let scene =
        scene("    J: { type: json }\n    L: { type: list }", "{{env.J.a.[0].b}}{{#each env.L}}<{{this}}>{{/each}}");
    scene.env("J", "{\"a\": [{\"b\": 7}]}").env("L", "x, y");
    scene.apply().code(0);
    assert_eq!(scene.read("out"), "7<x><y>");
}

#[test]
fn all_findings_come_at_once_and_no_value_is_named() {
    let scene = scene(
        "    A: { type: integer }\n    B: {}\n    C: { secret: true, matches: \"^x\" }\n    D: { type: json }",
        "x",
    );
    scene.env("A", "sekret-a").env("C", "sekret-c").env("D", "{sekret-d");
    let ran = scene.apply().code(4).lacks("sekret");
    assert_eq!(ran.stderr.matches("error: ").count(), 4, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("hint: set it, or give it a `default` or `required: false` in the plan"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_optional_variable_is_null_and_strict_templates_say_so() {
    let optional = "    X: { required: false }";
    let scene_ = scene(optional, "{{#if env.X}}on{{else}}off{{/if}} {{default env.X \"d\"}}");
    scene_.apply().code(0);
    assert_eq!(scene_.read("out"), "off d");
    scene(optional, "{{env.X}}").apply().code(3).stderr_has("`env.X` is null").stderr_has("hint: `default` gives it");
}

#[test]
fn a_variable_can_come_from_a_file() {
    let spec = "    PW: { secret: true, file: true }";
    for (file, content, direct, wanted) in [
        (Some("/run/pw"), Some("s3cret\n\n"), None, Ok("s3cret")),
        (Some("/run/pw"), Some("s3cret\r\n"), None, Ok("s3cret")),
        (Some("/run/pw"), Some(" two words "), None, Ok(" two words ")),
        (None, None, Some("direct"), Ok("direct")),
        (Some(""), None, Some("direct"), Ok("direct")),
        (Some("/run/pw"), Some("a"), Some("b"), Err("both `PW` and `PW_FILE` are set")),
        (Some("/run/pw"), None, None, Err("cannot read `/run/pw`, named by `PW_FILE`: no such file or directory")),
        (Some("/run/pw"), None, None, Err("hint: mount the file there, or set `PW_FILE` to where it is")),
        (Some("run/pw"), Some("x"), None, Err("cannot read `run/pw`, named by `PW_FILE`: the path is not absolute")),
        (Some("/run/pw"), Some("\n"), None, Err("cannot use `/run/pw`, named by `PW_FILE`: it is empty")),
        (Some("/run/pw"), Some(""), None, Err("hint: write the value into it")),
        (Some("/run/pw"), Some("a\0b"), None, Err("it holds a NUL character")),
        (None, None, None, Err("hint: set it, or `PW_FILE` with the path of a file that holds it")),
    ] {
        let scene = scene(spec, "{{env.PW}}");
        scene.directory("run");
        if let Some(content) = content {
            scene.file("run/pw", content);
        }
        if let Some(file) = file {
            scene.env("PW_FILE", file);
        }
        if let Some(direct) = direct {
            scene.env("PW", direct);
        }
        match wanted {
            Ok(text) => {
                scene.apply().code(0).lacks("s3cret");
                assert_eq!(scene.read("out"), text);
            }
            Err(message) => {
                scene.apply().code(4).stderr_has(message);
            }
        }
    }
}

#[test]
fn an_empty_file_is_no_value_where_none_is_needed() {
    for (spec, wanted) in [("default: d", "d"), ("required: false", "none")] {
        let scene = scene(&format!("    X: {{ file: true, {spec} }}"), "{{default env.X \"none\"}}");
        scene.file("empty", "\n").env("X_FILE", "/empty");
        scene.apply().code(0);
        assert_eq!(scene.read("out"), wanted, "{spec}");
    }
}

#[test]
fn what_is_not_utf_8_or_has_a_strange_name_is_no_reason_to_abort() {
    let first = scene("    X: { default: d }", "{{env.X}}");
    first
        .env(std::ffi::OsString::from_vec(b"BAD\xff".to_vec()), std::ffi::OsString::from_vec(b"\xfe".to_vec()))
        .env("with.dot-and-dash", "x")
        .env("OTHER", std::ffi::OsString::from_vec(b"\xfe\xff".to_vec()));
    first.apply().code(0);
    assert_eq!(first.read("out"), "d");
    let second = scene("    X: { default: d }", "{{env.X}}");
    second.env("X", std::ffi::OsString::from_vec(b"\xfe".to_vec()));
    second.apply().code(4).stderr_has("cannot use the environment variable `X`: it is not UTF-8");
}

#[test]
fn the_application_gets_exports_and_no_file_names() {
    let scene = Scene::with_plan(
        "version: 1
inputs:
  env:
    PW: { secret: true, file: true, export: true }
    QUIET: { secret: true, file: true }
    LEVEL: { default: info, export: true }
exec: { command: [/usr/bin/env] }
",
    );
    scene
        .file("pw", "s3cret\n")
        .file("quiet", "hidden\n")
        .env("PW_FILE", "/pw")
        .env("QUIET_FILE", "/quiet")
        .env("KEPT", "k");
    let ran = scene.apply().code(0);
    let mut lines: Vec<&str> = ran.stdout.lines().filter(|line| !line.starts_with("FITOUT_")).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["KEPT=k", "LEVEL=info", "PW=s3cret"]);
}

#[test]
fn values_come_from_files_and_directories() {
    let plan = "version: 1
inputs:
  values:
    site: { file: /c/site.yaml }
    flags: { file: /c/flags.json }
    other: { file: /c/other.conf, format: json }
    db: { directory: /secret, secret: true }
    pod: { directory: /none, required: false }
steps:
  - render: { text: '{{values.site.title}} {{values.flags.[1]}} {{values.other}} {{values.db.password}} {{#if values.pod}}p{{/if}}', path: /out }
";
    let scene = Scene::with_plan(plan);
    scene
        .file("c/site.yaml", "title: T\n")
        .file("c/flags.json", "[1, 2]")
        .file("c/other.conf", "\"o\"")
        .file("secret/..2026/password", "s3cret\n")
        .file("secret/..2026/keystore", b"\xff\x00")
        .link("..2026", "secret/..data")
        .link("..data/password", "secret/password")
        .link("..data/keystore", "secret/keystore");
    scene.apply().code(0).lacks("s3cret");
    assert_eq!(scene.read("out"), "T 2 o s3cret ");
    scene.file("c/site.yaml", "title: [\n");
    scene.apply().code(4).stderr_has("error: cannot read the values `/c/site.yaml`: not valid YAML");
    std::fs::remove_file(scene.path("c/flags.json")).unwrap();
    scene
        .apply()
        .code(4)
        .stderr_has("cannot read the values `/c/flags.json`: no such file or directory")
        .stderr_has("cannot read the values `/c/site.yaml`");
}

#[test]
fn facts_are_those_of_the_machine() {
    let scene = scene(
        "    X: { default: x }",
        "{{facts.hostname}} {{facts.cpus}} {{facts.memory}} {{facts.uid}} {{facts.gid}}",
    );
    scene.apply().code(0);
    let out = scene.read("out");
    let facts: Vec<&str> = out.split(' ').collect();
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(facts[0], hostname.trim());
    assert!(facts[1].parse::<u64>().unwrap() >= 1);
    assert!(facts[2].parse::<u64>().unwrap() > 1_000_000);
    assert_eq!(facts[3], nix::unistd::geteuid().to_string());
    assert_eq!(facts[4], nix::unistd::getegid().to_string());
}

#[test]
fn a_string_that_is_one_expression_keeps_its_type_and_a_value_cannot_change_the_plan() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { DEEP: { type: boolean }, WORDS: { type: list }, EVIL: {} } }
steps:
  - remove: { path: /gone, recursive: \"{{env.DEEP}}\" }
  - render: { text: x, path: \"/out/{{env.EVIL}}\" }
exec: { command: \"{{env.WORDS}}\" }
",
    );
    scene.directory("out").file("gone/x", "").env("DEEP", "true").env("WORDS", "/bin/echo,a b,$HOME");
    scene.env("EVIL", "a\", mode: \"0777\n- x");
    let ran = scene.apply().code(0);
    assert_eq!(ran.stdout, "a b $HOME\n");
    assert_eq!(scene.names("out"), ["a\", mode: \"0777\n- x"]);
    scene.env("DEEP", "true").env("WORDS", "/bin/echo").env("EVIL", "../escape");
    scene.apply().code(4).stderr_has("error: the path holds `..`\n  --> plan.yaml:5:30");
}

#[test]
fn no_number_is_rounded_without_a_word() {
    let long = "3.14159265358979323846";
    let huge = "36893488147419103233";
    // As data it is kept as text, and printed as it was written.
    let scene = Scene::with_plan(
        "version: 1
inputs: { values: { v: { file: /v.yaml } } }
steps: [{ render: { text: \"{{values.v.a}} {{values.v.b}} {{values.v.c}}\", path: /out } }]
",
    );
    scene.file("v.yaml", format!("a: &a {long}\nb: *a\nc: {huge}\n"));
    scene.apply().code(0);
    assert_eq!(scene.read("out"), format!("{long} {long} {huge}"));
    // Where it would have to be a number it is refused, with its place.
    let plan = "version: 1\ninputs: { values: { v: { file: /v.json } } }\nsteps: []\n";
    let scene = Scene::with_plan(plan);
    scene.file("v.json", format!("{{\"a\":\n [1.50, {huge}]}}"));
    scene
        .apply()
        .code(4)
        .stderr_has(
            "error: cannot read the values `/v.json`: not valid JSON: the number would be rounded\n  --> /v.json:2:9",
        )
        .stderr_has("hint: put it in quotes: text keeps every digit");
    // It fits into 64 bits without a sign, which a plan does not have; it does not become text either.
    let scene = Scene::with_plan("version: 1\nsteps:\n  - edit: { path: /a.json, set: { a: 9223372036854775808 } }\n");
    scene.file("a.json", "{}\n");
    scene
        .apply()
        .code(3)
        .stderr_has("error: the number is too large\n  --> plan.yaml:3:")
        .stderr_has("hint: put it in quotes");
    scene
        .run(&["edit", "/a.json", "--set-json", "a=[9223372036854775808]"])
        .code(2)
        .stderr_has("error: a number in the value of `a` is too large\n  --> command line:1:32")
        .stderr_has("hint: put it in quotes");
    assert_eq!(scene.read("a.json"), "{}\n");
    let scene = Scene::with_plan("version: 1\nsteps:\n  - edit: { path: /a.ini, set: { umask: 0022 } }\n");
    scene.file("a.ini", "umask = 0002\n");
    scene.apply().code(3).stderr_has("error: the number would not stay as it is written\n  --> plan.yaml:3:");
    assert_eq!(scene.read("a.ini"), "umask = 0002\n");
    // A whole number of the type `number` stays one.
    let plan = "version: 1
inputs: { env: { X: { type: number } } }
steps: [{ render: { text: \"{{env.X}}\", path: /out } }]
";
    for number in ["9007199254740993", "8080", "0.5"] {
        let scene = Scene::with_plan(plan);
        scene.env("X", number).apply().code(0);
        assert_eq!(scene.read("out"), number);
    }
    for number in [long, huge] {
        let scene = Scene::with_plan(&format!(
            "version: 1\nsteps:\n  - edit: {{ path: /a.yaml, set: {{ a: [&n {number}, *n] }} }}\n"
        ));
        scene.file("a.yaml", "a: 1\n");
        for command in ["check", "apply"] {
            let ran = scene.run(&[command, "plan.yaml"]).code(3);
            ran.stderr_has("error: the number would be rounded\n  --> plan.yaml:3:");
        }
        scene
            .run(&["edit", "/a.yaml", "--set-json", &format!("a=[{number}]")])
            .code(2)
            .stderr_has("error: a number in the value of `a` would be rounded\n  --> command line:1:32")
            .stderr_has("hint: put it in quotes");
        assert_eq!(scene.read("a.yaml"), "a: 1\n");
        let types = ["json", "number"];
        for value_type in types {
            let scene = Scene::with_plan(&format!(
                "version: 1\ninputs: {{ env: {{ X: {{ type: {value_type} }} }} }}\nsteps: []\n"
            ));
            scene.env("X", number).apply().code(4).stderr_has("a number in it would be rounded").lacks(number);
        }
    }
}
