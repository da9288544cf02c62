//! Text as a literal of SQL, for statements of ours that are sent as text.

use super::Dialect;

/// A string literal with exactly this text. PostgreSQL is asked for `standard_conforming_strings` when the session begins; what a
/// backslash means to MySQL depends on its mode, so a text with one is written in hexadecimal digits: still a constant, whose
/// collation gives way to that of a column.
pub(crate) fn text(text: &str, dialect: Dialect) -> String {
    if dialect == Dialect::Mysql && text.contains('\\') {
        return format!("_utf8mb4 X'{}'", crate::hexadecimal::hexadecimal(text.as_bytes()));
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A literal with these bytes.
pub(crate) fn bytes(bytes: &[u8], dialect: Dialect) -> String {
    let digits = crate::hexadecimal::hexadecimal(bytes);
    match dialect {
        Dialect::Postgres => format!("'\\x{digits}'::bytea"),
        Dialect::Mysql | Dialect::Sqlite => format!("X'{digits}'"),
    }
}

/// A name, in the quotes of the dialect.
pub(crate) fn name(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Mysql => format!("`{}`", name.replace('`', "``")),
        Dialect::Postgres | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dialect::{Mysql, Postgres, Sqlite};
    use super::{bytes, name, text};

    #[test]
    fn literals() {
        assert_eq!(text("it's \\", Postgres), "'it''s \\'");
        assert_eq!(text("it's", Mysql), "'it''s'");
        assert_eq!(text("\\'", Mysql), "_utf8mb4 X'5c27'");
        assert_eq!(bytes(b"\x00\xff", Sqlite), "X'00ff'");
        assert_eq!(bytes(b"\x00\xff", Postgres), "'\\x00ff'::bytea");
        assert_eq!(name("a`b\"c", Mysql), "`a``b\"c`");
        assert_eq!(name("a`b\"c", Postgres), "\"a`b\"\"c\"");
    }
}
