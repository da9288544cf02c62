use serde_json::{Value, json};

use super::{edit, escape, read};
use crate::format::{Insertion, Operation, Problem, Scalar, parse_path};

mod messages;

/// `<` and `>` stand around values.
fn escaped(template: &str, scalar: Scalar) -> Result<String, Problem> {
    let (mut text, mut insertions, mut start) = (String::new(), Vec::new(), 0);
    for character in template.chars() {
        match character {
            '<' => start = text.len(),
            '>' => insertions.push(Insertion { range: start..text.len(), scalar }),
            other => text.push(other),
        }
    }
    escape(&text, &insertions)
}

#[test]
fn a_value_cannot_stand_in_a_comment() {
    for (before, behind) in [("[1 /* ", " */]"), ("[1 // ", "\n]"), ("[1 /*", "*/]")] {
        let text = format!("{before}X{behind}");
        let insertion = Insertion { range: before.len()..before.len() + 1, scalar: Scalar::Text };
        let problem = escape(&text, &[insertion]).unwrap_err();
        assert_eq!(
            (problem.offset, problem.message.as_str()),
            (before.len(), "a value stands in a comment, which JSON has not")
        );
    }
    let text = "{// it's \"open\n/* \" */ \"a\": X}";
    let at = text.find('X').unwrap();
    let escaped = escape(text, &[Insertion { range: at..at + 1, scalar: Scalar::Text }]).unwrap();
    assert_eq!(escaped, "{// it's \"open\n/* \" */ \"a\": \"X\"}");
}

#[test]
fn values_are_written_for_their_place() {
    for (template, wanted) in [
        (r#"{"a": "<x"y\>"}"#, r#"{"a": "x\"y\\"}"#),
        (r#"{"a": "x\"<">"}"#, r#"{"a": "x\"\""}"#),
        (r#"{"a": <1>, "b": <>}"#, r#"{"a": "1", "b": ""}"#),
        (r#"{<k"> : [<true>]}"#, r#"{"k\"" : ["true"]}"#),
        ("\"<a\nb\u{1}>\"", r#""a\nb\u0001""#),
        ("<null>", "\"null\""),
        (r#"["<a><b>c"]"#, r#"["abc"]"#),
        (r#"["\\<n>"]"#, r#"["\\n"]"#),
    ] {
        assert_eq!(escaped(template, Scalar::Text).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn numbers_stay_numbers_except_as_keys() {
    for (template, wanted) in [
        (r#"{"a": <1>, "b": "<2>"}"#, r#"{"a": 1, "b": "2"}"#),
        ("{<1>: <2>}", r#"{"1": 2}"#),
        ("[-<1>, <1><2>]", "[-1, 12]"),
    ] {
        assert_eq!(escaped(template, Scalar::Number).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn what_cannot_be_written_is_a_problem() {
    for (template, offset) in
        [("[<a><b>]", 1), ("[x<a>]", 2), ("[<a>x]", 1), (r#"["a"<b>]"#, 4), (r#"["\<a>"]"#, 3), (r#"["\u00<a>"]"#, 6)]
    {
        let problem = escaped(template, Scalar::Text).unwrap_err();
        assert_eq!(problem.offset, offset, "{template}");
        assert!(problem.hint.is_some());
    }
}

fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

fn unset(path: &str) -> Operation {
    Operation::Unset { path: parse_path(path).unwrap(), must_exist: false }
}

#[test]
fn edits_keep_the_rest() {
    for (text, operation, wanted) in [
        ("", set("a.b", json!(1)), "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n"),
        ("{}", set("a", json!(1)), "{\n  \"a\": 1\n}"),
        (r#"{"a":1}"#, set("b.c", json!([1, 2])), r#"{"a":1,"b":{"c":[1,2]}}"#),
        (r#"{"a": 1}"#, set("b", json!(2)), r#"{"a": 1, "b": 2}"#),
        (
            "{\n\t\"a\": 1 // x\n}\n",
            set("b", json!({"c": 2})),
            "{\n\t\"a\": 1, // x\n\t\"b\": {\n\t\t\"c\": 2\n\t}\n}\n",
        ),
        ("{\r\n  \"a\": 1,\r\n}", set("b", json!(2)), "{\r\n  \"a\": 1,\r\n  \"b\": 2,\r\n}"),
        (r#"{"a": 1, "b": 0, "a": 2}"#, unset("a"), r#"{"b": 0}"#),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", unset("b"), "{\n  \"a\": 1\n}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", unset("a"), "{\n  \"b\": 2\n}"),
        ("{\n  \"a\": 1\n}", unset("a"), "{}"),
        ("[1, 2]", set("[+]", json!(3)), "[1, 2, 3]"),
        ("[1, 2]", set("[+]", json!(2)), "[1, 2]"),
        ("[1, 2]", set("[-1]", json!(3)), "[1, 3]"),
        (r#"{"a": null}"#, set("a.b", json!(1)), r#"{"a": {"b": 1}}"#),
        (r#"{"l": [{"n": "x", "v": 1}]}"#, set("l[n=x].v", json!(2)), r#"{"l": [{"n": "x", "v": 2}]}"#),
        (r#"{"l": [{"n": "x", "v": 1}]}"#, set("l[n=x]", json!({"v": 2})), r#"{"l": [{"n": "x", "v": 2}]}"#),
        (r#"{"l": [{"n": "x"}]}"#, set("l[n=y].v", json!(2)), r#"{"l": [{"n": "x"}, {"n": "y", "v": 2}]}"#),
        (r#"{"l": null}"#, set("l[n=y]", json!({})), r#"{"l": [{"n": "y"}]}"#),
        (r#"{"l": []}"#, set("l[n=5].a[m=6].v", json!(2)), r#"{"l": [{"n": "5", "a": [{"m": "6", "v": 2}]}]}"#),
        ("[\n  {\"n\": 5}\n]", set("[n=y]", json!({})), "[\n  {\"n\": 5},\n  {\n    \"n\": \"y\"\n  }\n]"),
        (r#"{"a": 1}"#, set("l[n=y].v", json!(2)), r#"{"a": 1, "l": [{"n": "y", "v": 2}]}"#),
        ("{\"a\": 1e0 /* x */}", set("a", json!(1.0)), "{\"a\": 1e0 /* x */}"),
        (r#"{"\u0061": {"x": [1,/* c */ ]}}"#, set("a", json!({"x": [1]})), r#"{"\u0061": {"x": [1,/* c */ ]}}"#),
    ] {
        assert_eq!(edit(text, std::slice::from_ref(&operation)).as_deref(), Ok(wanted), "{text} {operation:?}");
        assert_eq!(edit(wanted, &[operation]).as_deref(), Ok(wanted));
    }
}

#[test]
fn what_cannot_be_edited_is_refused() {
    for (text, operation) in [
        (r#"{"a": 1}"#, set("a.b", json!(1))),
        (r#"{"a": 1}"#, set("a[0]", json!(1))),
        (r#"{"a": []}"#, set("a.b", json!(1))),
        (r#"{"a": []}"#, set("a[0]", json!(1))),
        (r#"{"a": []}"#, unset("a[+]")),
        (r#"{"a": 1"#, set("a", json!(2))),
        (r#"{"a": 1} x"#, set("a", json!(2))),
        ("{a: 1}", set("a", json!(2))),
        (r#"{"a": 'x'}"#, set("b", json!(2))),
        ("{\"a\": \"x\n\"}", set("b", json!(2))),
        ("{ /* }", set("b", json!(2))),
        (r#"[{"n": "x"}]"#, set("[n=x]", json!("y"))),
        (r#"[{"n": "x"}]"#, set("[n=x]", json!({"n": "y"}))),
    ] {
        assert!(edit(text, &[operation]).is_err(), "{text}");
    }
}

#[test]
fn reading_tells_the_place() {
    assert_eq!(read("{\"a\": [1]}"), Ok(json!({"a": [1]})));
    for (text, offset) in [("{\n \"a\": x}", 8), ("[1,]", 3), ("", 0), ("[\"é\" 1]", 6), ("{\"a\": // c\n1}", 6)] {
        let problem = read(text).unwrap_err();
        assert_eq!(problem.offset, offset, "{text} {}", problem.message);
        assert!(!problem.message.contains(" at line "));
    }
}

#[test]
fn a_number_that_no_float_holds_exactly_is_appended_once() {
    let value: Value = serde_json::from_str(&"4".repeat(65)).unwrap();
    let append = [Operation::Set { path: parse_path("c[+]").unwrap(), value, must_exist: false }];
    let once = edit("", &append).unwrap();
    assert_eq!(edit(&once, &append).as_deref(), Ok(once.as_str()));
}
