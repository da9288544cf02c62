//! Texts that are meant to hurt: much of one thing takes as long as any other, and nothing is lost.

use crate::sql::Dialect::{Mysql, Postgres, Sqlite};
use crate::sql::lexer::statements;

const LENGTH: usize = 1 << 17;

/// A lexer that looks at everything again for each of these would need an hour; the test has no clock of its own.
#[test]
fn much_of_anything_takes_a_moment() {
    for part in [
        "'",
        "\"",
        "`",
        "[",
        "]",
        "$",
        "$$",
        "$a",
        "$a$",
        "$1",
        "E'\\",
        "E'a'\n",
        "/*",
        "*/",
        "/*!",
        "/*!1*/",
        "/*M!",
        "--",
        "-- ",
        "#",
        "\\",
        "\\restrict\n",
        ";",
        "a;",
        "(",
        ")",
        "BEGIN ",
        "BEGIN;",
        "CASE ",
        "END ",
        "END;",
        "BEGIN ATOMIC ",
        "IF ",
        "THEN ",
        "x:",
        "CREATE ",
        "create procedure p() begin ",
        "create trigger a begin ; end",
        "DELIMITER ",
        "delimiter /\n",
        "delimiter aaaaaaaaaaaaaaa\n",
        "COPY FROM STDIN;",
        "copy a from stdin;\n",
        "copy a from stdin;\n\\.\n",
        "\n.",
        ".",
        "é",
        "💥",
        "\u{b}",
        "\r",
        "U&'",
        "1e",
        "@",
        "ALTER TABLE a ADD b, ",
        "DECLARE x HANDLER FOR ",
        "create index concurrently ",
    ] {
        let mut text = part.repeat(LENGTH / part.len());
        for _ in 0..2 {
            for dialect in [Postgres, Mysql, Sqlite] {
                match statements(&text, dialect) {
                    Ok(found) => {
                        let length: usize = found.iter().map(|statement| statement.text.len()).sum();
                        assert_eq!(length, text.len(), "{dialect:?} {part}");
                        for statement in &found {
                            let _ = statement.class(dialect);
                        }
                    }
                    Err(open) => assert!(open.start + open.length <= text.len(), "{dialect:?} {part}"),
                }
            }
            // The same in the body of a routine, where semicolons end nothing, and behind another delimiter.
            text.insert_str(0, "delimiter aaab\ncreate procedure p() begin ");
        }
    }
}

/// In an executable comment nothing ends a statement, so a delimiter there is a word as any other, whatever it begins with.
#[test]
fn a_delimiter_of_letters_in_an_executable_comment_is_a_word() {
    for (text, wanted) in [
        ("delimiter e;;\n/*!50003 select e;; */ from a e;;\n", vec!["/*!50003 select e;; */ from a"]),
        ("delimiter 1x\n/*!50003 select 1x1x, 1 */ 1x select 2 1x", vec!["/*!50003 select 1x1x, 1 */", "select 2"]),
        ("delimiter e\n/*!e*/e e", vec!["/*!e*/"]),
    ] {
        assert_eq!(super::sent(text, Mysql), wanted, "{text}");
    }
    assert!(statements("DELIMITER e;;\n/*!50003 CREITER e;;\n", Mysql).is_err());
}
