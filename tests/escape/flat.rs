//! INI, properties and env files.

use serde_json::Value;

use super::place::{Format, Language, Place};
use super::reader::{reader, texts};
use super::trial::hold;

/// Stands for the value of a key where the key is what counts.
const MARK: &str = "-mark-";

/// What readers of INI files, Python above all, take for a blank.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

fn touches_blank(value: &str) -> bool {
    value.starts_with(is_blank) || value.ends_with(is_blank)
}

fn breaks_line(value: &str) -> bool {
    value.contains(['\n', '\r', '\0'])
}

/// Some readers take the rest for a comment.
fn begins_comment(value: &str) -> bool {
    value.starts_with(['#', ';']) || holds_comment(value)
}

fn holds_comment(value: &str) -> bool {
    value.char_indices().any(|(at, c)| is_blank(c) && value[at + c.len_utf8()..].starts_with(['#', ';']))
}

fn in_quotes(value: &str) -> bool {
    value.len() > 1 && ['"', '\''].iter().any(|quote| value.starts_with(*quote) && value.ends_with(*quote))
}

fn bare(value: &str) -> bool {
    breaks_line(value) || touches_blank(value) || begins_comment(value) || value.ends_with('\\') || in_quotes(value)
}

fn name(value: &str) -> bool {
    breaks_line(value)
        || value.is_empty()
        || touches_blank(value)
        || begins_comment(value)
        || value.contains(['[', ']'])
}

/// The value of each row, or else the key, or else the section.
fn ini_leaves(document: &Value) -> Vec<String> {
    let leaf =
        |row: &Value| match row.as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>()[..] {
            [section, "k", MARK] => section.to_owned(),
            [_, key, MARK] => key.to_owned(),
            [_, _, value] => value.to_owned(),
            _ => panic!("no row: {row}"),
        };
    document.as_array().unwrap().iter().map(leaf).collect()
}

#[test]
fn every_value_comes_back_from_ini() {
    let test = "every_value_comes_back_from_ini";
    let Some(read) = reader(test, "read_ini.py", ini_leaves) else { return };
    let key = |item| Place::new("[s]\n", item, "");
    let section = |item| Place::new("", item, "");
    let places = vec![
        key("k{{{@index}}} = {{this}}\n").refuses(bare),
        key("k{{{@index}}}:{{this}}\n").refuses(bare),
        key("k{{{@index}}} = http://{{this}}:{{this}}/x\n")
            .wanted("http://{{this}}:{{this}}/x")
            .refuses(|value| breaks_line(value) || holds_comment(value)),
        key("k{{{@index}}} = \"{{this}}\"\n")
            .wanted("\"{{this}}\"")
            .refuses(|value| breaks_line(value) || value.contains(['"', '\\'])),
        key("k{{{@index}}} = '{{this}}'\n")
            .wanted("'{{this}}'")
            .refuses(|value| breaks_line(value) || value.contains('\'')),
        key("k{{{@index}}} = a\n  {{this}}\n")
            .wanted("a\n{{this}}")
            .refuses(|value| bare(value) || value.starts_with('['))
            .leaves_out(str::is_empty),
        section("[s{{{@index}}}]\n{{this}} = -mark-\n").refuses(|value| name(value) || value.contains(['=', ':'])),
        section("[{{this}}]\nk = -mark-\n").refuses(name).leaves_out(|value| value == "DEFAULT"),
        section("[s {{this}}]\nk = -mark-\n")
            .wanted("s {{this}}")
            .refuses(|value| name(value) || holds_comment(&format!(" {value}"))),
        key("; {{this}}\nk{{{@index}}} = x\n").wanted("x").refuses(breaks_line),
    ];
    hold(&Format { language: Language { name: "ini", file: Some("a.ini") }, places, read });
}

fn pair_leaves(document: &Value) -> Vec<String> {
    let leaf = |pair: &Value| match (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()) {
        (key, MARK) => key.to_owned(),
        (_, value) => value.to_owned(),
    };
    document.as_array().unwrap().iter().map(leaf).collect()
}

#[test]
fn every_value_comes_back_from_properties() {
    let test = "every_value_comes_back_from_properties";
    let Some(read) = reader(test, "read_properties.py", pair_leaves) else { return };
    let places = [
        ("k = {{this}}\n", "{{this}}"),
        ("k={{this}}\n", "{{this}}"),
        ("k:{{this}}\n", "{{this}}"),
        ("k {{this}}\n", "{{this}}"),
        ("k = http://{{this}}:{{this}}/x\n", "http://{{this}}:{{this}}/x"),
        ("k = C:\\\\{{this}}\\u0041\n", "C:\\{{this}}A"),
        ("k = a\\\n    {{this}}\n", "a{{this}}"),
        ("k = a,\\\n  {{this}},\\\n  b\n", "a,{{this}},b"),
        ("{{this}} = -mark-\n", "{{this}}"),
        ("{{this}}:-mark-\n", "{{this}}"),
        ("a.{{this}}.b -mark-\n", "a.{{this}}.b"),
    ];
    let place = |item, wanted| Place::new("", item, "").wanted(wanted);
    let mut places: Vec<Place> = places.into_iter().map(|(item, wanted)| place(item, wanted)).collect();
    places.push(place("# {{this}}\nk = x\n", "x").refuses(|value| value.contains(['\n', '\r'])));
    hold(&Format { language: Language { name: "properties", file: Some("a.properties") }, places, read });
}

#[test]
fn every_value_comes_back_from_env_files() {
    let test = "every_value_comes_back_from_env_files";
    let Some(read) = reader(test, "read_env.py", texts) else { return };
    let places = [
        ("K{{{@index}}}={{this}}\n", "{{this}}"),
        ("K{{{@index}}}=\"{{this}}\"\n", "{{this}}"),
        ("K{{{@index}}}='{{this}}'\n", "{{this}}"),
        ("export K{{{@index}}}={{this}}\n", "{{this}}"),
        ("K{{{@index}}}={{this}} # behind\n", "{{this}}"),
        ("K{{{@index}}}=http://{{this}}:{{this}}/x\n", "http://{{this}}:{{this}}/x"),
        ("K{{{@index}}}=\"\\\\{{this}}\\$\"\n", "\\{{this}}$"),
        ("K{{{@index}}}='a\\\\{{this}}$A'\n", "a\\{{this}}$A"),
        ("K{{{@index}}}=\"a\n{{this}}\nb\"\n", "a\n{{this}}\nb"),
        ("K{{{@index}}}=\"a\"{{this}}\n", "a{{this}}"),
        ("U=u\nK{{{@index}}}=$U/{{this}}\n", "u/{{this}}"),
    ];
    let place = |item, wanted| Place::new("", item, "").wanted(wanted).refuses(|value| value.contains('\0'));
    let mut places: Vec<Place> = places.into_iter().map(|(item, wanted)| place(item, wanted)).collect();
    places.push(place("# {{this}}\nK{{{@index}}}=x\n", "x").refuses(breaks_line));
    places.push(place("K{{{@index}}}=x # {{this}}\n", "x").refuses(breaks_line));
    hold(&Format { language: Language { name: "env", file: Some(".env") }, places, read });
}
