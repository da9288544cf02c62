//! What is refused of INI, with its exact message and remedy.

use serde_json::json;

use super::super::{edit, read};
use crate::format::fixture::{must, must_unset, refuses_to_edit, refuses_to_read, set, unset};

#[test]
fn what_is_no_ini_is_told_with_its_place() {
    let rows = [
        ("=1", 0, "the key is missing", ""),
        ("[a", 0, "the header of the section is not `[name]`", ""),
        ("[]", 0, "the header of the section is not `[name]`", ""),
        (
            "a = 1\rb = 2\n",
            5,
            "a carriage return without a line feed ends a line for some readers of INI files",
            "end the lines with a line feed",
        ),
        ("a = 1\n[a]", 6, "the section has the name of a key before the first section", ""),
    ];
    refuses_to_read(read, &rows);
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let rows = [
        ("[a", set("a.b", json!(1)), "0: the header of the section is not `[name]`", ""),
        ("\n=1", set("a.b", json!(1)), "1: the key is missing", ""),
        (
            "a = 1\r\nb = 2\r",
            set("a", json!(1)),
            "12: a carriage return without a line feed ends a line for some readers of INI files",
            "end the lines with a line feed",
        ),
        ("", set("a[0].b", json!(1)), "in an INI file only the key at the end of a path has `[...]`", ""),
        ("", set("a[0][1]", json!(1)), "the path names no key", "write `section.key`, or `key`"),
        ("a = 1", set("a", json!({"x": 1})), "`a` is a key before the first section", ""),
        ("a = 1", set("a.x", json!(1)), "`a` is a key before the first section", ""),
        ("[a]", set("a", json!(1)), "`a` is a section", ""),
        ("", must("a", json!({})), "there is no section `a`", ""),
        ("[a]", must("a.b", json!(1)), "there is no key `b`", ""),
        (
            "[a]\nb = 1",
            unset("a.b[0]"),
            "one of several equal keys cannot be removed by its number: a second run would remove the next",
            "set the list of the values that shall stay",
        ),
        ("", must_unset("a.b"), "there is no key or section `a.b`", ""),
        ("a = 1\n[a]\n", unset("a"), "both a key and a section are `a`", ""),
        (
            "[a]\nx = 1\nx = 2",
            set("a.x", json!(3)),
            "the key `x` stands 2 times",
            "set a list of all values, or one of them with `[0]`, `[1]`",
        ),
        ("[a]\nx = 1\nx = 2", set("a.x[2]", json!(3)), "the key `x` stands only 2 times", ""),
        ("[a]", set("a.x", json!([[1]])), "a value in an INI file is one text", ""),
        ("[a]", set("a.x[+]", json!({"y": 1})), "in an INI file only the key at the end of a path has `[...]`", ""),
        (
            "[a]\nx = 1\n  y = 2\n",
            set("a.x", json!(3)),
            "below the key stands an indented `key = value`, which some readers take for a part of its value",
            "give both the same indentation",
        ),
        (
            "[a]\nx = 1\n  y = 2\n",
            set("a.y", json!(3)),
            "`y` stands in an indented line, which some readers take for a part of the value above",
            "give both the same indentation",
        ),
        (
            "[a]\nx = 1\n  y = 2\n",
            unset("a.y"),
            "`y` stands in an indented line, which some readers take for a part of the value above",
            "give both the same indentation",
        ),
        (
            "[a]\nx = 1\\\ny = 2\n",
            set("a.x", json!(3)),
            "the value ends with a backslash, which joins it with the next line for some readers",
            "",
        ),
        (
            "[a]\nKey = 1",
            set("a.key", json!(2)),
            "the key `Key` is there, which many readers take for `key`",
            "write the key as in the file",
        ),
        (
            "x\n  a = 1\n",
            set("x", json!("v")),
            "a line would become a part of the value above it",
            "give the keys of the section the same indentation",
        ),
        (
            "[a]",
            set("a.x", json!(" b")),
            "an INI value without quotes cannot begin or end with a blank",
            "put it in quotes in the file if its reader knows them",
        ),
        (
            "[a]",
            set("a.x", json!("b ;c")),
            "`#` or `;` at the beginning of an INI value or behind a blank is a comment for many readers",
            "put it in quotes in the file if its reader knows them",
        ),
        (
            "[a]",
            set("a.x", json!("b\\")),
            "an INI value cannot end with a backslash: many readers join the line with the next",
            "put it in quotes in the file if its reader knows them",
        ),
    ];
    refuses_to_edit(edit, &rows);
}
