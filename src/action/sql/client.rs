//! Statements that a client program executes: it reads them from its standard input, and starts once for each file.

use std::collections::VecDeque;

use super::source::{Part, parts};
use super::{Rendered, Work, count, render};
use crate::action::launch::{Input, Launch};
use crate::action::{Change, Context, Difference, Outcome, Sign};
use crate::failure::{Failure, Failures, Kind};
use crate::format::Language;
use crate::process::{Channel, Exit};
use crate::spec::{Driver, SqlSpec};

/// Lines of its output that a failure tells.
const LINES: usize = 20;

/// What the program is to read.
pub(crate) struct Client(Statements);

enum Statements {
    Text(Rendered),
    Files(Vec<Part>),
}

/// What the program printed, as far as it is told.
struct Heard {
    lines: VecDeque<String>,
    /// Whether there was anything at its standard output.
    answered: bool,
    hides: bool,
}

pub(super) fn observe(spec: &SqlSpec, context: &Context) -> Result<Change<Work>, Failures> {
    let statements = statements(spec, context)?;
    let detail = match spec.command.first() {
        Some(program) => format!("by `{}`", program.value),
        None => String::new(),
    };
    let mut differences: Vec<Difference> = match &statements {
        Statements::Text(_) => vec![Difference::new(Sign::Run, "text", detail)],
        Statements::Files(parts) => {
            parts.iter().map(|part| Difference::new(Sign::Run, part.name(), detail.clone())).collect()
        }
    };
    if !differences.is_empty() && is_done(spec, context)? {
        differences.clear();
    }
    Ok(Change::new(differences, Work::Client(Client(statements))))
}

pub(super) fn apply(spec: &SqlSpec, work: &Client, context: &Context) -> Result<Outcome, Failures> {
    let launch = Launch::new(spec.program(), context)?;
    match &work.0 {
        Statements::Text(rendered) => {
            execute(&launch, "text", &memory(&launch, rendered)?, rendered.is_secret, context)?;
            Ok(Outcome::changed(format!("executed by `{}`", launch.name())))
        }
        Statements::Files(parts) => {
            for part in parts {
                let input = input(&launch, part, context).map_err(|failure| at_source(failure, spec))?;
                execute(&launch, &part.name(), &input, false, context)?;
            }
            Ok(Outcome::changed(format!("{} executed by `{}`", count(parts.len(), "file"), launch.name())))
        }
    }
}

/// What is to be read, after all that is compressed was found sound: nothing is executed before.
fn statements(spec: &SqlSpec, context: &Context) -> Result<Statements, Failures> {
    if let Some(text) = &spec.text {
        return Ok(Statements::Text(render(text, language(spec), context)?));
    }
    let Some(source) = &spec.source else {
        return Err(Failure::new(Kind::Internal, "no statements").into());
    };
    let parts = parts(source, spec.unsupported(), context)?;
    for part in &parts {
        let sound = if part.is_packed() { part.unpack(context, &mut |_| Ok(())) } else { part.open(context).map(drop) };
        sound.map_err(|failure| failure.at(source.span))?;
    }
    Ok(Statements::Files(parts))
}

/// Whether the query of `unless` makes the program print anything.
fn is_done(spec: &SqlSpec, context: &Context) -> Result<bool, Failure> {
    let Some(unless) = &spec.unless else { return Ok(false) };
    let query = render(unless, language(spec), context)?;
    let launch = Launch::new(spec.program(), context)?;
    let mut heard = Heard::new(query.is_secret);
    let exit = launch.run(&memory(&launch, &query)?, &mut |channel: Channel, line: &str| heard.hear(channel, line))?;
    if exit == Exit::Code(0) {
        return Ok(heard.answered);
    }
    let message = format!("cannot ask the query of `unless`: {}", launch.ended(exit));
    Err(heard.failure(&launch, &message).at(unless.span))
}

fn execute(launch: &Launch<'_>, name: &str, input: &Input, hides: bool, context: &Context) -> Result<(), Failure> {
    let mut heard = Heard::new(hides);
    let step = context.step.as_str();
    let ran = launch.run(input, &mut |channel: Channel, line: &str| {
        if !hides {
            let level = if channel == Channel::Error { log::Level::Info } else { log::Level::Debug };
            log::log!(level, step, stream = channel.name(); "{step}: {line}");
        }
        heard.hear(channel, line);
    });
    match ran.map_err(|failure| failure.note(format!("it was given `{name}`")))? {
        Exit::Code(0) => Ok(()),
        exit => Err(heard.failure(launch, &format!("cannot apply `{name}`: {}", launch.ended(exit)))),
    }
}

fn memory(launch: &Launch<'_>, rendered: &Rendered) -> Result<Input, Failure> {
    let filled = launch.filled(|memory| memory.write_all(rendered.text.as_bytes()));
    filled.map_err(|error| launch.failed(&format!("cannot hand statements over in memory: {error}")))
}

/// A file as it is, or what is in a compressed one.
fn input(launch: &Launch<'_>, part: &Part, context: &Context) -> Result<Input, Failure> {
    if !part.is_packed() {
        return part.open(context).map(Input::File);
    }
    let mut unpacked = Ok(());
    let filled = launch.filled(|memory| {
        unpacked = part.unpack(context, &mut |piece| memory.write_all(piece));
        Ok(())
    });
    unpacked?;
    filled.map_err(|error| launch.failed(&format!("cannot hand statements over in memory: {error}")))
}

fn at_source(failure: Failure, spec: &SqlSpec) -> Failure {
    match &spec.source {
        Some(source) => failure.at(source.span),
        None => failure,
    }
}

/// How values are written. Without values it makes no difference.
fn language(spec: &SqlSpec) -> Language {
    if spec.dialect() == Some(Driver::Mysql) { Language::Mysql } else { Language::Sql }
}

impl Heard {
    fn new(hides: bool) -> Self {
        Self { lines: VecDeque::new(), answered: false, hides }
    }

    fn hear(&mut self, channel: Channel, line: &str) {
        self.answered |= channel == Channel::Output;
        if self.hides {
            return;
        }
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
    }

    /// The failure with the last lines that the program printed.
    fn failure(&self, launch: &Launch<'_>, message: &str) -> Failure {
        let failure = launch.failed(message).with_kind(Kind::Database);
        if self.hides {
            return failure.note("what it printed is not shown: the statements hold a secret");
        }
        self.lines.iter().fold(failure, |failure, line| failure.note(format!("{}: {line}", launch.name())))
    }
}
