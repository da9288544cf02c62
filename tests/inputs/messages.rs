//! Every way in which the contract can be wrong, or be broken, with its exact message and remedy.

use crate::harness::Scene;

/// Findings of `check`: inputs, place, message, hint.
const PLANS: [(&str, &str, &str); 27] = [
    ("env: { \"A=B\": {} }", "2:18", "`A=B` cannot be the name of a variable"),
    ("env: { A: { matches: \"(\" } }", "2:32", "not a regular expression"),
    ("env: { A: { type: integer, min: 2, max: 1 } }", "2:18", "`min` of `A` is above its `max`"),
    ("env: { A: { min: 2 } }", "2:18", "`min` and `max` of `A` need the type integer or number"),
    ("env: { A: { type: integer, default: x } }", "2:47", "cannot use the default of `A`: it is not an integer"),
    (
        "env: { A: { type: boolean, default: 1 } }",
        "2:47",
        "cannot use the default of `A`: it is not of the variable's type",
    ),
    (
        "env: { A: { default: x, required: true } }",
        "2:18",
        "`A` has a default and is required: one of them has no meaning",
    ),
    ("env: { A: { secret: true, default: x } }", "2:46", "`A` is secret and cannot have a default"),
    ("env: { A_*: { default: x } }", "2:18", "`default` has no meaning for the pattern `A_*`"),
    ("env: { A_*: { required: true } }", "2:18", "`required` has no meaning for the pattern `A_*`"),
    ("env: { A_*: { aliases: [B] } }", "2:18", "`aliases` has no meaning for the pattern `A_*`"),
    ("env: { A: { aliases: [B_*] } }", "2:33", "`B_*` cannot be the name of a variable"),
    ("env: { A: { aliases: [A] } }", "2:33", "`A` is declared itself and is an old name of `A`"),
    ("env: { A: { aliases: [C] }, B: { aliases: [C] } }", "2:54", "`C` is an old name of both `A` and `B`"),
    ("env: { A: { kind: x } }", "2:23", "unknown key `kind`"),
    ("values: { v: {} }", "2:21", "`v` needs exactly one of `file`, `directory`, `env_prefix` and `merge`"),
    (
        "values: { v: { file: /a.json, directory: /b } }",
        "2:21",
        "`v` needs exactly one of `file`, `directory`, `env_prefix` and `merge`",
    ),
    ("values: { v: { file: /a } }", "2:32", "cannot tell the format of `/a`"),
    ("values: { v: { env_prefix: A_, format: json } }", "2:50", "`format` belongs to `file` and `directory`"),
    ("values: { v: { file: /a.json, mapping: kafka } }", "2:50", "`mapping` belongs to `env_prefix`"),
    ("values: { v: { file: /a.json, exclude: [A] } }", "2:51", "`exclude` belongs to `env_prefix`"),
    ("values: { v: { env_prefix: A, mapping: kafka, case: keep } }", "2:63", "`case` belongs to the mapping `nested`"),
    ("values: { v: { env_prefix: \"\" } }", "2:38", "`env_prefix` is empty"),
    ("values: { v: { env_prefix: A, separator: \"\" } }", "2:52", "`separator` is empty"),
    ("values: { v: { merge: [] } }", "2:21", "`merge` of `v` has no source"),
    ("values: { v: { merge: [{ merge: [{ file: /a.json }] }] } }", "2:34", "`merge` of `v` stands in another one"),
    (
        "env: { A_PW: { secret: true } }, values: { v: { env_prefix: A_ } }",
        "2:71",
        "`A_PW` is secret, and `values.v` can hold it",
    ),
];

#[test]
fn every_finding_of_check() {
    for (inputs, place, message) in PLANS {
        let scene = Scene::with_plan(&format!("version: 1\ninputs: {{ {inputs} }}\n"));
        let ran = scene.run(&["check", "plan.yaml"]).code(3);
        let wanted = format!("error: {message}\n  --> plan.yaml:{place}\n");
        assert!(ran.stderr.contains(&wanted), "{wanted}\n{}", ran.stderr);
        scene.apply().code(3).stderr_has(message);
    }
}

#[test]
fn secrets_in_a_group_are_excluded_or_the_group_is_secret() {
    for values in ["env_prefix: A_, secret: true", "env_prefix: A_, exclude: [A_PW]", "env_prefix: B_"] {
        let plan =
            format!("version: 1\ninputs: {{ env: {{ A_PW: {{ secret: true }} }}, values: {{ v: {{ {values} }} }} }}\n");
        Scene::with_plan(&plan).run(&["check", "plan.yaml"]).code(0);
    }
    for variables in [
        "\"*_PW\": { secret: true }",
        "\"A_*__FILE\": { secret: true, file: true }",
        "N: { secret: true, aliases: [A_N] }",
    ] {
        let plan = format!("version: 1\ninputs: {{ env: {{ {variables} }}, values: {{ v: {{ env_prefix: A_ }} }} }}\n");
        let scene = Scene::with_plan(&plan);
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has("is secret, and `values.v` can hold it");
        scene.file("plan.yaml", plan.replace("env_prefix: A_", "env_prefix: A_, exclude: [\"*_PW\", \"A_*\"]"));
        scene.run(&["check", "plan.yaml"]).code(0);
    }
    let plan = "version: 1\ninputs: { env: { \"*_PW\": { secret: true } }, values: { v: { env_prefix: A_ } } }\n";
    Scene::with_plan(plan).run(&["check", "plan.yaml"]).code(3).stderr_has("hint: add `secret: true`, or the variable");
}

#[test]
fn every_failure_of_a_run_with_its_hint() {
    for (env, set, message, hint) in [
        (
            "A: {}",
            vec![],
            "the environment variable `A` is not set",
            "set it, or give it a `default` or `required: false` in the plan",
        ),
        (
            "PORT: {}",
            vec![("PROT", "1")],
            "the environment variable `PORT` is not set",
            "a variable with a similar name is set: did you mean `PROT`?",
        ),
        (
            "A: { file: true }",
            vec![],
            "the environment variable `A` is not set",
            "set it, or `A_FILE` with the path of a file that holds it",
        ),
        ("A: { file: true }", vec![("A", "1"), ("A_FILE", "/f")], "both `A` and `A_FILE` are set", "unset one of them"),
        (
            "A: { file: true }",
            vec![("A_FILE", "/f")],
            "cannot read `/f`, named by `A_FILE`: no such file or directory",
            "mount the file there, or set `A_FILE` to where it is",
        ),
        (
            "A: { file: true }",
            vec![("A_FILE", "/empty")],
            "cannot use `/empty`, named by `A_FILE`: it is empty",
            "write the value into it",
        ),
        (
            "A: { file: true }",
            vec![("A_FILE", "f")],
            "cannot read `f`, named by `A_FILE`: the path is not absolute",
            "",
        ),
        (
            "A: { aliases: [B] }",
            vec![("A", "1"), ("B", "2")],
            "`A` and `B` have different values",
            "`B` is an old name of `A`: unset it",
        ),
        ("A: { type: integer }", vec![("A", "x")], "cannot use the environment variable `A`: it is not an integer", ""),
        ("A: { type: number }", vec![("A", "x")], "cannot use the environment variable `A`: it is not a number", ""),
        (
            "A: { type: boolean }",
            vec![("A", "x")],
            "cannot use the environment variable `A`: it is not a boolean: true, false, 1, 0, yes, no, on, off",
            "",
        ),
        (
            "A: { type: duration }",
            vec![("A", "x")],
            "cannot use the environment variable `A`: it is not a duration, such as 30s or 5m",
            "",
        ),
        ("A: { type: url }", vec![("A", "x")], "cannot use the environment variable `A`: it is not a URL", ""),
        (
            "A: { type: json }",
            vec![("A", "{x")],
            "cannot use the environment variable `A`: it is not JSON (line 1, column 2)",
            "",
        ),
        ("A: { one_of: [b, c] }", vec![("A", "x")], "cannot use the environment variable `A`: it is none of b, c", ""),
        ("A: { matches: ^b }", vec![("A", "x")], "cannot use the environment variable `A`: it does not match `^b`", ""),
        (
            "A: { type: integer, min: 5 }",
            vec![("A", "1")],
            "cannot use the environment variable `A`: it is below 5",
            "",
        ),
        ("A: { type: number, max: 5 }", vec![("A", "9")], "cannot use the environment variable `A`: it is above 5", ""),
        (
            "A: { default: \"{{env.B}}\" }, B: { required: false }",
            vec![],
            "cannot use the default of `A`: it is empty",
            "set `A`, or what its default is made of",
        ),
    ] {
        run_fails(env, &set, message, hint);
    }
}

#[test]
fn an_empty_variable_is_told_as_empty_and_is_never_suggested() {
    for (env, set, message, hint) in [
        (
            "PORT: {}",
            vec![("PORT", "")],
            "the environment variable `PORT` is set but empty",
            "an empty variable counts as unset: give it a value, or a `default` or `required: false` in the plan",
        ),
        (
            "PORT: { file: true }",
            vec![("PORT", ""), ("PROT", "1")],
            "the environment variable `PORT` is set but empty",
            "give it a value, or set `PORT_FILE` to the path of a file that holds it",
        ),
        (
            "PORT: {}",
            vec![("PROT", "")],
            "the environment variable `PORT` is not set",
            "set it, or give it a `default` or `required: false` in the plan",
        ),
    ] {
        run_fails(env, &set, message, hint);
    }
}

fn run_fails(env: &str, set: &[(&str, &str)], message: &str, hint: &str) {
    let scene = Scene::with_plan(&format!("version: 1\ninputs: {{ env: {{ {env} }} }}\n"));
    scene.file("empty", "\n");
    for (name, value) in set {
        scene.env(name, value);
    }
    let ran = scene.apply().code(4);
    let first = ran.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
    assert_eq!(first, format!("error: {message}"), "{env}");
    let hint = if hint.is_empty() { None } else { Some(format!("hint: {hint}")) };
    let told = ran.stderr.lines().find(|line| line.starts_with("hint: ")).map(str::to_owned);
    assert_eq!(told, hint, "{env}");
}
