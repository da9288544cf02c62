//! Which history a database has: one query, whose answer is looked at here.

use super::format::Format;
use super::{FORMATS, History, journal};
use crate::failure::{Failure, Kind};
use crate::sql::session::{Row, Session};
use crate::sql::{Dialect, Table, literal};

/// What the plan says about the history.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The name of a runner; nothing to take what is there.
    pub(crate) runner: Option<&'a str>,
    pub(crate) table: Option<&'a Table>,
}

impl History {
    #[cfg(test)]
    pub(crate) fn for_test(runner: &str, dialect: Dialect) -> Self {
        let format = FORMATS.into_iter().find(|format| format.name == runner).unwrap();
        Found { database: "d".to_owned(), schema: "s".to_owned(), tables: Vec::new() }.history(format, "t", dialect)
    }

    /// The history that the choice names or, without one, the one that is there; our own where there is none.
    pub(crate) fn find(session: &mut dyn Session, choice: Choice<'_>) -> Result<Self, Failure> {
        let dialect = session.dialect();
        let formats: Vec<&'static Format> = match choice.runner {
            None => FORMATS.to_vec(),
            Some(runner) => FORMATS.into_iter().filter(|format| format.name == runner).collect(),
        };
        let mut names: Vec<&str> = match choice.table {
            Some(table) => vec![table.name.as_str()],
            None => formats.iter().map(|format| format.table).collect(),
        };
        names.dedup();
        let asked: Vec<String> = names.iter().flat_map(|name| [(*name).to_owned(), journal(name)]).collect();
        let schema = choice.table.and_then(|table| table.schema.as_deref());
        let rows = session
            .query(&question(dialect, schema, &asked))
            .map_err(|report| report.asking("ask the database for the history"))?;
        let found = Found::new(rows, schema, &names, dialect)?;
        let mut known = Vec::new();
        for name in names.iter().filter(|name| found.has(name)) {
            let owns =
                |format: &&&Format| (choice.table.is_some() || format.table == *name) && found.fits(format, name);
            match formats.iter().find(owns) {
                Some(format) => known.push((*format, *name)),
                None => return Err(foreign(&found, name, choice)),
            }
        }
        match known.as_slice() {
            [] => {
                let format = formats.first().copied().unwrap_or(FORMATS[0]);
                Ok(found.history(format, names.first().copied().unwrap_or(format.table), dialect))
            }
            // Our own was begun on purpose beside another.
            [(one, _), (other, _), ..] if one.name != FORMATS[0].name => Err(several(one, other)),
            [(format, name), ..] => Ok(found.history(format, name, dialect)),
        }
    }
}

impl History {
    /// A query that has a row when the schema holds something beside the history: a table, a view, a sequence. What an extension
    /// brought does not count.
    pub(crate) fn neighbours(&self) -> String {
        let own = [self.name.clone(), journal(&self.name)].map(|name| literal::text(&name, self.dialect)).join(", ");
        let schema = literal::text(&self.schema, self.dialect);
        match self.dialect {
            Dialect::Postgres => format!(
                "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = {schema} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relname NOT IN ({own}) \
                 AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass \
                 AND d.objid = c.oid AND d.deptype = 'e') LIMIT 1"
            ),
            Dialect::Mysql => format!(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = {schema} AND table_name NOT IN ({own}) LIMIT 1"
            ),
            Dialect::Sqlite => format!(
                "SELECT 1 FROM main.sqlite_master WHERE type IN ('table', 'view') AND name COLLATE NOCASE NOT IN ({own}) \
                 AND name NOT LIKE 'sqlite~_%' ESCAPE '~' LIMIT 1"
            ),
        }
    }
}

fn several(one: &Format, other: &Format) -> Failure {
    let message = format!(
        "cannot tell which history counts: the database has `{}` of {} and `{}` of {}",
        one.table, one.name, other.table, other.name
    );
    Failure::new(Kind::Drift, message).hint(format!("name one: `history: {}`", one.name))
}

/// The table is there, and is none of a runner's.
fn foreign(found: &Found, name: &str, choice: Choice<'_>) -> Failure {
    let whose = choice.runner.map_or("any runner that is known".to_owned(), |runner| format!("`{runner}`"));
    let message = format!("cannot read the history `{}.{name}`: its columns are not those of {whose}", found.schema);
    Failure::new(Kind::Drift, message).hint("the table belongs to another program: name another with `table`")
}

/// The database, the schema, and the columns of the tables of these names with their types. The first row has no table.
fn question(dialect: Dialect, schema: Option<&str>, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| literal::text(name, dialect)).collect();
    let names = names.join(", ");
    let schema = schema.map(|schema| literal::text(schema, dialect));
    match dialect {
        Dialect::Postgres => {
            let schema = schema.as_deref().unwrap_or("current_schema()");
            format!(
                "SELECT current_database(), {schema}, NULL, NULL, NULL UNION ALL \
                 SELECT NULL, NULL, c.relname, a.attname, pg_catalog.format_type(a.atttypid, NULL) FROM pg_catalog.pg_attribute a \
                 JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname = {schema} AND c.relname IN ({names})"
            )
        }
        Dialect::Mysql => {
            let schema = schema.as_deref().unwrap_or("database()");
            format!(
                "SELECT database(), {schema}, NULL, NULL, NULL UNION ALL SELECT NULL, NULL, table_name, column_name, data_type \
                 FROM information_schema.columns WHERE table_schema = {schema} AND table_name IN ({names})"
            )
        }
        Dialect::Sqlite => format!(
            "SELECT '', 'main', NULL, NULL, NULL UNION ALL SELECT NULL, NULL, m.name, c.name, c.type \
             FROM main.sqlite_master m JOIN pragma_table_info(m.name, 'main') c WHERE m.type = 'table' AND m.name COLLATE NOCASE IN ({names})"
        ),
    }
}

/// What the database answered.
struct Found {
    database: String,
    schema: String,
    /// Table, column, type.
    tables: Vec<[String; 3]>,
}

impl Found {
    fn new(rows: Vec<Row>, named: Option<&str>, names: &[&str], dialect: Dialect) -> Result<Self, Failure> {
        let mut rows = rows.into_iter();
        let mut first = rows.next().unwrap_or_default().into_iter();
        let (database, schema) = (first.next().flatten().unwrap_or_default(), first.next().flatten());
        let Some(schema) = schema.filter(|schema| !schema.is_empty()) else {
            let (cause, hint) = match dialect {
                Dialect::Mysql => ("the URL names no database", "name it: `mysql://user@host/name`"),
                _ => ("none in the search path exists", "name one: `table: schema.table`"),
            };
            let table = names.first().copied().unwrap_or_default();
            let message = format!("cannot find a schema for the table `{table}`: {cause}");
            return Err(Failure::new(Kind::Database, message).hint(hint));
        };
        let schema = named.map_or(schema, str::to_owned);
        let column = |row: Row| {
            let mut fields = row.into_iter().skip(2).map(Option::unwrap_or_default);
            [(); 3].map(|()| fields.next().unwrap_or_default())
        };
        Ok(Self { database, schema, tables: rows.map(column).collect() })
    }

    fn has(&self, name: &str) -> bool {
        self.tables.iter().any(|[table, _, _]| table.eq_ignore_ascii_case(name))
    }

    fn fits(&self, format: &Format, name: &str) -> bool {
        let has = |wanted: &&str| {
            self.tables
                .iter()
                .any(|[table, column, _]| table.eq_ignore_ascii_case(name) && column.eq_ignore_ascii_case(wanted))
        };
        self.has(name) && format.columns.iter().all(has)
    }

    fn history(&self, format: &'static Format, name: &str, dialect: Dialect) -> History {
        let wide = self.tables.iter().any(|[table, column, kind]| {
            let kind = kind.to_ascii_lowercase();
            table.eq_ignore_ascii_case(name) && column == "version" && (kind.contains("big") || kind == "int8")
        });
        History {
            format,
            database: self.database.clone(),
            schema: self.schema.clone(),
            name: name.to_owned(),
            quoted: format!("{}.{}", literal::name(&self.schema, dialect), literal::name(name, dialect)),
            dialect,
            exists: self.has(name),
            has_journal: self.has(&journal(name)),
            wide,
        }
    }
}
