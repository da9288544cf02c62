//! What is refused of properties, with its exact message and remedy.

use serde_json::json;

use super::super::{edit, read};
use crate::format::fixture::{must, must_unset, refuses_to_edit, refuses_to_read, set};

#[test]
fn what_is_no_properties_is_told_with_its_place() {
    let rows = [
        ("a = \\u12", 4, "`\\u` needs four hexadecimal digits", ""),
        ("\\u00g0 = 1", 0, "`\\u` needs four hexadecimal digits", ""),
        ("a = \\uD800", 4, "`\\u` names one half of a surrogate pair", ""),
        ("a = \\uD800\\u0041", 4, "`\\u` names one half of a surrogate pair", ""),
        ("a = 1\nb = \\uDC00", 10, "`\\u` names one half of a surrogate pair", ""),
    ];
    refuses_to_read(read, &rows);
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let rows = [
        ("", set("a[0]", json!(1)), "a key of this format has no `[...]`: there are no lists", ""),
        ("", set("\"\"", json!(1)), "the key is empty", ""),
        ("", set("a", json!([1])), "a value of this format is one text, not a list or mapping", ""),
        ("", set("a", json!({"b": 1})), "a value of this format is one text, not a list or mapping", ""),
        ("a = 1", must("b.c", json!(1)), "there is no key `b.c`", ""),
        ("a = 1", must_unset("b.c"), "there is no key `b.c`", ""),
        (
            "a = 1\\",
            set("b", json!(1)),
            "the last line ends in a backslash: what is put behind it would become a part of it",
            "",
        ),
        (
            "a\\",
            set("a", json!(1)),
            "the file ends in a backslash behind a key: what is put there would become a part of it",
            "",
        ),
    ];
    refuses_to_edit(edit, &rows);
}
