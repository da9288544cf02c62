//! What is refused of JSON, with its exact message and remedy.

use serde_json::{Value, json};

use super::super::{check, edit, read};
use crate::format::Operation;
use crate::format::fixture::{must, must_unset, refuses_to_edit, refuses_to_read, set, unset};

#[test]
fn what_is_no_json_is_told_with_its_place() {
    let rows = [
        ("", 0, "end of file while parsing a value", ""),
        ("{\"a\": 1", 6, "end of file while parsing an object", ""),
        ("[\"a", 2, "end of file while parsing a string", ""),
        ("[1 2]", 3, "expected `,` or `]`", ""),
        ("[1,]", 3, "trailing comma", ""),
        ("{\"a\" 1}", 5, "expected `:`", ""),
        ("{a: 1}", 1, "key must be a string", ""),
        ("{\"a\": x}", 6, "expected value", ""),
        ("1 2", 2, "trailing characters", ""),
        ("[\"\\q\"]", 3, "invalid escape", ""),
        ("[\"a\nb\"]", 4, "control character (\\u0000-\\u001F) found while parsing a string", ""),
        ("[01]", 2, "invalid number", ""),
        ("[\"\\ud800\"]", 8, "unexpected end of hex escape", ""),
    ];
    refuses_to_read(read, &rows);
    let rows = [
        ("", 0, "end of file while parsing a value", ""),
        ("{\"a\": x}", 6, "expected value", ""),
        ("[1,]", 3, "trailing comma", ""),
        ("1 2", 2, "trailing characters", ""),
    ];
    refuses_to_read(check, &rows);
}

#[test]
fn what_is_nested_too_deep_is_told() {
    let text = "[".repeat(200);
    refuses_to_read(read, &[(&*text, 127, "the value is nested more than 127 levels deep", "")]);
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let rows = [
        ("{\"a\": 1} x", set("a", json!(2)), "9: there is something behind the end of the value", ""),
        ("{} /* x", set("a", json!(2)), "3: the comment is not closed", ""),
        ("{\"a\": /1}", set("a", json!(2)), "6: here is no value", ""),
        ("{\"a\": x}", set("a", json!(2)), "6: here is no value", ""),
        ("{\"a\": }", set("a", json!(2)), "6: here is no value", ""),
        ("{a: 1}", set("a", json!(2)), "1: a key in quotes is missing", ""),
        ("{\"a\": \"x\n\"}", set("a", json!(2)), "8: a string cannot hold a line break or control character", ""),
        ("{\"a\": \"x", set("a", json!(2)), "6: the string is not closed", ""),
        ("{\"a\" 1}", set("a", json!(2)), "5: `:` is missing behind a key", ""),
        ("{\"a\": 1", set("a", json!(2)), "7: `,` or a closing bracket is missing", ""),
        ("{\"a\": [1 2]}", set("b", json!(2)), "9: `,` or a closing bracket is missing", ""),
        ("[1 2]", set("[0]", json!(2)), "3: `,` or a closing bracket is missing", ""),
        ("{}", Operation::Unset { path: Vec::new(), must_exist: false }, "the path is empty", ""),
        ("", Operation::Set { path: Vec::new(), value: Value::Null, must_exist: false }, "the path is empty", ""),
        ("{\"a\": [1]}", set("a.b", json!(1)), "`b` is looked for in a list, not in a mapping", ""),
        ("{\"a\": 1}", set("a.b", json!(1)), "`b` is looked for in a single value, not in a mapping", ""),
        ("{\"a\": 1}", set("a[0]", json!(1)), "element `0` is looked for in a single value, not in a list", ""),
        ("{\"a\": {}}", set("a[0]", json!(1)), "element `0` is looked for in a mapping, not in a list", ""),
        (
            "{\"a\": 1}",
            set("a[name=x]", json!(1)),
            "an element with `name` is looked for in a single value, not in a list",
            "",
        ),
        (
            "{\"a\": {}}",
            set("a[name=x]", json!(1)),
            "an element with `name` is looked for in a mapping, not in a list",
            "",
        ),
        ("{\"a\": 1}", set("a[+]", json!(1)), "`[+]` adds to a list, here is a single value", ""),
        ("{\"a\": {}}", set("a[+]", json!(1)), "`[+]` adds to a list, here is a mapping", ""),
        ("{\"a\": [1]}", set("a[1]", json!(1)), "the list has no element `1`", "`[+]` adds an element"),
        ("{\"a\": [1]}", set("a[-2]", json!(1)), "the list has no element `-2`", "`[+]` adds an element"),
        ("{}", set("a[0]", json!(1)), "the list has no element `0`", "`[+]` adds an element"),
        (
            "{\"a\": []}",
            must("a[name=x]", json!({})),
            "no element of the list has `name` = `x`",
            "`[+]` adds an element",
        ),
        (
            "{}",
            set("a[name=x].name.b", json!(1)),
            "the element is chosen by its `name`, which is something else in the new element",
            "",
        ),
        ("[]", set("[name=x][+]", json!(1)), "the element with this `name` can only be a mapping", ""),
        ("[{\"n\": \"x\"}]", set("[n=x]", json!("y")), "the element with this `n` can only be a mapping", ""),
        (
            r#"[{"n": "x"}]"#,
            set("[n=x]", json!({"n": "y"})),
            "the element is chosen by its `n`, which the value would change",
            "choose it by its number",
        ),
        (
            r#"[{"n": "x"}]"#,
            set("[n=x].n", json!("y")),
            "the element is chosen by its `n`, which the value would change",
            "choose it by its number",
        ),
        ("{}", must("a", json!(1)), "there is no key `a`", ""),
        ("{\"a\": null}", must("a.b", json!(1)), "there is no key `b`", ""),
        ("", must("a", json!(1)), "there is no key `a`", ""),
        ("", must("[+]", json!(1)), "there is no list to add to", ""),
        ("{}", must_unset("a"), "there is no key `a`", ""),
        ("{\"a\": [1]}", must_unset("a[1]"), "the list has no element `1`", ""),
        ("{\"a\": []}", must_unset("a[name=x]"), "no element of the list has `name` = `x`", ""),
        ("", must_unset("a"), "there is no key `a`", ""),
        ("[]", unset("[+]"), "`[+]` names no element that could be taken out", ""),
        ("", unset("[+]"), "`[+]` names no element that could be taken out", ""),
    ];
    refuses_to_edit(edit, &rows);
}
