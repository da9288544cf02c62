//! Defaults that are made of other variables.

use super::scene;

#[test]
fn a_default_can_be_made_of_other_variables_in_any_order() {
    let env = "    A: { default: \"{{env.B}}/a\" }
    B: { default: \"{{env.C}}-{{upper env.D}}\" }
    C: {}
    D: { default: d }
    PORT: { type: integer, default: \"{{env.BASE}}\", max: 9000 }
    BASE: { type: integer, default: 8080 }
    WORKERS: { type: integer, default: \"{{facts.cpus}}\" }
    NONE: { required: false, default: \"{{env.UNSET}}\" }
    UNSET: { required: false }
    TEXT: { default: '\\{{kept}}' }";
    let scene = scene(env, "{{env.A}} {{env.PORT}} {{#if env.NONE}}x{{/if}}{{env.TEXT}} {{#if env.WORKERS}}w{{/if}}");
    scene.env("C", "c").apply().code(0);
    assert_eq!(scene.read("out"), "c-D/a 8080 {{kept}} w");
    scene.env("B", "set").env("BASE", "1").apply().code(0);
    assert_eq!(scene.read("out"), "set/a 1 {{kept}} w");
}

#[test]
fn a_made_default_keeps_the_rules_and_is_exported() {
    for (env, wanted) in [
        (
            "    X: { type: integer, default: \"{{env.C}}\" }\n    C: {}",
            "cannot use the default of `X`: it is not an integer",
        ),
        (
            "    X: { max: 5, type: integer, default: \"{{env.I}}\" }\n    I: { type: integer, default: 9 }",
            "it is above 5",
        ),
        ("    X: { default: \"{{env.U}}\" }\n    U: { required: false }", "cannot use the default of `X`: it is empty"),
        (
            "    X: { default: \"{{env.U}}-\" }\n    U: { required: false }",
            "cannot use the default of `X`: `env.U` is null",
        ),
        ("    X: { default: \"{{env.P_Y}}\" }\n    P_*: {}", "hint: set `X`, or what its default is made of"),
    ] {
        let scene = scene(env, "x");
        let ran = scene.env("C", "sekret").apply().code(4).stderr_has(wanted).lacks("sekret");
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    }
    let scene = crate::harness::Scene::with_plan(
        "version: 1
inputs: { env: { URL: { default: \"http://{{env.HOST}}\", export: true }, HOST: { default: h } } }
exec: { command: [/usr/bin/env] }
",
    );
    assert!(scene.apply().code(0).stdout.contains("URL=http://h\n"));
}

#[test]
fn what_follows_from_a_variable_that_is_wrong_is_not_told() {
    let scene = scene("    A: { default: \"{{env.B}}\" }\n    B: { default: \"{{env.C}}\" }\n    C: {}", "x");
    let ran = scene.apply().code(4).stderr_has("`C` is not set");
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
}

#[test]
fn what_is_wrong_with_a_made_default_is_found_by_check() {
    for (env, wanted) in [
        ("    A: { default: \"{{env.A}}\" }", "4:19 the default of `A` needs itself"),
        (
            "    A: { default: \"{{env.B}}\" }\n    B: { default: \"{{env.C}}\" }\n    C: { default: \"{{env.B}}\" }",
            "5:19 the defaults of `B`, `C` need each other",
        ),
        ("    A: { default: \"{{env.NOPE}}\" }", "4:19 unknown name `env.NOPE`"),
        ("    A: { default: \"{{nope env.A}}\" }", "4:19 unknown helper `nope`"),
        ("    A: { default: \"{{values.x}}\" }", "4:19 the default of `A` names `values.x`"),
        ("    A: { default: \"{{json env}}\" }", "4:19 the default of `A` names `env`"),
        ("    A: { default: \"{{facts.arguments}}\" }", "4:19 the default of `A` names `facts.arguments`"),
        ("    A: { default: \"{{env.B\" }", "4:19 cannot parse the template"),
        (
            "    A: { default: \"u:{{env.PW}}@h\" }\n    PW: { secret: true }",
            "4:19 the default of `A` holds `env.PW`, which is secret",
        ),
        ("    A: { secret: true, default: x }", "4:33 `A` is secret and cannot have a default"),
    ] {
        let (place, message) = wanted.split_once(' ').unwrap();
        let scene = scene(env, "x");
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message).stderr_has(&format!("plan.yaml:{place}\n"));
        scene.apply().code(3).stderr_has(message);
    }
}

#[test]
fn a_secret_can_be_made_of_a_secret() {
    let env = "    URL: { secret: true, default: \"db://u:{{env.PW}}@h\" }\n    PW: { secret: true }";
    let scene = scene(env, "{{env.URL}}");
    scene.env("PW", "s3cret-pw").run(&["show", "plan.yaml"]).code(10).lacks("s3cret-pw");
    scene.apply().code(0).lacks("s3cret-pw");
    assert_eq!(scene.read("out"), "db://u:s3cret-pw@h");
}

#[test]
fn defaults_that_double_each_other_end() {
    let mut env = "    A0: { default: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx }\n".to_owned();
    for number in 1..40 {
        env += &format!("    A{number}: {{ default: \"{{{{env.A{0}}}}}{{{{env.A{0}}}}}\" }}\n", number - 1);
    }
    let scene = scene(env.trim_end(), "x");
    scene.run(&["check", "plan.yaml"]).code(0);
    scene.apply().code(4).stderr_has("it has more than 1048576 bytes");
}
