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
