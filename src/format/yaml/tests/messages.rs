//! What is refused of YAML, with its exact message and remedy.

use serde_json::json;

use super::super::edit;
use super::escaped;
use crate::format::fixture::{must, must_unset, refuses_to_edit, refuses_to_read, set, unset};
use crate::format::{Operation, Scalar};

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let long = "\0".repeat(250);
    let rows = [
        ("", set(&format!("\"{long}\""), json!(1)), "a YAML key cannot be longer than 1000 characters", ""),
        ("a: 1", set("a", json!([{ long: 1 }])), "a YAML key cannot be longer than 1000 characters", ""),
        ("a: 1", Operation::Unset { path: Vec::new(), must_exist: false }, "the path is empty", ""),
        (
            "x: [a: 1]",
            set("x[0].a", json!(2)),
            "the path leads into a pair without braces in a list",
            "write the element as `{key: value}`",
        ),
        ("a: {}", must("a.b", json!(1)), "there is no key `b`", ""),
        ("a: [1]", set("a[1]", json!(1)), "the list has no element `1`", "`[+]` adds an element"),
        ("a: [1]", must("a[name=x].b", json!(1)), "no element of the list has `name` = `x`", "`[+]` adds an element"),
        ("- n: x\n", set("[n=x]", json!("y")), "the element with this `n` can only be a mapping", ""),
        (
            "- n: x\n",
            set("[n=x]", json!({"n": "y"})),
            "the element is chosen by its `n`, which the value would change",
            "choose it by its number",
        ),
        (
            "- n: x\n",
            set("[n=x].n", json!("y")),
            "the element is chosen by its `n`, which the value would change",
            "choose it by its number",
        ),
        (
            "!t : c\n",
            set("a", json!(2)),
            "3: behind an anchor or tag on the same line no mapping or list can begin",
            "",
        ),
        ("a: &x{k 1}\n", set("a", json!(2)), "5: the name of an anchor or tag cannot hold a bracket or comma", ""),
        ("", must("a", json!(1)), "there is no key `a`", ""),
        ("", must("[+]", json!(1)), "there is no list to add to", ""),
        ("", unset("[+]"), "`[+]` names no element that could be taken out", ""),
        ("a: {}", must_unset("a.b"), "there is no key `b`", ""),
        ("a: [1]", must_unset("a[1]"), "the list has no element `1`", ""),
        ("a: {}", set("a[0]", json!(1)), "element `0` is looked for in a mapping, not in a list", ""),
        ("a: [1]", set("a.b", json!(1)), "`b` is looked for in a list, not in a mapping", ""),
        (
            "a: 1",
            set("a[name=x].b", json!(1)),
            "an element with `name` is looked for in a single value, not in a list",
            "",
        ),
        ("a: 1", set("a[+]", json!(1)), "`[+]` adds to a list, here is a single value", ""),
        ("x: {a: ? b}", set("x.a", json!(1)), "7: here is no value", ""),
        ("a: {b: &x 1}\nc: *x\n", set("a", json!(1)), "the anchor `x` would be lost, and an alias needs it", ""),
        ("--- &a\n", set("a", json!(1)), "4: an empty document with a mark or anchor cannot be filled", ""),
    ];
    refuses_to_edit(edit, &rows);
}

#[test]
fn what_stands_elsewhere_or_is_something_else_is_told_with_its_remedy() {
    let rows = [
        (
            "a: &x {b: 1}\nc: *x\n",
            set("c.b", json!(2)),
            "the path leads through an alias",
            "change the place that has the anchor",
        ),
        ("a: 1", set("a.b", json!(2)), "`b` is looked for in a single value, not in a mapping", ""),
        (
            "a: &x {b: {c: 1}}\nd:\n  <<: *x\n",
            set("d.b.c", json!(2)),
            "`b` may come from the merge key `<<`",
            "change the mapping that has the anchor",
        ),
        (
            "a: &x {b: 1}\nd:\n  <<: *x\n",
            unset("d.b"),
            "`b` may come from the merge key `<<`",
            "change the mapping that has the anchor",
        ),
        ("a: &x 1\nb: *x\n", unset("a"), "the anchor `x` would be lost, and an alias needs it", ""),
        ("a: [1]", unset("a[+]"), "`[+]` names no element that could be taken out", ""),
        (
            "a: |\n  x\nb: 1\n  # c\nd: 2\n",
            unset("b"),
            "a comment behind it would become part of the block scalar before it",
            "",
        ),
        (
            "a: |\n  x",
            set("b", json!(1)),
            "8: the text ends in a block scalar without a line break",
            "end the file with a line break",
        ),
        (
            "a: 1\rb: 2\n",
            set("c", json!(1)),
            "4: a carriage return without a line feed ends a line for YAML, but not for most programs",
            "end the lines with a line feed",
        ),
        (
            "aj: 0\n...\0x\n",
            set("a", json!(1)),
            "9: a NUL character ends the text for some readers of YAML, and others refuse it",
            "take it out",
        ),
        ("\u{feff}a: 1\n", set("a", json!(2)), "0: the text begins with a second byte order mark", "take it out"),
        ("b: 1\n\u{feff}a: 1\n", set("a", json!(2)), "5: the line begins with a byte order mark", "take it out"),
        ("  a: 1\n b: 2\n", set("c", json!(1)), "8: the indentation fits nothing before it", ""),
        ("a:\n  b: 1\n c: 2\n", set("a.b", json!(1)), "11: the indentation fits nothing before it", ""),
        ("a:\n\tb: 1\n", set("a.b", json!(2)), "4: the line is indented with a tab", ""),
        ("x:\n  - a\n  b\n", set("x[+]", json!(1)), "11: `-` is missing before an element of a list", ""),
        ("a: 1\nb\n", set("c", json!(1)), "5: `:` is missing behind a key", ""),
        ("x: ['a' 'b']", set("x[+]", json!(1)), "8: `,` or a closing bracket is missing", ""),
        ("x: [a,,b]", set("x[+]", json!(1)), "6: there is nothing between two commas", ""),
        ("x: [a", set("x[+]", json!(1)), "3: the bracket is not closed", ""),
        ("x: 'a", set("x", json!(1)), "3: the quote is not closed", ""),
        ("a: - b\n", set("a", json!(1)), "3: a mapping or list cannot begin behind a key on the same line", ""),
        ("[a]: 1\n", set("b", json!(1)), "0: a key that is a mapping or list cannot be edited around", ""),
        (
            "a: 1\n---\nb: 2\n",
            set("a", json!(2)),
            "5: there is more than one document",
            "only a file with one document can be edited: split it, or render it from a template",
        ),
        ("[a] b", set("a", json!(1)), "4: there is something behind the end of the value", ""),
        ("a: 1\n... b\n", set("a", json!(2)), "9: there is something behind the end of the value", ""),
    ];
    refuses_to_edit(edit, &rows);
}

#[test]
fn what_cannot_be_written_is_told_with_its_remedy() {
    let unindented = "the lines of the YAML block scalar before the value have no blanks at their beginning, which some readers refuse";
    let rows = [("|\na\n«b»\n", 4, unindented, "indent them"), ("--- |\n# «b»\n", 8, unindented, "indent them")];
    refuses_to_read(|template| escaped(template, Scalar::Text), &rows);
}

#[test]
fn a_key_that_is_not_read_is_told_with_its_remedy() {
    let question = ("a key with `?` cannot be edited around", "write the key before its `:`, without `?`");
    let alias = ("a key that is an alias cannot be edited around", "write the key itself");
    for (text, path, offset, (message, hint)) in [
        ("? a\n: b\n", "a", 0, question),
        ("c: 1\n? a\n: b\n", "c", 5, question),
        ("? a\n", "a", 0, question),
        ("? a\nb\n", "c", 0, question),
        ("x:\n  ? a\n  : b\n", "x.a", 5, question),
        ("x: {? a : 1}", "x.b", 4, question),
        ("k: &k a\n*k : b\n", "a", 8, alias),
        ("*k : b\n", "a", 0, alias),
        ("x:\n  - *k : b\n", "x[0].a", 7, alias),
        ("x: {*k : b}", "x.a", 4, alias),
        ("x:\n  - *k : b\n    c: d\n", "x[a=b].c", 7, alias),
    ] {
        let message = format!("{offset}: {message}");
        let rows = [(text, set(path, json!("c")), message.as_str(), hint), (text, unset(path), message.as_str(), hint)];
        refuses_to_edit(edit, &rows);
    }
}

#[test]
fn a_key_that_is_not_read_is_passed_over_elsewhere() {
    for text in ["x: 1\ny:\n  ? a\n  : b\n", "x: 1\nk: &k a\ny:\n  *k : b\n"] {
        assert_eq!(edit(text, &[set("x", json!(2))]), Ok(text.replace('1', "2")));
    }
}
