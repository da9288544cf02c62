//! What runs now, for how long, and what it waits for. A thread tells it from time to time: who runs a statement is busy with that.

use std::io::IsTerminal as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Dialect;
use super::session::{Row, Session};

/// Between two lines in a log, and for somebody who looks on. What has run for half of that is worth one.
const IN_LOGS: Duration = Duration::from_secs(10);
const ON_TERMINAL: Duration = Duration::from_secs(2);

/// Says what the server tells about the session of this number; asked on another connection.
pub(crate) type Look<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// What runs now. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<Mutex<Option<(String, Instant)>>>);

impl Progress {
    pub(super) fn begin(&self, what: String) {
        self.set(Some((what, Instant::now())));
    }

    pub(super) fn end(&self) {
        self.set(None);
    }

    fn set(&self, running: Option<(String, Instant)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }

    fn running(&self) -> Option<(String, Instant)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does the work, and tells how it goes on. `number` is the server's own of the session, if that one does the work itself.
    pub(super) fn told<T>(&self, number: Option<&str>, look: Look<'_>, work: impl FnOnce() -> T) -> T {
        let interval = if std::io::stderr().is_terminal() { ON_TERMINAL } else { IN_LOGS };
        let (end, ended) = channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                while ended.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                    self.tell(interval, || number.and_then(look));
                }
            });
            let done = work();
            drop(end);
            done
        })
    }

    fn tell(&self, interval: Duration, look: impl FnOnce() -> Option<String>) {
        let Some((what, since)) = self.running().filter(|(_, since)| since.elapsed() >= interval / 2) else { return };
        let seen = look().map_or_else(String::new, |seen| format!(": {seen}"));
        // It may have ended while the server was asked.
        if self.running().is_some_and(|(_, now)| now == since) {
            log::info!("{what} has been running for {} s{seen}", since.elapsed().as_secs());
        }
    }
}

/// The number that the server has for the session.
pub(super) fn number(session: &mut dyn Session) -> Option<String> {
    let question = match session.dialect() {
        Dialect::Postgres => "SELECT pg_catalog.pg_backend_pid()",
        Dialect::Mysql => "SELECT connection_id()",
        Dialect::Sqlite => return None,
    };
    session.query(question).ok()?.into_iter().flatten().flatten().next()
}

/// What the server tells about a session at work: who it waits for, how far an index is. Nothing where that may not be seen.
pub(crate) fn activity(session: &mut dyn Session, number: &str) -> Option<String> {
    let questions: &[&str] = match session.dialect() {
        Dialect::Postgres => &[BLOCKERS, INDEX],
        Dialect::Mysql => &[STATE, STATE_WITHOUT_PROGRESS],
        Dialect::Sqlite => &[],
    };
    // A server that does not know a column, or a view, is one of the others.
    let answers = questions.iter().filter_map(|question| session.query(&question.replace("{number}", number)).ok());
    let told: Vec<String> = answers.filter_map(first).collect();
    match session.dialect() {
        Dialect::Mysql => told.into_iter().next(),
        _ => (!told.is_empty()).then(|| told.join("; ")),
    }
}

fn first(rows: Vec<Row>) -> Option<String> {
    rows.into_iter().flatten().flatten().next().filter(|told| !told.is_empty())
}

const BLOCKERS: &str = "SELECT 'it waits for ' || string_agg(format('process %s (`%s`%s)', pid, application_name, \
    ', ' || state || ' for ' || extract(epoch FROM clock_timestamp() - state_change)::bigint || ' s'), ', ' ORDER BY pid) \
    FROM pg_catalog.pg_stat_activity WHERE pid = ANY(pg_catalog.pg_blocking_pids({number}))";

/// The parts that are counted differ from phase to phase.
const INDEX: &str = "SELECT format('index `%s`: %s%s', coalesce(index_relid::regclass::text, relid::regclass::text), phase, \
    CASE WHEN blocks_total > 0 THEN format(', %s %% of the blocks', blocks_done * 100 / blocks_total) \
    WHEN tuples_total > 0 THEN format(', %s %% of the rows', tuples_done * 100 / tuples_total) \
    WHEN lockers_total > 0 THEN format(', %s of %s transactions waited for, now for process %s', \
    lockers_done, lockers_total, current_locker_pid) ELSE '' END) \
    FROM pg_catalog.pg_stat_progress_create_index WHERE pid = {number}";

const STATE: &str = "SELECT concat(lower(left(state, 1)), substr(state, 2), if(max_stage > 0, concat(', stage ', stage, ' of ', max_stage, \
    ', ', round(progress), ' %'), '')) FROM information_schema.processlist WHERE id = {number} AND state <> ''";

/// MySQL knows no progress.
const STATE_WITHOUT_PROGRESS: &str = "SELECT concat(lower(left(state, 1)), substr(state, 2)) FROM information_schema.processlist WHERE id = {number} AND state <> ''";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Progress;

    #[test]
    fn only_what_runs_for_long_is_asked_about() {
        let progress = Progress::default();
        let asked = |interval: Duration| {
            let mut asked = false;
            progress.tell(interval, || {
                asked = true;
                None
            });
            asked
        };
        assert!(!asked(Duration::ZERO));
        progress.begin("`/m/1_a.sql`".to_owned());
        assert!(asked(Duration::ZERO));
        assert!(!asked(Duration::from_hours(1)));
        progress.end();
        assert!(!asked(Duration::ZERO));
    }
}
