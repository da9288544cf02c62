use super::escape;
use crate::format::{Insertion, Scalar};

/// Puts the value wherever `@` stands.
fn escaped(template: &str, value: &str) -> Result<String, usize> {
    let (mut text, mut insertions) = (String::new(), Vec::new());
    for (index, part) in template.split('@').enumerate() {
        if index > 0 {
            let start = text.len();
            text.push_str(value);
            insertions.push(Insertion { range: start..text.len(), scalar: Scalar::Text });
        }
        text.push_str(part);
    }
    escape(&text, &insertions).map_err(|problem| problem.offset)
}

#[test]
fn values_in_their_places() {
    for (template, value, wanted) in [
        ("listen @;", "8080", "listen 8080;"),
        ("root @;", "", "root \"\";"),
        ("root /a@;", "", "root /a;"),
        ("root /a/@/b;", "c d", "root \"/a/c d/b\";"),
        ("a b\"@;", ";", "a \"b\\\";\";"),
        ("a \"@\" '@';", "\"'\\n", "a \"\\\"'\\\\n\" '\"\\'\\\\n';"),
        ("location ~ \\.@$ {", "p p", "location ~ \"\\.p p$\" {"),
        ("a ${b}@{", "c{", "a \"${b}c{\"{"),
        ("# @ \"\na @;", "'x", "# 'x \"\na \"'x\";"),
        ("if ($a = \"@\") { b @; }", "}", "if ($a = \"}\") { b \"}\"; }"),
        ("a \"\\@\";", "\"", "a \"\\\\\\\"\";"),
    ] {
        assert_eq!(escaped(template, value).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn values_that_a_place_cannot_hold() {
    for (template, value, offset) in [
        ("a @;", "$", 2),
        ("a @;", "\0", 2),
        ("# @", "\n", 2),
        ("a $@;", "b", 3),
        ("a ${b@};", "b", 5),
        ("a $b@;", "c", 4),
        ("a \"b\"@;", "c", 5),
    ] {
        assert_eq!(escaped(template, value), Err(offset), "{template}");
    }
    assert_eq!(escaped("a @;", &"x".repeat(5000)), Err(2));
}
