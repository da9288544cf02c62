//! What is refused of env files, with its exact message and remedy.

use serde_json::json;

use super::super::{edit, read};
use crate::format::fixture::{must, must_unset, refuses_to_edit, refuses_to_read, set};

#[test]
fn what_is_no_env_file_is_told_with_its_place() {
    let rows = [
        ("A=1\nexport B\n", 4, "`=` is missing", "write `NAME=value`, or `#` in front of a comment"),
        ("=1", 0, "the name of the variable is missing", ""),
        (
            "A=1\n1A=x",
            4,
            "the name of a variable has only letters, digits, `_`, `.` and `-`, and begins with a letter or `_`",
            "",
        ),
        (
            "A B=x",
            0,
            "the name of a variable has only letters, digits, `_`, `.` and `-`, and begins with a letter or `_`",
            "",
        ),
        ("A='x", 2, "the quote is not closed", ""),
        ("A=\"x", 2, "the quote is not closed", ""),
        ("A='x'y", 5, "something stands behind the closing quote", ""),
        (
            "A=x\\\nB=1",
            3,
            "a backslash ends the line, which some readers join with the next",
            "put the value into single quotes",
        ),
    ];
    refuses_to_read(read, &rows);
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let rows = [
        ("A", set("A", json!(1)), "0: `=` is missing", "write `NAME=value`, or `#` in front of a comment"),
        ("", set("A[0]", json!(1)), "a key of this format has no `[...]`: there are no lists", ""),
        ("", set("\"\"", json!(1)), "the key is empty", ""),
        ("", set("A", json!([1])), "a value of this format is one text, not a list or mapping", ""),
        (
            "",
            set("1A", json!(1)),
            "`1A` cannot be the name of a variable",
            "the name of a variable has only letters, digits, `_`, `.` and `-`, and begins with a letter or `_`",
        ),
        ("", set("A", json!("\0")), "an environment variable cannot hold a NUL character", ""),
        ("A=1", set("A", json!("\0")), "an environment variable cannot hold a NUL character", ""),
        ("A=1", must("B", json!(1)), "there is no key `B`", ""),
        ("A=1", must_unset("B"), "there is no key `B`", ""),
    ];
    refuses_to_edit(edit, &rows);
}
