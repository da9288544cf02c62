//! Files of SQL as statements.

use crate::sql::{Class, Dialect, statements};

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
        for statement in &found {
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
                Some(data) => format!("; {sql};\n{data}\\.\n"),
                None if statement.text.ends_with(';') => format!("; {sql};"),
                None => format!("; {sql}"),
            };
            let again = statements(&alone, dialect).map(|again| {
                again.iter().filter(|part| part.head().is_some()).map(|part| part.sql().to_owned()).collect::<Vec<_>>()
            });
            assert_eq!(
                again.as_deref().ok(),
                Some([sql.to_owned()].as_slice()),
                "{dialect:?}: not one statement: {sql}"
            );
        }
    }
}
