use serde_json::json;

use super::super::{Operation, Scalar, parse_path};
use super::*;

mod messages;

/// A template in which `<...>` are values.
pub(crate) fn template(text: &str) -> (String, Vec<Insertion>) {
    let (mut rendered, mut insertions) = (String::new(), Vec::new());
    for (index, part) in text.split(['<', '>']).enumerate() {
        let start = rendered.len();
        rendered.push_str(part);
        if index % 2 == 1 {
            insertions.push(Insertion { range: start..rendered.len(), scalar: Scalar::Text });
        }
    }
    (rendered, insertions)
}

fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

#[test]
fn reads() {
    for (text, wanted) in [
        ("", json!({})),
        ("a=1\nb : 2\r\nc 3\rd", json!({"a": "1", "b": "2", "c": "3", "d": ""})),
        ("# x\n ! y = z\n\n a = b ", json!({"a": "b "})),
        ("fruits  apple, \\\n   pear, \\\r\n\t fig\n", json!({"fruits": "apple, pear, fig"})),
        ("a\\=\\ b==c", json!({"a= b": "=c"})),
        ("k=\\u00e4\\uD83D\\uDE00\\t\\z", json!({"k": "ä😀\tz"})),
        ("a=1\na=2", json!({"a": "2"})),
        ("=v", json!({"": "v"})),
        ("\\\n# c\na=1", json!({"a": "1"})),
        ("a=b\\\n# c", json!({"a": "b# c"})),
        ("a=b\\", json!({"a": "b"})),
    ] {
        assert_eq!(read(text), Ok(wanted), "{text:?}");
    }
    for (text, offset) in [("a=\\u12", 2), ("a=1\nbc=x\\uD800", 8), ("\\u00g0=1", 0)] {
        assert_eq!(read(text).err().map(|problem| problem.offset), Some(offset), "{text:?}");
    }
}

#[test]
fn escapes_for_the_place() {
    for (text, wanted) in [
        ("a=<x>", "a=x"),
        ("a=< x \n\\ä=:#>", "a=\\ x \\n\\\\\\u00E4=:#"),
        ("a <=b>", "a \\=b"),
        ("<a b=>=<>", "a\\ b\\=="),
        ("a=<> b", "a=\\ b"),
        ("a=<>b", "a=b"),
        ("a=b<  c>", "a=b  c"),
        ("a=b\\\n  < c>", "a=b\\\n  \\ c"),
        ("a=C:\\<new>", "a=C:\\\\new"),
        ("# <a\\b>", "# a\\b"),
        ("a=<😀>", "a=\\uD83D\\uDE00"),
        ("a=<\\>", "a=\\\\"),
    ] {
        let (rendered, insertions) = template(text);
        assert_eq!(escape(&rendered, &insertions).as_deref(), Ok(wanted), "{text:?}");
    }
    let (rendered, insertions) = template("a=<\n>\n# <a\nb>");
    assert_eq!(escape(&rendered, &insertions).err().map(|problem| problem.offset), Some(6));
}

#[test]
fn edits() {
    for (text, path, value, wanted) in [
        ("", "a.b", json!("x"), "a.b=x\n"),
        ("a.b = 1 \n", "a.b", json!("1 "), "a.b = 1 \n"),
        ("a.b = 1\r\n# c\r\n", "a.b", json!(2), "a.b = 2\r\n# c\r\n"),
        ("a.b = 1\r\n# c", "n", json!(true), "a.b = 1\r\n# c\r\nn = true"),
        ("a=\\u0078\n", "a", json!("x"), "a=\\u0078\n"),
        ("a=x\\\n  y\nb=1\n", "a", json!("z"), "a=z\nb=1\n"),
        ("a\n", "a", json!("z"), "a=z\n"),
        ("a=1\na=2\n", "a", json!(3), "a=1\na=3\n"),
        ("#b=1\nc=1\n", "b", json!(2), "#b=1\nb=2\nc=1\n"),
        ("a 1\n", "a", json!("= x"), "a \\= x\n"),
        ("a=1\n", "a", json!(null), "a=\n"),
    ] {
        let operations = [set(path, value)];
        let edited = edit(text, &operations).unwrap();
        assert_eq!(edited, wanted, "{text:?}");
        assert_eq!(edit(&edited, &operations).unwrap(), wanted);
    }
    for (text, path) in [("a=b\\", "c"), ("", "a[0]")] {
        assert!(edit(text, &[set(path, json!("x"))]).is_err(), "{text:?}");
    }
    let unset = Operation::Unset { path: parse_path("a.b").unwrap(), must_exist: false };
    assert_eq!(edit("x=1\n\\\n a.b=2", std::slice::from_ref(&unset)).unwrap(), "x=1\n");
    assert_eq!(edit("x=1\na.b=1\\\n 2\n# a\na.b=3\n", &[unset]).unwrap(), "x=1\n# a\n");
}
