//! What is refused of TOML, with its exact message and remedy.

use serde_json::{Value, json};

use super::super::super::{EditError, Operation, parse_path};
use super::super::{edit, read};

fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

fn must(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: true }
}

fn must_unset(path: &str) -> Operation {
    Operation::Unset { path: parse_path(path).unwrap(), must_exist: true }
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    for (text, offset, message, hint) in [
        ("a = nan", 4, "`nan` and `inf` cannot be used as data", "write a number or a text in quotes"),
        ("a = [1, inf]", 8, "`nan` and `inf` cannot be used as data", "write a number or a text in quotes"),
        ("a =", 3, "string values must be quoted, expected literal string", ""),
    ] {
        let problem = read(text).unwrap_err();
        let told = (problem.offset, problem.message.as_str(), problem.hint.as_deref().unwrap_or_default());
        assert_eq!(told, (offset, message, hint), "{text:?}");
    }
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    for (text, operation, message, hint) in [
        ("", must("x", json!(1)), "the place does not exist", ""),
        ("", must_unset("x"), "the place does not exist", ""),
        ("", set("x[name=a]", json!(1)), "the element with this `name` can only be a table", ""),
        ("", set("x[name=a][+]", json!(1)), "the element with this `name` can only be a table", ""),
        ("[[x]]\nname = 'a'\n", set("x[0]", json!(1)), "an element of an array of tables can only be a table", ""),
        ("x = [1]", set("x[5]", json!(1)), "the list has no element 5", "append a further element with `[+]`"),
        ("", set("x.y[1]", json!(1)), "the list has no element 1", ""),
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
        ("a =", set("b", json!(1)), "string values must be quoted, expected literal string", ""),
    ] {
        let (told, remedy) = match edit(text, std::slice::from_ref(&operation)) {
            Err(EditError::Text(problem)) => (problem.message, problem.hint),
            Err(EditError::Operation { message, hint, .. }) => (message, hint),
            Ok(edited) => panic!("{text:?} {operation:?}: {edited:?}"),
        };
        assert_eq!((told.as_str(), remedy.as_deref().unwrap_or_default()), (message, hint), "{text:?} {operation:?}");
    }
}
