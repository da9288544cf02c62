use super::*;

mod messages;

fn pieces(with: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, part) in with.split('\\').enumerate() {
        match part.chars().next().and_then(|digit| digit.to_digit(10)) {
            Some(group) if index > 0 => {
                pieces.push(Piece::Group(group as usize));
                pieces.push(Piece::Text(part[1..].to_owned()));
            }
            _ => pieces.push(Piece::Text(part.to_owned())),
        }
    }
    pieces.retain(|piece| *piece != Piece::Text(String::new()));
    pieces
}

fn replace(pattern: &str, with: &str, count: Option<usize>, must_match: bool) -> TextOperation {
    let pattern = Pattern::Regex(regex(pattern).unwrap());
    TextOperation::Replace { pattern, with: pieces(with), count, must_match, unless: None }
}

fn line(text: &str, place: LinePlace, matches: Option<&str>, absent: bool) -> TextOperation {
    TextOperation::Line {
        text: text.to_owned(),
        place,
        matches: matches.map(|matches| regex(matches).unwrap()),
        absent,
    }
}

fn block(text: &str, place: LinePlace, absent: bool) -> TextOperation {
    TextOperation::Block { marker: "x".to_owned(), text: text.to_owned(), place, absent }
}

fn after(pattern: &str) -> LinePlace {
    LinePlace::After(regex(pattern).unwrap())
}

fn check(text: &str, operation: TextOperation, wanted: &str) {
    let operations = [operation];
    let edited = edit(text, &operations).unwrap();
    assert_eq!(edited, wanted, "{text:?}");
    assert_eq!(edit(&edited, &operations).unwrap(), wanted, "again {text:?}");
}

#[test]
fn replaces() {
    for (text, pattern, with, wanted) in [
        ("listen 80;\n", "listen 80;", "listen 80;\n listen [::]:80;", "listen 80;\n listen [::]:80;\n"),
        ("a=1\r\nb=2\r\n", "^a=.*$", "a=$0&\\", "a=$0&\r\nb=2\r\n"),
        ("port 1\nport 2\n", "port (\\d)\\b", "PORT \\1", "PORT 1\nPORT 2\n"),
        ("x", "x", "yxy", "yxy"),
        ("xx", "x", "xy", "xyxy"),
        ("x", "z", "y", "x"),
        ("remove me", " me$", "", "remove"),
        ("user www;", "^user .*;$", "user app;", "user app;"),
        ("ä", "", "", "ä"),
    ] {
        check(text, replace(pattern, with, None, false), wanted);
    }
    check("a a a", replace("a", "b", Some(1), true), "b a a");
    check("a a a", replace("a", "b", Some(2), true), "b b a");
    check("a.c abc", literal("a.c", "x"), "x abc");
}

fn literal(pattern: &str, with: &str) -> TextOperation {
    let pattern = Pattern::Literal(pattern.to_owned());
    TextOperation::Replace {
        pattern,
        with: vec![Piece::Text(with.to_owned())],
        count: None,
        must_match: true,
        unless: None,
    }
}

#[test]
fn refuses_what_would_stack_up() {
    for (text, operation) in [
        ("x", replace("^(.*)$", "# \\1", None, false)),
        ("x", replace("y", "z", None, true)),
        ("xx", replace("x", "", Some(1), true)),
        ("a", line("b", after("c"), None, false)),
        ("# BEGIN x\n", block("b", LinePlace::End, false)),
        ("# END x\n# BEGIN x\n", block("b", LinePlace::End, true)),
        ("# BEGIN x\n# END x\n# END x\n", block("b", LinePlace::End, false)),
        ("", block("# END x", LinePlace::End, false)),
    ] {
        assert!(edit(text, &[operation]).is_err(), "{text:?}");
    }
    let operation = TextOperation::Replace {
        pattern: Pattern::Regex(regex("^(.*)$").unwrap()),
        with: pieces("# \\1"),
        count: None,
        must_match: true,
        unless: Some(regex("^# ").unwrap()),
    };
    check("x", operation, "# x");
}

#[test]
fn refuses_a_group_that_the_pattern_does_not_have() {
    let literal = TextOperation::Replace {
        pattern: Pattern::Literal("x".to_owned()),
        with: pieces("\\1y"),
        count: None,
        must_match: false,
        unless: None,
    };
    for (operation, number) in [(replace("(x)", "\\2y", None, false), 2), (literal, 1)] {
        let problem = edit("x", &[operation]).unwrap_err();
        let message = format!("the pattern has no group {number}");
        assert_eq!(problem, EditError::Operation { index: 0, message, hint: None });
    }
    check("x", replace("(x)", "\\1y\\0", None, false), "xyx");
}

#[test]
fn has_lines() {
    for (text, operation, wanted) in [
        ("", line("a", LinePlace::End, None, false), "a\n"),
        ("a\r\nb", line("c", LinePlace::End, None, false), "a\r\nb\r\nc"),
        ("a\nb\n", line("a\n", LinePlace::End, None, false), "a\nb\n"),
        ("a\nb\n", line("c", LinePlace::Beginning, None, false), "c\na\nb\n"),
        ("a1\na2\nb", line("c", after("^a"), None, false), "a1\na2\nc\nb"),
        ("a1\na2\nb", line("c", LinePlace::Before(regex("^a").unwrap()), None, false), "a1\nc\na2\nb"),
        ("a=1\na=2", line("a=3\nb", LinePlace::End, Some("^a="), false), "a=1\na=3\nb"),
        ("a\nb\na\n", line("a", LinePlace::End, None, true), "b\n"),
        ("a1\nb\na2", line("", LinePlace::End, Some("^a\\d$"), true), "b\n"),
        ("a", line("", LinePlace::End, None, false), "a\n\n"),
        ("", line("a\r\r", LinePlace::End, None, false), "a\n"),
    ] {
        check(text, operation, wanted);
    }
}

/// The owner of a file could let a run take all time and memory.
#[test]
fn removes_lines_that_stand_in_each_other_in_one_pass() {
    let nested = ["a\n".repeat(50_000), "b\n".repeat(50_000)].concat();
    check(&nested, line("a\nb", LinePlace::End, None, true), "");
    check("a\na\nb\nb\r\nc\na\nb", line("a\nb", LinePlace::End, None, true), "c\n");
}

#[test]
fn has_blocks() {
    for (text, operation, wanted) in [
        ("", block("a", LinePlace::End, false), "# BEGIN x\na\n# END x\n"),
        ("q\r\n", block("a\nb\n", LinePlace::End, false), "q\r\n# BEGIN x\r\na\r\nb\r\n# END x\r\n"),
        ("1\n# BEGIN x\na\n# END x", block("b", LinePlace::Beginning, false), "1\n# BEGIN x\nb\n# END x"),
        ("1\n# BEGIN x\na\n# END x\n2", block("", LinePlace::End, true), "1\n2"),
        ("1\n2", block("", after("1"), false), "1\n# BEGIN x\n# END x\n2"),
    ] {
        check(text, operation, wanted);
    }
    let operation = TextOperation::Block {
        marker: "<!-- {mark} y -->".to_owned(),
        text: "a".to_owned(),
        place: LinePlace::End,
        absent: false,
    };
    check("", operation, "<!-- BEGIN y -->\na\n<!-- END y -->\n");
}

/// With the lines of the text known by their hashes it is as without.
#[test]
fn many_lines_are_as_one_after_the_other() {
    let operations: Vec<_> = [
        line("b", LinePlace::End, None, false),
        line("c", LinePlace::Beginning, None, false),
        line("d\ne", LinePlace::End, None, false),
        line("e\nd", LinePlace::End, None, false),
        line("a", LinePlace::End, None, true),
        line("a", after("^b"), None, false),
        line("f", LinePlace::End, Some("^e"), false),
        replace("^b$", "g", None, false),
        line("b", LinePlace::End, None, false),
        block("h", LinePlace::End, false),
        line("h", LinePlace::End, None, false),
        line("", LinePlace::End, None, false),
        line("c", LinePlace::End, None, false),
    ]
    .into();
    for text in ["", "a", "a\nb\n", "a\r\nb\r\nx", "x\r", "e\nd\nb\n\n", "c\n\r\na\r\n"] {
        let one_by_one = operations
            .iter()
            .fold(text.to_owned(), |text, operation| edit(&text, std::slice::from_ref(operation)).unwrap());
        assert_eq!(edit(text, &operations).as_ref(), Ok(&one_by_one), "{text:?}");
    }
}

#[test]
fn a_thousand_lines_are_put_into_a_hundred_thousand_at_once() {
    let text = (0..100_000).fold(String::new(), |text, number| text + "number " + &number.to_string() + "\n");
    let wanted = |number| line(&format!("wanted {number}"), LinePlace::End, None, false);
    let operations: Vec<_> = (0..1000).map(wanted).collect();
    let start = std::time::Instant::now();
    let edited = edit(&text, &operations).unwrap();
    assert!(rests(&edited, &operations) && !rests(&text, &operations));
    assert!(start.elapsed() < std::time::Duration::from_mins(2), "{:?}", start.elapsed());
    assert!(edited.ends_with("wanted 998\nwanted 999\n"));
}
