//! `migrate` from the command line, and what it does instead of migrating.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::json;

use super::args::MigrateArguments;
use super::internal;
use super::line::{Line, Typed};
use super::session::Session;
use super::show::PENDING;
use super::verb::{attributes, name_database, one_step};
use crate::action::Context;
use crate::failure::{Failure, Failures};
use crate::plan::PlanText;
use crate::run::Report;
use crate::spec::{Action, MigrateSpec};
use crate::sql::{Resolution, Status, Stop};

/// How long `--wait` waits when nobody says it: as long as a runner waits for another.
const WAIT: Duration = Duration::from_mins(10);

#[derive(Debug, Clone)]
pub(super) enum Mode {
    Plan,
    Status { json: bool },
    Wait,
    Resolve(Resolution),
}

pub(super) fn mode(arguments: &MigrateArguments) -> Option<Mode> {
    match &arguments.mode {
        mode if mode.plan => Some(Mode::Plan),
        mode if mode.status => Some(Mode::Status { json: arguments.json }),
        mode if mode.wait => Some(Mode::Wait),
        mode => mode.resolve.clone().map(Mode::Resolve),
    }
}

pub(super) fn to_plan(arguments: &MigrateArguments) -> Result<Typed, Failures> {
    let mut line = Line::new("migrate");
    name_database(&mut line, &arguments.database);
    line.flag("source", Some(&arguments.source));
    for (field, value) in [
        ("history", &arguments.history),
        ("table", &arguments.table),
        ("lock_wait", &arguments.lock_wait),
        ("lock_timeout", &arguments.lock_timeout),
        ("baseline", &arguments.baseline),
        ("grace", &arguments.grace),
        ("on_newer", &arguments.on_newer),
        ("timeout", &arguments.timeout),
    ] {
        line.flag(field, value.as_ref());
    }
    line.switch("out_of_order", arguments.out_of_order);
    line.list("session", Some("--session"), &arguments.session);
    attributes(&mut line, &arguments.attributes);
    let timeout = line.take("timeout");
    one_step(line, "migrate", timeout.into_iter().collect())
}

/// Does what the mode says with the one step of the plan.
pub(super) fn run(mode: Mode, text: &PlanText, session: &Session) -> Result<ExitCode, Failures> {
    let mut report = Report::new();
    let done = ask(mode, text, session);
    match &done {
        Ok(PENDING) => {
            report.result = "pending";
            report.exit_code = PENDING;
        }
        Ok(_) => {}
        Err(failures) => report.fail(failures),
    }
    session.write_report(&report);
    done.map(ExitCode::from)
}

fn ask(mode: Mode, text: &PlanText, session: &Session) -> Result<u8, Failures> {
    let (plan, mut context) = session.prepare(text, &[])?;
    let Some(step) = plan.steps.first() else { return Err(internal("the command line made no step").into()) };
    let Action::Migrate(spec) = &step.action else { return Err(internal("the step is another one").into()) };
    let started = Instant::now();
    context.deadline = step.timeout.map(|timeout| started + timeout.get());
    let done = match mode {
        Mode::Plan => show_plan(spec, &context, session),
        Mode::Status { json } => show_status(spec, &context, json || session.output.is_json(), session),
        Mode::Wait => {
            let stop = Stop::new(context.interrupt.clone(), context.deadline.or(Some(started + WAIT)));
            spec.wait(&context, &stop).map(|()| 0)
        }
        Mode::Resolve(resolution) => {
            let meaning = spec.resolve(&resolution, &context);
            meaning.map(|meaning| {
                log::info!("{meaning}");
                0
            })
        }
    };
    done.map_err(|failures| failures.map(|failure| failure.at(step.span).in_source(&plan.source)))
}

fn show_plan(spec: &MigrateSpec, context: &Context, session: &Session) -> Result<u8, Failures> {
    let planned = spec.plan(context)?;
    let rows = planned.into_iter().map(|it| [it.version, it.name, it.way.to_owned(), it.statements.to_string()]);
    session.output.data(&columns(&rows.collect::<Vec<_>>()));
    Ok(0)
}

fn show_status(spec: &MigrateSpec, context: &Context, as_json: bool, session: &Session) -> Result<u8, Failures> {
    let (all, refusal) = spec.status(context)?;
    if as_json {
        let row = |it: &Status| json!({ "version": it.version, "name": it.name, "state": it.standing.word() });
        session.output.data_json(all.iter().map(row).collect());
    } else {
        let row = |it: &Status| [it.version.clone(), it.name.clone(), it.standing.word().to_owned()];
        session.output.data(&columns(&all.iter().map(row).collect::<Vec<_>>()));
    }
    match refusal {
        Some(refusal) => Err(Failure::into(refusal)),
        None => Ok(if all.iter().any(|it| it.standing.is_pending()) { PENDING } else { 0 }),
    }
}

/// Lines whose fields stand below each other.
fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |index: usize| rows.iter().map(|row| row[index].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let fields = row.iter().zip(widths).map(|(field, width)| format!("{field:width$}"));
        format!("{}\n", fields.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn fields_stand_below_each_other() {
        let row = |fields: [&str; 3]| fields.map(str::to_owned);
        let rows = [row(["1", "ü", "applied"]), row(["10", "name", "pending"]), row(["11", "", ""])];
        assert_eq!(columns(&rows), "1   ü     applied\n10  name  pending\n11\n");
        assert_eq!(columns::<3>(&[]), "");
    }
}
