//! Logs, reports, the termination message, and that no secret is in any of them.

use crate::harness::{Scene, root_or_skip};

const SECRET: &str = "hunter2 \"quoted\" & more";

fn failing() -> Scene {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PW: { secret: true } } }
steps:
  - name: ok
    render: { text: '{{env.PW}}', path: /a, mode: \"0600\" }
  - name: fails
    run: { command: [/bin/sh, -c, \"echo password is $PW; echo $PW >&2; exit 3\"], env: { PW: \"{{env.PW}}\" } }
",
    );
    scene.env("PW", SECRET);
    scene
}

#[test]
fn human_logs_tell_each_step_and_no_secret() {
    let ran = failing().apply().code(1).lacks("hunter2");
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("fitout: step 1 `ok`: changed, 1 of 1 files written\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("password is <redacted>"), "{}", ran.stderr);
    assert!(ran.stderr.contains("error: ") && ran.stderr.contains("--> plan.yaml:7:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("step 2 `fails`"), "{}", ran.stderr);
}

#[test]
fn json_logs_are_json_on_every_line() {
    let scene = failing();
    let ran = scene.run(&["apply", "plan.yaml", "--log", "json", "--log-level", "debug"]).code(1).lacks("hunter2");
    let lines: Vec<serde_json::Value> =
        ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    assert!(lines.iter().all(|line| line["time"].is_string() && line["level"].is_string()));
    let first = lines.iter().find(|line| line["step"] == "step 1 `ok`").unwrap();
    assert_eq!((first["outcome"].as_str(), first["level"].as_str()), (Some("changed"), Some("info")));
    let last = lines.last().unwrap();
    assert_eq!((last["level"].as_str(), last["kind"].as_str()), (Some("error"), Some("step")));
    assert_eq!(last["step"], "step 2 `fails`");
}

#[test]
fn the_report_says_what_was_done() {
    let scene = failing();
    scene.run(&["apply", "plan.yaml", "--report", "report.json"]).code(1);
    let text = scene.read("report.json");
    assert!(!text.contains("hunter2"), "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["result"], "failed");
    assert_eq!(report["exit_code"], 1);
    assert_eq!(report["steps"][0]["outcome"], "changed");
    assert_eq!(report["steps"][0]["differences"][0]["subject"], "/a");
    assert_eq!(report["steps"][1]["outcome"], "failed");
    assert_eq!(report["failures"][0]["kind"], "step");
    assert!(report["failures"][0]["place"].as_str().unwrap().starts_with("plan.yaml:7:"));
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: x, path: /a }\n");
    scene.run(&["apply", "plan.yaml", "--report", "report.json"]).code(0);
    scene.run(&["apply", "plan.yaml", "--report", "report.json"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&scene.read("report.json")).unwrap();
    assert_eq!((report["result"].as_str(), report["exit_code"].as_u64()), (Some("unchanged"), Some(0)));
}

#[test]
fn the_termination_message_names_kind_and_reason() {
    let scene = failing();
    let path = scene.path("termination");
    scene.file("termination", "").env("FITOUT_TERMINATION_LOG", &path);
    let before = scene.identity("termination").0;
    scene.apply().code(1);
    let message = scene.read("termination");
    assert!(
        message.starts_with("step: ") && message.contains("plan.yaml:7:") && !message.contains("hunter2"),
        "{message}"
    );
    assert_eq!(scene.identity("termination").0, before, "the mounted file itself is written");
    let scene = Scene::new();
    scene.file("termination", "").env("FITOUT_TERMINATION_LOG", "termination");
    scene.run(&["apply", "--nope"]).code(2);
    assert!(scene.read("termination").starts_with("usage: unexpected argument"), "{}", scene.read("termination"));
    scene.env("FITOUT_LOG", "wrong");
    scene.run(&["apply"]).code(2);
    assert!(scene.read("termination").starts_with("usage: cannot use `FITOUT_LOG`"), "{}", scene.read("termination"));
    let long: String = (0..200).map(|number| format!("    V{number}_{}: {{}}\n", "x".repeat(50))).collect();
    let scene = Scene::with_plan(&format!("version: 1\ninputs:\n  env:\n{long}"));
    let path = scene.path("termination");
    scene.env("FITOUT_TERMINATION_LOG", &path);
    scene.apply().code(4);
    let message = scene.read("termination");
    assert!(message.len() <= 4096 && message.starts_with("input: the environment variable `V0_"), "{}", message.len());
}

#[test]
fn settings_of_the_environment_are_checked_without_being_printed() {
    let scene = Scene::with_plan("version: 1\n");
    scene.env("FITOUT_LOG", "hunter2");
    scene.apply().code(2).lacks("hunter2").stderr_has("error: cannot use `FITOUT_LOG`: it is none of human, json");
    scene.env("FITOUT_LOG", "").env("FITOUT_LOG_LEVEL", "loud");
    scene.apply().code(2).stderr_has("error: cannot use `FITOUT_LOG_LEVEL`");
    scene.env("FITOUT_LOG_LEVEL", "error").env("FITOUT_ROOT", "/no/such/root");
    scene.apply().code(2).stderr_has("error: cannot open the root `/no/such/root`: no such file or directory");
}

#[test]
fn on_error_warn_goes_on() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - on_error: warn\n    own: { path: /none, owner: \"1\" }\n  - render: { text: x, path: /a }\n",
    );
    scene.apply().code(0).stderr_has("fitout: warn: cannot ");
    assert!(scene.exists("a"));
}

#[test]
fn no_spelling_and_no_helper_brings_a_secret_out() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PW: { secret: true }, J: { secret: true, type: json } } }
steps:
  - render: { path: /a, text: \"{{upper env.PW}} {{lower env.PW}} {{{json env.J.n}}} {{trim env.PW}}\\nplain\\n\" }
",
    );
    scene.env("PW", " Hunter\nTwo-Words ").env("J", "{\"n\": [12345]}").file("a", "old-hunter1\n").mode("a", 0o640);
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    for secret in ["HUNTER", "hunter", "Hunter", "Two-Words", "12345", "TWO-WORDS"] {
        assert!(!shown.stdout.contains(secret) && !shown.stderr.contains(secret), "{secret}: {shown:?}");
    }
    assert!(shown.stdout.contains("      +plain\n"), "{}", shown.stdout);
    for spelling in [
        "env.[PW]",
        "@root.env.PW",
        "this.env.PW",
        "./env.PW",
        "env/PW",
        "lookup env \"PW\"",
        "lower env.PW",
        "json this",
    ] {
        let plan = format!(
            "version: 1\ninputs: {{ env: {{ PW: {{ secret: true }} }} }}\nexec: {{ command: [/bin/echo, '{{{{{spelling}}}}}'] }}\n"
        );
        let scene = Scene::with_plan(&plan);
        scene.env("PW", "hunter2");
        scene.apply().code(3).lacks("hunter2").stderr_has("is secret, and arguments can be seen by every user");
    }
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { PW: { secret: true } } }\nsteps:\n  - render: { path: /new, text: \"{{env.PW}}\" }\n",
    );
    scene.env("PW", "hunter2");
    scene.apply().code(0);
    assert!(scene.stat("new").ends_with(" 0600"), "a new file with a secret is for its owner only");
}

#[test]
fn what_is_printed_cannot_steer_a_terminal() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { path: /a, text: \"new\" }\n");
    scene.file("a", "x\u{1b}]0;pwned\u{7}\n");
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    assert!(shown.stdout.contains("-x\\u{1b}]0;pwned\\u{7}"), "{:?}", shown.stdout);
}

#[test]
fn a_step_that_takes_too_long_times_out() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - timeout: 1ms\n    copy: { source: /in, path: /out }\n");
    for number in 0..2000 {
        scene.file(&format!("in/{number}"), "x");
    }
    scene.apply().code(5).stderr_has("error: timed out: the step took longer than its `timeout`");
}

#[test]
fn a_failed_hand_over_is_in_the_report() {
    let scene = Scene::with_plan("version: 1\nexec: { command: [/no/such] }\n");
    scene.run(&["apply", "plan.yaml", "--report", "report.json"]).code(127);
    let report: serde_json::Value = serde_json::from_str(&scene.read("report.json")).unwrap();
    assert_eq!((report["result"].as_str(), report["exit_code"].as_u64()), (Some("failed"), Some(127)));

    // Who the application is to be could not write it.
    if !root_or_skip("a_failed_hand_over_is_in_the_report") {
        return;
    }
    scene.directory("r").mode("r", 0o700);
    for supervise in [false, true] {
        let exec = format!("exec: {{ command: [/no/such], user: \"1234:1234\", supervise: {supervise} }}");
        scene.file("plan.yaml", format!("version: 1\n{exec}\n"));
        scene.run(&["apply", "plan.yaml", "--report", "r/report.json"]).code(127).lacks("cannot write");
        let report: serde_json::Value = serde_json::from_str(&scene.read("r/report.json")).unwrap();
        assert_eq!((report["result"].as_str(), report["exit_code"].as_u64()), (Some("failed"), Some(127)));
    }
}
