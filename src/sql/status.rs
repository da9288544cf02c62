//! What a database has of the migrations, for a person. Only reads.

use super::history::{History, Record};
use super::journal::Journal;
use super::migrate::{Run, lacking};
use super::migration::Migration;
use super::pending::{check_drift, is_current, pending};
use super::report::Report;
use super::session::Session;
use super::{Dialect, Version};
use crate::failure::Failure;

/// A migration that would be applied.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) version: String,
    pub(crate) name: String,
    /// `transaction` or `steps`.
    pub(crate) way: &'static str,
    pub(crate) statements: usize,
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Applied,
    /// Some of its statements are done.
    Begun,
    /// Its file is not the one that was applied.
    Changed,
    /// It is applied and has no file, though newer ones have.
    Missing,
    /// It is applied, and newer than every file.
    Newer,
    Pending,
}

impl Standing {
    pub(crate) fn is_pending(self) -> bool {
        matches!(self, Self::Begun | Self::Pending)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Begun => "begun",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Newer => "newer",
            Self::Pending => "pending",
        }
    }
}

/// A migration of the files or of the history.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) standing: Standing,
}

/// What would be applied. Without a session there is no database yet.
pub(crate) fn plan(
    session: Option<&mut dyn Session>,
    run: &Run<'_>,
    dialect: Dialect,
) -> Result<Vec<Planned>, Failure> {
    let lacking = match session {
        Some(session) => lacking(session, run)?,
        None => run.migrations.iter().collect(),
    };
    Ok(lacking.into_iter().map(|migration| planned(migration, dialect)).collect())
}

fn planned(migration: &Migration, dialect: Dialect) -> Planned {
    Planned {
        version: migration.label(),
        name: migration.name.clone(),
        way: if migration.is_stepwise(dialect) { "steps" } else { "transaction" },
        statements: migration.statements(dialect).len(),
    }
}

/// How every migration stands, in order, and why a run would refuse that, if it would.
pub(crate) fn status(
    session: Option<&mut dyn Session>,
    run: &Run<'_>,
) -> Result<(Vec<Status>, Option<Failure>), Failure> {
    let Some(session) = session else {
        return Ok((run.migrations.iter().map(|migration| of(migration, Standing::Pending)).collect(), None));
    };
    let history = History::find(session, run.history)?;
    let records = history.records(session, run.migrations)?;
    let mut begun = Vec::new();
    if history.has_journal() {
        let asking = |report: Report| report.asking("read the journal of the migrations");
        begun = Journal::new(&history, session.dialect()).begun(session).map_err(asking)?;
    }
    let refusal = pending(run.migrations, &records, &history, run.rules).err();
    let mut all: Vec<(Option<Version>, Status)> = run
        .migrations
        .iter()
        .map(|migration| (migration.version.clone(), of(migration, standing(migration, &records, &history, &begun))))
        .collect();
    let newest = run.migrations.iter().rev().find_map(|migration| migration.version.as_ref());
    let unknown = records.iter().filter_map(|record| Some((record.version.as_ref()?, record)));
    for (version, record) in
        unknown.filter(|(version, _)| run.migrations.iter().all(|file| file.version.as_ref() != Some(*version)))
    {
        let standing = match () {
            () if record.dirty => Standing::Begun,
            () if Some(version) > newest => Standing::Newer,
            () => Standing::Missing,
        };
        let status = Status { version: version.to_string(), name: record.name.clone(), standing };
        all.push((Some(version.clone()), status));
    }
    // Those without a version are last, as they are applied.
    all.sort_by(|(one, _), (other, _)| one.is_none().cmp(&other.is_none()).then_with(|| one.cmp(other)));
    Ok((all.into_iter().map(|(_, status)| status).collect(), refusal))
}

fn of(migration: &Migration, standing: Standing) -> Status {
    Status { version: migration.label(), name: migration.name.clone(), standing }
}

fn standing(migration: &Migration, records: &[Record], history: &History, begun: &[String]) -> Standing {
    let record = records.iter().find(|record| migration.version.is_some() && record.version == migration.version);
    match record {
        Some(record) if record.dirty => Standing::Begun,
        Some(record) if check_drift(migration, record, history).is_err() => Standing::Changed,
        Some(_) => Standing::Applied,
        None if begun.contains(&migration.label()) => Standing::Begun,
        None if migration.version.is_none() && is_current(migration, records, history) => Standing::Applied,
        None => Standing::Pending,
    }
}
