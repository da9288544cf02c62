//! Nothing is pending, because another runner has applied it.

use crate::action::Context;
use crate::failure::{Failures, Kind};
use crate::spec::MigrateSpec;
use crate::sql::{self, Stop, UNHEARD, count, lacking, passes};

impl MigrateSpec {
    /// Waits until nothing is pending. Changes nothing, and needs no right but to read.
    pub(crate) fn wait(&self, context: &Context, stop: &Stop) -> Result<(), Failures> {
        sql::wait(stop, || self.pending(context, stop))
    }

    /// What is waited for, if anything is: looked at once.
    pub(crate) fn await_once(&self, context: &Context, stop: &Stop) -> Result<Option<String>, Failures> {
        match self.pending(context, stop) {
            Err(failures) if failures.kind() == Kind::Timeout => Ok(Some(UNHEARD.to_owned())),
            Err(failures) if passes(&failures) => Ok(Some(failures.to_string())),
            answer => answer,
        }
    }

    /// How much is pending, and what comes first.
    fn pending(&self, context: &Context, stop: &Stop) -> Result<Option<String>, Failures> {
        self.look(context, stop.clone(), |session, run, _| {
            let (number, first) = match session {
                Some(session) => {
                    let lack = lacking(session, run)?;
                    (lack.baseline.len() + lack.pending.len(), lack.baseline.into_iter().chain(lack.pending).next())
                }
                None => (run.migrations.len(), run.migrations.first()),
            };
            Ok(first.map(|first| format!("{} pending, from `{}` on", count(number), first.path())))
        })
    }
}
