//! A database is ready when it takes a login and answers.

use std::time::{Duration, Instant};

use crate::action::{Context, database};
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::net::{Lack, is_name_told};
use crate::spec::DatabaseSpec;
use crate::sql::{Address, Dialect, Session, Stop};

/// PostgreSQL starts, ends or recovers: it is there, although it may be worth waiting for. Who may not use a socket knows nothing.
const NOT_GONE: [&str; 2] = ["(SQLSTATE 57P03)", "permission denied"];
/// A name about which the resolver had something to say.
const RESOLVED: [&str; 3] = ["name does not resolve", "name has no usable address", "no address"];
/// Passes between the beginning of a wait that is one look, and that of the look.
const BEGINNING: Duration = Duration::from_millis(100);
/// How long the resolver is asked whether it answers at all.
const RESOLVER: Duration = Duration::from_secs(1);

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
    let end = Instant::now() + limit;
    let stop = Stop::new(context.interrupt.clone(), Some(until.min(end)));
    let asked = database::open((spec, &address), &[], (crate::spec::Duration::from_seconds(1), stop), context);
    asked.and_then(ask).map_err(|failure| match failure.kind() {
        // A look that the end of the wait has cut short says nothing.
        Kind::Timeout
            if end <= until + BEGINNING && address.names().iter().all(|name| is_name_told(name, RESOLVER)) =>
        {
            Lack::silent(limit)
        }
        Kind::Timeout => Lack::unclear(Lack::silent(limit).cause),
        Kind::Unreachable if is_nothing_there(&failure) => Lack::gone(failure.to_string()),
        _ => told(failure),
    })
}

/// Whether that is said of each server.
fn is_nothing_there(failure: &Failure) -> bool {
    let is_known = |text: &str| !text.contains("cannot resolve") || RESOLVED.iter().any(|end| text.ends_with(end));
    let message = failure.to_string();
    let mut texts = failure.details().notes.iter().map(String::as_str).chain([message.as_str()]);
    texts.all(|text| is_known(text) && !NOT_GONE.iter().any(|end| text.ends_with(end)))
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
