//! Templates.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::escape::language;
use super::fields::check_finding;
use crate::failure::Source;
use crate::format::Language;
use crate::template::{Data, Declared, FACTS, Partials, Template, check_pieces, evaluate};

/// Between these characters the number of a value stands while a template is rendered.
const MARKS: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// The first byte chooses the language. No mark stays in the output, values and the text around them are the same in every
/// language that changes nothing, and a text in pieces means what it means as a whole.
pub fn template(data_of_template: &[u8]) {
    let Some((language, text)) = language(data_of_template) else { return };
    check_pieces(text, &content(&environment()));
    let source = Source::new("template", text);
    let template = match Template::parse(&source) {
        Ok(template) => template,
        Err(failure) => return check_finding(&failure),
    };
    let partials = Partials::default();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let declared = Declared {
        env: names(&["A", "HOSTILE", "EMPTY"]),
        values: names(&["app", "list"]),
        facts: FACTS.map(str::to_owned).to_vec(),
        ..Declared::default()
    };
    for finding in template.check(&declared, &partials) {
        check_finding(&finding.in_source(&source));
    }
    let data = data(&environment());
    let _ = evaluate(&template, &data).map_err(|failure| check_finding(&failure));
    let _ = (template.secret(data.secret(), &partials), template.reads_files(&partials));
    let _ = template.render(&data.masked("***"), language, &partials).map_err(|failure| check_finding(&failure));
    let plain = template.render(&data, Language::None, &partials);
    for language in [language, Language::Ini] {
        match (template.render(&data, language, &partials), &plain) {
            (Ok(rendered), Ok(plain)) => {
                for mark in MARKS {
                    assert!(!rendered.contains(mark) || plain.contains(mark), "a mark stayed: {rendered:?}");
                }
                // INI knows no escapes.
                assert!(language != Language::Ini || rendered == *plain, "{rendered:?}\n{plain:?}");
            }
            (Ok(rendered), Err(failure)) => panic!("only with a language: {rendered:?}\n{failure}"),
            (Err(failure), _) => check_finding(&failure),
        }
    }
}

fn environment() -> Value {
    json!({"A": "a", "EMPTY": "", "HOSTILE": "\"'\\\n<&${}`{{env.A}}\u{fdd0}0\u{fdd1}", "NUMBER": 7})
}

fn content(environment: &Value) -> Value {
    json!({
        "env": environment,
        "values": {
            "app": {"name": "x", "port": 80, "ratio": 0.5, "on": true, "off": false, "nothing": null, "a b": "c"},
            "list": ["one", "two", {"name": "three"}, [4]],
        },
        "facts": {"hostname": "h-1", "ordinal": 1, "cpus": 2, "memory": 1_048_576, "uid": 0, "gid": 0,
            "nameservers": ["10.0.0.1"], "addresses": ["10.0.0.2", "::1"], "arguments": ["serve", "--x=1"]},
    })
}

/// The same at every run.
pub(super) fn data(environment: &Value) -> Data {
    let content = content(environment);
    let part = |name: &str| content.get(name).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let read = |path: &str| if path == "/file" { Ok("content\n".to_owned()) } else { Err("no such file".to_owned()) };
    Data::new(part("env"), part("values"), part("facts")).with_clock(1_700_000_000).with_files(Arc::new(read))
}
