//! `migrate`: the database schema has every migration of a directory.

mod look;
mod sqlite;
mod wait;

use std::time::{Duration, Instant};

use super::database::{address, connect, stop};
use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::document::Located;
use crate::failure::{Failure, Failures};
use crate::spec::{MigrateSpec, OnNewer};
use crate::sql::{
    Address, Choice, Dialect, Done, Lack, Migration, Progress, Rules, Run, Stop, Table, activity, baseline_version,
    count, lacking, migrate, read_migrations,
};

/// How long the second connection has that asks how a statement goes on.
const LOOK: Duration = Duration::from_secs(3);

impl Perform for MigrateSpec {
    /// All migrations, in order.
    type Work = Vec<Migration>;

    fn observe(&self, context: &Context) -> Result<Change<Self::Work>, Failures> {
        let address = address(&self.target().value, self.target().span, context)?;
        let table = self.table(address.dialect())?;
        let migrations = self.migrations(address.dialect(), context)?;
        let run = self.run(&migrations, table.as_ref())?;
        let mut differences = Vec::new();
        if let Address::Sqlite(path) = &address
            && let Some(file) = self.file(path, context)?
        {
            differences.extend(self.ownership_difference(path, file.metadata(), context)?);
        }
        let lack = match self.session(&address, stop(context), context)? {
            Some(session) => self.with(session, |session| lacking(session, &run))?,
            None => Lack { baseline: Vec::new(), pending: migrations.iter().collect() },
        };
        let difference = |migration: &Migration, detail: String| {
            Difference::new(Sign::Run, format!("migration {}", migration.label()), detail)
        };
        let recorded = |migration: &&Migration| difference(migration, format!("`{}`, only recorded", migration.name));
        differences.extend(lack.baseline.iter().map(recorded));
        let run = |migration: &&Migration| difference(migration, format!("`{}`", migration.name));
        differences.extend(lack.pending.iter().map(run));
        Ok(Change::new(differences, migrations))
    }

    fn apply(&self, change: Change<Self::Work>, context: &Context) -> Result<Outcome, Failures> {
        let migrations = change.work;
        let address = address(&self.target().value, self.target().span, context)?;
        let table = self.table(address.dialect())?;
        let run = self.run(&migrations, table.as_ref())?;
        let place = |failure: Failure| failure.at(self.target().span);
        let (done, owned) = match &address {
            Address::Sqlite(path) => {
                let (session, owned) = self.open_sqlite(path, context)?;
                let migrated = migrate(session, &run, &|_| None).map_err(place);
                // Also after a failure: another user must be able to go on with the files that are there.
                let companions = self.own_companions(path, context);
                let migrated = migrated?;
                companions?;
                (migrated, owned)
            }
            server => {
                let session = connect(server, &self.session, self.stop(context)).map_err(place)?;
                let look = |number: &str| {
                    let stop = Stop::new(context.interrupt.clone(), Some(Instant::now() + LOOK));
                    let mut second = connect(server, &[], stop).ok()?;
                    activity(&mut *second, number)
                };
                (migrate(session, &run, &look).map_err(place)?, false)
            }
        };
        Ok(match (done, owned) {
            (Done { recorded: 0, applied: 0 }, false) => {
                Outcome::unchanged(format!("{}, none pending", count(migrations.len())))
            }
            (Done { recorded: 0, applied: 0 }, true) => {
                Outcome::changed(format!("owner set; {}, none pending", count(migrations.len())))
            }
            (Done { recorded: 0, applied }, _) => Outcome::changed(format!("{} applied", count(applied))),
            (Done { recorded, applied }, _) => {
                Outcome::changed(format!("{} recorded as baseline, {} applied", count(recorded), count(applied)))
            }
        })
    }
}

impl MigrateSpec {
    /// The files, in order.
    fn migrations(&self, dialect: Dialect, context: &Context) -> Result<Vec<Migration>, Failures> {
        read_migrations(&context.root, self.source.as_path(), dialect)
            .map_err(|findings| findings.map(|finding| finding.at(self.source.span)))
    }

    /// A statement that cannot be rolled back goes on for the grace.
    fn stop(&self, context: &Context) -> Stop {
        stop(context).with_grace(self.grace.get())
    }

    fn table(&self, dialect: Dialect) -> Result<Option<Table>, Failure> {
        self.table.as_ref().map(|table| Table::parse(table, dialect)).transpose()
    }

    fn run<'a>(&self, migrations: &'a [Migration], table: Option<&'a Table>) -> Result<Run<'a>, Failure> {
        let version =
            |text: &Located<String>| baseline_version(text, migrations).map_err(|failure| failure.at(text.span));
        let baseline = self.baseline.as_ref().map(version).transpose()?;
        let history = Choice { runner: self.history.runner(), table };
        let rules = Rules { out_of_order: self.out_of_order, refuse_newer: self.on_newer == OnNewer::Fail };
        let (lock_wait, lock_timeout) = (self.lock_wait.get(), self.lock_timeout.get());
        let (direct, progress) = (self.direct.is_some(), Progress::default());
        Ok(Run { migrations, history, rules, baseline, progress, direct, lock_wait, lock_timeout })
    }
}
