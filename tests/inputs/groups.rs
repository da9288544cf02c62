//! The environment as it is: groups of variables by prefix, strange names, duplicates, bytes.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::scene;
use crate::harness::{Scene, binary};

fn with_values(values: &str) -> Scene {
    Scene::with_plan(&format!(
        "version: 1\ninputs:\n  values:\n    app: {values}\nsteps:\n  - render: {{ text: '{{{{{{json values.app}}}}}}', path: /out }}\n"
    ))
}

#[test]
fn a_prefix_makes_a_mapping() {
    let kafka = "{ env_prefix: KAFKA_, mapping: kafka, exclude: [KAFKA_VERSION, KAFKA_JMX_*] }";
    for (values, set, wanted) in [
        (
            "{ env_prefix: APP__ }",
            vec![("APP__DB__HOST", "h"), ("APP__DB__PORT", "1"), ("APP__NAME", "n"), ("APP_X", "no"), ("APP__E", "")],
            r#"{"db":{"host":"h","port":"1"},"name":"n"}"#,
        ),
        ("{ env_prefix: APP__, case: keep }", vec![("APP__Db__HOST", "h")], r#"{"Db":{"HOST":"h"}}"#),
        ("{ env_prefix: A., separator: . }", vec![("A.B.C_D", "x")], r#"{"b":{"c_d":"x"}}"#),
        ("{ env_prefix: NONE_ }", vec![], "{}"),
        (
            kafka,
            vec![
                ("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "A:B"),
                ("KAFKA_A__B___C", "x"),
                ("KAFKA_VERSION", "3"),
                ("KAFKA_JMX_PORT", "1"),
            ],
            r#"{"a_b-c":"x","listener.security.protocol.map":"A:B"}"#,
        ),
        (
            "{ env_prefix: NEO4J_, mapping: neo4j }",
            vec![("NEO4J_dbms_memory_heap_max__size", "1G")],
            r#"{"dbms.memory.heap.max_size":"1G"}"#,
        ),
    ] {
        let scene = with_values(values);
        for (name, value) in &set {
            scene.env(name, value);
        }
        scene.apply().code(0);
        assert_eq!(scene.read("out"), wanted, "{values}");
    }
}

#[test]
fn what_cannot_be_a_mapping_is_told_at_once_and_by_name() {
    let scene = with_values("{ env_prefix: APP__ }");
    scene
        .env("APP__DB", "sekret")
        .env("APP__DB__HOST", "sekret")
        .env("APP__name", "sekret")
        .env("APP__NAME", "sekret")
        .env("APP____X", "sekret")
        .env("APP__", "sekret")
        .env("APP__BYTES", OsString::from_vec(b"\xff".to_vec()))
        .env(format!("APP__{}", "A__".repeat(5000) + "A"), "sekret");
    let ran = scene.apply().code(4).lacks("sekret");
    for message in [
        "error: `APP__DB` and `APP__DB__HOST` exclude each other: they mean the same place",
        "error: `APP__NAME` and `APP__name` exclude each other: they mean the same place",
        "error: cannot use the environment variable `APP____X`: a part of its name is empty",
        "error: cannot use the environment variable `APP__`: a part of its name is empty",
        "error: cannot use the environment variable `APP__BYTES`: it is not UTF-8",
        "its name has too many parts",
    ] {
        assert!(ran.stderr.contains(message), "{message}\n{}", ran.stderr);
    }
}

#[test]
fn a_group_sees_what_the_application_gets() {
    let scene = Scene::with_plan(
        "version: 1
inputs:
  env: { APP__PW: { secret: true, file: true, export: true } }
  values: { app: { env_prefix: APP__, secret: true } }
steps:
  - render: { text: '{{values.app.pw}}{{#if values.app.pw_file}}!{{/if}}', path: /out }
",
    );
    scene.file("pw", "s3cret\n").env("APP__PW_FILE", "/pw");
    scene.apply().code(3).stderr_has("unknown name `values.app.pw_file`");
    let plan = scene.read("plan.yaml").replace("{{#if values.app.pw_file}}!{{/if}}", "");
    scene.file("plan.yaml", plan).apply().code(0).lacks("s3cret");
    assert_eq!(scene.read("out"), "s3cret");
    assert_eq!(scene.stat("out").split(' ').nth(1), Some("0600"));
}

#[test]
fn names_with_dots_and_dashes_can_be_declared_and_named() {
    let scene = scene("    with.dot-dash: { type: integer }\n    \"[x]\": { default: y }", "{{env.[with.dot-dash]}}");
    scene.env("with.dot-dash", "7").apply().code(0);
    assert_eq!(scene.read("out"), "7");
    let secret = super::scene("    with.dot: { secret: true }", "{{env.[with.dot]}}");
    secret.env("with.dot", "s3cret").run(&["show", "plan.yaml"]).code(10).lacks("s3cret");
}

#[test]
fn where_a_name_stands_twice_the_first_one_counts() {
    for (env, text) in
        [("    X: {}", "{{env.X}}"), ("    \"X*\": {}", "{{env.X}}"), ("    Y: { default: y }", "{{values.g.x}}")]
    {
        let scene = scene(env, text);
        let plan = scene.read("plan.yaml").replace("steps:", "  values: { g: { env_prefix: G_ } }\nsteps:");
        scene.file("plan.yaml", plan);
        let program = CString::new(binary().as_os_str().as_bytes()).unwrap();
        let word = |text: String| CString::new(text).unwrap();
        let plan = scene.path("plan.yaml").display().to_string();
        let arguments = [program.clone(), word("apply".to_owned()), word(plan)];
        let root = format!("FITOUT_ROOT={}", scene.directory.display());
        let environment = [&root, "X=first", "X=second", "G_X=first", "G_X=second"].map(|text| word(text.to_owned()));
        let actions = nix::spawn::PosixSpawnFileActions::init().unwrap();
        let attributes = nix::spawn::PosixSpawnAttr::init().unwrap();
        let child =
            nix::spawn::posix_spawn(program.as_c_str(), &actions, &attributes, &arguments, &environment).unwrap();
        let status = nix::sys::wait::waitpid(child, None).unwrap();
        assert!(matches!(status, nix::sys::wait::WaitStatus::Exited(_, 0)), "{status:?}");
        assert_eq!(scene.read("out"), "first", "{env}");
    }
}
