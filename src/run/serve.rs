//! `serve`: its steps, while a temporary server is up.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

use super::execute::{Done, Execution, Mode};
use super::report::{Shown, StepReport};
use crate::action::{Context, Difference, Launch, Outcome, Perform, Sign, shown_command, words};
use crate::failure::{Failure, Failures, Kind};
use crate::plan::Step;
use crate::process::{Beside, Channel, End, Exit, signal_name};
use crate::spec::ServeSpec;

/// What would make a private server public, or send its clients to another one. `env` can set them again.
const CLEARED: [&str; 15] = [
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "LD_PRELOAD",
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGPASSWORD",
    "PGSERVICE",
    "MYSQL_HOST",
    "MYSQL_TCP_PORT",
    "MYSQL_UNIX_PORT",
];
/// Lines of the server's output that a failure tells.
const LINES: usize = 20;

pub(super) fn carry_out(
    execution: &Execution<'_>,
    (step, spec): (&Step, &ServeSpec),
    context: &mut Context,
    nested: &mut Vec<StepReport>,
) -> Result<Done, Failures> {
    let shown = vec![Shown::from(&difference(step, spec, context)?)];
    let outside = (context.interrupt.clone(), context.environment.clone());
    let mut start = context.clone();
    for name in CLEARED {
        start.environment.remove(name);
    }
    let server = Server { step, spec, launch: Launch::new(spec.program(), &start)?, last_lines: Mutex::default() };
    context.environment = start.environment.clone();
    let confined = execution.confinement.of(step, context);
    let served = outside.0.extended(|inner| {
        context.interrupt = inner.clone();
        let beside = Beside::new(inner)?;
        Ok(thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let end = confined.carry_out(|| Ok(server.watch(&beside)?));
                beside.has_ended();
                end
            });
            beside.wait_for_begin();
            let worked = server.work(execution, context, nested);
            let ended_early = beside.ended_the_work();
            beside.stop();
            // A panic has ended the process already: the hook sees to that.
            let end = watcher.join().unwrap_or_else(|_| Err(internal("the server's thread is gone").into()));
            match outside.0.check() {
                // It reached the server as well, in whatever order.
                Err(interrupted) => Err(interrupted.into()),
                Ok(()) => server.judge(worked, end, ended_early),
            }
        }))
    });
    (context.interrupt, context.environment) = outside;
    served.flatten().map_err(|error: std::io::Error| internal(format!("cannot watch a program: {error}")))??;
    let summary = format!("{} beside `{}`", count(step.steps.len()), server.launch.name());
    Ok(Done::Changed(Outcome::changed(summary), shown))
}

/// The steps need the server, which is not there: they are named and not looked at.
pub(super) fn show(
    (step, spec): (&Step, &ServeSpec),
    context: &Context,
    show: &mut dyn FnMut(&Step, &Difference),
) -> Result<Done, Failures> {
    let difference = difference(step, spec, context)?;
    show(step, &difference);
    Ok(Done::Pending(vec![Shown::from(&difference)]))
}

fn difference(step: &Step, spec: &ServeSpec, context: &Context) -> Result<Difference, Failure> {
    let labels: Vec<String> = step.steps.iter().map(Step::label).collect();
    let command = shown_command(&words(spec.program(), context)?);
    Ok(Difference::new(Sign::Run, command, format!("for {}", labels.join(", "))))
}

struct Server<'a> {
    step: &'a Step,
    spec: &'a ServeSpec,
    launch: Launch<'a>,
    last_lines: Mutex<VecDeque<String>>,
}

impl Server<'_> {
    /// Runs the server until it is stopped.
    fn watch(&self, beside: &Beside<'_>) -> Result<End, Failure> {
        let label = self.step.label();
        let stop = (self.spec.stop.signal.number(), self.spec.stop.timeout.get());
        self.launch.watch(beside, stop, &mut |channel: Channel, line: &str| {
            log::info!(step = label.as_str(), stream = channel.name(); "{label}: {line}");
            if let Ok(mut lines) = self.last_lines.lock() {
                if lines.len() == LINES {
                    lines.pop_front();
                }
                lines.push_back(line.to_owned());
            }
        })
    }

    fn work(
        &self,
        execution: &Execution<'_>,
        context: &mut Context,
        nested: &mut Vec<StepReport>,
    ) -> Result<(), Failures> {
        self.spec
            .ready
            .carry_out(context, &mut |_| {})
            .map_err(|failures| failures.map(|failure| failure.at(self.spec.ready.span)))?;
        log::info!("{}: `{}` is ready", self.step.label(), self.launch.name());
        execution.steps(&self.step.steps, context, &mut Mode::Apply, nested)?;
        Ok(context.check_interrupt()?)
    }

    /// What came of it all: the end of the server explains more than what the steps met because of it.
    fn judge(
        &self,
        worked: Result<(), Failures>,
        end: Result<End, Failures>,
        ended_early: bool,
    ) -> Result<(), Failures> {
        let failed = |message: &str| self.with_lines(self.launch.failed(message));
        let stop = &self.spec.stop;
        match (worked, end?) {
            (worked, End::Early(exit)) => {
                let failure = failed(&format!("{} before it was stopped", self.launch.ended(exit)));
                let met = worked.err().filter(|_| !ended_early);
                Err(met
                    .iter()
                    .flat_map(Failures::iter)
                    .fold(failure, |failure, met| failure.note(met.to_line()))
                    .into())
            }
            (Err(failures), _) => Err(failures.map(|failure| match failure.kind() {
                Kind::Timeout => self.with_lines(failure),
                _ => failure,
            })),
            (Ok(()), End::Killed) => {
                let (signal, seconds) = (signal_name(stop.signal.number()), stop.timeout.get().as_secs_f64());
                let name = self.launch.name();
                Err(failed(&format!("`{name}` had not ended {seconds}s after {signal}, and was killed")).into())
            }
            (Ok(()), End::Stopped(exit)) if !is_good(exit, stop.signal.number()) => {
                Err(failed(&format!("{} when it was stopped", self.launch.ended(exit))).into())
            }
            (Ok(()), End::Stopped(_)) => Ok(()),
        }
    }

    fn with_lines(&self, failure: Failure) -> Failure {
        let lines = self.last_lines.lock().map(|lines| lines.clone()).unwrap_or_default();
        lines.iter().fold(failure, |failure, line| failure.note(format!("{}: {line}", self.launch.name())))
    }
}

/// A server ends well with 0, or of the signal that it was stopped by.
fn is_good(exit: Exit, signal: i32) -> bool {
    [Exit::Code(0), Exit::Signal(signal), Exit::Code(128 + signal)].contains(&exit)
}

fn count(steps: usize) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") }
}

fn internal(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Internal, message)
}
