//! Databases of steps: where they are, and a session with them.

use super::{Context, authorities};
use crate::document::Located;
use crate::failure::{Failure, Kind, Span};
use crate::input;
use crate::spec::{DatabaseSpec, Duration, SecretSource};
use crate::sql::{Address, Maker, Mysql, Postgres, Session, Sqlite, Stop, TlsFiles};

/// What ends the work of the step early.
pub(super) fn stop(context: &Context) -> Stop {
    Stop::new(context.interrupt.clone(), context.deadline)
}

/// A session with a server; a file is opened by whoever knows what is to become of it. `statements` are run at its start.
pub(super) fn connect(address: &Address, statements: &[String], stop: Stop) -> Result<Box<dyn Session>, Failure> {
    match address {
        Address::Postgres(address) => Ok(Box::new(Postgres::connect(address, statements, stop)?)),
        Address::Mysql(address) => Ok(Box::new(Mysql::connect(address, statements, stop)?)),
        Address::Sqlite(_) => Err(Failure::new(Kind::Internal, "cannot connect to a file")),
    }
}

/// A session with a server or a file, which must be there: `migrate` is the step that makes one. `statements` are run at its
/// start.
pub(super) fn open(
    (database, address): (&Located<DatabaseSpec>, &Address),
    statements: &[String],
    (lock_wait, stop): (Duration, Stop),
    context: &Context,
) -> Result<Box<dyn Session>, Failure> {
    let Address::Sqlite(path) = address else { return connect(address, statements, stop) };
    let held = context.root.hold_file(path);
    let held = held.map_err(|error| error.cannot("open the database", path.display()).at(database.span))?;
    let file = held.ok_or_else(|| {
        let message = format!("cannot open the database `{}`: there is no such file", path.display());
        Failure::new(Kind::Database, message).at(database.span).hint("a `migrate` step makes it")
    })?;
    Ok(Box::new(Sqlite::open(file.into(), statements, (lock_wait.get(), stop))?))
}

/// Where the database is. Called for each connection: files with passwords, tokens and certificates change. The scrubber knows
/// every secret before anything can fail with it.
pub(super) fn address(database: &DatabaseSpec, span: Span, context: &Context) -> Result<Address, Failure> {
    let tls = |files: &TlsFiles| authorities::database_tls(files, context);
    let maker = Maker { kind: Kind::Plan, scrubber: &context.scrubber, root: &context.root, tls: &tls };
    match database {
        DatabaseSpec::Sqlite(path) => Ok(Address::Sqlite(path.as_path().to_owned())),
        DatabaseSpec::Url(url) => Address::parse(url, maker).map_err(|failure| failure.at(span)),
        DatabaseSpec::Secret(source) => {
            let url = input::read_secret(source, context.stores())?;
            let maker = Maker { kind: Kind::Input, ..maker };
            Address::parse(url.value.expose(), maker).map_err(|failure| failure.at(url.span))
        }
        DatabaseSpec::Server(server) => {
            // A server that asks for none, so far as the plan says that there may be none.
            let is_missing =
                |source: &SecretSource| source.from_env.as_ref().is_some_and(|name| context.data.lacks(name));
            let source = server.password.as_ref().filter(|source| !is_missing(source));
            let password = source.map(|source| input::read_secret(source, context.stores()));
            let password = password.transpose()?.map(|password| password.value);
            Address::of_server(server, password, maker).map_err(|failure| failure.at(span))
        }
    }
}
