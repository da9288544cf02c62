use serde_json::{Value, json};

use super::{edit, escape};
use crate::format::{EditError, Insertion, Operation, Problem, Scalar, parse_path};

mod messages;

/// `«` and `»` stand around values.
fn escaped(template: &str, scalar: Scalar) -> Result<String, Problem> {
    let (mut text, mut insertions, mut start) = (String::new(), Vec::new(), 0);
    for character in template.chars() {
        match character {
            '«' => start = text.len(),
            '»' => insertions.push(Insertion { range: start..text.len(), scalar }),
            other => text.push(other),
        }
    }
    escape(&text, &insertions)
}

#[test]
fn values_are_written_for_their_place() {
    for (template, wanted) in [
        ("a: «x»", "a: x"),
        ("a: «»", "a: \"\""),
        ("a: «yes» # c", "a: \"yes\" # c"),
        ("a: «12:30»", "a: \"12:30\""),
        ("a: «10.0.0.1»:«80»/x", "a: 10.0.0.1:80/x"),
        ("a: «22»:«22»", "a: \"22:22\""),
        ("a: «x: y»", "a: \"x: y\""),
        ("«a #b»: 1", "\"a #b\": 1"),
        ("a: !!str &b «null»", "a: !!str &b \"null\""),
        ("[«a,b», {k: «}»}]", "[\"a,b\", {k: \"}\"}]"),
        ("a: \"«\"\n»\"", "a: \"\\\"\\n\""),
        ("a: '«it's»'", "a: 'it''s'"),
        ("a: 'b ''«c\n»'", "a: \"b 'c\\n\""),
        ("a: |\n  «b\n\nc»d\n", "a: |\n  b\n\n  cd\n"),
        ("a: |\n  «  b»\n", "a: |2\n    b\n"),
        ("a: b\n  «c»\n", "a: b\n  c\n"),
        ("a\n..«.»", "\"a ...\""),
        ("a «:»\nb..\nc--\n", "\"a : b.. c--\"\n"),
        ("'a\n--«-»'", "\"a ---\""),
        ("\"a\n«...» b\"", "\"a ... b\""),
        ("a: b\n  «»\n", "a: \"b \"\n"),
        ("&<>-\nb\nc «d: e»\n", "&<>-\n\"b c d: e\"\n"),
        ("&<a>-\n- «b: c»\n", "&<a>-\n- \"b: c\"\n"),
        ("a: \"b\n  « c»\"\n", "a: \"b  c\"\n"),
        ("# «x»\n- - «-»", "# x\n- - \"-\""),
        ("? «<<»\n: «=»", "? \"<<\"\n: \"=\""),
        ("«a: b»\n:\n  «l\nm»\nc: «x»", "\"a: b\"\n:\n  \"l\\nm\"\nc: x"),
        ("{«a, b»\n  : «c»}", "{\"a, b\"\n  : c}"),
        ("{\"a\":«b», [c]:«d», e: [f, «:»]}", "{\"a\":b, [c]:d, e: [f, \":\"]}"),
        ("[:a, «b»: «c»]", "[:a, b: c]"),
        ("- b\n  «c: d»\n# e", "- \"b c: d\"\n# e"),
        ("a: \"«\u{85}\u{feff}\u{10ffff}»\"", "a: \"\\x85\\ufeff\u{10ffff}\""),
    ] {
        assert_eq!(escaped(template, Scalar::Text).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn a_lone_number_stays_one() {
    for (template, wanted) in [
        ("a: «1»", "a: 1"),
        ("a: «-1.5»", "a: -1.5"),
        ("a: «1e+300»", "a: 1.0e+300"),
        ("a: \"«1»\"", "a: \"1\""),
        ("a: «1».«10»", "a: \"1.10\""),
    ] {
        assert_eq!(escaped(template, Scalar::Number).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn what_cannot_be_written_is_a_problem() {
    for (template, offset) in [
        ("# «a\nb»", 2),
        ("a: |\n  «b\r\n»", 7),
        ("a: >\n  «b\nc»", 7),
        ("a: |«x»\n  b\n", 4),
        ("a: |-\n  «b\n»", 8),
        ("a: |-\n  «b\n»\nc: 1\n", 8),
        ("|\na\n«b»\n", 4),
        ("--- |\n# «b»\n", 8),
        ("a: |\n  «b\n»\n", 7),
        ("a: |\n  «b\n\n\n»\n", 7),
        ("a: |\n  «\n»\n", 7),
        ("a: |\n  «b\n»«»\n\n", 7),
        ("a: &«b c» d", 4),
        ("a: \"\\«n»\"", 5),
        ("a: \"\\x4«1»\"", 7),
        ("a: '«b»", 4),
        ("«a»\nb: 1", 0),
        ("[:«a,b»]", 2),
        ("{a: 1, :\"«b»\"}", 9),
        ("[:&a «b»]", 5),
        ("- «»\n  b: 1", 2),
        ("a:\n  b\n  «c» : 1", 9),
        ("\"a\n« b»\": 1", 3),
        ("'a\n «b»': 1", 4),
    ] {
        assert_eq!(escaped(template, Scalar::Text).map_err(|problem| problem.offset), Err(offset), "{template}");
    }
    assert!(escaped(&format!("«{}»: 1", "k".repeat(2000)), Scalar::Text).is_err());
}

fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

fn unset(path: &str) -> Operation {
    Operation::Unset { path: parse_path(path).unwrap(), must_exist: false }
}

#[test]
fn edits_keep_the_rest() {
    for (text, operation, wanted) in [
        ("", set("a.b", json!(1)), "a:\n  b: 1\n"),
        ("# c", set("a", json!("on")), "# c\na: \"on\"\n"),
        ("---\n{}\n", set("a", json!(1)), "---\na: 1\n"),
        ("# c\n  ~\n", set("a.b", json!(1)), "# c\na:\n  b: 1\n"),
        ("\t~\n", set("[+]", json!("x")), "- x\n"),
        ("a: 1  # c\nb: 2", set("a", json!("x")), "a: x  # c\nb: 2"),
        ("a: 1\n", set("b", json!([1, {"c": 2, "d": []}])), "a: 1\nb:\n  - 1\n  - c: 2\n    d: []\n"),
        ("a:\n- 1\n", set("b", json!([1])), "a:\n- 1\nb:\n- 1\n"),
        ("a:\n    b: 1\n", set("c.d", json!(1)), "a:\n    b: 1\nc:\n    d: 1\n"),
        ("a: # c\nb: 1\r\n", set("a", json!(2)), "a: 2 # c\nb: 1\r\n"),
        ("a: &x [1] # c\nb: *x\n", set("a", json!({"k": 1})), "a: &x # c\n  k: 1\nb: *x\n"),
        ("a: | # c\n  x\n  y\nb: 1\n", set("a", json!("z")), "a: z # c\nb: 1\n"),
        ("a: 'x'\n", set("a", json!("it's")), "a: 'it''s'\n"),
        ("a: {b: 1, c: [x]} # d\n", set("a.c[+]", json!("y,")), "a: {b: 1, c: [x, \"y,\"]} # d\n"),
        ("a: [\n  1, # c\n  2\n]\n", set("a[+]", json!(3)), "a: [\n  1, # c\n  2,\n  3\n]\n"),
        (
            "l:\n  - n: x\n    v: 1\n  - n: y\n",
            set("l[n=y].v", json!(2)),
            "l:\n  - n: x\n    v: 1\n  - n: y\n    v: 2\n",
        ),
        ("- a: 1\n  b: 2\n", unset("[0].a"), "- b: 2\n"),
        ("a:\n  # c\n  b: 1\n", unset("a.b"), "a: {}\n  # c\n"),
        ("a: 1 # x\nb: 2\na: 3\n", unset("a"), "b: 2\n"),
        ("a: |+\n  x\nb: 1\n\n", unset("b"), "a: |+\n  x\n"),
        ("a: >-\n  b\n  c\n", set("a", json!("b c")), "a: >-\n  b\n  c\n"),
        ("a: |-\n b\n  \n \n", set("c", json!(1)), "a: |-\n b\n  \nc: 1\n \n"),
        ("a: |-\n b\n  \n \n", set("a", json!("b\n ")), "a: |-\n b\n  \n \n"),
        ("a: |1\n  \nb: 1\n", set("a", json!("x")), "a: x\nb: 1\n"),
        ("a: |\n b\nc: 1\n\n  \nd: 1\n", unset("c"), "a: |\n b\nd: 1\n"),
        ("a: |\n b\nc: 1\n\nd: 1\n", unset("c"), "a: |\n b\n\nd: 1\n"),
        ("x:\n  a: |-\n   b\n    \n  c: 1\n  d: 1\ny: 1\n", unset("y"), "x:\n  a: |-\n   b\n    \n  c: 1\n  d: 1\n"),
        ("a: 0x1F\n", set("a", json!(31)), "a: 31\n"),
        ("a: 1\n", set("a", json!(1e300)), "a: 1.0e+300\n"),
        ("a: 'x'\n", set("a", json!("x")), "a: 'x'\n"),
        ("\"on\":\n  'b' : 1\n", set("on.b", json!(2)), "\"on\":\n  'b' : 2\n"),
        ("a: {<<: *b, c: 1}\n", set("a.c", json!(2)), "a: {<<: *b, c: 2}\n"),
    ] {
        assert_eq!(edit(text, std::slice::from_ref(&operation)).as_deref(), Ok(wanted), "{text} {operation:?}");
        assert_eq!(edit(wanted, &[operation]).as_deref(), Ok(wanted));
    }
}

#[test]
fn an_element_that_is_chosen_by_a_key_and_missing_is_made_once() {
    for (text, operation, wanted) in [
        ("l:\n  - k: x\n", set("l[k=z].v", json!(2)), "l:\n  - k: x\n  - k: z\n    v: 2\n"),
        ("l: # c\n- k: 5\n", set("l[k=0x5]", json!({})), "l: # c\n- k: 5\n- k: \"0x5\"\n"),
        ("l: [{k: x}]\n", set("l[k=z].v", json!(2)), "l: [{k: x}, {k: z, v: 2}]\n"),
        ("l: []\n", set("l[k=z].v", json!(2)), "l:\n  - k: z\n    v: 2\n"),
        ("l:\n", set("l[k=~].v", json!(2)), "l:\n  - k: \"~\"\n    v: 2\n"),
        ("a: 1\n", set("l[k=z].a[m=w].v", json!(2)), "a: 1\nl:\n  - k: z\n    a:\n      - m: w\n        v: 2\n"),
        ("- &b {k: x}\n- k: z\n  v: 1\n", set("[k=z].v", json!(2)), "- &b {k: x}\n- k: z\n  v: 2\n"),
        ("- *b\n- k: z\n  v: 1\n", set("[k=z].v", json!(2)), "- *b\n- k: z\n  v: 2\n"),
    ] {
        assert_eq!(edit(text, std::slice::from_ref(&operation)).as_deref(), Ok(wanted), "{text} {operation:?}");
        assert_eq!(edit(wanted, &[operation]).as_deref(), Ok(wanted));
    }
    let refusal = "an element may have `k` = `z` in a form that is not looked into";
    let hint = "an alias, a merge key, a block text or a pair without braces: choose it by its number";
    for text in ["- *b\n", "- k: *b\n", "- k: |-\n    z\n", "- <<: *b\n  v: 1\n", "[k: z]", "[{<<: *b}]"] {
        for operation in [set("[k=z].v", json!(2)), unset("[k=z]")] {
            let Err(EditError::Operation { message, hint: told, .. }) = edit(text, &[operation]) else {
                panic!("{text}")
            };
            assert_eq!((&*message, told.as_deref()), (refusal, Some(hint)), "{text}");
        }
    }
    // A second run would have nothing else to look at.
    for text in ["- k: z\n- k: |\n    t\n", "- *b\n- k: z\n", "- k: z\n- k: y\n- *b\n"] {
        assert!(matches!(edit(text, &[unset("[k=z]")]), Err(EditError::Operation { .. })), "{text}");
        assert!(edit(text, &[set("[k=z].v", json!(2))]).is_ok(), "{text}");
    }
}

#[test]
fn what_cannot_be_edited_is_refused() {
    for (text, operation) in [
        ("a: 1\n---\nb: 1\n", set("a", json!(2))),
        ("a: &x {k: 1}\nb: *x\n", set("b.k", json!(2))),
        ("a: &x {k: {l: 1}}\nb:\n  <<: *x\n", set("b.k.l", json!(2))),
        ("a: &x {k: 1}\nb:\n  <<: *x\n", unset("b.k")),
        ("a: &x {k: 1}\nb: *x\n", unset("a")),
        ("a: 1\n", set("a.b", json!(2))),
        ("a: [1]\n", set("a.b", json!(2))),
        ("a: 'x\n", set("b", json!(2))),
        ("a: [x\n", set("b", json!(2))),
        ("a: |\n  x", set("b", json!(2))),
        ("ax&:  {k: 1}\nb: >\r\n #\rc: !!str 1\n", unset("b")),
        ("a: 1\rb: 2\r", set("a", json!(2))),
        ("!t : c\n", set("a", json!(2))),
        ("- n: x\n", set("[n=x]", json!("y"))),
        ("- n: x\n", set("[n=x].n", json!("y"))),
        ("a: &x {k: 2}\nb: >-\r\n b  \n  ", set("c", json!(1))),
        ("a: >0\nx 1\n", set("b", json!(2))),
        ("a:\n    b: 1\n  c: 2\n", set("a.b", json!(2))),
        ("\ta: 1\n", set("a", json!(2))),
    ] {
        assert!(edit(text, &[operation]).is_err(), "{text}");
    }
}

/// Whether lines are passed over or read token by token, the value ends at the same place.
#[test]
fn lines_that_are_passed_over_end_like_their_tokens() {
    let lines = [
        "a: 1",
        "b:",
        "  c: \"x # y\"",
        "  - d: [1, {e: f}]",
        "    g: |",
        "      text: 1",
        "c: foo",
        "  bar",
        "'b': x # c",
        "- a",
        "",
        "# c",
        "  b: {a: 'it''s'}",
        "x y: z:1",
        "  k: >-",
        "b: &x 1",
        "    - - a: b",
        "d: \"two",
        "   lines\"",
    ];
    let (mut done, mut number) = (0, 1_u32);
    let mut below = |bound: usize| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number as usize / 65_536 % bound
    };
    for _ in 0..6_000 {
        let text: String = (0..=below(7)).map(|_| lines[below(lines.len())].to_owned() + "\n").collect();
        let Ok(node) = super::node::root(&text) else { continue };
        let mut reader = super::node::Reader::new(&text);
        let (mut end, mut last_block) = (0, None);
        while reader.peek.kind != super::token::Kind::End {
            let token = reader.next();
            end = token.end;
            last_block = (token.kind == super::token::Kind::Block).then_some(token.start);
        }
        assert_eq!((node.end.max(node.start), node.last_block), (end, last_block), "{text}");
        let mut all = super::entries::Entries::new(&text, &node);
        let mut passing = super::entries::Entries::new(&text, &node);
        let (mut count, mut passed) = (0, 0);
        if node.content != super::node::Content::BlockMapping {
            continue;
        }
        while let Ok(Some(_)) = all.next() {
            count += 1;
        }
        loop {
            passed += passing.skip_others("b").map_or(0, |others| others.count);
            let Ok(Some(_)) = passing.next() else { break };
            passed += 1;
        }
        assert_eq!(passed, count, "{text}");
        done += 1;
    }
    assert!(done > 500, "{done}");
}
