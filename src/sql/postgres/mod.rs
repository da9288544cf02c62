//! PostgreSQL: one session, which holds the lock, reads the history and applies the migrations.

mod connect;
mod failure;
mod login;
mod message;
mod trouble;
mod watched;
mod words;

use std::pin::pin;
use std::time::Duration;

use futures_core::Stream as _;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::Dialect;
use super::address::PostgresAddress;
use super::dial::Patience;
use super::lexer::Statement;
use super::pooled;
use super::race::{Raced, race};
use super::report::Report;
use super::session::{Batch, Lock, LockName, Row, Session, Transacted};
use super::stop::{Hold, Stop};
use crate::failure::{Failure, Kind};
use connect::connect;
use failure::report;
use login::{Canceller, Connected};
use message::{Message, Part};

/// How long a signal waits for the server to take the cancellation, and then for the statement to end.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(5);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// A backslash in a string is one: files are scanned with that rule, and the server's default is the same.
const PROLOGUE: &str = "SET standard_conforming_strings = on;";

/// The same where the session of the server is shared: what is set may not outlive the transaction.
const LOCAL_PROLOGUE: &str = "SET LOCAL standard_conforming_strings = on;";

/// So that the server notices a dead client, and gives the lock free, in seconds and not in hours. Settings that a server
/// does not have are left out. The answer is what sets the others again, which costs less than to look for them.
const NOTICE_DEAD_CLIENT: &str = "SELECT format('SET %s = %L; ', name, set_config(name, wanted, false)) \
    FROM pg_catalog.pg_settings JOIN (VALUES \
    ('client_connection_check_interval', '2s'), ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), \
    ('tcp_keepalives_count', '3')) AS settings(setting_name, wanted) ON name = setting_name ORDER BY name;";

/// A migration may leave another role or search path behind, as the output of `pg_dump` does.
const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;";

/// A session with a PostgreSQL server. Dropping it ends the connection, and with it transaction and lock.
#[derive(Debug)]
pub(crate) struct Postgres {
    client: Client,
    connection: JoinHandle<Result<(), Error>>,
    canceller: Canceller,
    patience: Option<Patience>,
    /// Another process serves us than the one that took the connection: a pooler is in between.
    pooled: bool,
    runtime: Runtime,
    stop: Stop,
    /// What the session is to be like before each unit.
    prologue: String,
}

/// What ended a query early.
enum Broken {
    Stopped(Failure),
    /// The same, and the server has said that it did nothing.
    Cancelled(Failure),
    /// With the number of statements that were completed before.
    Failed(Error, usize),
}

impl From<Broken> for Report {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Stopped(failure) => Self::stopped(failure),
            Broken::Cancelled(failure) => Self::cancelled(failure),
            Broken::Failed(error, _) => report(&error),
        }
    }
}

impl Postgres {
    /// `statements` are run at the start of the session, and after everything that may have undone what they do.
    pub(crate) fn connect(address: &PostgresAddress, statements: &[String], stop: Stop) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
            Failure::new(Kind::Internal, format!("cannot start the runtime for the network: {error}"))
        })?;
        let connected = runtime.block_on(connect(address, &stop));
        let Connected { client, task: connection, process_id, canceller, patience } = match connected {
            Ok(connected) => connected,
            Err(failure) => {
                // A name that is still being looked up is not waited for.
                runtime.shutdown_background();
                return Err(failure);
            }
        };
        let prologue = PROLOGUE.to_owned();
        let mut session = Self { client, connection, canceller, patience, pooled: false, runtime, stop, prologue };
        let question = format!("{PROLOGUE} SELECT pg_catalog.pg_backend_pid()");
        let rows = session.query(&question).map_err(|report| report.asking("begin the session"))?;
        let serving = rows.first().and_then(|row| row.first()?.as_ref()?.parse().ok());
        session.pooled = process_id != serving;
        if session.pooled {
            let named = process_id.map_or("none".to_owned(), |process| process.to_string());
            log::debug!("a pooler is in front of database {}: process {named} was named", address.label);
            LOCAL_PROLOGUE.clone_into(&mut session.prologue);
            return if statements.is_empty() { Ok(session) } else { Err(pooled::cannot_keep_settings()) };
        }
        // Some platforms have a setting and refuse the value: then the server's own care has to do.
        match session.query(NOTICE_DEAD_CLIENT) {
            Ok(rows) => session.prologue.extend(rows.into_iter().flatten().flatten()),
            Err(report) => log::debug!("cannot set keepalives on the server: {}", report.message),
        }
        for statement in statements {
            let cannot = |report: Report| report.asking(&format!("run `{statement}` at the start of the session"));
            session.query(statement).map_err(cannot)?;
            session.prologue.push_str(statement);
            session.prologue.push_str("\n;");
        }
        Ok(session)
    }

    fn send(&self, sql: &str) -> Result<Vec<Row>, Broken> {
        self.unless_stopped(self.exchange(sql))
    }

    /// Waits for the server, unless the run has to stop: then the statement is cancelled.
    fn unless_stopped<T>(&self, work: impl Future<Output = Result<T, (Error, usize)>>) -> Result<T, Broken> {
        self.stop.check().map_err(Broken::Cancelled)?;
        self.runtime.block_on(async {
            let mut work = pin!(work);
            match race(work.as_mut(), self.stop.wait()).await {
                Raced::First(result) => result.map_err(|(error, completed)| Broken::Failed(error, completed)),
                Raced::Second(failure) => {
                    // Without the cancellation the server would go on: it does not look at a connection it has work for.
                    let _ = timeout(CANCEL_TIMEOUT, self.canceller.cancel()).await;
                    // It may have come to its end before the cancellation came.
                    match timeout(ROLLBACK_TIMEOUT, work).await {
                        Ok(Ok(done)) => Ok(done),
                        Ok(Err((error, _))) if report(&error).is_refusal() => Err(Broken::Cancelled(failure)),
                        Ok(Err(_)) => Err(Broken::Stopped(failure)),
                        Err(_) => {
                            log::warn!("the database did not end the cancelled statement in time");
                            Err(Broken::Stopped(failure))
                        }
                    }
                }
            }
        })
    }

    /// `COPY … FROM stdin` and its lines. The server may read no further for as long as it waits for a lock.
    fn copy(&self, statement: &Statement<'_>) -> Result<(), Broken> {
        let data = statement.copy_data().unwrap_or_default();
        let copy = || {
            self.unless_stopped(async {
                let sent = message::copy(&self.client, statement.sql(), data).await;
                sent.map_err(|error| (error, 0))
            })
        };
        match &self.patience {
            Some(patience) => patience.endless(copy),
            None => copy(),
        }
    }

    /// Rolls back what a part of a batch was stopped in.
    fn give_up(&mut self, broken: Broken, part: &Part<'_>) -> Report {
        let report = match broken {
            Broken::Failed(error, completed) => report(&error).at(part.place(&error, completed)),
            // With the session its transaction ends.
            stopped => return stopped.into(),
        };
        if !report.is_lost()
            && let Err(lost) = self.query("ROLLBACK")
            && lost.is_lost()
        {
            return lost;
        }
        report
    }

    /// Begins a transaction and asks the guard in it. When that has a row, or fails, the transaction is over again.
    fn is_guarded(&mut self, guard: &str) -> Result<bool, Report> {
        // With one snapshot for all, the guard could not see what whoever held the lock before has committed.
        let asked = self.query(&format!("BEGIN ISOLATION LEVEL READ COMMITTED; {guard};"));
        if asked.as_ref().is_ok_and(Vec::is_empty) {
            return Ok(false);
        }
        if asked.as_ref().map_or_else(Report::is_refusal, |_| true) {
            self.query("ROLLBACK")?;
        }
        asked.map(|_| true)
    }

    /// Sends statements in one message, and counts those that are completed.
    async fn exchange(&self, sql: &str) -> Result<Vec<Row>, (Error, usize)> {
        let mut completed = 0;
        let mut rows = Vec::new();
        let mut messages = pin!(self.client.simple_query_raw(sql).await.map_err(|error| (error, 0))?);
        while let Some(message) = std::future::poll_fn(|context| messages.as_mut().poll_next(context)).await {
            match message.map_err(|error| (error, completed))? {
                SimpleQueryMessage::CommandComplete(_) => completed += 1,
                SimpleQueryMessage::Row(row) => {
                    rows.push((0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect());
                }
                _ => {}
            }
        }
        Ok(rows)
    }

    /// What is known about the session that holds the lock.
    fn holder(&mut self, key: i64) -> Result<String, Report> {
        let key = key.cast_unsigned();
        let (high, low) = (key >> 32, key & u64::from(u32::MAX));
        let rows = self.query(&format!(
            "SELECT pid, application_name, coalesce(host(client_addr), 'the same machine'), \
             state, extract(epoch FROM clock_timestamp() - state_change)::bigint \
             FROM pg_catalog.pg_locks JOIN pg_catalog.pg_stat_activity USING (pid) \
             WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = {high} AND objid = {low} \
             AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
        ))?;
        let Some(row) = rows.first() else { return Ok("another session".to_owned()) };
        Ok(match row.as_slice() {
            [Some(pid), Some(program), Some(host), Some(state), Some(age)] => {
                format!("process {pid} (`{program}` from {host}, {state} for {age} s)")
            }
            // Of another user's session.
            [Some(pid), Some(program), ..] => {
                format!("process {pid} (`{program}`; what it does only `pg_read_all_stats` may see)")
            }
            _ => "another session".to_owned(),
        })
    }
}

impl Session for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn is_pooled(&self) -> bool {
        self.pooled
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, Report> {
        self.send(sql).map_err(Report::from)
    }

    fn elapsed(&self) -> String {
        "(extract(epoch FROM clock_timestamp() - transaction_timestamp()) * 1000)::bigint".to_owned()
    }

    /// One message, so one round trip. The primary key of the history refuses a second runner that got past the lock.
    fn transact(&mut self, batch: &Batch<'_>) -> Result<Transacted, Report> {
        let mut before = format!("SET LOCAL lock_timeout = {};\n", batch.lock_timeout.as_millis());
        if self.pooled {
            before.insert_str(0, &self.prologue);
        }
        match batch.guard {
            Some(guard) if self.is_guarded(guard)? => return Ok(Transacted::Guarded),
            Some(_) => {}
            None => before.insert_str(0, "BEGIN; "),
        }
        // Without statements of a file there is nothing to undo.
        let (reset, prologue) = if batch.statements.is_empty() { ("", "") } else { (RESET, self.prologue.as_str()) };
        let after = format!("{reset} {prologue} {}; COMMIT", batch.record.join("; "));
        for part in message::parts(before, batch.statements, &after) {
            let sent = self.send(&part.message.text).map(drop);
            if let Err(broken) = sent.and_then(|()| part.copy.map_or(Ok(()), |statement| self.copy(statement))) {
                return Err(self.give_up(broken, &part));
            }
        }
        Ok(Transacted::Committed)
    }

    fn run_alone(&mut self, statement: &Statement<'_>) -> Result<(), Report> {
        let mut message = Message::new(String::new());
        message.push(statement);
        self.send(statement.sql()).map_err(|broken| match broken {
            Broken::Failed(error, completed) => report(&error).at(message.place(&error, completed)),
            stopped => stopped.into(),
        })?;
        // The statement is done, whatever becomes of this.
        self.stop.hold(Some(Hold::Record));
        self.query(&format!("{RESET} {}", self.prologue)).map(drop).map_err(Report::uncertain)
    }

    fn try_lock(&mut self, lock: &LockName) -> Result<Lock, Report> {
        let LockName::Number(key) = lock else { return Ok(Lock::Held) };
        let rows = self.query(&format!("SELECT pg_try_advisory_lock({key})"))?;
        if rows.first().and_then(|row| row.first()) == Some(&Some("t".to_owned())) {
            return Ok(Lock::Held);
        }
        self.holder(*key).map(Lock::Busy)
    }

    fn limit_lock_wait(&mut self, limit: Duration) -> Result<(), Report> {
        self.query(&format!("SET lock_timeout = {}", limit.as_millis())).map(drop)
    }

    fn hold(&mut self, hold: Option<Hold>) {
        self.stop.hold(hold);
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

    fn close(self: Box<Self>) -> Result<(), Failure> {
        let Self { client, connection, runtime, .. } = *self;
        drop(client);
        // Says goodbye; everything is committed, so there is nothing to report if that fails.
        let _ = runtime.block_on(async { timeout(CLOSE_TIMEOUT, connection).await });
        Ok(())
    }
}
