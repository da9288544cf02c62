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
                let pending = match session {
                    Some(session) => lacking(session, run)?,
                    None => run.migrations.iter().collect(),
                };
                Ok(match pending.first() {
                    None => Awaited::Done,
                    Some(first) => {
                        Awaited::Pending(format!("{} pending, from `{}` on", count(pending.len()), first.path()))
                    }
                })
            })
        })
    }
}
