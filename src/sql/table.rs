//! The name of the history table.

use super::Dialect;
use crate::document::Located;
use crate::failure::{Failure, Kind};

/// PostgreSQL cuts longer names, silently.
const LONGEST: usize = 63;

/// `table` or `schema.table`, of letters, digits and `_` only: it is put into statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

impl Table {
    pub(crate) fn parse(text: &Located<String>, dialect: Dialect) -> Result<Self, Failure> {
        let refuse = |cause: &str| {
            let message = format!("cannot use `{}` as the history table: {cause}", text.value);
            Err(Failure::new(Kind::Plan, message).at(text.span).hint("write `table` or `schema.table`"))
        };
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text.as_str()),
        };
        if !schema.is_none_or(is_identifier) || !is_identifier(name) {
            return refuse("names have at most 63 letters, digits and `_`, and start with no digit");
        }
        if dialect == Dialect::Sqlite && schema.is_some_and(|schema| schema != "main") {
            return refuse("an SQLite database has no schema but `main`");
        }
        Ok(Self { schema: schema.map(str::to_owned), name: name.to_owned() })
    }
}

fn is_identifier(name: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=LONGEST).contains(&name.len()) && name.chars().all(sound) && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::document::Located;
    use crate::failure::Span;
    use crate::sql::Dialect::{Postgres, Sqlite};

    #[test]
    fn names() {
        let long = "a".repeat(64);
        for (text, dialect, wanted) in [
            ("fitout_migrations", Postgres, Some("fitout_migrations")),
            ("app.history", Postgres, Some("app.history")),
            ("main.history", Sqlite, Some("main.history")),
            ("app.history", Sqlite, None),
            ("a.b.c", Postgres, None),
            ("a\"b", Postgres, None),
            ("a; drop table b", Postgres, None),
            ("", Postgres, None),
            ("a.", Postgres, None),
            (".a", Postgres, None),
            ("1a", Postgres, None),
            (long.as_str(), Postgres, None),
        ] {
            let table = Table::parse(&Located::new(Span::new(1, 1, 1), text.to_owned()), dialect);
            let found = table
                .ok()
                .map(|table| table.schema.map_or(table.name.clone(), |schema| format!("{schema}.{}", table.name)));
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
    }
}
