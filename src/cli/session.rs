//! What every command starts from, and how it comes to its plan.

use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;

use super::args::{Common, PlanArgument};
use super::output::Output;
use super::settings::Settings;
use super::{internal, logger};
use crate::action::Context;
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind, Source};
use crate::input::{self, Inputs, Outside};
use crate::plan::{Plan, PlanText};
use crate::process::{self, Environment, Interrupt};
use crate::root::{OpenedFile, Root};
use crate::run::{Mode, Report, Request, execute};

/// Where the plan is when nobody says it.
const DEFAULT_PLAN: &str = "/etc/fitout/plan.yaml";
/// How plans are named, so that something else is taken for a program.
const SUFFIXES: [&str; 3] = ["yaml", "yml", "json"];
/// Bytes that are read of a plan; what is longer is refused when it is parsed, with its size.
const PLAN_LIMIT: u64 = 64 * 1024 * 1024;
/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// Settings, roots, environment and interrupt of this process.
pub(super) struct Session {
    pub(super) settings: Settings,
    pub(super) output: Output,
    pub(super) environment: Environment,
    pub(super) interrupt: Interrupt,
    /// The root of the plan.
    pub(super) root: Root,
    /// The root of the file system.
    pub(super) host: Root,
}

impl Session {
    /// Installs the interrupt first: from here on a signal ends the run cleanly.
    pub(super) fn new(common: &Common, output: Output) -> Result<Self, Failures> {
        let interrupt =
            Interrupt::install().map_err(|error| internal(format!("cannot install the signal handlers: {error}")))?;
        let environment = Environment::from_process();
        let settings = Settings::new(common, &environment)?;
        output.set_format(settings.log);
        logger::install(output.clone(), settings.log, settings.log_level);
        let host = Root::open(Path::new("/")).map_err(|error| error.cannot("open", "/"))?;
        let root = if settings.root == Path::new("/") {
            host.clone()
        } else {
            Root::open(&settings.root)
                .map_err(|error| error.cannot("open the root", settings.root.display()).with_kind(Kind::Usage))?
        };
        Ok(Self { settings, output, environment, interrupt, root, host })
    }

    /// The text of the plan: from the command line, the environment, or where it is by default.
    pub(super) fn plan_text(&self, argument: &PlanArgument) -> Result<PlanText, Failures> {
        let path = argument.plan.as_deref().or(self.settings.plan.as_deref());
        let source = match (path, &self.settings.plan_yaml) {
            (Some(path), _) if path == Path::new("-") => {
                Source::new("standard input", read_standard_input(&self.interrupt)?)
            }
            (Some(path), _) => self.read_plan(path).map_err(|failure| {
                let looks_like_a_plan =
                    path.extension().is_some_and(|suffix| SUFFIXES.iter().any(|known| suffix == *known));
                let is_typed = argument.plan.is_some() && !looks_like_a_plan;
                failure.maybe_hint(
                    is_typed.then(|| "the argument is the plan; an application stands behind `--`".to_owned()),
                )
            })?,
            (None, Some(text)) => Source::new("FITOUT_PLAN_YAML", text.as_str()),
            (None, None) => self.read_plan(Path::new(DEFAULT_PLAN)).map_err(|failure| {
                failure.hint("name the plan as an argument, in FITOUT_PLAN, or put its text into FITOUT_PLAN_YAML")
            })?,
        };
        PlanText::parse(source)
    }

    fn read_plan(&self, path: &Path) -> Result<std::sync::Arc<Source>, Failure> {
        let absolute = absolute(path)?;
        let cannot =
            |cause: String| Failure::new(Kind::Plan, format!("cannot read the plan `{}`: {cause}", path.display()));
        let bytes = self.host.read(&absolute, PLAN_LIMIT).map_err(|error| cannot(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8".to_owned()))?;
        Ok(Source::new(path.display().to_string(), text))
    }

    /// Where inputs come from.
    pub(super) fn outside(&self) -> Outside<'_> {
        Outside { environment: &self.environment, root: &self.root, host: &self.host, scrubber: &self.output.scrubber }
    }

    /// Checks the plan and collects its inputs.
    pub(super) fn prepare(&self, text: &PlanText, arguments: &[OsString]) -> Result<(Plan, Context), Failures> {
        let (_, mut findings) = text.check();
        findings.extend(
            input::check(&text.inputs, &text.declared).into_iter().map(|failure| failure.in_source(&text.source)),
        );
        Failures::check(findings)?;
        let inputs = if text.declared.any_env {
            input::unchecked(&text.inputs, &text.declared, self.outside())
        } else {
            input::collect(&text.inputs, &text.declared, self.outside())
        };
        let Inputs { data, environment } = inputs.map_err(|failures| failures.in_source(&text.source))?;
        let command = super::exec::command(arguments, &text.exec(&data), &environment, &self.root);
        let mut data = data.with_arguments(lossy(&command.map_err(|failure| failure.in_source(&text.source))?));
        text.declared.captured.iter().for_each(|name| data.set_fact(name, None));
        let mut plan = text.resolve(&data, process::is_root(), &|secret| self.output.scrubber.learn_all(secret))?;
        if let Some(confine) = self.settings.confine {
            plan.confine = Located { value: confine, ..Located::default() };
        }
        let context = Context {
            step: String::new(),
            root: self.root.clone(),
            data,
            environment,
            interrupt: self.interrupt.clone(),
            scrubber: self.output.scrubber.clone(),
            deadline: None,
        };
        Ok((plan, context))
    }

    /// Checks the plan, collects its inputs and carries it out; the `request` holds what was typed. Returns what a hand-over needs.
    pub(super) fn carry_out(
        &self,
        text: &PlanText,
        request: Request<'_>,
        mode: &mut Mode<'_>,
        report: &mut Report,
    ) -> Result<(Plan, Context), Failures> {
        let (plan, mut context) = self.prepare(text, request.arguments)?;
        let command = super::exec::command(request.arguments, &plan.exec, &context.environment, &self.root);
        let command = command.map_err(|failure| failure.in_source(&plan.source))?;
        let request = Request { arguments: &command, ..request };
        execute(&plan, &mut context, request, mode, report)?;
        Ok((plan, context))
    }

    /// The same, with the report written whatever comes of it.
    pub(super) fn carry_out_and_report(
        &self,
        text: &PlanText,
        request: Request<'_>,
        mode: &mut Mode<'_>,
    ) -> Result<(Plan, Context, Report), Failures> {
        let mut report = Report::new();
        let done = self.carry_out(text, request, mode, &mut report);
        if let Err(failures) = &done {
            report.fail(failures);
        }
        if report.result == "pending" {
            report.exit_code = super::show::PENDING;
        }
        self.write_report(&report);
        done.map(|(plan, context)| (plan, context, report))
    }
}

impl Session {
    /// The report that was written, opened while there is the right to.
    pub(super) fn written_report(&self) -> Option<OpenedFile> {
        let path = absolute(self.settings.report.as_ref()?).ok()?;
        self.host.open_to_overwrite(&path).ok()
    }

    /// Writes the report after rights were given up: into the file that is open, where there is one.
    pub(super) fn write_report_again(&self, report: &Report, file: Option<&OpenedFile>) {
        match (file, &self.settings.report) {
            (Some(file), Some(path)) => self.output.report_again(report, file, path),
            _ => self.write_report(report),
        }
    }

    /// Writes the report, if one is asked for.
    pub(super) fn write_report(&self, report: &Report) {
        let Some(path) = &self.settings.report else { return };
        match absolute(path) {
            Ok(path) => self.output.report(report, &path, &self.host),
            Err(failure) => log::warn!("{failure}"),
        }
    }
}

/// Arguments as a template sees them: what is not UTF-8 becomes U+FFFD, as it does for a condition.
fn lossy(arguments: &[OsString]) -> Vec<String> {
    arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// A path that was typed is relative to the working directory.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::new(Kind::Usage, format!("cannot use the path `{}`: {error}", path.display())))
}

/// The whole of standard input. Whoever writes it may take his time, so a signal ends the waiting.
fn read_standard_input(interrupt: &Interrupt) -> Result<String, Failure> {
    let cannot = |cause: &str| Failure::new(Kind::Plan, format!("cannot read the plan from standard input: {cause}"));
    let input = std::io::stdin();
    let mut bytes = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let mut watched = vec![PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        watched.extend(interrupt.as_fd().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => interrupt.check()?,
            Err(errno) => return Err(cannot(errno.desc())),
        }
        // Read past the buffer of `Stdin`: what lies in that one cannot be polled.
        match read(&input, &mut chunk) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(errno) => return Err(cannot(errno.desc())),
        }
        if bytes.len() as u64 > PLAN_LIMIT {
            break;
        }
    }
    String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8"))
}
