//! Every refusal with its exact message, its place in the template and its hint.

mod code;
mod flat;
mod trees;

use serde_json::json;

use crate::harness::Scene;

/// The format, a template in which `@` is the value, a value, the message and the hint.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

const EXPRESSION: &str = "{{values.v.[0]}}";

fn refuses(&(format, template, value, message, hint): &Case) {
    let scene = Scene::with_plan(&format!(
        "version: 1
inputs: {{ values: {{ v: {{ file: /v.json, secret: true }} }} }}
steps:
  - render: {{ source: /t.hbs, path: /out, escape: {format} }}
"
    ));
    scene.file("t.hbs", template.replace('@', EXPRESSION)).file("v.json", json!([value]).to_string());
    let ran = scene.apply().code(4).lacks("hunter2");
    let before = template.split('@').next().unwrap();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    let wanted =
        format!("error: cannot render the template: {message}\n  --> /t.hbs:{line}:{column}  step 1 `render`\n");
    assert!(ran.stderr.starts_with(&wanted), "{format} {template}:\n{wanted}\n{}", ran.stderr);
    let last = ran.stderr.lines().rfind(|line| line.starts_with("hint: ")).unwrap_or("hint: ");
    assert_eq!(last, format!("hint: {hint}"), "{format} {template}");
    assert!(!scene.exists("out"));
}

#[test]
fn every_refusal_has_its_message() {
    for case in [trees::CASES, flat::CASES, code::CASES].concat() {
        refuses(&case);
    }
}

#[test]
fn what_is_too_long_or_too_deep_has_its_message() {
    let long = "hunter2 ".repeat(700).leak();
    let commands = format!("echo {}@", "\"$(".repeat(80)).leak();
    let quotes = (0..17).map(|depth| format!("DO $a{depth}$ ")).collect::<String>().leak();
    for case in [
        ("yaml", "@: 1\n", &*long, "a YAML key cannot be longer than 1000 characters", ""),
        ("nginx", "a @;\n", long, "a word of an nginx configuration cannot be longer than 4095 bytes", ""),
        ("sh", commands, "hunter2", "the script is nested more than 128 levels deep", ""),
        ("sql", &format!("{quotes}@").leak()[..], "hunter2", "dollar quotes are nested more than 16 levels deep", ""),
    ] {
        refuses(&case);
    }
}
