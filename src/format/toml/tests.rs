use serde_json::{Value, json};

use super::super::{EditError, Insertion, Operation, Scalar, parse_path};
use super::edit::edit_whole;
use super::{edit, escape, read};

mod messages;

/// A text with `«value»` for a text, `«n:value»` for a number and `«b:value»` for a boolean.
fn rendered(template: &str) -> (String, Vec<Insertion>) {
    let (mut text, mut insertions) = (String::new(), Vec::new());
    for (index, part) in template.split(['«', '»']).enumerate() {
        if index % 2 == 0 {
            text.push_str(part);
            continue;
        }
        let (scalar, value) = match part.split_at_checked(2) {
            Some(("n:", value)) => (Scalar::Number, value),
            Some(("b:", value)) => (Scalar::Boolean, value),
            _ => (Scalar::Text, part),
        };
        insertions.push(Insertion { range: text.len()..text.len() + value.len(), scalar });
        text.push_str(value);
    }
    (text, insertions)
}

#[test]
fn values_are_escaped_for_their_place() {
    for (template, wanted) in [
        ("a = «x\"y\\»", r#"a = "x\"y\\""#),
        ("a = «»", r#"a = """#),
        ("a = «n:5» # «c»", "a = 5 # c"),
        ("a = «n:0x1F»", r#"a = "0x1F""#),
        ("a = «b:true»", "a = true"),
        ("a = «true»", r#"a = "true""#),
        ("a = [«1», «n:2»,\n «]»]", "a = [\"1\", 2,\n \"]\"]"),
        ("a = { «k.x» = «v», b = \"«}»\" }", r#"a = { "k.x" = "v", b = "}" }"#),
        ("a = \"x«\"\\\n\t\u{7f}»y\"", "a = \"x\\\"\\\\\\n\t\\u007Fy\""),
        ("a = 'x\\«y»'", "a = 'x\\y'"),
        ("a = 'x\\\"«'»'", r#"a = "x\\\"'""#),
        ("a = \"\"\"«\nx»\"\"\"", "a = \"\"\"\n\nx\"\"\""),
        ("a = \"\"\"«»\nx\"\"\"", "a = \"\"\"\n\nx\"\"\""),
        ("a = \"\"\"x\"«»\"\"y\"\"\"", "a = \"\"\"x\\\"\"\"y\"\"\""),
        ("a = \"\"\"\\\n  « x»\"\"\"", "a = \"\"\"\\\n  \\u0020x\"\"\""),
        ("a = '''\nx\"«y\nz'»\\'''", "a = \"\"\"\nx\\\"y\nz'\\\\\"\"\""),
        ("a = '''«\nx»'''", "a = '''\n\nx'''"),
        ("«k» = 1", "k = 1"),
        ("«» = 1", "\"\" = 1"),
        ("x«.»y.z = 1", "\"x.y\".z = 1"),
        ("[a.«b c»]\r\n[[«d»]]", "[a.\"b c\"]\r\n[[d]]"),
        ("# ' «x» \"\na = '«b»'", "# ' x \"\na = 'b'"),
    ] {
        let (text, insertions) = rendered(template);
        assert_eq!(escape(&text, &insertions).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn what_toml_cannot_hold_is_refused_at_the_value() {
    for (template, offset) in [
        ("a = 1 # «x\ny»", 8),
        ("# «\u{7f}»", 2),
        ("a = x«y»", 5),
        ("a = «n:1»«n:2»", 4),
        ("a = «x»\"y\"", 4),
        ("a = \"\"«x»", 6),
        ("a = \"\\«n»\"", 6),
        ("a = \"\\u00«4»1\"", 9),
        ("a = \"x«y»\nb = 1", 6),
    ] {
        let (text, insertions) = rendered(template);
        let problem = escape(&text, &insertions).unwrap_err();
        assert_eq!(problem.offset, offset, "{template}: {}", problem.message);
    }
}

#[test]
fn reading() {
    for (text, wanted) in [
        ("", json!({})),
        ("a = 1\nb.c = 1.5\n[d]\ne = 1979-05-27\n", json!({"a": 1, "b": {"c": 1.5}, "d": {"e": "1979-05-27"}})),
        ("[[a]]\nb = {c = [true]}\n[[a]]\n", json!({"a": [{"b": {"c": [true]}}, {}]})),
    ] {
        assert_eq!(read(text), Ok(wanted), "{text}");
    }
    let deep = format!("x = {}", "[".repeat(100_000));
    for (text, offset) in
        [("a = 1\na = 2\n", 6), ("a = hunter2\n", 4), ("a = nan\n", 4), ("a = \"hunter2\n", 12), (deep.as_str(), 84)]
    {
        let problem = read(text).unwrap_err();
        assert!(!problem.message.contains("hunter2") && !problem.message.contains('\n'), "{}", problem.message);
        assert!(problem.offset == offset || text.len() > 1000, "{text}: {problem:?}");
    }
}

fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

fn unset(path: &str) -> Operation {
    Operation::Unset { path: parse_path(path).unwrap(), must_exist: false }
}

#[test]
fn one_place_is_changed() {
    for (text, operation, wanted) in [
        ("", set("a", json!(1)), "a = 1\n"),
        ("a = 1 # one\r\nb='x'", set("a", json!(2)), "a = 2 # one\r\nb='x'"),
        ("a = 1 # one\r\nb='x'", set("b", json!("y\\")), "a = 1 # one\r\nb='y\\'"),
        ("a = 1\r\nb=2", set("c", json!("d")), "a = 1\r\nb=2\r\nc=\"d\""),
        ("a = 0x10\n", set("a", json!(16)), "a = 0x10\n"),
        ("a = 1\n\n# t\n[t]\n", set("b", json!(true)), "a = 1\nb = true\n\n# t\n[t]\n"),
        ("# t\n[t]\n", set("b", json!(true)), "b = true\n\n# t\n[t]\n"),
        ("[t]\n  a = 1\n[u]\n", set("t.b", json!(1.0)), "[t]\n  a = 1\n  b = 1.0\n[u]\n"),
        ("[t.u]\na = 1\n", set("t.b", json!(1)), "[t]\nb = 1\n\n[t.u]\na = 1\n"),
        ("[t]\na = 1\n", set("t.u.v", json!(1)), "[t]\na = 1\n\n[t.u]\nv = 1\n"),
        ("a.b = 1\nc = 2\n", set("a.d.e", json!(1)), "a.b = 1\na.d = { e = 1 }\nc = 2\n"),
        ("a = { b = 1 } # c\n", set("a.c", json!([1])), "a = { b = 1, c = [1] } # c\n"),
        ("a = [ # x\n  1, # one\n  2 # two\n]\n", set("a[+]", json!(3)), "a = [ # x\n  1, # one\n  2, # two\n  3\n]\n"),
        ("a = [1, 2]\n", set("a[+]", json!(2)), "a = [1, 2]\n"),
        ("a = [ # x\n  1\n,#3\n]\n", set("a[+]", json!(3)), "a = [ # x\n  1\n, 3#3\n]\n"),
        ("a = [1, 2]\n", set("a[-1]", json!("x")), "a = [1, \"x\"]\n"),
        (
            "[[s]]\nn = \"a\"\n\n[[s]]\nn = \"b\"\n",
            set("s[n=b].p", json!(1)),
            "[[s]]\nn = \"a\"\n\n[[s]]\nn = \"b\"\np = 1\n",
        ),
        ("[[s]]\nn = \"a\"\n", set("s[n=b].p", json!(1)), "[[s]]\nn = \"a\"\n\n[[s]]\nn = \"b\"\np = 1\n"),
        ("d = 2024-01-01\n", set("d", json!("2024-02-01")), "d = 2024-02-01\n"),
        ("d = 2024-01-01\n", set("d", json!("x")), "d = \"x\"\n"),
        ("a = 1 # x\n# y\nb = 2\n", unset("a"), "# y\nb = 2\n"),
        ("a = {b = 1, c = 2}\n", unset("a.b"), "a = {c = 2}\n"),
        ("a = {b = 1, \"c#,\" = 2}\n", unset("a.\"c#,\""), "a = {b = 1}\n"),
        ("a = { \"c#,\" = 2 }\n", unset("a.\"c#,\""), "a = {  }\n"),
        ("a = {\n  # x\n  b = 1, # y\n  c = 2\n}\n", unset("a.c"), "a = {\n  # x\n  b = 1, # y\n  \n}\n"),
        ("a = [\n  1, # one\n  2,\n]\n", unset("a[0]"), "a = [\n  2,\n]\n"),
        ("[a]\nx = 1\n\n[b]\n\n[a.c]\ny = 1\n", unset("a"), "[b]\n\n"),
        ("a.b = 1\nc = 2\na.d = 3\n", unset("a"), "c = 2\n"),
        ("a = 1\n", unset("b.c"), "a = 1\n"),
    ] {
        let edited = edit(text, std::slice::from_ref(&operation));
        assert_eq!(edited.as_deref(), Ok(wanted), "{text} {operation:?}");
        if !matches!(&operation, Operation::Unset { .. }) {
            assert_eq!(edit(wanted, &[operation]).as_deref(), Ok(wanted), "a second time: {text}");
        }
    }
}

#[test]
fn what_cannot_be_changed_is_refused() {
    for (text, operation) in [
        ("a = 1\n", set("a", Value::Null)),
        ("a = 1\n", set("a", json!({"b": [null]}))),
        ("a = 1\n", set("a.b", json!(1))),
        ("a = 1\n", set("a[0]", json!(1))),
        ("a = [1]\n", set("a[3]", json!(1))),
        ("[[a]]\n", set("a[0]", json!(1))),
        ("a = [{n = 'x'}]\n", set("a[n=x]", json!({"n": "y"}))),
        ("a = 1\n", set("a", json!(u64::MAX))),
        ("a = 1\n", Operation::Set { path: parse_path("b").unwrap(), value: json!(1), must_exist: true }),
        ("a = 1\n", Operation::Unset { path: parse_path("b").unwrap(), must_exist: true }),
    ] {
        let error = edit(text, std::slice::from_ref(&operation));
        assert!(matches!(error, Err(EditError::Operation { index: 0, .. })), "{text} {operation:?}: {error:?}");
    }
    assert!(matches!(edit("a = \n", &[]), Err(EditError::Text(_))));
}

/// What the library makes of the whole text, and of what is left of it, is the same for the place.
#[test]
fn what_is_left_out_changes_nothing() {
    let heads = ["[a]", "[a.b]", "[[c]]", "[a.b.d]", "[d]", "[c.e]", "[b.a]"];
    let pairs =
        ["b = 1", "a.c = \"x\"", "d = [\n  1, # [a]\n]", "c = \"\"\"\n[a]\n\"\"\"", "e = { b = 1 } # e", "'q' = 'x'"];
    let paths = ["a", "a.b", "a.b.d", "c[0].b", "c[b=1].e", "d.a.c", "a.b.e.b", "b", "x.y", "a.x"];
    let values = [json!(1), json!("x"), json!({"b": {"c": 1}}), json!([{"b": 1}])];
    let (mut left_out, mut number) = (0, 1_u32);
    let mut below = |bound: usize| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number as usize / 65_536 % bound
    };
    for _ in 0..4_000 {
        let mut text = String::new();
        for _ in 0..=below(8) {
            let line = if below(3) == 0 { heads[below(heads.len())] } else { pairs[below(pairs.len())] };
            text.push_str(["", "\n", "# c\n", "  "][below(4)]);
            text.push_str(line);
            text.push('\n');
        }
        let path = paths[below(paths.len())];
        let operation = if below(3) == 0 { unset(path) } else { set(path, values[below(values.len())].clone()) };
        let whole = edit_whole(&text, std::slice::from_ref(&operation));
        assert_eq!(edit(&text, std::slice::from_ref(&operation)), whole, "{text}\n{operation:?}");
        left_out += usize::from(whole.is_ok() && super::focus::focused(&text, operation.path()).is_some());
    }
    assert!(left_out > 100, "{left_out}");
}

#[test]
fn one_more_element_can_be_added_to_a_list_that_has_to_be_there() {
    let append = Operation::Set { path: parse_path("x[+]").unwrap(), value: json!(2), must_exist: true };
    assert_eq!(edit("x = [1]", &[append]).as_deref(), Ok("x = [1, 2]"));
}
