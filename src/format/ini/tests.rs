use serde_json::json;

use super::super::properties::tests::template;
use super::super::{Operation, parse_path};
use super::*;

mod messages;

fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

#[test]
fn reads() {
    for (text, wanted) in [
        ("", json!({})),
        (
            "top = 1\n[a]\nKey: v = w \nskip\n; c\n# d\n\n[b c]\r\nx=\r\n",
            json!({"top": "1", "a": {"Key": "v = w", "skip": null}, "b c": {"x": ""}}),
        ),
        ("[a]\nx=1\n[b]\n[a]\nx=2\nx = \"3 \"\n", json!({"a": {"x": ["1", "2", "3 "]}, "b": {}})),
        ("[a]\nx = 1\n  2\n\n # c\n  3\ny='z'", json!({"a": {"x": "1\n2\n\n3", "y": "z"}})),
        ("[core]\n\tx = 1\n\ty = 2 # z\n", json!({"core": {"x": "1", "y": "2 # z"}})),
        ("[a \"b\"] ; c\nx = \"a\" \"b\"\n", json!({"a \"b\"": {"x": "\"a\" \"b\""}})),
    ] {
        assert_eq!(read(text), Ok(wanted), "{text:?}");
    }
    for (text, offset) in [("a=1\n=2", 4), ("\n[a", 1), ("[]", 0), ("a=1\n[a]", 4)] {
        assert_eq!(read(text).err().map(|problem| problem.offset), Some(offset), "{text:?}");
    }
}

#[test]
fn checks_values_at_their_place() {
    for text in [
        "[<a:b>]\n<k>=<v>\n",
        "a = <x#y;z>",
        "a = <>\nb = <> x",
        "a = \"< x ; y>\"",
        "a = '<x\"\\>'",
        "# <= [x] #>",
        "a = \"<x>\" ; <y>",
        "a = <it's \"x\" %(y)s $z>",
        "a = C:\\<new>\\x",
        "[a]\nx =\n  <y = 1>\n",
        "a = <x>\r\nb = <>\r\n",
        "",
    ] {
        let (rendered, insertions) = template(text);
        assert_eq!(escape(&rendered, &insertions), Ok(rendered.clone()), "{text:?}");
    }
    for (text, offset) in [
        ("a = <x\ny>", 4),
        ("# <x\ry>", 2),
        ("# \ra = <x>", 2),
        ("a = <x>\r", 5),
        ("a = <x>\r\r\n", 5),
        ("a = <\0>", 4),
        ("a = < x>", 4),
        ("a = <x><y >", 5),
        ("a = <x #y>", 4),
        ("a = <;x>", 4),
        ("a = x <#>", 6),
        ("a = <x >#", 4),
        ("a = x <>#", 6),
        ("a = \"x\"<>", 7),
        ("a = <> 'x'", 4),
        ("a = <>\"\"", 4),
        ("a = <>'x'", 4),
        ("a = \"<x>\" <>", 8),
        ("a = x\\<>", 6),
        ("a = <x\\>", 4),
        ("a = <\"x\">", 4),
        ("a = \"<x\"y>\"", 5),
        ("a = \"<x\\y>\"", 5),
        ("a = '<x'y>'", 5),
        ("<a=b> = c", 0),
        ("<[a> = c", 0),
        ("< a> = c", 0),
        ("<#> = c", 0),
        ("<> = c", 0),
        ("[<a]>]", 1),
        ("[<>]", 1),
        ("[a \"<\">\"]", 4),
        ("[a]\nx = 1\n  <[b]>", 12),
        ("a = \" \\\n C=\"<>", 12),
        ("a = <>\"x\n\n  y\"\nb = 1", 4),
        ("a = <\"x>\n  <y\">\n# c", 4),
        ("a = \"x\"\n  <>\nb", 10),
        ("a = \"x\n  <y\"z>\"\n[b]", 9),
    ] {
        let (rendered, insertions) = template(text);
        assert_eq!(escape(&rendered, &insertions).err().map(|problem| problem.offset), Some(offset), "{text:?}");
    }
}

#[test]
fn edits() {
    for (text, path, value, wanted) in [
        ("", "a.b", json!("x"), "[a]\nb = x\n"),
        ("", "b", json!("x"), "b = x\n"),
        ("[a]\nb=1 \n", "a.b", json!(" 1"), "[a]\nb=1 \n"),
        ("[a]\nb=1 \u{1F}\n", "a.b", json!("1\u{1D}"), "[a]\nb=1 \u{1F}\n"),
        ("[a]\r\nb=1 \r\n", "a.b", json!(2), "[a]\r\nb=2 \r\n"),
        ("[a]\nb=1\n\n\n# doc\n[c]\n", "a.d", json!(true), "[a]\nb=1\nd=true\n\n\n# doc\n[c]\n"),
        ("[a]\nb=1", "c.d", json!("x"), "[a]\nb=1\n\n[c]\nd=x"),
        ("[a]\n;b = 1\nc = 2\n", "a.b", json!("x"), "[a]\n;b = 1\nb = x\nc = 2\n"),
        ("[a]\n\tx = 1\n", "a.y", json!("z"), "[a]\n\tx = 1\n\ty = z\n"),
        ("[a]\nx = \"1\"\n", "a.x", json!("2 ; 3"), "[a]\nx = \"2 ; 3\"\n"),
        ("[a]\nx = \"1\"\n", "a.x", json!("1"), "[a]\nx = \"1\"\n"),
        ("[a]\nx = 1\n  2\ny = 1\n", "a.x", json!("3"), "[a]\nx = 3\ny = 1\n"),
        ("[a]\nx =\n  3\n", "a.x", json!("3"), "[a]\nx = 3\n"),
        ("[a]\nx =\n  3\n", "a.x", json!("\n3"), "[a]\nx =\n  3\n"),
        ("[a]\nx = 1\n", "a.x", json!(null), "[a]\nx\n"),
        ("[a]\nx\ny=1\n", "a.x", json!("1"), "[a]\nx=1\ny=1\n"),
        ("[a]\nx =\ny = 1\n", "a.x", json!("1"), "[a]\nx = 1\ny = 1\n"),
        ("[a]\nx=1\nx=2\ny=1\n", "a.x", json!([1, 3, 4]), "[a]\nx=1\nx=3\nx=4\ny=1\n"),
        ("[a]\nx=1\nx=2\n", "a.x[-1]", json!("3"), "[a]\nx=1\nx=3\n"),
        ("[a]\nx=1\nx=2\n", "a.x[+]", json!("3"), "[a]\nx=1\nx=2\nx=3\n"),
        ("[a]\nx=1\nx=2\n", "a.x[+]", json!("1"), "[a]\nx=1\nx=2\n"),
        ("[a.b]\nx=1\n", "a.b.x", json!("2"), "[a.b]\nx=2\n"),
        ("[a]\nx=1\n# c\ny=2\n", "a", json!({"x": 3, "z": [1, 2]}), "[a]\nx=3\n# c\nz=1\nz=2\n"),
        ("[a]\n", "a.x", json!("\"q ;\""), "[a]\nx = \"q ;\"\n"),
    ] {
        let operations = [set(path, value)];
        let edited = edit(text, &operations).unwrap();
        assert_eq!(edited, wanted, "{text:?}");
        assert_eq!(edit(&edited, &operations).unwrap(), wanted);
    }
}

#[test]
fn refuses_what_is_not_safe() {
    for (text, path, value) in [
        ("[a]\nx=1\nx=2\n", "a.x", json!(1)),
        ("[a]\nx=1\n", "a.X", json!(1)),
        ("[a]\nx=1\n y=2\n", "a.x", json!(3)),
        ("[a]\nx=1\n y=2\n", "a.y", json!(3)),
        ("[a]\nx=1 \\\ny=2\n", "a.x", json!(3)),
        ("[a]\n", "a.x", json!("a\nb")),
        ("[a]\n", "a.x", json!(" a")),
        ("[a]\n", "a.x", json!("a #")),
        ("[a]\n", "a", json!("x")),
        ("[a]\n;x=\n  y=1\n", "a.x[0]", json!("x")),
        ("[a\n", "a.x", json!("x")),
        ("", "\"a]\".x", json!("x")),
    ] {
        assert!(edit(text, &[set(path, value)]).is_err(), "{text:?}");
    }
    let error = edit("[a]\n  [a]]", &[set("a.x", json!("S"))]);
    assert!(matches!(error, Err(EditError::Operation { index: 0, .. })), "{error:?}");
}

#[test]
fn unsets() {
    for (text, path, wanted) in [
        ("[a]\nx=1\n# c\nx=2\n y\nz\n", "a.x", "[a]\n# c\nz\n"),
        ("t=1\n[a]\nx=1\n\n# b\n[b]\ny=1\n", "a", "t=1\n\n# b\n[b]\ny=1\n"),
        ("t=1\n[a]\n", "t", "[a]\n"),
        ("[a]\n", "b.c", "[a]\n"),
    ] {
        let unset = Operation::Unset { path: parse_path(path).unwrap(), must_exist: false };
        assert_eq!(edit(text, &[unset]).unwrap(), wanted, "{text:?}");
    }
}
