//! Wherever in a template a value comes from, it is escaped for the place that it gets in the file; only `{{{x}}}` is not.

use serde_json::{Value, json};

use crate::harness::Scene;

const HOSTILE: &str = "a\"b\\c</v>&'\n$(x){{y}}\u{fdd0}0\u{fdd1}\u{1f600}";

/// A scene with partials, and the variable `V` as a secret.
fn scene(template: &str, value: &str) -> Scene {
    let scene = Scene::with_plan(
        "version: 1
inputs:
  env: { V: { secret: true } }
  values: { v: { file: /v.json } }
steps:
  - render: { source: /t.hbs, path: /out.json, partials: /parts }
",
    );
    scene
        .file("parts/direct.hbs", "\"{{env.V}}\"")
        .file("parts/given.hbs", "\"{{given}}\"")
        .file("parts/around.hbs", "\"<{{> @partial-block}}>\"")
        .file("parts/outer.hbs", "[{{> direct}}, {{> given given=env.V}}]")
        .file("v.json", json!({ "list": [value, [value]], "map": { "k": value }, "yes": true }).to_string())
        .file("t.hbs", template)
        .env("V", value);
    scene
}

fn rendered(template: &str, value: &str) -> Value {
    let scene = scene(template, value);
    scene.apply().code(0);
    serde_json::from_str(&scene.read("out.json")).unwrap_or_else(|error| panic!("{template}: {error}"))
}

#[test]
fn a_value_is_escaped_wherever_it_comes_from() {
    let v = HOSTILE;
    for (template, wanted) in [
        ("{{> direct}}", json!(v)),
        ("{{> given given=env.V}}", json!(v)),
        ("{{> outer}}", json!([v, v])),
        ("{{#> around}}{{env.V}}{{/around}}", json!(format!("<{v}>"))),
        ("{{#> around}}a{{#if values.v.yes}}{{env.V}}{{/if}}{{/around}}", json!(format!("<a{v}>"))),
        ("{{#*inline \"x\"}}\"{{env.V}}\"{{/inline}}[{{> x}},{{> x}}]", json!([v, v])),
        ("{{#*inline \"x\"}}\"{{given}}\"{{/inline}}{{> x given=env.V}}", json!(v)),
        ("\"{{upper env.V}}\"", json!(v.to_uppercase())),
        ("\"{{lower (upper env.V)}}\"", json!(v.to_lowercase())),
        ("{{lower (upper env.V)}}", json!(v.to_lowercase())),
        ("\"{{default env.V \"x\"}} {{join (list env.V \"<\" env.V) \"\"}}\"", json!(format!("{v} {v}<{v}"))),
        ("[{{#each values.v.map}}\"{{@key}}\", \"{{this}}\"{{/each}}]", json!(["k", v])),
        ("{{#with values.v.map}}{{k}}{{/with}}", json!(v)),
        ("{{#each values.v.list}}{{#if @last}}{{#each this}}\"{{this}}\"{{/each}}{{/if}}{{/each}}", json!(v)),
        ("{{#with values.v.map as |m|}}\"{{m.k}}{{../env.V}}\"{{/with}}", json!(format!("{v}{v}"))),
        ("{{#if (eq env.V \"x\")}}1{{else}}\"{{env.V}}\"{{/if}}", json!(v)),
        ("  {{~ env.V ~}}  ", json!(v)),
        ("{{{json env.V}}}", json!(v)),
        ("{{{json (list env.V values.v.map)}}}", json!([v, { "k": v }])),
        ("\"{{json env.V}}\"", json!(json!(v).to_string())),
        ("{{json env.V}}", json!(json!(v).to_string())),
        ("\"{{base64_decode (base64 env.V)}}\"", json!(v)),
    ] {
        assert_eq!(rendered(template, v), wanted, "{template}");
    }
}

#[test]
fn three_braces_put_in_a_value_as_it_is() {
    for template in ["{{{env.V}}}", "{{> raw}}", "{{#> block}}{{{env.V}}}{{/block}}", "{{&env.V}}"] {
        let scene = scene(template, "{\"a\": [1, \"b\"]}");
        scene.file("parts/raw.hbs", "{{{env.V}}}").file("parts/block.hbs", "{{> @partial-block}}");
        scene.apply().code(0);
        assert_eq!(scene.read("out.json"), "{\"a\": [1, \"b\"]}", "{template}");
    }
    let value = "1, \"\u{fdd0}0\u{fdd1}\", 2";
    let read = rendered("[{{{env.V}}}, {{env.V}}, {{{env.V}}}]", value);
    let mark = "\u{fdd0}0\u{fdd1}";
    assert_eq!(read, json!([1, mark, 2, value, 1, mark, 2]));
}

/// Inside of the program, these characters mark the place of a value.
#[test]
fn the_marks_of_the_program_are_harmless_in_a_value() {
    let (open, close) = ('\u{fdd0}', '\u{fdd1}');
    for value in [
        format!("{open}"),
        format!("{close}"),
        format!("{open}0{close}"),
        format!("{open}1{close}"),
        format!("{open}{open}0{close}{close}"),
        format!("0{close}{open}"),
        format!("{open}99999999999999999999{close}"),
        format!("\"{open}0{close}\\"),
    ] {
        let v = value.as_str();
        for (template, wanted) in [
            ("[{{env.V}}, \"x{{env.V}}\", \"{{env.V}}{{env.V}}\"]", json!([v, format!("x{v}"), format!("{v}{v}")])),
            ("\"{{upper (lower env.V)}}{{{env.V}}}{{env.V}}\"", Value::Null),
            ("{{{json (join (list env.V env.V) \"\")}}}", json!(format!("{v}{v}"))),
            ("{{#> around}}{{env.V}}{{/around}}", json!(format!("<{v}>"))),
            ("[{{#each values.v.map}}{{{json this}}}, {{this}}{{/each}}]", json!([v, v])),
        ] {
            if wanted.is_null() && v.contains('"') {
                continue;
            }
            let wanted = if wanted.is_null() { json!(format!("{v}{v}{v}")) } else { wanted };
            assert_eq!(rendered(template, v), wanted, "{template} {v:?}");
        }
    }
    for (file, content) in [("t.hbs", "\"\u{fdd0}0\u{fdd1}{{env.V}}\""), ("parts/direct.hbs", "\"\u{fdd0}0\u{fdd1}\"")]
    {
        let scene = scene("{{> direct}}", "x");
        scene.file(file, content);
        let message = "error: cannot parse the template: it holds the character U+FDD0";
        scene.apply().code(3).stderr_has(message).stderr_has(&format!("--> /{file}:1:2"));
    }
}

#[test]
fn each_file_of_a_tree_is_escaped_by_its_own_name() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { V: { secret: true } } }
steps:
  - render: { source: /t, path: /out }
",
    );
    let value = "it's \"x\" & $y";
    scene
        .file("t/a.json.hbs", "{{env.V}}")
        .file("t/a.xml.hbs", "<v>{{env.V}}</v>")
        .file("t/a.sh.hbs", "echo {{env.V}}")
        .file("t/a.sql.hbs", "SELECT '{{env.V}}'")
        .file("t/a.txt.hbs", "{{env.V}}")
        .env("V", value);
    scene.apply().code(0);
    for (file, wanted) in [
        ("a.json", r#""it's \"x\" & $y""#),
        ("a.xml", "<v>it's \"x\" &amp; $y</v>"),
        ("a.sh", r#"echo 'it'\''s "x" & $y'"#),
        ("a.sql", "SELECT 'it''s \"x\" & $y'"),
        ("a.txt", value),
    ] {
        assert_eq!(scene.read(&format!("out/{file}")), wanted);
    }
}

#[test]
fn envsubst_escapes_when_a_language_is_said() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { V: { secret: true } } }
steps:
  - render: { text: '{\"a\": \"$V\", \"b\": \"${V}-${V}\"}', path: /out.json, engine: envsubst, escape: json }
",
    );
    scene.env("V", HOSTILE);
    scene.apply().code(0).lacks("</v>&");
    let read: Value = serde_json::from_str(&scene.read("out.json")).unwrap();
    assert_eq!(read, json!({ "a": HOSTILE, "b": format!("{HOSTILE}-{HOSTILE}") }));
}
