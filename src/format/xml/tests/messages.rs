//! What is refused of XML, with its exact message and remedy.

use serde_json::json;

use super::super::{check, edit};
use crate::format::fixture::{must, must_unset, refuses_to_edit, refuses_to_read, set, unset};

#[test]
fn what_is_no_xml_is_told_with_its_place() {
    let rows = [
        ("<a>\u{1}</a>", 3, "XML cannot hold this character", ""),
        (
            "<?xml version='1.0' encoding='latin1'?><a>é</a>",
            42,
            "the text is UTF-8, but its declaration names another encoding",
            "write `encoding=\"UTF-8\"` in the declaration",
        ),
        ("<a/><!DOCTYPE a>", 4, "a document type can only stand once, before the root", ""),
        ("<a><b></b>", 0, "the element is not closed", ""),
        ("<!-- c -->", 10, "the root element is missing", ""),
        ("<a>]]></a>", 3, "`]]>` can only end a CDATA section", "write `]]&gt;`"),
        ("<a/><b/>", 4, "a document has one root element", ""),
        ("<a b='1' b='2'/>", 9, "the attribute stands twice", ""),
        ("<a></b>", 3, "the end tag is not that of the element", ""),
        ("<a/></a>", 4, "the end tag has no start tag", ""),
        (
            "<a>&nope;</a>",
            3,
            "`&` begins no reference to a known character or entity",
            "write `&amp;` for the character itself",
        ),
        ("<?xml encoding='UTF-8'?><a/>", 0, "the XML declaration is not well-formed", ""),
        ("x<a/>", 0, "text stands outside of the root element", ""),
        ("<!DOCTYPE [><a/>", 10, "the document type declaration is not well-formed", ""),
        ("<a><!-- b", 3, "the comment is not closed", ""),
        ("<a><![CDATA[ b", 3, "the CDATA section is not closed", ""),
        ("<a><?b", 3, "the processing instruction is not closed", ""),
        ("<a><!-- b -- c --></a>", 10, "a comment cannot hold `--`", ""),
        ("<a><? b?></a>", 5, "a processing instruction begins with a name", ""),
        ("<a/><?xml version='1.0'?>", 4, "an XML declaration can only stand at the very beginning", ""),
        ("<a></a b>", 3, "the end tag is not closed", ""),
        ("<a b='1'", 0, "the start tag is not closed", ""),
        ("<a>< b</a>", 4, "a name is missing behind `<`", "write `&lt;` for the character itself"),
        ("<a b='1'c='2'/>", 8, "a blank is missing before the attribute", ""),
        ("<a b/>", 3, "the attribute has no value", ""),
        ("<a b=1/>", 5, "the value of an attribute needs quotes", ""),
        ("<a b='1/>", 5, "the value of the attribute is not closed", ""),
        ("<a b='<'/>", 6, "the value of an attribute cannot hold `<`", "write `&lt;`"),
    ];
    refuses_to_read(check, &rows);
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let rows = [
        ("<a>", set("a.b", json!(1)), "0: the element is not closed", ""),
        ("<a/>", set("a.b[name=x]", json!(1)), "the element with this `name` can only hold elements", ""),
        ("<a/>", must("a.b", json!(1)), "there is no element `b`", ""),
        ("<a/>", must("a.@b", json!(1)), "there is no attribute `b`", ""),
        ("<a/>", must("a.b", json!([1])), "there is no element `b`", ""),
        ("", must("a", json!(1)), "there is no element `a`", ""),
        ("<a/>", must("a.b[+]", json!(1)), "there is no element `b`", ""),
        ("<a/>", must("a.b[name=x]", json!({})), "no element `b` has `name` = `x`", ""),
        ("<a/>", must("a.b[1]", json!(1)), "there is no element `b` with number 1", ""),
        ("<a/>", must_unset("a.@b"), "there is no attribute `b`", ""),
        ("<a/>", must_unset("a.b.c"), "there is no element `b`", ""),
        ("<a/>", must_unset("a.b[1]"), "there is no element `b` with number 1", ""),
        ("<a/>", must_unset("a.b[name=x]"), "no element `b` has `name` = `x`", ""),
        ("<a/>", must_unset("b.c"), "there is no element `b`", ""),
        ("<a/>", set("a[+]", json!(1)), "there is only one root element", "name the root without `[+]`"),
        (
            "<a/>",
            set("a.b[name=x].name.c", json!(1)),
            "the element is chosen by its `name`, which is something else in the new element",
            "",
        ),
        (
            "<a/>",
            set("a.b[@name=x]", json!({"@name": "y"})),
            "the element is chosen by its `@name`, which the value would change",
            "choose it by its number",
        ),
        ("<a/>", must_unset("a.b"), "there is no element `b`", ""),
        ("<a/>", set("b", json!(1)), "the path does not begin with the root element", ""),
        ("<a>x</a>", set("a.b", json!(1)), "the element has text, it cannot get child elements", ""),
        ("<a>x</a>", set("a", json!({"b": 1})), "the element has text, it cannot get child elements", ""),
        ("<a/>", set("a.@b", json!([1])), "an attribute cannot be a list", ""),
        ("<a/>", set("a", json!([1])), "a list can only be the value of a name below the root element", ""),
        ("<a/>", set("a.b", json!([[1]])), "a list in a list has no form in XML", ""),
        ("<a/>", set("a.b", json!({"c": [[1]]})), "a list in a list has no form in XML", ""),
        ("<a/>", unset("a"), "the root element cannot be unset", ""),
        ("<a><b/></a>", set("a", json!("x")), "the element has child elements, it cannot get text", ""),
        ("<a/>", set("a.1b", json!(1)), "`1b` is no name of an XML element or attribute", ""),
        ("<a/>", set("a.@1b", json!(1)), "`1b` is no name of an XML element or attribute", ""),
        ("<a/>", set("a.b", json!({"1c": 1})), "`1c` is no name of an XML element or attribute", ""),
        ("<a/>", set("a.@b", json!({"c": 1})), "a mapping or list cannot be the text of an element or attribute", ""),
        ("<a/>", set("a.b", json!({"@c": [1]})), "a mapping or list cannot be the text of an element or attribute", ""),
        (
            "<a/>",
            set("a.b", json!("\u{1}")),
            "XML cannot hold a character of the value",
            "encode the value, for instance with `base64`",
        ),
        ("<a/>", set("a.b[2]", json!(1)), "there is no element `b` with number 2", "`[+]` adds an element"),
        (
            "<a/>",
            set("a.b[name=x]", json!({"name": "y"})),
            "the element is chosen by its `name`, which the value would change",
            "choose it by its number",
        ),
        (
            "<a/>",
            set("a.b[@id=x].@id", json!("y")),
            "the element is chosen by its `@id`, which the value would change",
            "choose it by its number",
        ),
        (
            "<a/>",
            set("a.b[name=x].name", json!("y")),
            "the element is chosen by its `name`, which the value would change",
            "choose it by its number",
        ),
        ("<a/>", set("a.@b.c", json!(1)), "nothing can stand behind an attribute", ""),
        ("<a/>", set("a[0][0]", json!(1)), "`[...]` stands behind the name of an element, once", ""),
        ("<a/>", set("a.@b[0]", json!(1)), "nothing can stand behind an attribute", ""),
        ("<a/>", set("@b", json!(1)), "a path begins with the root element", ""),
    ];
    refuses_to_edit(edit, &rows);
}
