//! `show`: prints what `apply` would change.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use serde_json::json;

use super::args::{Color, ShowArguments};
use super::exec;
use super::output::Output;
use super::session::Session;
use crate::action::{Difference, Sign};
use crate::failure::Failures;
use crate::plan::Step;
use crate::run::{Mode, Request};

/// The exit code when there are changes.
pub(super) const PENDING: u8 = 10;

/// The numbers by which a terminal knows its colours.
const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;
const CYAN: u8 = 36;

pub(super) fn run(arguments: &ShowArguments, session: &Session) -> Result<ExitCode, Failures> {
    let text = session.plan_text(&arguments.plan)?;
    if exec::typed_for_others(&arguments.command, &text).is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.json {
        return json(&text, arguments, session);
    }
    let output = session.output.clone();
    let colored = is_colored(arguments.color, session);
    let mut last = None;
    let mut show = |step: &Step, difference: &Difference| {
        if last.as_ref() != Some(&step.number) {
            output.data(&format!("{}\n", step.label()));
            last = Some(step.number.clone());
        }
        print(difference, colored, &output);
    };
    let mut mode = Mode::Show(&mut show);
    let (_, _, report) = session.carry_out_and_report(&text, Request::of(&arguments.command), &mut mode)?;
    Ok(ExitCode::from(report.exit_code))
}

/// One object, when everything is known.
fn json(text: &crate::plan::PlanText, arguments: &ShowArguments, session: &Session) -> Result<ExitCode, Failures> {
    let mut changes = Vec::new();
    let mut show = |step: &Step, difference: &Difference| {
        changes.push(json!({
            "step": step.number.last(),
            "name": step.name,
            "verb": step.action.verb(),
            "sign": difference.sign.character().to_string(),
            "subject": difference.subject,
            "detail": difference.detail,
            "diff": difference.diff,
        }));
    };
    let mut mode = Mode::Show(&mut show);
    let (_, _, report) = session.carry_out_and_report(text, Request::of(&arguments.command), &mut mode)?;
    let unknown = report.steps.iter().filter(|step| step.outcome == "pending" && step.differences.is_empty());
    let unknown: Vec<_> = unknown
        .map(|step| json!({ "step": step.number, "name": step.name, "verb": step.verb, "why": step.summary }))
        .collect();
    session.output.data_json(json!({ "pending": report.exit_code == PENDING, "changes": changes, "unknown": unknown }));
    Ok(ExitCode::from(report.exit_code))
}

fn is_colored(wanted: Color, session: &Session) -> bool {
    match wanted {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let forbidden = session.environment.get("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = session.environment.get("TERM").is_some_and(|terminal| terminal == "dumb");
            !forbidden && !dumb && std::io::stdout().is_terminal()
        }
    }
}

fn print(difference: &Difference, colored: bool, output: &Output) {
    let of_sign = match difference.sign {
        Sign::Create => GREEN,
        Sign::Delete => RED,
        Sign::Modify => YELLOW,
        Sign::Run | Sign::Wait => CYAN,
    };
    let mut line = format!("  {} {}", difference.sign.character(), difference.subject);
    if !difference.detail.is_empty() {
        line.push_str("  ");
        line.push_str(&difference.detail);
    }
    output.data_in(colored.then_some(of_sign), &format!("{line}\n"));
    for line in difference.diff.iter().flat_map(|diff| diff.lines()) {
        let color = match line.as_bytes().first() {
            Some(b'+') => Some(GREEN),
            Some(b'-') => Some(RED),
            Some(b'@') => Some(CYAN),
            _ => None,
        };
        output.data_in(color.filter(|_| colored), &format!("      {line}\n"));
    }
}
