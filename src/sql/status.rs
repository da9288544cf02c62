//! What a database has of the migrations, for a person. Only reads.

use super::baseline::baseline;
use super::history::{History, Record};
use super::journal::Journal;
use super::migrate::{Lack, Run, lacking};
use super::migration::Migration;
use super::pending::{check_drift, is_current, pending};
use super::session::Session;
use super::{Dialect, Version};
use crate::failure::Failure;

/// A migration that would be applied.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) version: String,
    pub(crate) name: String,
    /// `transaction`, `steps`, or `baseline` for one that is recorded and not run.
    pub(crate) way: &'static str,
    pub(crate) statements: usize,
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Applied,
    /// The next run records it as applied, without running it.
    Baseline,
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
        matches!(self, Self::Baseline | Self::Begun | Self::Pending)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Baseline => "baseline",
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
    let lack = match session {
        Some(session) => lacking(session, run)?,
        None => Lack { baseline: Vec::new(), pending: run.migrations.iter().collect() },
    };
    let counted = lack.baseline.into_iter().map(|migration| planned(migration, "baseline", dialect));
    let way = |migration: &Migration| if migration.is_stepwise(dialect) { "steps" } else { "transaction" };
    let run = lack.pending.into_iter().map(|migration| planned(migration, way(migration), dialect));
    Ok(counted.chain(run).collect())
}

fn planned(migration: &Migration, way: &'static str, dialect: Dialect) -> Planned {
    let statements = migration.statements(dialect).len();
    Planned { version: migration.label(), name: migration.name.clone(), way, statements }
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
    let words = if history.exists() { "the history is" } else { "there is no history; the first run would begin" };
    log::info!("{words} {} of {}", history.label(), history.runner());
    let records = history.records(session, run.migrations)?;
    let begun = Journal::begun_beside(&history, session)?;
    let baseline = baseline(session, &history, &records, run)?;
    let refusal = pending(run.migrations, &records, &history, run.rules).err();
    let mut all: Vec<(Option<Version>, Status)> = run
        .migrations
        .iter()
        .map(|migration| {
            let is_baseline = baseline.iter().any(|counted| counted.version == migration.version);
            let standing =
                if is_baseline { Standing::Baseline } else { standing(migration, &records, &history, &begun) };
            (migration.version.clone(), of(migration, standing))
        })
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
