//! The only way out: data to standard output, everything else to standard error, and the scrubber before both.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use super::args::LogFormat;
use super::logger::timestamp;
use super::session::Session;
use crate::failure::{Failure, Failures, Kind};
use crate::process::Environment;
use crate::root::{FileKind, OpenedFile, Root};
use crate::run::Report;
use crate::secret::Scrubber;

/// What Kubernetes reads of a termination message, in bytes.
const TERMINATION_LIMIT: usize = 4096;
/// Where Kubernetes mounts the file for it.
const TERMINATION_LOG: &str = "/dev/termination-log";

/// Standard output and standard error, scrubbed.
#[derive(Clone, Default)]
pub(super) struct Output {
    pub(super) scrubber: Scrubber,
    format: Arc<OnceLock<LogFormat>>,
    /// The termination message is somebody else's.
    leaves_message: Arc<OnceLock<()>>,
}

impl Output {
    pub(super) fn set_format(&self, format: LogFormat) {
        let _ = self.format.set(format);
    }

    pub(super) fn is_json(&self) -> bool {
        self.format.get() == Some(&LogFormat::Json)
    }

    /// From here on the termination message is not written.
    pub(super) fn leave_termination_message_alone(&self) {
        let _ = self.leaves_message.set(());
    }

    /// Writes data. A reader that went away is no failure of ours.
    pub(super) fn data(&self, text: &str) {
        let _ = std::io::stdout().lock().write_all(self.clean(text).as_bytes());
    }

    /// Writes data in a colour: the number that a terminal knows it by.
    pub(super) fn data_in(&self, color: Option<u8>, text: &str) {
        let Some(color) = color else { return self.data(text) };
        let text = self.clean(text);
        let (line, end) = text.strip_suffix('\n').map_or((text.as_str(), ""), |line| (line, "\n"));
        let _ = std::io::stdout().lock().write_all(format!("\x1b[{color}m{line}\x1b[0m{end}").as_bytes());
    }

    /// Writes data as JSON on several lines.
    pub(super) fn data_json(&self, value: serde_json::Value) {
        let _ = std::io::stdout().lock().write_all(self.json(value, true).as_bytes());
    }

    /// Writes one line of JSON that is not data.
    pub(super) fn message_json(&self, value: serde_json::Value) {
        let _ = std::io::stderr().lock().write_all(self.json(value, false).as_bytes());
    }

    /// Each text is scrubbed by itself: what stands around it is ours, and has to stay JSON.
    fn json(&self, mut value: serde_json::Value, pretty: bool) -> String {
        scrub_texts(&mut value, &self.scrubber);
        let text = if pretty { format!("{value:#}\n") } else { format!("{value}\n") };
        if !text.contains(is_late_control) {
            return text;
        }
        let escape = |c: char| if is_late_control(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
        text.chars().map(escape).collect()
    }

    /// Without secrets, and without control characters: they come from files and must not steer a terminal.
    fn clean(&self, text: &str) -> String {
        let text = self.scrubber.scrub(text);
        if !text.contains(|c: char| c.is_control() && !"\n\t".contains(c)) {
            return text;
        }
        text.chars().fold(String::with_capacity(text.len()), |mut clean, c| {
            if c.is_control() && !"\n\t".contains(c) {
                clean.extend(c.escape_default());
            } else {
                clean.push(c);
            }
            clean
        })
    }

    /// Writes everything that is not data.
    pub(super) fn message(&self, text: &str) {
        let _ = std::io::stderr().lock().write_all(self.clean(text).as_bytes());
    }

    /// Tells what is wrong with the command line, or the help that was asked for.
    pub(super) fn usage(&self, error: &clap::Error) -> ExitCode {
        let text = error.render().to_string();
        if error.use_stderr() {
            self.message(&text);
            let cause = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            self.leave_termination_message(&Failure::new(Kind::Usage, cause).into(), None);
            return ExitCode::from(Kind::Usage.code());
        }
        self.data(&text);
        ExitCode::SUCCESS
    }

    /// Tells every failure, leaves the termination message, and returns the exit code.
    pub(super) fn fail(&self, failures: &Failures, session: Option<&Session>) -> ExitCode {
        for failure in failures.iter() {
            if self.is_json() {
                let report = crate::run::FailureReport::from(failure);
                let mut line = serde_json::to_value(report).unwrap_or_default();
                line["time"] = timestamp().into();
                line["level"] = "error".into();
                self.message_json(line);
            } else {
                self.message(&failure.to_text());
            }
        }
        self.leave_termination_message(failures, session);
        ExitCode::from(failures.kind().code())
    }

    /// Writes the reason where `kubectl describe pod` shows it. The run has failed already: this cannot make it worse.
    fn leave_termination_message(&self, failures: &Failures, session: Option<&Session>) {
        if self.leaves_message.get().is_some() {
            return;
        }
        // Without a session the settings could not be read: one variable is enough for this.
        let environment = Environment::from_process();
        let typed = session.map_or_else(
            || environment.get("FITOUT_TERMINATION_LOG").filter(|path| !path.is_empty()).map(Path::new),
            |session| session.settings.termination_log.as_deref(),
        );
        let given = typed.and_then(|path| std::path::absolute(path).ok());
        let Ok(host) = session.map_or_else(|| Root::open(Path::new("/")), |session| Ok(session.host.clone())) else {
            return;
        };
        let mut message = self.scrubber.scrub(&failures.to_termination_message());
        let mut end = message.len().min(TERMINATION_LIMIT);
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        message.truncate(end);
        let path = given.as_deref().unwrap_or_else(|| Path::new(TERMINATION_LOG));
        if let Err(error) = host.overwrite(path, message.as_bytes(), given.is_some())
            && given.is_some()
        {
            log::warn!("cannot write the termination message `{}`: {error}", path.display());
        }
    }

    /// Writes the report.
    pub(super) fn report(&self, report: &Report, path: &Path, host: &Root) {
        if matches!(host.metadata(path), Ok(Some(metadata)) if metadata.kind != FileKind::File) {
            log::warn!("cannot write the report `{}`: something else than a file is there", path.display());
            return;
        }
        let text = self.json(serde_json::to_value(report).unwrap_or_default(), true);
        let attributes = crate::root::Attributes { mode: Some(0o640), ..crate::root::Attributes::default() };
        if let Err(error) = host.write(path, text.as_bytes(), attributes) {
            log::warn!("cannot write the report `{}`: {error}", path.display());
        }
    }

    /// Writes the report into the file that holds an earlier one.
    pub(super) fn report_again(&self, report: &Report, file: &OpenedFile, path: &Path) {
        let text = self.json(serde_json::to_value(report).unwrap_or_default(), true);
        if let Err(error) = file.overwrite(text.as_bytes()) {
            log::warn!("cannot write the report `{}`: {error}", path.display());
        }
    }

    /// A panic is a fault of ours: it says so, without a backtrace that may hold values, and ends with 70.
    pub(super) fn report_panics(&self) {
        let output = self.clone();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
            output.message(&format!("error: internal error{}\n", place.unwrap_or_default()));
            #[expect(
                clippy::disallowed_methods,
                reason = "a panic cannot return to main, which otherwise decides the exit code"
            )]
            std::process::exit(i32::from(Kind::Internal.code()));
        }));
    }
}

/// Control characters that JSON may hold as they are, and a terminal should not get.
fn is_late_control(c: char) -> bool {
    ('\u{7f}'..='\u{9f}').contains(&c)
}

fn scrub_texts(value: &mut serde_json::Value, scrubber: &Scrubber) {
    match value {
        serde_json::Value::String(text) => *text = scrubber.scrub(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| scrub_texts(item, scrubber)),
        serde_json::Value::Object(entries) => entries.values_mut().for_each(|item| scrub_texts(item, scrubber)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}
