//! Migrations that count as applied, as the database had their schema before it had a history.

use super::history::{History, Record};
use super::journal::Journal;
use super::migrate::Run;
use super::migration::Migration;
use super::report::Report;
use super::session::{Batch, Session, Transacted};
use super::version::Version;
use crate::failure::{Failure, Kind};

/// The version that is meant, which must be that of a file.
pub(crate) fn baseline_version<'a>(text: &str, migrations: &'a [Migration]) -> Result<&'a Version, Failure> {
    let versions = migrations.iter().filter_map(|migration| migration.version.as_ref());
    let meant = Version::parse(text).ok().and_then(|wanted| versions.into_iter().find(|version| **version == wanted));
    meant.ok_or_else(|| {
        Failure::new(Kind::Plan, format!("cannot take `{text}` as the baseline: no file has that version"))
            .hint("name the newest migration whose changes the database has")
    })
}

/// Those up to the baseline of the plan, if nothing was applied yet, nothing was begun, and the schema holds something all the same.
pub(super) fn baseline<'a>(
    session: &mut dyn Session,
    history: &History,
    records: &[Record],
    run: &Run<'a>,
) -> Result<Vec<&'a Migration>, Failure> {
    let Some(newest) = run.baseline else { return Ok(Vec::new()) };
    let asking = |report: Report| report.asking("look whether the schema is empty");
    if !records.is_empty()
        || !Journal::begun_beside(history, session)?.is_empty()
        || session.query(&history.neighbours()).map_err(asking)?.is_empty()
    {
        return Ok(Vec::new());
    }
    let is_older = |migration: &&Migration| migration.version.as_ref().is_some_and(|version| version <= newest);
    Ok(run.migrations.iter().filter(is_older).collect())
}

/// Records them without running them, unless the guard has a row.
pub(super) fn record(
    session: &mut dyn Session,
    history: &History,
    (migrations, guard): (&[&Migration], Option<&str>),
    run: &Run<'_>,
) -> Result<Transacted, Failure> {
    let record: Vec<String> = migrations.iter().flat_map(|migration| history.insert(migration, "0")).collect();
    let batch = Batch { guard, statements: &[], record: &record, lock_timeout: run.lock_timeout };
    let done = session.transact(&batch).map_err(|report| report.asking("record the baseline"))?;
    if let (Transacted::Committed, Some(last)) = (done, migrations.last()) {
        log::info!("up to `{}` everything counts as applied: the schema was there before its history", last.path());
    }
    Ok(done)
}
