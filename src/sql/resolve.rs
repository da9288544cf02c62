//! What a person says of a migration that was left in doubt.

use std::str::FromStr;

use super::history::{History, Record};
use super::journal::{Journal, Marks};
use super::lock;
use super::migrate::Run;
use super::migration::Migration;
use super::pooled::HINT;
use super::report::Report;
use super::session::{Batch, Session, Transacted};
use super::version::Version;
use crate::failure::{Failure, Kind};

/// `VERSION=done` or `VERSION=retry`.
#[derive(Debug, Clone)]
pub(crate) struct Resolution {
    version: String,
    done: bool,
}

impl FromStr for Resolution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (version, verdict) = text.rsplit_once('=').unwrap_or((text, ""));
        let done = match verdict {
            "done" => true,
            "retry" => false,
            _ => return Err("say `VERSION=done` or `VERSION=retry`".to_owned()),
        };
        Ok(Self { version: version.to_owned(), done })
    }
}

/// What is to be written, and what that means for the next run.
struct Settlement {
    /// A query that has a row when another run has gone on meanwhile.
    guard: Option<String>,
    record: Vec<String>,
    meaning: String,
}

/// Writes down what the person says, so that the next run goes on, and tells what that means. Applies nothing.
pub(crate) fn resolve(
    session: Option<&mut dyn Session>,
    run: &Run<'_>,
    resolution: &Resolution,
) -> Result<String, Failure> {
    let migration = find(run.migrations, &resolution.version)?;
    let Some(session) = session else { return Err(nothing_in_doubt(migration)) };
    if session.is_pooled() {
        let message = "cannot resolve a migration through a pooler: its lock would not be held";
        return Err(Failure::new(Kind::Pooler, message).hint(HINT));
    }
    let history = History::find(session, run.history)?;
    // Whoever is at work on it will say himself how it ended.
    lock::obtain(session, &history.locks(), (run.lock_wait, "the history"), |_| Ok(false))?;
    let settlement = match of_history(session, &history, (migration, run), resolution.done)? {
        Some(settlement) => settlement,
        None => of_journal(session, &history, migration, resolution.done)?,
    };
    let batch = Batch {
        guard: settlement.guard.as_deref(),
        statements: &[],
        record: &settlement.record,
        lock_timeout: run.lock_timeout,
    };
    match session.transact(&batch).map_err(|report| report.asking("write down what is resolved"))? {
        Transacted::Committed => Ok(settlement.meaning),
        Transacted::Guarded => Err(nothing_in_doubt(migration)),
    }
}

fn find<'a>(migrations: &'a [Migration], version: &str) -> Result<&'a Migration, Failure> {
    let parsed = Version::parse(version).ok();
    let is_meant = |migration: &&Migration| {
        migration.label() == version || (parsed.is_some() && migration.version.as_ref() == parsed.as_ref())
    };
    migrations.iter().find(is_meant).ok_or_else(|| {
        Failure::new(Kind::Usage, format!("cannot resolve migration `{version}`: no file has that version"))
            .hint("`--status` lists them")
    })
}

/// A row that another runner left.
fn of_history(
    session: &mut dyn Session,
    history: &History,
    (migration, run): (&Migration, &Run<'_>),
    done: bool,
) -> Result<Option<Settlement>, Failure> {
    let records = history.records(session, run.migrations)?;
    let is_left = |record: &&Record| record.dirty && record.version == migration.version;
    let Some(left) = records.iter().find(is_left) else { return Ok(None) };
    let before = run.migrations.iter().rfind(|other| other.version.is_some() && other.version < migration.version);
    let mut record = history.forget(left, before);
    if done {
        record.extend(history.insert(migration, "0"));
    }
    let path = migration.path();
    let meaning = if done { format!("`{path}` counts as applied") } else { format!("`{path}` is pending again") };
    Ok(Some(Settlement { guard: None, record, meaning }))
}

/// A statement that an earlier run of ours was ended in.
fn of_journal(
    session: &mut dyn Session,
    history: &History,
    migration: &Migration,
    done: bool,
) -> Result<Settlement, Failure> {
    let asking = |report: Report| report.asking("read the journal of the migrations");
    let dialect = session.dialect();
    let journal = Journal::new(history, dialect);
    let entry = if history.has_journal() { journal.read(session, migration).map_err(asking)? } else { None };
    let Some(entry) = entry.filter(|entry| entry.running) else { return Err(nothing_in_doubt(migration)) };
    let statements = migration.statements(dialect);
    let marks = Marks::new(&statements);
    super::steps::check_before(migration, &marks.entry(&statements, entry.step, true), &entry)?;
    let (path, number) = (migration.path(), entry.step + 1);
    let (next, meaning) = if done {
        (number, format!("the next run goes on behind statement {number} of `{path}`"))
    } else {
        (entry.step, format!("the next run goes on with statement {number} of `{path}`"))
    };
    Ok(Settlement {
        guard: Some(journal.is_not_running(migration, entry.step)),
        record: journal.write(migration, &marks.entry(&statements, next, false)),
        meaning,
    })
}

fn nothing_in_doubt(migration: &Migration) -> Failure {
    let message = format!("cannot resolve `{}`: nothing of it is in doubt", migration.path());
    Failure::new(Kind::Database, message).hint("`--status` tells how every migration stands")
}
