use super::{escape, escape_mysql};
use crate::format::{Insertion, Problem, Scalar};

type Escape = fn(&str, &[Insertion]) -> Result<String, Problem>;

/// Puts the value wherever `@` stands.
fn escaped(escape: Escape, template: &str, value: &str, scalar: Scalar) -> Result<String, usize> {
    let (mut text, mut insertions) = (String::new(), Vec::new());
    for (index, part) in template.split('@').enumerate() {
        if index > 0 {
            let start = text.len();
            text.push_str(value);
            insertions.push(Insertion { range: start..text.len(), scalar });
        }
        text.push_str(part);
    }
    escape(&text, &insertions).map_err(|problem| problem.offset)
}

#[test]
fn texts_in_their_places() {
    let (standard, mysql): (Escape, Escape) = (escape, escape_mysql);
    for (escape, template, value, wanted) in [
        (standard, "'@', @", "'\\", "'''\\', '''\\'"),
        (standard, "E'\\'@'", "'\\", "E'\\'''\\\\'"),
        (standard, "\"@\"", "a\"", "\"a\"\"\""),
        (standard, "f(@)", "", "f('')"),
        (standard, "$$ @ $$ || @", "'", "$$ ' $$ || ''''"),
        (standard, "$t$@$t$, $$a@$$, @", "", "$t$$t$, $$a$$, ''"),
        (standard, "DO $$ BEGIN x('@'); END $$; x(@)", "'", "DO $$ BEGIN x(''''); END $$; x('''')"),
        (standard, "DO LANGUAGE plpgsql $$ @ $$", "'", "DO LANGUAGE plpgsql $$ '''' $$"),
        (standard, "AS $$ @ $$ LANGUAGE 'sql'; LANGUAGE c", "'", "AS $$ '''' $$ LANGUAGE 'sql'; LANGUAGE c"),
        (standard, "LANGUAGE c AS 'x'; AS $$ @ $$", "'", "LANGUAGE c AS 'x'; AS $$ '''' $$"),
        (standard, "-- @\n@", "'", "-- '\n''''"),
        (standard, "/* /* @ */ @ */ @", "'", "/* /* ' */ ' */ ''''"),
        (mysql, "'@' \"@\" `@` # @\n", "'\"`\\", "'''\"`\\\\' \"'\"\"`\\\\\" `'\"``\\` # '\"`\\\n"),
        (mysql, "x(@)", "\\", "x('\\\\')"),
    ] {
        assert_eq!(escaped(escape, template, value, Scalar::Text).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn numbers_and_booleans() {
    for (template, value, scalar, wanted) in [
        ("1-@", "-1", Scalar::Number, Some("1-(-1)")),
        ("@::int", "-1", Scalar::Number, Some("(-1)::int")),
        ("x=@", "-1.5", Scalar::Number, Some("x=-1.5")),
        ("t_@_x", "1", Scalar::Number, Some("t_1_x")),
        ("t_@", "-1", Scalar::Number, None),
        ("x(@)", "NaN", Scalar::Number, Some("x('NaN')")),
        ("x(@)", "true", Scalar::Boolean, Some("x(TRUE)")),
        ("'@'", "true", Scalar::Boolean, Some("'true'")),
        ("@x", "true", Scalar::Boolean, None),
    ] {
        assert_eq!(escaped(escape, template, value, scalar).ok().as_deref(), wanted, "{template}");
    }
}

#[test]
fn values_that_a_place_cannot_hold() {
    for (template, value, offset) in [
        ("'@'", "\0", 1),
        ("E@", "x", 1),
        ("@'x'", "x", 0),
        ("'x'\n@", "x", 4),
        ("t_@", "x", 2),
        ("\"@\"", "", 1),
        ("U&'@'", "x", 3),
        ("E'\\x4@'", "1", 5),
        ("E'\\@'", "n", 3),
        ("-- @", "\n", 3),
        ("/*@*/", "*/", 2),
        ("/* *@/ */", "", 4),
        ("/*! @ */", "x", 4),
        ("$$ @$$", "$", 3),
        ("$a$ @ $a$", "$a$", 4),
        ("$a@$", "x", 2),
        ("DO $$ '@' $$", "$$", 7),
        ("DO LANGUAGE plpython3u $$ x = @ $$", "1", 30),
        ("DO LANGUAGE \"plpython3u\" $$ x = @ $$", "1", 32),
        ("DO $$ x = @ $$ LANGUAGE plpython3u", "1", 10),
        ("CREATE FUNCTION f() AS $$ @ $$ STRICT\nlanguage 'plperl'; x", "1", 26),
        ("CREATE FUNCTION f() LANGUAGE plperl AS $a$ @ $a$;", "1", 43),
    ] {
        assert_eq!(escaped(escape, template, value, Scalar::Text), Err(offset), "{template}");
    }
}
