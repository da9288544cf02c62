//! Variables that have another name now.

use super::scene;

#[test]
fn an_old_name_is_used_with_a_warning() {
    let warning = "`NEW` is set by its old name";
    for (spec, set, wanted) in [
        ("{ aliases: [OLD] }", vec![("OLD", "o")], Ok(("o", "`NEW` is set by its old name `OLD`"))),
        ("{ aliases: [OLD] }", vec![("NEW", ""), ("OLD", "o")], Ok(("o", warning))),
        ("{ aliases: [OLD] }", vec![("NEW", "n"), ("OLD", "")], Ok(("n", ""))),
        ("{ aliases: [OLD] }", vec![("NEW", "n"), ("OLD", "n")], Ok(("n", ""))),
        ("{ aliases: [OLD], default: d }", vec![], Ok(("d", ""))),
        ("{ aliases: [OLD, OLDER] }", vec![("OLDER", "p")], Ok(("p", "`NEW` is set by its old name `OLDER`"))),
        ("{ aliases: [OLD, OLDER] }", vec![("OLD", "x"), ("OLDER", "x")], Ok(("x", warning))),
        ("{ aliases: [OLD], file: true }", vec![("OLD_FILE", "/f")], Ok(("content", "by its old name `OLD_FILE`"))),
        ("{ aliases: [OLD], file: true }", vec![("NEW_FILE", "/f"), ("OLD", "content")], Ok(("content", ""))),
        ("{ aliases: [OLD] }", vec![("NEW", "n"), ("OLD", "o")], Err("error: `NEW` and `OLD` have different values")),
        (
            "{ aliases: [OLD, OLDER] }",
            vec![("OLD", "n"), ("OLDER", "o")],
            Err("error: `OLD` and `OLDER` have different values"),
        ),
        (
            "{ aliases: [OLD], file: true }",
            vec![("NEW", "n"), ("OLD_FILE", "/f")],
            Err("hint: `OLD` is an old name of `NEW`: unset it"),
        ),
        (
            "{ aliases: [OLD], file: true }",
            vec![("OLD", "o"), ("OLD_FILE", "/f")],
            Err("error: both `OLD` and `OLD_FILE` are set"),
        ),
        ("{ aliases: [OLD], type: integer }", vec![("OLD", "o")], Err("variable `NEW`: it is not an integer")),
        ("{ aliases: [OLD] }", vec![], Err("the environment variable `NEW` is not set")),
        (
            "{ aliases: [OLD] }",
            vec![("NEW", ""), ("OLD", "")],
            Err("error: the environment variable `NEW` is set but empty"),
        ),
        (
            "{ aliases: [OLDER, OLD] }",
            vec![("OLD", "")],
            Err("error: the environment variable `NEW` is not set, and its old name `OLD` is empty"),
        ),
        (
            "{ aliases: [OLD], secret: true, file: true }",
            vec![("OLD", "")],
            Err("hint: give it a value, or set `NEW_FILE` to the path of a file that holds it"),
        ),
    ] {
        let scene = scene(&format!("    NEW: {spec}"), "{{env.NEW}}");
        scene.file("f", "content\n");
        for (name, value) in &set {
            scene.env(name, value);
        }
        match wanted {
            Ok((text, log)) => {
                let ran = scene.apply().code(0).stderr_has(log);
                assert_eq!(scene.read("out"), text, "{spec} {set:?}");
                assert_eq!(ran.stderr.contains(warning), !log.is_empty(), "{}", ran.stderr);
            }
            Err(message) => {
                scene.apply().code(4).stderr_has(message).stderr_has("plan.yaml:4:5");
            }
        }
    }
}

#[test]
fn the_warning_names_no_value_and_the_application_gets_the_present_name() {
    let plan = "version: 1
inputs: { env: { NEW: { aliases: [OLD], secret: true, file: true, export: true } } }
exec: { command: [/usr/bin/env] }
";
    let scene = crate::harness::Scene::with_plan(plan);
    scene.file("f", "s3cret-value\n").env("OLD_FILE", "/f");
    let ran = scene.apply().code(0).stderr_has("OLD_FILE");
    assert!(!ran.stderr.contains("s3cret-value"), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().filter(|line| !line.starts_with("FITOUT_")).collect();
    assert_eq!(lines, ["NEW=s3cret-value"]);
}

#[test]
fn an_old_name_is_no_name_for_templates_and_conditions() {
    let template = scene("    NEW: { aliases: [OLD] }", "{{env.OLD}}");
    template.apply().code(3).stderr_has("unknown name `env.OLD`").stderr_has("hint: it is called `NEW` now");
    let condition = crate::harness::Scene::with_plan(
        "version: 1
inputs: { env: { NEW: { aliases: [OLD] } } }
steps:
  - { when: { env: OLD }, mkdir: { path: /d } }
",
    );
    condition.apply().code(3).stderr_has("`OLD` is not declared").stderr_has("hint: it is called `NEW` now");
    let holds = crate::harness::Scene::with_plan(
        "version: 1
inputs: { env: { NEW: { aliases: [OLD] } } }
steps:
  - { when: { env: NEW, equals: x }, mkdir: { path: /d } }
",
    );
    holds.env("OLD", "x").apply().code(0);
    assert!(holds.exists("d"));
}
