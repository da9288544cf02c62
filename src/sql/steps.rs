//! A migration that cannot be one transaction: step by step, with a journal from which a later run goes on.
//!
//! Consecutive statements that can share a transaction are one step of it, with their entry in the journal. A statement that must be
//! alone has its entry written before it, so that after a kill only that one is in doubt.

use std::ops::Range;

use super::Dialect;
use super::doubt;
use super::history::History;
use super::journal::{Entry, Journal, Marks};
use super::lexer::{Doubt, Statement};
use super::migrate::Run;
use super::migration::Migration;
use super::report::Report;
use super::session::{Batch, Session, Transacted, held};
use super::stop::Hold;
use super::unit::patiently;
use crate::failure::{Failure, Kind};

const LEFT: &str = "what was done before this statement stays, and the next run goes on with it";

/// Consecutive statements that are run together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) statements: Range<usize>,
    /// What a kill leaves open, of a statement that must be alone.
    pub(super) alone: Option<Doubt>,
}

/// The steps of a migration, of which one begins with the statement `begun`. `apart`: each statement is one.
pub(super) fn steps(statements: &[Statement<'_>], dialect: Dialect, (apart, begun): (bool, usize)) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let alone = statement.alone(dialect, apart);
        match steps.last_mut() {
            Some(last) if last.alone.is_none() && alone.is_none() && !apart && index != begun => {
                last.statements.end = index + 1;
            }
            _ => steps.push(Step { statements: index..index + 1, alone }),
        }
    }
    steps
}

/// What every step needs.
struct Stepwise<'a> {
    history: &'a History,
    journal: Journal,
    migration: &'a Migration,
    /// The journal held something of it under the lock.
    begun: bool,
    statements: Vec<Statement<'a>>,
    marks: Marks,
    run: &'a Run<'a>,
}

/// Fails when what an earlier run has done is no longer what the file says.
pub(super) fn check_before(migration: &Migration, now: &Entry, left: &Entry) -> Result<(), Failure> {
    if now.before == left.before && !now.before.is_empty() {
        return Ok(());
    }
    let message =
        format!("cannot go on with `{}`: it was changed before its statement {}", migration.path(), left.step + 1);
    Err(Failure::new(Kind::Drift, message)
        .note("an earlier run has done the statements before that one, and stopped there")
        .hint("restore that part of the file, and change only what comes after"))
}

/// Applies a migration and records it. `false`: it turned out to be applied already.
pub(super) fn apply(
    session: &mut dyn Session,
    history: &History,
    (migration, begun): (&Migration, bool),
    run: &Run<'_>,
) -> Result<bool, Failure> {
    session.begin_unit().map_err(|report| report.applying(migration, LEFT))?;
    let dialect = session.dialect();
    let statements = migration.statements(dialect);
    let (journal, marks) = (Journal::new(history, dialect), Marks::new(&statements));
    Stepwise { history, journal, migration, begun, statements, marks, run }.apply(session)
}

impl Stepwise<'_> {
    fn apply(&self, session: &mut dyn Session) -> Result<bool, Failure> {
        while self.go_on(session)? == Transacted::Guarded {
            // Another runner works on it too, which only SQLite lets it: what is left is in its journal, if anything is.
            let asking = |report: Report| report.asking("read the history");
            if !session.query(&self.history.is_applied(self.migration)).map_err(asking)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// From where the journal says to the end, or to where another runner is further.
    fn go_on(&self, session: &mut dyn Session) -> Result<Transacted, Failure> {
        let asking = |report: Report| report.asking("keep the journal of the migrations");
        // Nothing keeps another runner out of an SQLite file.
        let is_worth_a_look = self.begun || session.dialect() == Dialect::Sqlite;
        let entry = if is_worth_a_look { self.journal.read(session, self.migration).map_err(asking)? } else { None };
        let begun = entry.as_ref().map_or(Ok(0), |entry| self.check(entry))?;
        if begun > 0 {
            log::info!("`{}` goes on with its statement {}", self.migration.path(), begun + 1);
        }
        if begun == self.statements.len() {
            let record = self.done(session);
            return self.transact(session, begun, (&[], &record)).map_err(asking);
        }
        let in_doubt = entry.is_some_and(|entry| entry.running);
        let apart = self.migration.directives.no_transaction;
        let steps = steps(&self.statements, session.dialect(), (apart, begun));
        for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.statements.start >= begun) {
            session.pause(std::time::Duration::ZERO)?;
            let last = index + 1 == steps.len();
            let doubtful = in_doubt && step.statements.start == begun;
            let (number, path) = (step.statements.start + 1, self.migration.path());
            self.run.progress.begin(format!("statement {number} of `{path}`"));
            self.restore_settings(session, step)?;
            let result = match &step.alone {
                None if doubtful => return Err(self.unknown(step)),
                None => self.together(session, step, last)?,
                Some(doubt) => self.alone(session, step, (doubt, doubtful), last)?,
            };
            if result == Transacted::Guarded {
                return Ok(result);
            }
        }
        Ok(Transacted::Committed)
    }

    /// The statement to go on with, if what was done before is still what the file says.
    fn check(&self, entry: &Entry) -> Result<usize, Failure> {
        let now = self.marks.entry(&self.statements, entry.step, entry.running);
        check_before(self.migration, &now, entry)?;
        if entry.running && now.statement != entry.statement {
            let path = self.migration.path();
            let message =
                format!("cannot go on with `{path}`: its statement {} was changed after it was begun", entry.step + 1);
            return Err(Failure::new(Kind::InDoubt, message)
                .note("whether the statement that stood there before came to its end is not known")
                .hint(doubt::resolve(self.migration)));
        }
        Ok(entry.step)
    }

    /// What the file has set before holds for all of it: a session that goes on after a kill is a new one, and in PostgreSQL a
    /// setting ends with its step.
    fn restore_settings(&self, session: &mut dyn Session, step: &Step) -> Result<(), Failure> {
        let before = self.statements.get(..step.statements.start).unwrap_or_default();
        let dialect = session.dialect();
        for statement in before.iter().filter(|statement| doubt::is_setting(statement, dialect)) {
            session.query(statement.sql()).map_err(|report| report.applying(self.migration, LEFT))?;
        }
        Ok(())
    }

    fn unknown(&self, step: &Step) -> Failure {
        match self.statements.get(step.statements.start) {
            Some(statement) => doubt::unknown(self.migration, statement),
            None => Failure::new(Kind::Internal, "a step without statements"),
        }
    }

    /// Statements that share a transaction, with what is to be remembered of them.
    fn together(&self, session: &mut dyn Session, step: &Step, last: bool) -> Result<Transacted, Failure> {
        let statements = self.statements.get(step.statements.clone()).unwrap_or_default();
        patiently(session, self.migration.path(), |session| {
            let record = self.record(step, last, session);
            self.transact(session, step.statements.start, (statements, &record))
        })
        .map_err(|report| report.applying(self.migration, LEFT))
    }

    fn alone(
        &self,
        session: &mut dyn Session,
        step: &Step,
        (doubt, doubtful): (&Doubt, bool),
        last: bool,
    ) -> Result<Transacted, Failure> {
        let number = step.statements.start;
        let Some(statement) = self.statements.get(number) else { return Ok(Transacted::Committed) };
        let written = |session: &mut dyn Session, running| {
            let record = self.journal.write(self.migration, &self.marks.entry(&self.statements, number, running));
            self.transact(session, number, (&[], &record))
        };
        let applying =
            |report: Report| report.at(statement.head().map(|head| head.start)).applying(self.migration, LEFT);
        // Once this is written the statement is in doubt, until what became of it is written too.
        if held(session, Hold::Record, |session| written(session, true)).map_err(applying)? == Transacted::Guarded {
            return Ok(Transacted::Guarded);
        }
        let work = |session: &mut dyn Session| {
            session.pause(std::time::Duration::ZERO).map_err(Report::cancelled)?;
            held(session, Hold::Statement, |session| {
                session.limit_lock_wait(doubt::lock_timeout(doubt, self.lock_timeout()))?;
                doubt::settle(session, statement, doubt, doubtful)
            })
        };
        match patiently(session, self.migration.path(), work) {
            Ok(doubt::Settled::Done) => {}
            Ok(doubt::Settled::Unknown) => return Err(doubt::unknown(self.migration, statement)),
            Err(report) => {
                // The server said no to the first try, so it is certain that the statement is not done. What an earlier run did stays
                // in doubt, and so does a routine that commits on its way.
                if report.is_certain() && !doubtful && !doubt::may_be_partial(statement) {
                    held(session, Hold::Record, |session| written(session, false)).map_err(applying)?;
                }
                return Err(applying(report));
            }
        }
        let record = self.record(step, last, session);
        held(session, Hold::Record, |session| self.transact(session, number, (&[], &record))).map_err(applying)
    }

    /// Statements of the file from this one on, and of ours. No lock keeps a second runner out of an SQLite file for longer than a
    /// transaction, so there each one looks whether the other is further.
    fn transact(
        &self,
        session: &mut dyn Session,
        number: usize,
        (statements, record): (&[Statement<'_>], &[String]),
    ) -> Result<Transacted, Report> {
        let applied = self.history.is_applied(self.migration);
        let guard = format!("{applied} UNION ALL {}", self.journal.is_past(self.migration, number));
        session.transact(&Batch {
            guard: (session.dialect() == Dialect::Sqlite).then_some(&guard),
            statements,
            record,
            lock_timeout: self.lock_timeout(),
        })
    }

    /// What is written when a step is done: the next one, or that there is none.
    fn record(&self, step: &Step, last: bool, session: &dyn Session) -> Vec<String> {
        if last {
            return self.done(session);
        }
        self.journal.write(self.migration, &self.marks.entry(&self.statements, step.statements.end, false))
    }

    /// What is written when all is done.
    fn done(&self, session: &dyn Session) -> Vec<String> {
        let mut record = self.history.insert(self.migration, &session.elapsed());
        record.extend(self.journal.remove(self.migration));
        record
    }

    fn lock_timeout(&self) -> std::time::Duration {
        self.migration.directives.lock_timeout.unwrap_or(self.run.lock_timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dialect::{Mysql, Postgres};
    use super::super::lexer::statements;
    use super::steps;

    #[test]
    fn what_can_share_a_transaction_does() {
        for (dialect, text, apart, wanted) in [
            (Postgres, "select 1; select 2;", false, vec![(0, 2, false)]),
            (Postgres, "select 1; select 2;", true, vec![(0, 1, false), (1, 2, false)]),
            (Postgres, "call p(); alter type t add value 'a'", true, vec![(0, 1, true), (1, 2, true)]),
            (Postgres, "call p(); alter type t add value 'a'", false, vec![(0, 2, false)]),
            (
                Postgres,
                "create table a(); create index concurrently i on a(x); vacuum; select 1; select 2",
                false,
                vec![(0, 1, false), (1, 2, true), (2, 3, true), (3, 5, false)],
            ),
            (Mysql, "create table a(x int); insert into a values (1);", false, vec![(0, 1, true), (1, 2, false)]),
        ] {
            let statements = statements(text, dialect).unwrap();
            let found: Vec<_> = steps(&statements, dialect, (apart, 0))
                .into_iter()
                .map(|step| (step.statements.start, step.statements.end, step.alone.is_some()))
                .collect();
            assert_eq!(found, wanted, "{text}");
        }
    }
}
