//! Numbers are written as they are spelt, or refused: no format gets another spelling of one without a word.

use crate::harness::Scene;

/// Each format with a file that lacks the number, and what stands there when `N` was written.
const FILES: [(&str, &str, &str); 7] = [
    ("/a.json", "{}\n", "{\n  \"k\": N\n}\n"),
    ("/a.yaml", "", "k: N\n"),
    ("/a.toml", "", "k = N\n"),
    ("/a.ini", "x=1\n", "x=1\nk=N\n"),
    ("/a.properties", "x=1\n", "x=1\nk=N\n"),
    ("/a.env", "x=1\n", "x=1\nk=N\n"),
    ("/a.xml", "<r><k/></r>\n", "<r><k>N</k></r>\n"),
];

/// As it is written and how it stays.
const KEPT: [&str; 8] = ["0", "-1", "1.0", "-0.5", "-0.0", "1.5e-7", "1e+300", "9223372036854775807"];

/// What would be written in another way, and the hint.
const RESPELT: [(&str, &str); 6] = [
    ("-0", "hint: write `"),
    ("1.50", "write `1.5`, or "),
    ("1E5", "write `100000.0`, or "),
    ("1e5", "write `100000.0`, or "),
    ("1e300", "write `1e+300`, or "),
    ("10e2", "write `1000.0`, or "),
];

const INFINITE: &str = "error: not valid YAML: the number is not finite, or too large\n  --> plan.yaml:3:";

fn key(path: &str) -> &str {
    if path == "/a.xml" { "r.k" } else { "k" }
}

fn plan(path: &str, number: &str) -> String {
    format!("version: 1\nsteps:\n  - edit: {{ path: {path}, set: {{ {}: {number} }} }}\n", key(path))
}

/// Readers of YAML 1.1 take an exponent without a point for text.
fn in_file(path: &str, number: &str) -> String {
    if path == "/a.yaml" { number.replace("1e+", "1.0e+") } else { number.to_owned() }
}

#[test]
fn a_number_is_written_as_it_is_spelt() {
    for (path, empty, filled) in FILES {
        for number in KEPT {
            let wanted = filled.replace('N', &in_file(path, number));
            let scene = Scene::with_plan(&plan(path, number));
            scene.file(path, empty).apply().code(0);
            assert_eq!(scene.read(path), wanted, "{number}");
            scene.file(path, empty);
            scene.run(&["edit", path, "--set-json", &format!("{}={number}", key(path))]).code(0);
            assert_eq!(scene.read(path), wanted, "{number}");
        }
    }
}

#[test]
fn what_would_be_spelt_in_another_way_is_refused() {
    for (path, empty, _) in FILES {
        for (number, hint) in RESPELT {
            let scene = Scene::with_plan(&plan(path, number));
            scene.file(path, empty);
            for command in ["check", "apply"] {
                let ran = scene.run(&[command, "plan.yaml"]).code(3);
                ran.stderr_has("error: the number would not stay as it is written\n  --> plan.yaml:3:")
                    .stderr_has(hint);
            }
            let typed = format!("{}={number}", key(path));
            let ran = scene.run(&["edit", path, "--set-json", &typed]).code(2);
            let message = format!("error: a number in the value of `{}` would not stay as it is written", key(path));
            ran.stderr_has(&message).stderr_has(hint);
            assert_eq!(scene.read(path), empty);
        }
        for (number, message) in [
            ("1e400", INFINITE),
            ("-1e400", INFINITE),
            (".inf", INFINITE),
            ("-.inf", INFINITE),
            (".nan", INFINITE),
            ("0x1F", "hint: write `31`, or put it in quotes: text keeps every digit"),
            ("0o17", "hint: write `15`, or put it in quotes: text keeps every digit"),
            ("+5", "hint: write `5`, or put it in quotes: text keeps every digit"),
            ("0640", "hint: put it in quotes: text keeps every digit"),
            ("[1, { a: 1.50 }]", "hint: write `1.5`, or put it in quotes: text keeps every digit"),
        ] {
            let scene = Scene::with_plan(&plan(path, number));
            scene.file(path, empty).apply().code(3).stderr_has(message);
            assert_eq!(scene.read(path), empty);
        }
        let scene = Scene::new();
        scene.file(path, empty);
        let ran = scene.run(&["edit", path, "--set-json", &format!("{}=1e400", key(path))]).code(2);
        ran.stderr_has("is not JSON: number out of range");
        assert_eq!(scene.read(path), empty);
    }
}

/// What is not given as the number that it becomes is refused where it comes from, before anything is written.
#[test]
fn an_input_is_written_as_it_was_given() {
    for (path, empty, filled) in FILES {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ N: {{ type: number }} }} }}\nsteps:\n  - edit: {{ path: {path}, set: {{ {}: \"{{{{env.N}}}}\" }} }}\n",
            key(path)
        ));
        for number in KEPT {
            scene.file(path, empty).env("N", number).apply().code(0);
            assert_eq!(scene.read(path), filled.replace('N', &in_file(path, number)), "{number}");
        }
        scene.file(path, empty);
        for (number, _) in RESPELT {
            scene.env("N", number).apply().code(4).stderr_has(
                "error: cannot use the environment variable `N`: it would not stay as it is written: leave out a `+`, zeros that say nothing, \
                 and a short exponent",
            );
            assert_eq!(scene.read(path), empty);
        }
        scene.env("N", "1e400").apply().code(4).stderr_has("it is too large for a number");
        for number in ["inf", "NaN"] {
            scene.env("N", number).apply().code(4).stderr_has("it is not a number");
        }
    }
}

#[test]
fn data_holds_no_infinite_number() {
    let scene = Scene::with_plan("version: 1\ninputs: { values: { v: { file: /v.yaml } } }\nsteps: []\n");
    for number in [".inf", "1e400", ".nan"] {
        scene
            .file("v.yaml", format!("a: {number}\n"))
            .apply()
            .code(4)
            .stderr_has("error: cannot read the values `/v.yaml`: not valid YAML: the number is not finite, or too large\n  --> /v.yaml:1:4")
            .stderr_has("hint: put it in quotes: text keeps every digit");
    }
}
