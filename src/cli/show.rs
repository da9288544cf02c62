//! `show`: prints what `apply` would change.

use std::process::ExitCode;

use super::args::PlanArgument;
use super::session::Session;
use crate::action::Difference;
use crate::failure::Failures;
use crate::plan::Step;
use crate::run::Mode;

/// The exit code when there are changes.
pub(super) const PENDING: u8 = 10;

pub(super) fn run(argument: &PlanArgument, session: &Session) -> Result<ExitCode, Failures> {
    let text = session.plan_text(argument)?;
    let output = session.output.clone();
    let mut last = 0;
    let mut show = |step: &Step, difference: &Difference| {
        if step.number != last {
            output.data(&format!("{}\n", step.label()));
            last = step.number;
        }
        output.data(&shown(difference));
    };
    let (_, _, report) = session.carry_out_and_report(&text, &[], &mut Mode::Show(&mut show))?;
    Ok(ExitCode::from(report.exit_code))
}

fn shown(difference: &Difference) -> String {
    let mut text = format!("  {} {}", difference.sign.character(), difference.subject);
    if !difference.detail.is_empty() {
        text.push_str("  ");
        text.push_str(&difference.detail);
    }
    text.push('\n');
    for line in difference.diff.iter().flat_map(|diff| diff.lines()) {
        text.push_str("      ");
        text.push_str(line);
        text.push('\n');
    }
    text
}
