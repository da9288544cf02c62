//! PostgreSQL: one session, which holds the lock, reads the history and applies the migrations.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_core::Stream as _;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls, SimpleQueryMessage, SimpleQueryRow};

use super::address::{Encryption, Host, PostgresAddress};
use super::database::Database;
use super::history::Record;
use super::lock::{self, Lock};
use super::migration::Migration;
use super::postgres_failure::{applying, asking, connecting};
use super::stop::Stop;
use super::table::Table;
use crate::failure::{Failure, Kind};

/// How long a signal waits for the server to take the cancellation, and then for the statement to end.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(5);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

const BEGIN: &str = "BEGIN;\n";

/// A backslash in a string is one: files are scanned with that rule, and the server's default is the same.
const PROLOGUE: &str = "SET standard_conforming_strings = on;";

/// So that the server notices a dead client, and gives the lock free, in seconds and not in hours. Settings that a server
/// does not have are left out.
const NOTICE_DEAD_CLIENT: &str = "SELECT set_config(name, wanted, false) FROM pg_catalog.pg_settings JOIN (VALUES \
    ('client_connection_check_interval', '2s'), ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), \
    ('tcp_keepalives_count', '3')) AS settings(setting_name, wanted) ON name = setting_name;";

/// A migration may leave another role or search path behind, as the output of `pg_dump` does.
const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;";

/// A session with a PostgreSQL server. Dropping it ends the connection, and with it transaction and lock.
#[derive(Debug)]
pub(crate) struct Postgres {
    client: Client,
    connection: JoinHandle<Result<(), Error>>,
    runtime: Runtime,
    stop: Stop,
    /// The history table with its schema, quoted.
    table: String,
    lock_key: i64,
    prologue: String,
}

/// What ended a query early.
enum Ended {
    Stopped(Failure),
    /// With the number of statements that were completed before.
    Failed(Error, usize),
}

impl Postgres {
    pub(crate) fn connect(address: &PostgresAddress, table: &Table, stop: Stop) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
            Failure::new(Kind::Internal, format!("cannot start the runtime for the network: {error}"))
        })?;
        let connected = runtime.block_on(connect(address, &stop));
        let (client, connection) = match connected {
            Ok(connected) => connected,
            Err(failure) => {
                // A name that is still being looked up is not waited for.
                runtime.shutdown_background();
                return Err(failure);
            }
        };
        let (table_name, prologue) = (table.name.clone(), PROLOGUE.to_owned());
        let mut session = Self { client, connection, runtime, stop, table: table_name, lock_key: 0, prologue };
        let rows = session.ask(&format!("{PROLOGUE} SELECT current_schema()"), "ask the database for its schema")?;
        let current = rows.first().and_then(|row| row.get(0)).unwrap_or_default();
        let schema = table.schema.as_deref().unwrap_or(current);
        if schema.is_empty() {
            let message =
                format!("cannot find a schema for the table `{}`: none in the search path exists", table.name);
            return Err(Failure::new(Kind::Database, message).hint("name one: `table: schema.table`"));
        }
        session.lock_key = lock::key(schema, &table.name);
        session.table = table.quoted(schema);
        Ok(session)
    }

    /// The rows of a statement of ours.
    pub(super) fn ask(&self, sql: &str, verb: &str) -> Result<Vec<SimpleQueryRow>, Failure> {
        self.query(sql).map_err(|ended| match ended {
            Ended::Stopped(failure) => failure,
            Ended::Failed(error, _) => asking(&error, verb),
        })
    }

    fn query(&self, sql: &str) -> Result<Vec<SimpleQueryRow>, Ended> {
        self.runtime.block_on(async {
            let mut work = pin!(self.send(sql));
            match race(work.as_mut(), self.stop.wait()).await {
                Raced::First(result) => result.map_err(|(error, completed)| Ended::Failed(error, completed)),
                Raced::Second(failure) => {
                    // Without the cancellation the server would go on: it does not look at a connection it has work for.
                    let cancelled = timeout(CANCEL_TIMEOUT, self.client.cancel_token().cancel_query(NoTls)).await;
                    if matches!(cancelled, Ok(Ok(()))) && timeout(ROLLBACK_TIMEOUT, work).await.is_err() {
                        log::warn!("the database did not end the cancelled statement in time");
                    }
                    Err(Ended::Stopped(failure))
                }
            }
        })
    }

    /// Sends statements in one message, and counts those that are completed.
    async fn send(&self, sql: &str) -> Result<Vec<SimpleQueryRow>, (Error, usize)> {
        let mut completed = 0;
        let mut rows = Vec::new();
        let mut messages = pin!(self.client.simple_query_raw(sql).await.map_err(|error| (error, 0))?);
        while let Some(message) = std::future::poll_fn(|context| messages.as_mut().poll_next(context)).await {
            match message.map_err(|error| (error, completed))? {
                SimpleQueryMessage::CommandComplete(_) => completed += 1,
                SimpleQueryMessage::Row(row) => rows.push(row),
                _ => {}
            }
        }
        Ok(rows)
    }

    /// What is known about the session that holds the lock.
    fn holder(&self) -> Result<String, Failure> {
        let key = self.lock_key.cast_unsigned();
        let (high, low) = (key >> 32, key & u64::from(u32::MAX));
        let sql = format!(
            "SELECT pid, application_name, coalesce(host(client_addr), 'the same machine'), \
             coalesce(state, 'unknown'), coalesce(extract(epoch FROM now() - query_start)::bigint, 0) \
             FROM pg_catalog.pg_locks JOIN pg_catalog.pg_stat_activity USING (pid) \
             WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = {high} AND objid = {low} \
             AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
        );
        let rows = self.ask(&sql, "find out who holds the lock")?;
        let Some(row) = rows.first() else { return Ok("another session".to_owned()) };
        let field = |index| row.get(index).unwrap_or_default();
        let (pid, program, host, state, age) = (field(0), field(1), field(2), field(3), field(4));
        Ok(format!("process {pid} (`{program}` from {host}, {state} for {age} s)"))
    }

    fn insert(&self, migration: &Migration) -> String {
        format!(
            "INSERT INTO {} (version, name, checksum, applied_at, execution_milliseconds) \
             VALUES ('{}', '{}', '{}', clock_timestamp(), \
             (extract(epoch FROM clock_timestamp() - transaction_timestamp()) * 1000)::bigint);",
            self.table,
            migration.version,
            migration.name.replace('\'', "''"),
            migration.checksum
        )
    }
}

impl Database for Postgres {
    fn history(&mut self) -> Result<Option<Vec<Record>>, Failure> {
        let rows = match self.query(&format!("SELECT version, name, checksum FROM {}", self.table)) {
            Ok(rows) => rows,
            Err(Ended::Failed(error, _)) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(None),
            Err(Ended::Failed(error, _)) => return Err(asking(&error, &format!("read the history {}", self.table))),
            Err(Ended::Stopped(failure)) => return Err(failure),
        };
        let field = |row: &SimpleQueryRow, index| row.get(index).unwrap_or_default().to_owned();
        let records = rows.iter().map(|row| Record::parse(&field(row, 0), field(row, 1), field(row, 2)));
        records.collect::<Result<_, _>>().map(Some)
    }

    fn try_lock(&mut self) -> Result<Lock, Failure> {
        let rows = self.ask(&format!("SELECT pg_try_advisory_lock({})", self.lock_key), "ask for the lock")?;
        if rows.first().and_then(|row| row.get(0)) != Some("t") {
            return self.holder().map(Lock::Busy);
        }
        // Some platforms have a setting and refuse the value: then the server's own care has to do.
        match self.query(NOTICE_DEAD_CLIENT) {
            Ok(_) => self.prologue = format!("{PROLOGUE} {NOTICE_DEAD_CLIENT}"),
            Err(Ended::Failed(error, _)) => log::debug!("{}", asking(&error, "set keepalives on the server")),
            Err(Ended::Stopped(failure)) => return Err(failure),
        }
        Ok(Lock::Held)
    }

    fn create_history(&mut self) -> Result<(), Failure> {
        let sql = format!(
            "CREATE TABLE {} (version text PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, \
             applied_at timestamptz NOT NULL DEFAULT now(), execution_milliseconds bigint NOT NULL)",
            self.table
        );
        self.ask(&sql, &format!("make the history {}", self.table)).map(drop)
    }

    /// One message, so one round trip. The primary key of the history refuses a second runner that got past the lock,
    /// for instance behind a pooler that shares sessions.
    fn run(&mut self, migration: &Migration) -> Result<bool, Failure> {
        let (sql, insert) = (migration.sql(), self.insert(migration));
        // The line break ends a comment, the semicolon a statement, that the file ends in.
        let batch = format!("{BEGIN}{sql}\n;{RESET} {} {insert} COMMIT", self.prologue);
        match self.query(&batch) {
            Ok(_) => Ok(true),
            Err(Ended::Stopped(failure)) => Err(failure),
            Err(Ended::Failed(error, completed)) => Err(applying(&error, migration, completed, BEGIN.len())),
        }
    }

    fn pause(&mut self, duration: Duration) -> Result<(), Failure> {
        self.stop.check()?;
        if duration.is_zero() {
            return Ok(());
        }
        self.runtime.block_on(async {
            match race(pin!(tokio::time::sleep(duration)), self.stop.wait()).await {
                Raced::First(()) => Ok(()),
                Raced::Second(failure) => Err(failure),
            }
        })
    }

    fn close(self) -> Result<(), Failure> {
        drop(self.client);
        // Says goodbye; everything is committed, so there is nothing to report if that fails.
        let _ = self.runtime.block_on(async { timeout(CLOSE_TIMEOUT, self.connection).await });
        Ok(())
    }
}

async fn connect(address: &PostgresAddress, stop: &Stop) -> Result<(Client, JoinHandle<Result<(), Error>>), Failure> {
    if let Encryption::Required(_) = address.encryption {
        let message = format!("cannot connect to database {}: this version does not speak TLS to it", address.label);
        return Err(Failure::new(Kind::Database, message));
    }
    let config = config(address);
    match race(pin!(config.connect(NoTls)), stop.wait()).await {
        Raced::First(Ok((client, connection))) => Ok((client, tokio::spawn(connection))),
        Raced::First(Err(error)) => Err(connecting(&error, &address.label)),
        Raced::Second(failure) => Err(failure),
    }
}

fn config(address: &PostgresAddress) -> Config {
    let mut config = Config::new();
    config.user(&address.user).dbname(&address.name);
    config.application_name(address.application_name.as_deref().unwrap_or("fitout/migrate"));
    if let Some(password) = &address.password {
        config.password(password.expose());
    }
    if let Some(options) = &address.options {
        config.options(options);
    }
    if let Some(limit) = address.connect_timeout {
        config.connect_timeout(limit);
    }
    if let Some(keepalive) = address.keepalive {
        config.keepalives_idle(keepalive.idle);
    }
    for host in &address.hosts {
        match host {
            Host::Tcp { name, port, .. } => config.host(name).port(*port),
            Host::Unix(path) => {
                let port = path.extension().and_then(|port| port.to_str()?.parse().ok());
                config.host_path(path.parent().unwrap_or(path)).port(port.unwrap_or(5432))
            }
        };
    }
    config
}

enum Raced<A, B> {
    First(A),
    Second(B),
}

/// The result of whichever is done first. The first one can be waited for again.
async fn race<A: Future + Unpin, B: Future>(mut first: A, second: B) -> Raced<A::Output, B::Output> {
    let mut first = pin!(&mut first);
    let mut second = pin!(second);
    std::future::poll_fn(|context| {
        if let Poll::Ready(result) = first.as_mut().poll(context) {
            return Poll::Ready(Raced::First(result));
        }
        second.as_mut().poll(context).map(Raced::Second)
    })
    .await
}
