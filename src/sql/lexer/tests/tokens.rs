//! Quotes, comments and what they hide.

use super::sent;
use crate::sql::Dialect::{Mysql, Postgres, Sqlite};
use crate::sql::lexer::statements;

/// With an `x` at the end, so that a semicolon before it divides.
#[test]
fn semicolons_that_end_nothing() {
    for (dialect, text, wanted) in [
        (Postgres, "';'", 0),
        (Postgres, "'a'';'", 0),
        (Postgres, r"E'\';'", 0),
        (Postgres, r"e'\\';", 1),
        (Postgres, r"'\';", 1),
        (Postgres, "E'a'\n'\\';'", 0),
        (Postgres, "E'a'\n\n -- b\n '\\';'", 0),
        (Postgres, "U&'\\';", 1),
        (Postgres, "\"a;\"\"b;\"", 0),
        (Postgres, "a /* ; /* ; */ ; */", 0),
        (Postgres, "a -- ;\n;", 1),
        (Postgres, "a -- ;\r;", 1),
        (Postgres, "$$;$$", 0),
        (Postgres, "$a$;$$;$b$;$a$", 0),
        (Postgres, "$1;$2", 1),
        (Postgres, "1$$;$$", 0),
        (Postgres, "a$$;b$$", 1),
        (Postgres, "$é$;$é$", 0),
        (Postgres, "`;`", 1),
        (Postgres, "[;]", 1),
        (Postgres, "a # ;", 1),
        (Sqlite, "`;`", 0),
        (Sqlite, "[;]", 0),
        (Sqlite, "a /* ; /* ; */ ; ", 1),
        (Sqlite, "a -- ;\r;", 0),
        (Sqlite, r"E'\';", 1),
        (Sqlite, "$$;$$", 1),
        (Mysql, "`;`", 0),
        (Mysql, "`;``;`", 0),
        (Mysql, "`\\`;", 1),
        (Mysql, "\";\\\";\"", 0),
        (Mysql, r"'\';'", 0),
        (Mysql, r"'\\';", 1),
        (Mysql, "[;]", 1),
        (Mysql, "$$;$$", 1),
        (Mysql, "a # ;", 0),
        (Mysql, "a -- ;", 0),
        (Mysql, "a --;", 1),
        (Mysql, "a --\t;", 0),
        (Mysql, "a /* ; /* ; */ ; ", 1),
        (Mysql, "a /*! ; */", 0),
        (Mysql, r"\N;", 1),
    ] {
        // What ends in a comment swallows what follows on its line.
        let text = format!("{text} x");
        assert_eq!(sent(&text, dialect).len(), wanted + 1, "{dialect:?} {text}");
    }
}

#[test]
fn what_is_not_closed_is_found() {
    for (dialect, text, what, start) in [
        (Postgres, "select 'a", "string", 7),
        (Postgres, r"select E'a\'", "string", 8),
        (Postgres, "select \"a", "quoted identifier", 7),
        (Postgres, "/* /* */", "comment", 0),
        (Postgres, "/*/", "comment", 0),
        (Postgres, " $x$ $y$", "dollar quote", 1),
        (Postgres, "x; copy a from stdin;\n1\n", "data of `COPY`", 3),
        (Postgres, "copy a from stdin;", "data of `COPY`", 0),
        (Postgres, "copy a from stdin; \\.\n", "data of `COPY`", 0),
        (Sqlite, "[a", "quoted identifier", 0),
        (Sqlite, "`a``", "quoted identifier", 0),
        (Sqlite, "/*/", "comment", 0),
        (Mysql, "select \"a\\\"", "string", 7),
        (Mysql, "select 'a\\'", "string", 7),
        (Mysql, "`a``", "quoted identifier", 0),
        (Mysql, "a; /*!50000 select 1;", "comment", 3),
        (Mysql, "/*! 'a */", "string", 4),
        (Mysql, "/* /*", "comment", 0),
    ] {
        let found = statements(text, dialect).map_err(|error| (error.what, error.start));
        assert_eq!(found.err(), Some((what, start)), "{dialect:?} {text}");
    }
}
