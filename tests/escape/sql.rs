//! SQL, read by PostgreSQL and SQLite.

use super::place::{Format, Language, Place};
use super::trial::hold;
use crate::harness::Scene;
use crate::postgres::Server;

fn has_nul(value: &str) -> bool {
    value.contains('\0')
}

fn line_comment(value: &str) -> bool {
    value.contains(['\n', '\r', '\0'])
}

fn block_comment(value: &str) -> bool {
    value.contains(['*', '/', '\0'])
}

/// An identifier is not empty; PostgreSQL cuts off what is longer than 63 bytes.
fn identifier(value: &str) -> bool {
    has_nul(value) || value.is_empty()
}

fn is_long(value: &str) -> bool {
    value.len() > 50
}

fn hexadecimal(value: &str) -> bool {
    value.bytes().any(|byte| !byte.is_ascii_hexdigit())
}

macro_rules! select {
    ($expression:literal) => {
        concat!("SELECT encode(convert_to(", $expression, ", 'UTF8'), 'hex');\n")
    };
}

#[test]
fn every_value_comes_back_from_postgresql() {
    let test = "every_value_comes_back_from_postgresql";
    let Some(server) = Server::start(test) else { return };
    server.wait();
    let read = |scene: &Scene, files: &[String]| {
        files.iter().map(|file| server.run_file(&scene.path(file)).and_then(|output| unhex(&output))).collect()
    };
    let item = |item| Place::new("SET client_min_messages = error;\n", item, "").refuses(has_nul);
    let url = "http://{{this}}:{{this}}/x";
    let places = vec![
        item(select!("'{{this}}'")),
        item(select!("{{this}}")),
        item(select!("({{this}}||{{this}})")).wanted("{{this}}{{this}}"),
        item(select!("'http://{{this}}:{{this}}/x'")).wanted(url),
        item(select!("'it''s {{this}}\\'")).wanted("it's {{this}}\\"),
        item(select!("E'{{this}}'")),
        item(select!("E'\\\\.{{this}}\\'{{this}}'")).wanted("\\.{{this}}'{{this}}"),
        item(select!("$t${{this}}$t$")).refuses(|value| value.contains(['\0', '$'])),
        item(select!("$$ {{this}} {{this}} $$")).wanted(" {{this}} {{this}} ").refuses(|value| value.contains(['\0', '$'])),
        item(select!("replace({{this}}, '', '')::text")),
        item("SELECT encode(convert_to(k, 'UTF8'), 'hex') FROM (SELECT 1 AS \"{{this}}\") q, json_object_keys(row_to_json(q)) k;\n")
            .refuses(identifier)
            .leaves_out(is_long),
        item("SELECT encode(convert_to(k, 'UTF8'), 'hex') FROM (SELECT 1 AS \"x{{this}}\") q, json_object_keys(row_to_json(q)) k;\n")
            .wanted("x{{this}}")
            .leaves_out(is_long),
        item("DO $$ BEGIN PERFORM set_config('a.b', '{{this}}' || {{this}}, false); END $$;\nSELECT encode(convert_to(current_setting('a.b'), 'UTF8'), 'hex');\n")
            .wanted("{{this}}{{this}}")
            .refuses(|value| value.contains(['\0', '$'])),
        item("CREATE OR REPLACE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql AS $f$ SELECT '{{this}}' $f$;\nSELECT encode(convert_to(pg_temp.f(), 'UTF8'), 'hex');\n")
            .refuses(|value| value.contains(['\0', '$'])),
        item("SELECT encode(X'{{this}}'::bit varying::text::bytea, 'hex');\n").refuses(hexadecimal).leaves_out(|_| true),
        item("SELECT '78'; -- {{this}}\n").wanted("x").refuses(line_comment),
        item("SELECT '78' /* {{this}} {{this}} */;\n").wanted("x").refuses(block_comment),
        item("SELECT '78' /*{{this}}{{this}}*/;\n").wanted("x").refuses(|value| block_comment(value) || value.is_empty()),
    ];
    hold(&Format { language: Language { name: "sql", file: Some("a.sql") }, places, read: Box::new(read) });
}

/// The texts of lines of hexadecimal digits.
pub(super) fn unhex(output: &str) -> Result<Vec<String>, String> {
    let byte =
        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).map_err(|error| error.to_string());
    let text = |line: &str| {
        let bytes = line.as_bytes().chunks(2).map(byte).collect::<Result<Vec<u8>, String>>()?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    };
    output.lines().map(text).collect()
}
