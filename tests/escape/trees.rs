//! JSON, YAML and TOML.

use serde_json::Value;

use super::place::{Format, Language, Place, leaf};
use super::reader::reader;
use super::trial::hold;

/// The leaves of the list that a document is or has as `v`.
fn leaves(document: &Value) -> Vec<String> {
    document.get("v").unwrap_or(document).as_array().unwrap().iter().map(leaf).collect()
}

fn has_break(value: &str) -> bool {
    value.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

/// Characters that YAML knows only as escapes.
fn has_control(value: &str) -> bool {
    value.contains(|c: char| {
        c < ' ' && c != '\t' && c != '\n'
            || ('\u{7f}'..'\u{a0}').contains(&c)
            || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
    })
}

#[test]
fn every_value_comes_back_from_json() {
    let test = "every_value_comes_back_from_json";
    let Some(read) = reader(test, "read_json.py", leaves) else { return };
    let list = |item| Place::new("[\n", item, "\"end\"]\n");
    let places = [
        ("\"{{this}}\",\n", "{{this}}"),
        ("{{this}},", "{{this}}"),
        ("\"http://{{this}}:{{this}}/x\", ", "http://{{this}}:{{this}}/x"),
        ("\"\\\\.{{this}}\\u0041\",", "\\.{{this}}A"),
        ("{\"{{this}}\": 1},", "{{this}}"),
        ("{ {{this}}: 1},", "{{this}}"),
        ("{\"k\":{{this}} },", "{{this}}"),
        ("[[\"{{this}}\"]],", "{{this}}"),
    ];
    let places = places.into_iter().map(|(item, wanted)| list(item).wanted(wanted)).collect();
    let read = Box::new(move |scene: &_, files: &_| {
        // The last item is there for the comma.
        read(scene, files).into_iter().map(|read| read.map(|mut read| read.drain(..read.len() - 1).collect())).collect()
    });
    hold(&Format { language: Language { name: "json", file: Some("a.json") }, places, read });
}

#[test]
fn every_value_comes_back_from_yaml() {
    let test = "every_value_comes_back_from_yaml";
    let Some(read) = reader(test, "read_yaml.py", leaves) else { return };
    let item = |item| Place::new("", item, "");
    let places = vec![
        item("- \"{{this}}\"\n"),
        item("- '{{this}}'\n"),
        item("- {{this}}\n"),
        item("- {{this}}   # behind\n"),
        item("- http://{{this}}:{{this}}/x\n").wanted("http://{{this}}:{{this}}/x"),
        item("- 'it''s {{this}}'\n").wanted("it's {{this}}"),
        item("- \"\\t{{this}}\\u0041\"\n").wanted("\t{{this}}A"),
        item("- \"a\n  {{this}}\n  b\"\n").wanted("a {{this}} b"),
        item("- 'a\n  {{this}}\n\n  b'\n").wanted("a {{this}}\nb"),
        item("- a\n  {{this}}\n  b\n").wanted("a {{this}} b"),
        item("- [{{this}}]\n"),
        item("- [{{this}}, \"{{this}}\", '{{this}}' ]\n").wanted("{{this}}{{this}}{{this}}"),
        item("- {k: {{this}} }\n"),
        item("- k: {{this}}\n"),
        item("- {{this}}: 1\n").refuses(is_long),
        item("- \"{{this}}\": 1\n").refuses(is_long),
        item("- '{{this}}': 1\n").refuses(is_long),
        item("- ? {{this}}\n  : 1\n"),
        item("- !!str {{this}}\n"),
        item("- &a{{{@index}}} {{this}}\n"),
        item("- |\n  {{this}}\n  end\n").wanted("{{this}}\nend\n").refuses(has_control),
        item("- |-\n  x{{this}}y\n").wanted("x{{this}}y").refuses(has_control),
        item("- |-\n  x{{this}}\n")
            .wanted("x{{this}}")
            .refuses(|value| has_control(value) || value.trim_end_matches(' ').ends_with('\n')),
        item("- |\n  x{{this}}\n")
            .wanted("x{{this}}\n")
            .refuses(|value| has_control(value) || value.trim_end_matches(' ').ends_with('\n')),
        item("- |-\n  a\n    {{this}}.\n")
            .wanted("a\n  {{this}}.")
            .refuses(has_control)
            .leaves_out(|value| value.contains('\n')),
        item("- |+\n  <{{this}}>\n\n").wanted("<{{this}}>\n\n").refuses(has_control),
        item("- >-\n  a {{this}} b\n")
            .wanted("a {{this}} b")
            .refuses(|value| has_control(value) || value.contains('\n')),
        item("- x # {{this}}\n").wanted("x").refuses(|value| has_control(value) || has_break(value)),
        item("- | # {{this}}\n  x\n").wanted("x\n").refuses(|value| has_control(value) || has_break(value)),
    ];
    hold(&Format { language: Language { name: "yaml", file: Some("a.yaml") }, places, read });
}

fn is_long(value: &str) -> bool {
    value.len() > 200
}

#[test]
fn every_value_comes_back_from_toml() {
    let test = "every_value_comes_back_from_toml";
    let Some(read) = reader(test, "read_toml.py", leaves) else { return };
    let list = |item| Place::new("v = [\n", item, "]\n");
    let table = |item| Place::new("", item, "");
    let in_comment = |value: &str| value.contains(|c: char| c.is_ascii_control() && c != '\t');
    let places = vec![
        list("\"{{this}}\",\n"),
        list("'{{this}}',\n"),
        list("{{this}},\n"),
        list("\"http://{{this}}:{{this}}/x\",\n").wanted("http://{{this}}:{{this}}/x"),
        list("'C:\\\\{{this}}',\n").wanted("C:\\{{this}}"),
        list("\"\\\\.{{this}}\\u0041\",\n").wanted("\\.{{this}}A"),
        list("\"\"\"{{this}}\"\"\",\n"),
        list("\"\"\"\n{{this}}\n\"\"\",\n").wanted("{{this}}\n"),
        list("\"\"\"a \\\n  {{this}}\"\"\",\n").wanted("a {{this}}"),
        list("\"\"\"\"{{this}}\"\"\"\",\n").wanted("\"{{this}}\""),
        list("'''{{this}}''',\n"),
        list("'''\n{{this}}'\\n''',\n").wanted("{{this}}'\\n"),
        list("{ k = {{this}} },\n"),
        list("{ {{this}} = 1 },\n"),
        table("[[v]]\n{{this}} = 1\n"),
        table("[[v]]\n\"{{this}}\" = 1\n"),
        table("[[v]]\n'{{this}}' = 1\n"),
        table("[[v]]\nk = {{this}} # behind\n"),
        table("[[v]]\n[v.{{this}}]\n"),
        table("[[v]]\n[v.\"{{this}}\".x]\n"),
        list("\"x\", # {{this}}\n").wanted("x").refuses(in_comment),
    ];
    hold(&Format { language: Language { name: "toml", file: Some("a.toml") }, places, read });
}
