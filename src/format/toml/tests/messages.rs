//! What is refused of TOML, with its exact message and remedy.

use serde_json::json;

use super::super::{edit, read};
use crate::format::Operation;
use crate::format::fixture::{must, must_unset, refuses_to_edit, refuses_to_read, set};

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    let rows = [
        ("a = nan", 4, "`nan` and `inf` cannot be used as data", "write a number or a text in quotes"),
        ("a = [1, inf]", 8, "`nan` and `inf` cannot be used as data", "write a number or a text in quotes"),
        ("a =", 3, "string values must be quoted, expected literal string", ""),
    ];
    refuses_to_read(read, &rows);
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let rows = [
        ("\u{feff}[x]", set("y", json!(1)), "0: the text begins with a second byte order mark", "take it out"),
        ("", must("x", json!(1)), "there is no key `x`", ""),
        ("x = [1]", must("y[+]", json!(2)), "there is no key `y`", ""),
        ("x = [1]", must_unset("x[+]"), "`[+]` names no element that could be taken out", ""),
        ("x = [1]", must_unset("x[1]"), "the list has no element `1`", ""),
        ("[[x]]", must_unset("x[name=a]"), "no element of the list has `name` = `a`", ""),
        ("[[x]]", must("x[name=a].b", json!(1)), "no element of the list has `name` = `a`", "`[+]` adds an element"),
        (
            "",
            set("x[name=a].name.b", json!(1)),
            "the element is chosen by its `name`, which is something else in the new element",
            "",
        ),
        ("", must_unset("x"), "there is no key `x`", ""),
        ("", set("x[name=a]", json!(1)), "the element with this `name` can only be a table", ""),
        ("", set("x[name=a][+]", json!(1)), "the element with this `name` can only be a table", ""),
        ("[[x]]\nname = 'a'\n", set("x[0]", json!(1)), "an element of an array of tables can only be a table", ""),
        ("x = [1]", set("x[5]", json!(1)), "the list has no element `5`", "`[+]` adds an element"),
        ("", set("x.y[1]", json!(1)), "the list has no element `1`", "`[+]` adds an element"),
        (
            "",
            set("x[name=a].name", json!("b")),
            "the element is chosen by its `name`, which the value would change",
            "choose it by its number",
        ),
        (
            "",
            set("x[name=a]", json!({"name": "b"})),
            "the element is chosen by its `name`, which the value would change",
            "choose it by its number",
        ),
        ("[[x]]\n", set("x[+]", json!(1)), "an element of an array of tables can only be a table", ""),
        ("x = 1", set("x[0]", json!(1)), "`[...]` stands behind what is not a list", ""),
        ("x = 1", set("x.y", json!(1)), "`y` is looked for in what is not a table", ""),
        ("x = 1", Operation::Unset { path: Vec::new(), must_exist: false }, "the path is empty", ""),
        ("", set("x", json!(null)), "TOML has no null", "unset the key instead, or leave it out of the mapping"),
        (
            "",
            set("x", json!([{"y": null}])),
            "TOML has no null",
            "unset the key instead, or leave it out of the mapping",
        ),
        ("", set("x", json!(u64::MAX)), "a TOML integer has 64 bits with a sign", "write it as text"),
        ("a =", set("b", json!(1)), "3: string values must be quoted, expected literal string", ""),
    ];
    refuses_to_edit(edit, &rows);
}
