use serde_json::{Value, json};

use super::super::{EditError, Insertion, Operation, Scalar, parse_path};
use super::{check, edit, escape};

mod messages;

/// A text with `«value»` for what was inserted.
fn rendered(template: &str) -> (String, Vec<Insertion>) {
    let (mut text, mut insertions) = (String::new(), Vec::new());
    for (index, part) in template.split(['«', '»']).enumerate() {
        if index % 2 == 1 {
            insertions.push(Insertion { range: text.len()..text.len() + part.len(), scalar: Scalar::Text });
        }
        text.push_str(part);
    }
    (text, insertions)
}

#[test]
fn values_are_escaped_for_their_place() {
    for (template, wanted) in [
        ("<a>«<&>\"'\r\n»</a>", "<a>&lt;&amp;&gt;\"'&#13;\n</a>"),
        ("<a>]]«»></a>", "<a>]]&gt;</a>"),
        ("<a>«]]»></a>", "<a>]&#93;></a>"),
        ("<a b=\"«\"'<\n\t»\"/>", "<a b=\"&quot;'&lt;&#10;&#9;\"/>"),
        ("<a b='«\"'»'/>", "<a b='\"&apos;'/>"),
        ("<a b=x«y z»/>", "<a b=\"xy z\"/>"),
        ("<a b=«» c='1'>", "<a b=\"\" c='1'>"),
        ("<a><![CDATA[«x]]>y»]]></a>", "<a><![CDATA[x]]]]><![CDATA[>y]]></a>"),
        ("<a><![CDATA[]«]»>]]></a>", "<a><![CDATA[]]]]><![CDATA[>]]></a>"),
        ("<!-- «<a>» --><a/>", "<!-- <a> --><a/>"),
        ("<«a» x«y»='1'></«a»>", "<a xy='1'></a>"),
        ("<?go «x»?>", "<?go x?>"),
        ("<?xml version='1.0' encoding='«UTF-8»'?>", "<?xml version='1.0' encoding='UTF-8'?>"),
        ("<?xml version='1.0' encoding='latin1'?><a>«é»</a>", "<?xml version='1.0' encoding='latin1'?><a>&#233;</a>"),
        ("<!DOCTYPE a [<!ENTITY e \"«&\"%»\">]>", "<!DOCTYPE a [<!ENTITY e \"&#38;#38;&#34;&#37;\">]>"),
    ] {
        let (text, insertions) = rendered(template);
        assert_eq!(escape(&text, &insertions).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn what_xml_cannot_hold_is_refused_at_the_value() {
    for (template, offset) in [
        ("<a>«\0»</a>", 3),
        ("<a>«\u{ffff}»</a>", 3),
        ("<!--«x--y»-->", 4),
        ("<!--«x-»-->", 4),
        ("<!-- -«-x» -->", 6),
        ("<!-- -«»- -->", 6),
        ("<?go «?>»?>", 5),
        ("<?«xml» x?>", 2),
        ("<a><![CDATA[«\r»]]></a>", 12),
        ("<«1»/>", 1),
        ("<a «x='1'»/>", 3),
        ("<a>&«amp»;</a>", 4),
        ("<a>&#«1»;</a>", 5),
        ("<!DOCTYPE «a»><a/>", 10),
    ] {
        let (text, insertions) = rendered(template);
        assert_eq!(escape(&text, &insertions).map_err(|problem| problem.offset), Err(offset), "{template}");
    }
}

#[test]
fn checking() {
    for text in [
        "<a/>",
        "<?xml version='1.0' encoding=\"UTF-8\" standalone='no' ?>\n<!-- x --><a b = '>'>&lt;&#x41;<![CDATA[<]]></a >\n<?p?>",
        "<!DOCTYPE a [<!ENTITY e '<b>'><!ATTLIST a b CDATA '>'> <!-- ]> --> <?p ]> ?>]><a>&e;</a>",
        "<!DOCTYPE a SYSTEM 'a.dtd'><a>&unknown;</a>",
    ] {
        assert_eq!(check(text), Ok(()), "{text}");
    }
    for (text, offset) in [
        ("", 0),
        ("<a>", 0),
        ("<a/><b/>", 4),
        ("<a></b>", 3),
        ("<a b='1' b='2'/>", 9),
        ("<a b='1'c='2'/>", 8),
        ("<a b='<'/>", 6),
        ("<a b=1/>", 5),
        ("<a>&x;</a>", 3),
        ("<a>& </a>", 3),
        ("<a>&#0;</a>", 3),
        ("<a>]]></a>", 3),
        ("<a>\u{1}</a>", 3),
        ("x<a/>", 0),
        ("<!-- -- --><a/>", 5),
        (" <?xml version='1.0'?><a/>", 1),
        ("<a/><!DOCTYPE a>", 4),
        ("<?xml version='1.0' encoding='latin1'?><a>é</a>", 42),
    ] {
        assert_eq!(check(text).map_err(|problem| problem.offset), Err(offset), "{text}");
    }
    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    assert_eq!(check(&deep), Ok(()));
}

fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

fn unset(path: &str) -> Operation {
    Operation::Unset { path: parse_path(path).unwrap(), must_exist: false }
}

#[test]
fn one_place_is_changed() {
    let hadoop = "<c>\r\n  <!-- x -->\r\n  <p>\r\n    <name>fs</name>\r\n    <value>old</value>\r\n  </p>\r\n</c>";
    for (text, operation, wanted) in [
        ("", set("a.b", json!(1)), "<a>\n  <b>1</b>\n</a>\n".to_owned()),
        ("", set("a[n=x].b", json!(1)), "<a>\n  <n>x</n>\n  <b>1</b>\n</a>\n".to_owned()),
        ("\n", set("a[0].@b", json!(1)), "<a b=\"1\"/>\n".to_owned()),
        (hadoop, set("c.p[name=fs].value", json!("a&b")), hadoop.replace("old", "a&amp;b")),
        (
            hadoop,
            set("c.p[name=io].value", json!(1)),
            hadoop.replace("</p>\r\n", "</p>\r\n  <p>\r\n    <name>io</name>\r\n    <value>1</value>\r\n  </p>\r\n"),
        ),
        ("<s><c p='1'/><c p = \"2\" /></s>", set("s.c[1].@p", json!(3)), "<s><c p='1'/><c p = \"3\" /></s>".to_owned()),
        ("<s><c p='1'/></s>", set("s.c[@p=1].@q", json!("\"")), "<s><c p='1' q=\"&quot;\"/></s>".to_owned()),
        ("<a>x &amp; <![CDATA[y]]></a>", set("a", json!("x & y")), "<a>x &amp; <![CDATA[y]]></a>".to_owned()),
        (
            "<a><![CDATA[y]]><!-- c --></a>",
            set("a", json!("<]]>")),
            "<a><![CDATA[<]]]]><![CDATA[>]]><!-- c --></a>".to_owned(),
        ),
        ("<a b='1' />", set("a", json!("x")), "<a b='1'>x</a>".to_owned()),
        ("<a>\n  <b/>\n</a>", set("a.b.c", json!(null)), "<a>\n  <b>\n    <c/>\n  </b>\n</a>".to_owned()),
        (
            "<a>\n\t<b/> <!-- b -->\n</a>",
            set("a.c", json!({"@x": 1, "d": [1, 2]})),
            "<a>\n\t<b/> <!-- b -->\n\t<c x=\"1\">\n\t\t<d>1</d>\n\t\t<d>2</d>\n\t</c>\n</a>".to_owned(),
        ),
        ("<a><b>1</b></a>", set("a.b[+]", json!(1)), "<a><b>1</b></a>".to_owned()),
        ("<a><b>1</b></a>", set("a.b", json!([3, 4])), "<a><b>3</b><b>4</b></a>".to_owned()),
        ("<a>\n  <b/>\n  <c>1</c>\n</a>\n", unset("a.b"), "<a>\n  <c>1</c>\n</a>\n".to_owned()),
        ("<a b='1'  c='2'/>", unset("a.@c"), "<a b='1'/>".to_owned()),
        ("<a/>", unset("a.b.c"), "<a/>".to_owned()),
    ] {
        let edited = edit(text, std::slice::from_ref(&operation));
        assert_eq!(edited.as_ref(), Ok(&wanted), "{text} {operation:?}");
        assert_eq!(edit(&wanted, &[operation]).as_ref(), Ok(&wanted), "a second time: {text}");
    }
}

#[test]
fn what_cannot_be_changed_is_refused() {
    for (text, operation) in [
        ("<a><b/></a>", set("a", json!("x"))),
        ("<a>x</a>", set("a.b", json!(1))),
        ("<a/>", set("b.c", json!(1))),
        ("", set("a[+]", json!("x"))),
        ("\n", set("a[+].b", json!([1]))),
        ("<a/>", set("a[+].b", json!(1))),
        ("", set("a[1].b", json!(1))),
        ("", set("a[-1]", json!("x"))),
        ("", set("1.b", json!(1))),
        ("", set("[0]", json!(1))),
        ("<a/>", set("a.b[2]", json!(1))),
        ("<a/>", set("a.@b.c", json!(1))),
        ("<a/>", set("a.b", json!("\0"))),
        ("<a/>", set("a.\"b c\"", json!(1))),
        ("<a/>", set("a.b[n=x]", json!("y"))),
        ("<a/>", set("a.b", json!([[1]]))),
        ("<a/>", unset("a")),
        ("<a/>", Operation::Set { path: parse_path("a.b").unwrap(), value: json!(1), must_exist: true }),
        ("<a/>", Operation::Unset { path: parse_path("a.@b").unwrap(), must_exist: true }),
    ] {
        let error = edit(text, std::slice::from_ref(&operation));
        assert!(matches!(error, Err(EditError::Operation { index: 0, .. })), "{text} {operation:?}: {error:?}");
    }
    assert!(matches!(edit("<a>", &[]), Err(EditError::Text(_))));
}

#[test]
fn one_more_element_can_be_added_to_those_that_have_to_be_there() {
    let append = Operation::Set { path: parse_path("a.b[+]").unwrap(), value: json!(2), must_exist: true };
    assert_eq!(edit("<a><b>1</b></a>", &[append]).as_deref(), Ok("<a><b>1</b><b>2</b></a>"));
}
