//! What is done with the history of a database instead of migrating it.

use crate::action::Context;
use crate::action::database::{address, connect, stop};
use crate::failure::{Failure, Failures};
use crate::spec::MigrateSpec;
use crate::sql::{Address, Dialect, Planned, Resolution, Run, Session, Status, Stop, plan, resolve, status};

impl MigrateSpec {
    /// What would be applied.
    pub(crate) fn plan(&self, context: &Context) -> Result<Vec<Planned>, Failures> {
        self.look(context, stop(context), plan)
    }

    /// How every migration stands, and why a run would refuse that, if it would.
    pub(crate) fn status(&self, context: &Context) -> Result<(Vec<Status>, Option<Failure>), Failures> {
        let (all, refusal) = self.look(context, stop(context), |session, run, _| status(session, run))?;
        Ok((all, refusal.map(|refusal| refusal.at(self.target().span))))
    }

    /// Writes down what a person says of a migration that is in doubt, and tells what that means.
    pub(crate) fn resolve(&self, resolution: &Resolution, context: &Context) -> Result<String, Failures> {
        self.look(context, stop(context), |session, run, _| resolve(session, run, resolution))
    }

    /// Asks the database, or nobody if there is none yet.
    pub(super) fn look<T>(
        &self,
        context: &Context,
        stop: Stop,
        ask: impl FnOnce(Option<&mut dyn Session>, &Run<'_>, Dialect) -> Result<T, Failure>,
    ) -> Result<T, Failures> {
        let address = address(&self.target().value, self.target().span, context)?;
        let dialect = address.dialect();
        let table = self.table(dialect)?;
        let migrations = self.migrations(dialect, context)?;
        let run = self.run(&migrations, table.as_ref())?;
        Ok(match self.session(&address, stop, context)? {
            Some(session) => self.with(session, |session| ask(Some(session), &run, dialect))?,
            None => ask(None, &run, dialect).map_err(|failure| failure.at(self.target().span))?,
        })
    }

    /// A session that makes nothing: an `SQLite` file that is not there has none.
    pub(super) fn session(
        &self,
        address: &Address,
        stop: Stop,
        context: &Context,
    ) -> Result<Option<Box<dyn Session>>, Failure> {
        match address {
            Address::Sqlite(path) => {
                // An empty file is what a run leaves that was killed right after it had made the file.
                let used = self.file(path, context)?.filter(|file| file.metadata().size > 0);
                used.map(|file| self.open(file.into(), stop)).transpose()
            }
            server => {
                let session = connect(server, &self.session, stop);
                session.map(Some).map_err(|failure| failure.at(self.target().span))
            }
        }
    }

    /// Asks, and ends the session.
    pub(super) fn with<T>(
        &self,
        mut session: Box<dyn Session>,
        ask: impl FnOnce(&mut dyn Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let answer = ask(&mut *session).map_err(|failure| failure.at(self.target().span))?;
        session.close()?;
        Ok(answer)
    }
}
