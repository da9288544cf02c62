//! Keys with `*`: every variable that matches is declared.

use std::os::unix::ffi::OsStringExt;

use super::scene;
use crate::harness::Scene;

fn application_variables(scene: &Scene) -> Vec<String> {
    let stdout = scene.apply().code(0).stdout;
    let mut lines: Vec<String> =
        stdout.lines().filter(|line| !line.starts_with("FITOUT_")).map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn every_variable_that_matches_can_be_named() {
    let scene = scene(
        "    APP_*: {}\n    APP_PORT: { type: integer, default: 1 }",
        "{{env.APP_HOST}} {{env.APP_PORT}} {{default env.APP_NONE \"none\"}} {{#if env.APP_OTHER}}x{{/if}}{{#each env}}{{@key}},{{/each}}",
    );
    scene.env("APP_HOST", "h").env("APP_EMPTY", "").env("OTHER", "o").apply().code(0);
    assert_eq!(scene.read("out"), "h 1 none APP_HOST,APP_NONE,APP_OTHER,APP_PORT,");
}

/// Neither the value nor anything else of the file comes out, whatever is printed and whatever goes wrong.
#[test]
fn a_secret_of_a_pattern_is_in_no_output() {
    let secret = "first-secret-line\nsecond-secret-line";
    let plan = "version: 1
inputs: { env: { \"GF_*__FILE\": { file: true, secret: true } } }
steps:
  - render: { text: '{{env.GF_A}}', path: /out }
  - render: { text: '{{base64 env.GF_A}} {{url_encode env.GF_A}}', path: /encoded }
  - edit: { path: /a.json, set: { k: '{{env.GF_A}}' }, create: true }
";
    let wrong = "  - edit: { path: /none.json, set: { k: '{{env.GF_A}}' } }\n";
    let typed = plan.replace("secret: true }", "secret: true, type: integer }");
    let matched = plan.replace("secret: true }", "secret: true, matches: '^x$' }");
    for (plan, codes) in
        [(plan.to_owned(), [10, 0]), (format!("{plan}{wrong}"), [10, 6]), (typed, [4, 4]), (matched, [4, 4])]
    {
        for arguments in [
            vec!["show", "plan.yaml"],
            vec!["show", "plan.yaml", "--json"],
            vec!["apply", "plan.yaml", "--log-level", "debug", "--report", "report.json"],
            vec!["apply", "plan.yaml", "--log", "json", "--log-level", "debug"],
        ] {
            let scene = Scene::with_plan(&plan);
            scene.file("a.json", "{}").file("run/a", format!("{secret}\n")).env("GF_A__FILE", "/run/a");
            let ran = scene.run(&arguments);
            assert!(codes.contains(&ran.code), "{arguments:?}: {} {}", ran.code, ran.stderr);
            let report = std::fs::read_to_string(scene.path("report.json")).unwrap_or_default();
            for output in [&ran.stdout, &ran.stderr, &report] {
                for part in ["secret-line", "Zmlyc3Q", "c2VjcmV0"] {
                    assert!(!output.contains(part), "{arguments:?}: {output}");
                }
            }
        }
    }
}

#[test]
fn a_pattern_for_files_is_grafanas_convention() {
    let plan = "version: 1
inputs: { env: { \"GF_*__FILE\": { file: true, secret: true, export: true } } }
steps:
  - render: { text: '{{env.GF_DATABASE_PASSWORD}}', path: /out }
exec: { command: [/usr/bin/env] }
";
    let scene = Scene::with_plan(plan);
    scene
        .file("run/db", "s3cret-db\n")
        .file("run/smtp", "s3cret-smtp\r\n\n")
        .env("GF_DATABASE_PASSWORD__FILE", "/run/db")
        .env("GF_SMTP_PASSWORD__FILE", "/run/smtp")
        .env("GF_EMPTY__FILE", "")
        .env("GF_PATHS_HOME", "/usr/share/grafana")
        .env("GF_UNRELATED_FILE", "/kept");
    assert_eq!(
        application_variables(&scene),
        [
            "GF_DATABASE_PASSWORD=s3cret-db",
            "GF_PATHS_HOME=/usr/share/grafana",
            "GF_SMTP_PASSWORD=s3cret-smtp",
            "GF_UNRELATED_FILE=/kept",
        ]
    );
    assert_eq!(scene.read("out"), "s3cret-db");
    assert_eq!(scene.stat("out").split(' ').nth(1), Some("0600"));
    let shown = scene.file("out", "").run(&["show", "plan.yaml"]).code(10);
    assert!(!shown.stdout.contains("s3cret") && !shown.stderr.contains("s3cret"), "{}{}", shown.stdout, shown.stderr);
    scene.env("GF_DATABASE_PASSWORD", "direct");
    scene.apply().code(4).stderr_has("both `GF_DATABASE_PASSWORD` and `GF_DATABASE_PASSWORD__FILE` are set");
}

#[test]
fn a_pattern_with_files_takes_the_direct_ones_as_well() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { \"PW_*\": { file: true, export: true }, PW_OWN: { required: false } } }
exec: { command: [/usr/bin/env] }
",
    );
    scene.file("f", "from file\n").env("PW_A", "direct").env("PW_B_FILE", "/f").env("PW_OWN", "own");
    assert_eq!(application_variables(&scene), ["PW_A=direct", "PW_B=from file", "PW_OWN=own"]);
}

#[test]
fn everything_that_is_wrong_with_what_matches_is_told_at_once() {
    let scene = scene("    N_*: { type: integer, file: true, secret: true }", "x");
    scene
        .env("N_A", "sekret")
        .env("N_B_FILE", "/missing")
        .env("N_C", std::ffi::OsString::from_vec(b"\xff".to_vec()))
        .env(std::ffi::OsString::from_vec(b"N_\xff".to_vec()), "ignored");
    let ran = scene.apply().code(4).lacks("sekret");
    for message in [
        "error: cannot use the environment variable `N_A`: it is not an integer",
        "error: cannot read `/missing`, named by `N_B_FILE`: no such file or directory",
        "error: cannot use the environment variable `N_C`: it is not UTF-8",
    ] {
        assert!(ran.stderr.contains(message), "{message}\n{}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches("error: ").count(), 3, "{}", ran.stderr);
}

#[test]
fn conditions_and_arguments_know_patterns() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { \"APP_*\": {} } }
steps:
  - { when: { env: APP_ON }, mkdir: { path: /on } }
  - { when: { not: { env: APP_OFF } }, mkdir: { path: /off } }
",
    );
    scene.env("APP_ON", "1").apply().code(0);
    assert!(scene.exists("on") && scene.exists("off"));
    let secret = Scene::with_plan(
        "version: 1
inputs: { env: { \"*_TOKEN\": { secret: true } } }
steps:
  - run: { command: [/bin/echo, \"{{env.MY_TOKEN}}\"] }
",
    );
    secret.env("MY_TOKEN", "s3cret-token");
    secret.apply().code(3).stderr_has("`env.MY_TOKEN` is secret, and arguments can be seen by every user");
    let unknown = super::scene("    \"APP_*\": {}", "{{env.OTHER}}");
    unknown.run(&["check", "plan.yaml"]).code(3).stderr_has("unknown name `env.OTHER`");
    unknown.file("plan.yaml", unknown.read("plan.yaml").replace("env.OTHER", "env.APP_X"));
    unknown.run(&["check", "plan.yaml"]).code(0);
    unknown.apply().code(3).stderr_has("`env.APP_X` is null");
}

#[test]
fn what_one_pattern_or_the_own_name_says_of_secrets_counts() {
    let env = "    \"A_*\": {}\n    \"*_PW\": { secret: true }\n    A_OPEN_PW: {}";
    let scene = scene(env, "{{upper env.A_PW}} {{env.A_X}} {{env.A_OPEN_PW}}");
    scene.env("A_PW", "s3cret-pw").env("A_X", "plain-x").env("A_OPEN_PW", "plain-pw");
    let shown = scene.run(&["show", "plan.yaml"]).code(10).lacks("s3cret-pw").lacks("S3CRET-PW");
    assert!(shown.stdout.contains("plain-x plain-pw"), "{}", shown.stdout);
    let open = super::scene(env, "x");
    open.file("plan.yaml", open.read("plan.yaml") + "exec: { command: [/bin/echo, \"{{env.A_OPEN_PW}}\"] }\n");
    open.run(&["check", "plan.yaml"]).code(0);
    open.file("plan.yaml", open.read("plan.yaml").replace("{{env.A_OPEN_PW}}", "{{env.B_PW}}"));
    open.run(&["check", "plan.yaml"]).code(3).stderr_has("`env.B_PW` is secret");
}

#[test]
fn many_variables_are_no_trouble() {
    let scene = scene("    \"M_*\": { file: true, export: true }", "{{env.M_49999}}");
    for number in 0..50_000 {
        scene.env(format!("M_{number}"), "v");
    }
    let start = std::time::Instant::now();
    scene.apply().code(0);
    assert_eq!(scene.read("out"), "v");
    // Looking through all of them for each of them took 40 seconds.
    assert!(start.elapsed().as_secs() < 15, "{:?}", start.elapsed());
}
