//! Indexes that PostgreSQL builds without a lock. When that fails, or its session ends, it leaves an index that is invalid: it costs at
//! every write, is used by no query, and keeps its name from the next try.

use super::Dialect;
use super::lexer::{IndexDoubt, IndexWork, Statement};
use super::literal;
use super::report::Report;
use super::session::Session;

/// Sees to it that the statement is done, and that the index is a valid one.
pub(super) fn settle(
    session: &mut dyn Session,
    statement: &Statement<'_>,
    doubt: &IndexDoubt,
    doubtful: bool,
) -> Result<(), Report> {
    match doubt.work {
        IndexWork::Create => create(session, statement, doubt, doubtful),
        IndexWork::Drop if doubtful && doubt.name.is_some() && state(session, doubt)?.is_none() => Ok(()),
        IndexWork::Drop => session.run_alone(statement),
        IndexWork::Reindex => {
            drop_left_over(session, doubt)?;
            session.run_alone(statement)
        }
    }
}

fn create(
    session: &mut dyn Session,
    statement: &Statement<'_>,
    doubt: &IndexDoubt,
    doubtful: bool,
) -> Result<(), Report> {
    match state(session, doubt)? {
        Some(State { valid: true, .. }) if doubtful => return Ok(()),
        Some(index @ State { valid: false, .. }) => drop_invalid(session, &index)?,
        _ => {}
    }
    session.run_alone(statement)?;
    // `IF NOT EXISTS` is content with an index that is invalid.
    match state(session, doubt).map_err(Report::uncertain)? {
        Some(index) if !index.valid => {
            let message = format!("the index {} is invalid after it was built", index.name);
            Err(Report {
                hint: Some("drop it with `DROP INDEX CONCURRENTLY`, and run again"),
                ..Report::refused("", message)
            })
        }
        _ => Ok(()),
    }
}

/// An index as the catalogue has it.
struct State {
    /// With its schema, quoted.
    name: String,
    valid: bool,
}

/// Nothing where there is no such index, or the server makes up the name.
fn state(session: &mut dyn Session, doubt: &IndexDoubt) -> Result<Option<State>, Report> {
    let Some(name) = &doubt.name else { return Ok(None) };
    let name = literal::text(name, Dialect::Postgres);
    let schema = match &doubt.schema {
        Some(schema) => format!("n.nspname = {}", literal::text(schema, Dialect::Postgres)),
        None => "pg_catalog.pg_table_is_visible(c.oid)".to_owned(),
    };
    // An index of this name on another table is not ours.
    let of_table = |table: &String| format!(" AND t.relname = {}", literal::text(table, Dialect::Postgres));
    let table = doubt.table.as_ref().map(of_table).unwrap_or_default();
    let rows = session.query(&format!(
        "SELECT n.nspname, c.relname, i.indisvalid AND i.indisready FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
         JOIN pg_catalog.pg_class t ON t.oid = i.indrelid WHERE c.relname = {name} AND {schema}{table}"
    ))?;
    Ok(rows.into_iter().next().map(|row| {
        let mut fields = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || fields.next().unwrap_or_default();
        State { name: quoted(&next(), &next()), valid: next() == "t" }
    }))
}

fn drop_invalid(session: &mut dyn Session, index: &State) -> Result<(), Report> {
    log::warn!("the index {} is invalid, left by a run that was ended: it is dropped and built again", index.name);
    session.query(&format!("DROP INDEX CONCURRENTLY {}", index.name)).map(drop)
}

/// What a `REINDEX CONCURRENTLY` that was ended leaves beside the index that it was to replace.
fn drop_left_over(session: &mut dyn Session, doubt: &IndexDoubt) -> Result<(), Report> {
    let of = |name: &Option<String>, column: &str| {
        name.as_ref().map(|name| format!(" AND {column} = {}", literal::text(name, Dialect::Postgres)))
    };
    let Some(table) = of(&doubt.table, "t.relname").or_else(|| {
        let name = doubt.name.as_ref()?;
        let name = literal::text(name, Dialect::Postgres);
        Some(format!(
            " AND i.indrelid IN (SELECT o.indrelid FROM pg_catalog.pg_index o \
                      JOIN pg_catalog.pg_class oc ON oc.oid = o.indexrelid WHERE oc.relname = {name})"
        ))
    }) else {
        return Ok(());
    };
    let schema =
        doubt.schema.as_ref().map(|schema| format!(" AND n.nspname = {}", literal::text(schema, Dialect::Postgres)));
    let schema = schema.unwrap_or_else(|| " AND pg_catalog.pg_table_is_visible(t.oid)".to_owned());
    let rows = session.query(&format!(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'{table}{schema}"
    ))?;
    for row in rows {
        let mut fields = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || fields.next().unwrap_or_default();
        drop_invalid(session, &State { name: quoted(&next(), &next()), valid: false })?;
    }
    Ok(())
}

fn quoted(schema: &str, name: &str) -> String {
    format!("{}.{}", literal::name(schema, Dialect::Postgres), literal::name(name, Dialect::Postgres))
}
