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
        ("# c\n\nA=1\r\nexport B=two # c\n C = x y\t\nD=", json!({"A": "1", "B": "two", "C": "x y", "D": ""})),
        ("A='a\n$b\\n' # c\nB=\"x\\n\\\"\\$y\\z\nq\"\n", json!({"A": "a\n$b\\n", "B": "x\n\"$y\\z\nq"})),
        ("A=a#b\nB= #b\nC=#b", json!({"A": "a#b", "B": "", "C": "#b"})),
        ("A=1\nA=2\nexport=3", json!({"A": "2", "export": "3"})),
        ("A=$B", json!({"A": "$B"})),
        ("A=1\r", json!({"A": "1"})),
    ] {
        assert_eq!(read(text), Ok(wanted), "{text:?}");
    }
    for (text, offset) in [("A=1\nexport B\n", 4), ("A='x", 2), ("A='x'y", 5), ("1A=x", 0), ("A=x\\", 3), ("=x", 0)] {
        assert_eq!(read(text).err().map(|problem| problem.offset), Some(offset), "{text:?}");
    }
}

#[test]
fn escapes_for_the_place() {
    for (text, wanted) in [
        ("A=<x/y>", "A=x/y"),
        ("A=<>", "A="),
        ("A=<a b>", "A='a b'"),
        ("A=<it's $5>\n", "A=\"it's \\$5\"\n"),
        ("A=<a\nb> # c", "A=\"a\nb\" # c"),
        ("A=http://<h>:<80>/?q=<1>", "A='http://h:80/?q=1'"),
        ("A=<a #b> #<c>", "A='a #b' #c"),
        ("PATH=$PATH:<a$ b>", "PATH=\"$PATH:a\\$ b\""),
        ("PATH=$PATH:<ab>", "PATH=$PATH:ab"),
        ("PATH=\"$PATH\":<ab>", "PATH=\"$PATH\":ab"),
        ("A=$A <>", "A=\"$A \""),
        ("A=<> $A", "A=\" $A\""),
        ("A=$A <>#b", "A=\"$A #b\""),
        ("A=\"<a\"b>\\<n>\"", "A=\"a\\\"b\\\\n\""),
        ("A='<a\"b>'", "A='a\"b'"),
        ("A='$x <it's>'", "A=\"\\$x it's\""),
        ("A=<a> <>\n", "A='a '\n"),
        ("export <A>=<;>", "export A=';'"),
        ("A='x'<;>", "A='x'';'"),
        // With a value between them they are no line break.
        ("A=x\r<>", "A=\"x\r\""),
        ("A=$x\r<>", "A=\"$x\r\""),
        ("A=x\r<>\nB=<y>", "A=\"x\r\"\nB=y"),
        ("A=x\r\n<>", "A=x\r\n"),
    ] {
        let (rendered, insertions) = template(text);
        assert_eq!(escape(&rendered, &insertions).as_deref(), Ok(wanted), "{text:?}");
    }
    for (text, offset) in [
        ("# <a\nb>", 2),
        ("A=<a\0>", 2),
        ("<A B>=1", 0),
        ("<1>=2", 0),
        ("<>=2", 0),
        ("A=1 # <\n>", 6),
        ("A=$A\\<>", 5),
        ("A=\\$A<a b>", 5),
        ("A=$A\"\\\\<a b>\"", 7),
        ("A=x'$A'<a b>", 7),
        ("A=<>\"$A\"", 2),
    ] {
        let (rendered, insertions) = template(text);
        assert_eq!(escape(&rendered, &insertions).err().map(|problem| problem.offset), Some(offset), "{text:?}");
    }
}

#[test]
fn a_value_beside_what_a_shell_reads_otherwise_is_told_with_its_remedy() {
    let (rendered, insertions) = template("A=\\$A<a b>");
    let problem = escape(&rendered, &insertions).unwrap_err();
    let message = "this value needs quotes, in which the backslashes and quotes beside it would have another meaning";
    assert_eq!(problem.message, message);
    assert_eq!(problem.hint.as_deref(), Some("put all that stands behind the `=` into double quotes"));
}

#[test]
fn edits() {
    for (text, path, value, wanted) in [
        ("", "A", json!("x"), "A=x\n"),
        ("A=\"x\" # c\n", "A", json!("x"), "A=\"x\" # c\n"),
        ("A=\"x\" # c\n", "A", json!("y z"), "A='y z' # c\n"),
        ("export A=1\r\n", "B", json!(2), "export A=1\r\nexport B=2\r\n"),
        ("A=1", "B", json!("it's"), "A=1\nB=\"it's\""),
        ("A=1\r", "B", json!(2), "A=1\r\nB=2"),
        ("\r\n\r", "A", json!("["), "\r\n\r\nA='['"),
        ("A='1\n2'\nB=1\n", "A", json!(null), "A=\nB=1\n"),
        ("#B=1\nA=1\n", "B", json!(2), "#B=1\nB=2\nA=1\n"),
        // What a shell reads otherwise is not right yet.
        ("A=$ecret\n", "A", json!("$ecret"), "A='$ecret'\n"),
        ("A=`date`\n", "A", json!("`date`"), "A='`date`'\n"),
        ("A=\"`date`\"\n", "A", json!("`date`"), "A='`date`'\n"),
        ("A=\"$x\"\n", "A", json!("$x"), "A='$x'\n"),
        ("A=a\\b\n", "A", json!("a\\b"), "A='a\\b'\n"),
        ("A=~/x\n", "A", json!("~/x"), "A='~/x'\n"),
        ("A=/x:~/y\n", "A", json!("/x:~/y"), "A='/x:~/y'\n"),
        ("A=x y;z\n", "A", json!("x y;z"), "A='x y;z'\n"),
        ("A=\"x\\ny\"\n", "A", json!("x\ny"), "A=\"x\ny\"\n"),
        ("A=\"\\$x\\q\" # c\n", "A", json!("$x\\q"), "A=\"\\$x\\q\" # c\n"),
        ("A='$x'\n", "A", json!("$x"), "A='$x'\n"),
        ("A=a~b#c=*é\n", "A", json!("a~b#c=*é"), "A=a~b#c=*é\n"),
    ] {
        let operations = [set(path, value)];
        let edited = edit(text, &operations).unwrap();
        assert_eq!(edited, wanted, "{text:?}");
        assert_eq!(edit(&edited, &operations).unwrap(), wanted);
    }
    for (text, path, value) in
        [("", "1A", json!(1)), ("", "A", json!("\0")), ("", "A", json!([])), ("x", "A", json!(1))]
    {
        assert!(edit(text, &[set(path, value)]).is_err(), "{text:?}");
    }
}
