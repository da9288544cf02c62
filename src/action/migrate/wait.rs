//! Nothing is pending, because another runner has applied it.

use crate::action::Context;
use crate::failure::Failures;
use crate::spec::MigrateSpec;
use crate::sql::{Awaited, Stop, count, lacking, wait};

impl MigrateSpec {
    /// Waits until nothing is pending. Changes nothing, and needs no right but to read.
    pub(crate) fn wait(&self, context: &Context, stop: &Stop) -> Result<(), Failures> {
        wait(stop, || {
            self.look(context, stop.clone(), |session, run, _| {
                let first = match session {
                    Some(session) => {
                        let lack = lacking(session, run)?;
                        let first = lack.baseline.first().or(lack.pending.first());
                        first.map(|first| (lack.baseline.len() + lack.pending.len(), first.path().to_owned()))
                    }
                    None => run.migrations.first().map(|first| (run.migrations.len(), first.path().to_owned())),
                };
                Ok(first.map_or(Awaited::Done, |(number, path)| {
                    Awaited::Pending(format!("{} pending, from `{path}` on", count(number)))
                }))
            })
        })
    }
}
