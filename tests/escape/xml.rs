//! XML, read by expat.

use serde_json::Value;

use super::place::{Format, Language, Place};
use super::reader::reader;
use super::trial::hold;

/// Characters that no XML document can hold.
fn forbidden(value: &str) -> bool {
    value.contains(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

fn has_return(value: &str) -> bool {
    forbidden(value) || value.contains('\r')
}

fn comment(value: &str) -> bool {
    forbidden(value) || value.contains("--") || value.starts_with('-') || value.ends_with('-')
}

fn instruction(value: &str) -> bool {
    has_return(value) || value.contains("?>") || value.starts_with([' ', '\t', '\n'])
}

/// Names beyond ASCII may be refused, and parsers differ in which.
fn name(value: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"_:.-".contains(&byte);
    !value.bytes().all(part) || !value.starts_with(|first: char| first.is_ascii_alphabetic() || "_:".contains(first))
}

/// For each element `v` its attribute or its text, the data of instructions, and the names of other elements.
fn leaves(document: &Value) -> Vec<String> {
    let mut leaves = Vec::new();
    let mut inside = false;
    for event in document.as_array().unwrap() {
        let part = |at: usize| event[at].as_str().unwrap_or_default();
        match part(0) {
            "start" if part(1) == "v" => {
                leaves.push(part(3).to_owned());
                inside = true;
            }
            "start" if part(1) == "n" => leaves.push(part(2).to_owned()),
            "start" if part(1) != "r" => leaves.push(part(1).to_owned()),
            "end" => inside = false,
            "text" if inside => leaves.last_mut().unwrap().push_str(part(1)),
            "instruction" => leaves.push(part(1).to_owned()),
            _ => {}
        }
    }
    leaves
}

#[test]
fn every_value_comes_back_from_xml() {
    let test = "every_value_comes_back_from_xml";
    let Some(read) = reader(test, "read_xml.py", leaves) else { return };
    let item = |item| Place::new("<?xml version=\"1.0\"?>\n<r>\n", item, "</r>\n").refuses(forbidden);
    let latin =
        |item| Place::new("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<r>\n", item, "</r>\n").refuses(forbidden);
    let cdata = "<v><![CDATA[<{{this}}]{{this}}>]]></v>\n";
    let places = vec![
        item("<v>{{this}}</v>\n"),
        item("<v a=\"{{this}}\"/>\n"),
        item("<v a='{{this}}'/>\n"),
        item("<v a={{this}}/>\n"),
        item("<v a=\"http://{{this}}:{{this}}/x\"/>\n").wanted("http://{{this}}:{{this}}/x"),
        item("<v>&lt;]{{this}}]{{this}}&gt;</v>\n").wanted("<]{{this}}]{{this}}>"),
        item("<v><![CDATA[{{this}}]]></v>\n").refuses(has_return),
        item(cdata).wanted("<{{this}}]{{this}}>").refuses(has_return),
        item("<!-- {{this}} --><v>x</v>\n").wanted("x").refuses(comment),
        item("<!--{{this}}{{this}}--><v>x</v>\n").wanted("x").refuses(comment),
        item("<?p {{this}}?>\n").refuses(instruction),
        item("<{{this}}/>\n").refuses(name).leaves_out(|value| !value.is_ascii()),
        item("<n {{this}}=\"1\"/>\n").refuses(name).leaves_out(|value| !value.is_ascii()),
        item("<x.{{this}}>text</x.{{this}}>\n")
            .wanted("x.{{this}}")
            .refuses(|value| name(&format!("x{value}")))
            .leaves_out(|value| !value.is_ascii()),
        latin("<v>{{this}}</v>\n"),
        latin("<v a='{{this}}'/>\n"),
        latin("<v><![CDATA[{{this}}]]></v>\n").refuses(|value| has_return(value) || !value.is_ascii()),
    ];
    hold(&Format { language: Language { name: "xml", file: Some("a.xml") }, places, read });
}

#[test]
fn every_value_comes_back_from_xml_entities() {
    let test = "every_value_comes_back_from_xml_entities";
    let Some(read) = reader(test, "read_xml.py", leaves) else { return };
    let declared = "<!DOCTYPE r [\n";
    let used = "]><r>{{#each LIST}}<v>&e{{{@index}}};</v>{{/each}}</r>\n";
    let place = Place::new(declared, "<!ENTITY e{{{@index}}} \"{{this}}\">\n", used);
    let places = vec![place.refuses(forbidden)];
    hold(&Format { language: Language { name: "xml", file: Some("a.xml") }, places, read });
}
