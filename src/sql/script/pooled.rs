//! Through a pooler each transaction may be served by another session of the server, so the lock is one of the transaction.

use super::super::Dialect;
use super::super::migration::Migration;
use super::super::patience::Patience;
use super::super::session::{Batch, LockName, Session, Transacted};
use super::super::unit::patiently;
use super::{ROLLED_BACK, Script, is_needed};
use crate::failure::{Failure, Kind};

const HINT: &str = "name an address of the server itself as the database";

/// Executes each text in a transaction that takes the lock and then asks the query of `unless`.
pub(super) fn execute(session: &mut dyn Session, script: &Script<'_>, lock: &LockName) -> Result<usize, Failure> {
    check(script)?;
    let mut executed = 0;
    for text in script.texts {
        let mut patience = Patience::new(script.lock_wait);
        loop {
            if !is_needed(session, script)? {
                return Ok(executed);
            }
            match transact(session, text, script, lock)? {
                Transacted::Committed => break,
                Transacted::Guarded => patience.pause(session, &format!("execute `{}`", text.path()))?,
            }
        }
        executed += text.statements(Dialect::Postgres).len();
    }
    Ok(executed)
}

fn transact(
    session: &mut dyn Session,
    text: &Migration,
    script: &Script<'_>,
    lock: &LockName,
) -> Result<Transacted, Failure> {
    let statements = text.statements(Dialect::Postgres);
    let unless = script.unless.map(|unless| format!(";\n{unless}\n")).unwrap_or_default();
    let guard = lock.unless_had_by_transaction().map(|is_locked| format!("{is_locked}{unless}"));
    let lock_timeout = text.directives.lock_timeout.unwrap_or(script.lock_timeout);
    let run = |session: &mut dyn Session| {
        session.transact(&Batch { guard: guard.as_deref(), statements: &statements, record: &[], lock_timeout })
    };
    patiently(session, text.path(), run).map_err(|report| report.applying(text, ROLLED_BACK))
}

/// Fails for what one transaction cannot do.
fn check(script: &Script<'_>) -> Result<(), Failure> {
    let refuse = |text: &Migration, cause: &str, hint: &str| {
        Err(Failure::new(Kind::Pooler, format!("cannot execute `{}`: {cause}", text.path())).hint(hint))
    };
    if let Some(text) = script.texts.iter().find(|text| text.is_stepwise(Dialect::Postgres)) {
        let cause = "it cannot be one transaction, and a pooler gives each transaction another session";
        return refuse(text, cause, HINT);
    }
    match script.texts {
        [first, _, ..] if script.unless.is_some() => {
            let cause = "a pooler gives each file another session, and `unless` is asked for all of them together";
            refuse(first, cause, &format!("put the statements into one file, or {HINT}"))
        }
        _ => Ok(()),
    }
}
