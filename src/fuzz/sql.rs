//! Files of SQL as statements.

use crate::sql::{Class, Dialect, Statement, statements};

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

/// The statements are the file, and each of them is one again when it stands alone.
pub fn sql(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for dialect in DIALECTS {
        let Ok(found) = statements(text, dialect) else { continue };
        let joined: String = found.iter().map(|statement| statement.text).collect();
        assert_eq!(joined, text, "{dialect:?}: the statements are not the file");
        // Between other delimiters a semicolon is part of a statement.
        let divided = dialect != Dialect::Mysql || !text.to_ascii_lowercase().contains("delimiter");
        for (index, statement) in found.iter().enumerate() {
            let class = statement.class(dialect);
            let _ = statement.refused(dialect);
            let Some(head) = statement.head() else { continue };
            assert!(statement.start <= head.start && head.start >= statement.sql_start(), "{dialect:?}: {head:?}");
            if !divided || matches!(class, Class::Refused(_)) {
                continue;
            }
            let sql = statement.sql();
            // Whether it stands at the beginning of a line matters to clients.
            let alone = match statement.copy_data() {
                Some(data) => vec![format!("; {sql};\n{data}\\.\n")],
                // The file may end in it, and then a semicolon at its end need not have ended it: it may stand in a comment, or
                // between parentheses. Two dashes that another character follows are none for MySQL.
                None if index + 1 == found.len() => [";", "", "#"].map(|end| format!("; {sql}{end}")).to_vec(),
                None if statement.text.ends_with(';') => vec![format!("; {sql};")],
                None => vec![format!("; {sql}")],
            };
            let is_one = |text: &String| {
                statements(text, dialect).is_ok_and(|again| {
                    let again: Vec<_> = again.iter().filter(|part| part.head().is_some()).map(Statement::sql).collect();
                    again == [sql]
                })
            };
            assert!(alone.iter().any(is_one), "{dialect:?}: not one statement: {sql}");
        }
    }
}
