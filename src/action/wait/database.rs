//! A database is ready when it takes a login and answers.

use std::time::{Duration, Instant};

use crate::action::{Context, database};
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::net::Lack;
use crate::spec::DatabaseSpec;
use crate::sql::{Address, Dialect, Session, Stop};

/// PostgreSQL starts, ends or recovers: it is there, although it may be worth waiting for.
const CANNOT_CONNECT_NOW: &str = "(SQLSTATE 57P03)";

/// Looks once. The address is made anew each time: passwords and certificates change.
pub(super) fn look(
    spec: &Located<DatabaseSpec>,
    (limit, until): (Duration, Instant),
    context: &Context,
) -> Result<(), Lack> {
    let told = |failure: Failure| Lack::unclear(failure.to_string());
    let address = database::address(&spec.value, spec.span, context).map_err(told)?;
    if let Address::Sqlite(path) = &address
        && matches!(context.root.metadata_followed(path), Ok(None))
    {
        return Err(Lack::gone("no such file"));
    }
    let stop = Stop::new(context.interrupt.clone(), Some(until.min(Instant::now() + limit)));
    let asked = database::open((spec, &address), &[], (crate::spec::Duration::from_seconds(1), stop), context);
    asked.and_then(ask).map_err(|failure| match failure.kind() {
        Kind::Timeout => Lack::gone(format!("no answer within {limit:?}")),
        Kind::Unreachable if !failure.to_string().ends_with(CANNOT_CONNECT_NOW) => Lack::gone(failure.to_string()),
        _ => told(failure),
    })
}

/// Of a file SQLite reads nothing before it has to.
fn ask(mut session: Box<dyn Session>) -> Result<(), Failure> {
    let question = match session.dialect() {
        Dialect::Sqlite => "SELECT count(*) FROM sqlite_master",
        Dialect::Postgres | Dialect::Mysql => "SELECT 1",
    };
    session.query(question).map_err(|report| report.asking("ask the database"))?;
    session.close()
}
