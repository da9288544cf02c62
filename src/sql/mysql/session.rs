//! One session: statements in, rows as text out, a lock, and an end when a signal asks for it.

use std::pin::pin;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::answer::{Answers, Rows};
use super::batch::messages;
use super::cancel::cancel;
use super::connection::{Connection, Several};
use super::failure::connecting;
use super::report::report;
use super::state;
use super::transaction::{self, Parts, place, text_of};
use super::trouble::{Answered, Trouble};
use crate::failure::{Failure, Kind};
use crate::sql::Dialect;
use crate::sql::address::MysqlAddress;
use crate::sql::lexer::Statement;
use crate::sql::literal;
use crate::sql::race::{Raced, race};
use crate::sql::report::Report;
use crate::sql::session::{Batch, Lock, LockName, Row, Session, Transacted};
use crate::sql::stop::{Hold, Stop};

const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Statements are put together up to this length; more would only cost memory.
const LONGEST_BATCH: usize = 4 * 1024 * 1024;
const TOO_LONG: u16 = 1153;

/// A session with a server. Dropping it ends the connection, and with it transaction and lock.
pub(crate) struct Mysql {
    /// Nothing when it is not known what would come next on it.
    connection: Option<Connection>,
    runtime: Runtime,
    address: MysqlAddress,
    stop: Stop,
    /// What the server calls this session.
    number: u64,
    /// The longest message that the server takes.
    longest: usize,
    /// Something of a file was run.
    used: bool,
    /// What it has set is to be set back before the next thing of a file.
    restores: bool,
    /// How long statements wait for a lock, while that is known.
    limit: Option<Duration>,
}

/// What ended a command early.
enum Ended {
    Stopped(Failure),
    /// The same, and the server has said that it did nothing.
    Cancelled(Failure),
    Failed(Trouble),
}

impl From<Ended> for Report {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Stopped(failure) => Self::stopped(failure),
            Ended::Cancelled(failure) => Self::cancelled(failure),
            Ended::Failed(trouble) => report(&trouble),
        }
    }
}

impl Ended {
    /// With the place in the file.
    fn in_statement(self, statement: &Statement<'_>) -> Report {
        let place = match &self {
            Self::Failed(Trouble::Refused(answered)) => place(answered, statement),
            _ => None,
        };
        Report::from(self).at(place)
    }
}

impl Mysql {
    /// `statements` are run at the start of the session.
    pub(crate) fn connect(address: &MysqlAddress, statements: &[String], stop: Stop) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
            Failure::new(Kind::Internal, format!("cannot start the runtime for the network: {error}"))
        })?;
        stop.check()?;
        let opened = runtime.block_on(async {
            match race(pin!(Connection::open(address)), stop.wait()).await {
                Raced::First(opened) => opened.map_err(|trouble| connecting(&trouble, address)),
                Raced::Second(failure) => Err(failure),
            }
        });
        let connection = match opened {
            Ok(connection) => Some(connection),
            Err(failure) => {
                // A name that is still being looked up is not waited for.
                runtime.shutdown_background();
                return Err(failure);
            }
        };
        let (number, longest, used, restores) = (0, state::SHORTEST_LIMIT, false, false);
        let (address, limit) = (address.clone(), None);
        let mut session = Self { connection, runtime, address, stop, number, longest, used, restores, limit };
        session.begin(statements)?;
        Ok(session)
    }

    fn begin(&mut self, statements: &[String]) -> Result<(), Failure> {
        let rows = self.query(state::PROLOGUE).map_err(|report| report.asking("begin the session"))?;
        let facts = state::Facts::read(&rows).ok_or_else(|| {
            let label = &self.address.label;
            Failure::new(
                Kind::Database,
                format!("cannot begin the session with database {label}: the server does not say what it is"),
            )
        })?;
        if facts.reads_backslashes_as_text {
            log::warn!("the server's `sql_mode` holds NO_BACKSLASH_ESCAPES: files are read as if it did not");
        }
        (self.number, self.longest) = (facts.number, facts.longest);
        for statement in statements {
            let cannot = |report: Report| report.asking(&format!("run `{statement}` at the start of the session"));
            self.query(statement).map_err(cannot)?;
        }
        self.query(state::SAVE).map(drop).map_err(|report| report.asking("begin the session"))
    }

    fn ask(&mut self, sql: &str, several: Several) -> Result<Vec<Row>, Ended> {
        let mut answers = Answers::default();
        self.exchange(sql, several, Rows::Kept, &mut answers)?;
        Ok(answers.rows)
    }

    /// One message, and what is answered to it.
    fn exchange(&mut self, sql: &str, several: Several, rows: Rows, answers: &mut Answers) -> Result<(), Ended> {
        self.stop.check().map_err(Ended::Cancelled)?;
        if sql.len() >= self.longest {
            let message =
                format!("a statement has {} bytes, and the server takes less than {}", sql.len(), self.longest);
            return Err(Ended::Failed(Trouble::Refused(Answered { number: TOO_LONG, message })));
        }
        let mut connection = self
            .connection
            .take()
            .ok_or_else(|| Ended::Failed(Trouble::Broken(std::io::ErrorKind::NotConnected.into())))?;
        let ended = self.runtime.block_on(async {
            let mut work = pin!(connection.send(sql, several, rows, answers));
            match race(work.as_mut(), self.stop.wait()).await {
                Raced::First(result) => result.map_err(Ended::Failed),
                Raced::Second(failure) => match cancel(&self.address, self.number, work).await {
                    // It came to its end before.
                    Some(Ok(())) => Ok(()),
                    Some(Err(Trouble::Refused(_))) => Err(Ended::Cancelled(failure)),
                    Some(Err(_)) | None => Err(Ended::Stopped(failure)),
                },
            }
        });
        // Only after a whole answer it is known what comes next.
        if matches!(ended, Ok(()) | Err(Ended::Cancelled(_) | Ended::Failed(Trouble::Refused(_)))) {
            self.connection = Some(connection);
        }
        ended
    }

    /// What is known about the session that holds the lock.
    fn holder(&mut self, name: &str) -> Result<String, Report> {
        let rows = self.query(&format!("SELECT IS_USED_LOCK({})", literal::text(name, Dialect::Mysql)))?;
        let Some(number) = field(&rows, 0).and_then(|number| number.parse::<u64>().ok()) else {
            return Ok("another session".to_owned());
        };
        // Without the right to see other users' sessions there is no such row.
        let rows = self.query(&format!(
            "SELECT user, host, command, time FROM information_schema.processlist WHERE id = {number}"
        ))?;
        let Some([Some(user), Some(host), Some(command), Some(seconds)]) = rows.first().map(Vec::as_slice) else {
            return Ok(format!("connection {number}"));
        };
        let command = command.to_lowercase();
        Ok(format!("connection {number} (`{user}` from {host}, {command} for {seconds} s)"))
    }
}

impl Session for Mysql {
    fn dialect(&self) -> Dialect {
        Dialect::Mysql
    }

    fn is_clustered(&mut self) -> Result<bool, Report> {
        self.query(state::CLUSTER).map(|rows| state::is_clustered(&rows))
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, Report> {
        // To tell the server costs a round trip.
        let several = if sql.contains(';') { Several::Yes } else { Several::Whichever };
        self.ask(sql, several).map_err(Report::from)
    }

    fn elapsed(&self) -> String {
        state::ELAPSED.to_owned()
    }

    fn transact(&mut self, batch: &Batch<'_>) -> Result<Transacted, Report> {
        let transacted = self.try_transact(batch);
        if transacted.as_ref().is_err_and(Report::is_refusal)
            && let Err(lost) = self.query(&transaction::roll_back())
            && lost.is_lost()
        {
            return Err(lost);
        }
        transacted
    }

    fn run_alone(&mut self, statement: &Statement<'_>) -> Result<(), Report> {
        let Some(text) = text_of(statement) else { return Ok(()) };
        if self.restores {
            self.query(state::RESTORE)?;
        }
        (self.used, self.restores) = (true, false);
        self.forget_limit(text);
        let ran = self.exchange(text, Several::No, Rows::Dropped, &mut Answers::default());
        ran.map_err(|ended| ended.in_statement(statement))
    }

    fn try_lock(&mut self, lock: &LockName) -> Result<Lock, Report> {
        let LockName::Text(name) = lock else { return Ok(Lock::Held) };
        let rows = self.query(&format!("SELECT GET_LOCK({}, 0)", literal::text(name, Dialect::Mysql)))?;
        match field(&rows, 0) {
            Some("1") => Ok(Lock::Held),
            Some("0") => self.holder(name).map(Lock::Busy),
            _ => Err(Report::refused("", "the server could not tell whether the lock is free")),
        }
    }

    fn begin_unit(&mut self) -> Result<(), Report> {
        self.restores = self.used;
        Ok(())
    }

    fn limit_lock_wait(&mut self, limit: Duration) -> Result<(), Report> {
        if self.limit != Some(limit) {
            self.query(&format!("SET {}", state::lock_wait(limit)))?;
            self.limit = Some(limit);
        }
        Ok(())
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
        let Self { connection, runtime, .. } = *self;
        if let Some(connection) = connection {
            // Everything is committed, so there is nothing to report if the goodbye fails.
            let _ = runtime.block_on(async { timeout(CLOSE_TIMEOUT, connection.quit()).await });
        }
        Ok(())
    }
}

impl Mysql {
    /// A statement may set the limit itself, and nobody sees what a routine does.
    fn forget_limit(&mut self, text: &str) {
        let text = text.to_ascii_lowercase();
        if ["wait_timeout", "call", "execute"].iter().any(|word| text.contains(word)) {
            self.limit = None;
        }
    }

    fn try_transact(&mut self, batch: &Batch<'_>) -> Result<Transacted, Report> {
        if let Some(guard) = transaction::guarded(batch)
            && !self.query(&guard)?.is_empty()
        {
            return self.query(&transaction::roll_back()).map(|_| Transacted::Guarded);
        }
        for text in batch.statements.iter().filter_map(text_of) {
            self.forget_limit(text);
        }
        let parts = Parts::new(batch, self.restores);
        (self.used, self.restores) = (true, false);
        for message in messages(parts.texts(), self.longest.min(LONGEST_BATCH)) {
            let mut answers = Answers::default();
            self.exchange(&message.sql, Several::Yes, Rows::Dropped, &mut answers).map_err(|ended| {
                match parts.statement(message.first + answers.completed) {
                    Some(statement) => ended.in_statement(statement),
                    None => Report::from(ended),
                }
            })?;
        }
        Ok(Transacted::Committed)
    }
}

fn field(rows: &[Row], index: usize) -> Option<&str> {
    rows.first()?.get(index)?.as_deref()
}
