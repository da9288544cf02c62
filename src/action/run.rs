//! `run`: an external program ran.

mod capture;

use std::collections::VecDeque;

use self::capture::Captured;
use super::launch::{Launch, shown_command, words};
use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::document::Located;
use crate::failure::{Failure, Failures};
use crate::net::Backoff;
use crate::process::{Channel, Exit, Listen};
use crate::spec::{Capture, RunSpec};

/// Lines of its output that a failure tells: the log has all of them, a termination message has nothing else.
const LINES: usize = 3;

impl Perform for RunSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let span = self.command.first().map(|name| name.span).unwrap_or_default();
        Failures::check(self.findings(span))?;
        if let Some(path) = &self.creates {
            let found = context.root.metadata_followed(path.as_path());
            if found.map_err(|error| error.cannot("look at", &path.value).at(path.span))?.is_some() {
                return Ok(Change::new(Vec::new(), ()));
            }
        }
        let detail = self.user.as_ref().map(|user| format!("as {}", user.value)).unwrap_or_default();
        let shown = shown_command(&words(self.program(), context)?);
        Ok(Change::new(vec![Difference::new(Sign::Run, shown, detail)], ()))
    }

    fn apply(&self, _: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        let launch = Launch::new(self.program(), context)?;
        let input = launch.input(self.stdin.as_ref())?;
        let expected = self.ok_output.as_ref().map(|pattern| pattern.regex()).transpose()?;
        let mut backoff = Backoff::new(self.interval().get());
        let (tries, mut number) = (u64::from(self.retries) + 1, 0);
        loop {
            number += 1;
            let captures = self.capture.is_some();
            let mut heard = Heard {
                expected: expected.as_ref(),
                is_expected: false,
                captures,
                captured: Captured::default(),
                last: VecDeque::new(),
                context,
            };
            let exit = launch.run(&input, &mut heard)?;
            let ended = launch.ended(exit);
            let in_tries = if number == 1 { String::new() } else { format!(" in try {number}") };
            if matches!(exit, Exit::Code(code) if self.is_ok(code)) {
                let captured = self.captured(&heard, &launch)?;
                return Ok(Outcome { captured, ..Outcome::changed(format!("{ended}{in_tries}")) });
            }
            if heard.is_expected && matches!(exit, Exit::Code(_)) {
                let captured = self.captured(&heard, &launch)?;
                let summary = format!("{ended}{in_tries}, with the output that `ok_output` expects");
                return Ok(Outcome { captured, ..Outcome::unchanged(summary) });
            }
            if number == tries {
                return Err(heard.failure(&launch, &format!("{ended}{in_tries}")).into());
            }
            wait(&mut backoff, &format!("{ended} in try {number} of {tries}"), context)?;
        }
    }
}

impl RunSpec {
    /// The fact that the program printed, if one is wanted.
    fn captured(&self, heard: &Heard<'_>, launch: &Launch<'_>) -> Result<Option<(String, String)>, Failure> {
        let fact = |capture: &Located<Capture>| heard.captured.fact(capture, &launch.name(), &heard.context.scrubber);
        self.capture.as_ref().map(fact).transpose()
    }
}

/// What a program prints in one try.
struct Heard<'a> {
    expected: Option<&'a regex_lite::Regex>,
    is_expected: bool,
    captures: bool,
    captured: Captured,
    /// The last lines that are not blank.
    last: VecDeque<String>,
    context: &'a Context,
}

impl Heard<'_> {
    fn failure(&self, launch: &Launch<'_>, message: &str) -> Failure {
        let note = |failure: Failure, line: &String| failure.note(format!("{}: {line}", launch.name()));
        self.last.iter().fold(launch.failed(message), note)
    }
}

impl Listen for Heard<'_> {
    /// The line goes to our log, in which no secret is printed.
    fn line(&mut self, channel: Channel, line: &str) {
        self.is_expected |= self.expected.is_some_and(|expected| expected.is_match(line));
        let step = self.context.step.as_str();
        log::info!(step, stream = channel.name(); "{step}: {line}");
        if !line.trim().is_empty() {
            if self.last.len() == LINES {
                self.last.pop_front();
            }
            self.last.push_back(line.to_owned());
        }
    }

    /// A line may be longer than those of a log.
    fn bytes(&mut self, channel: Channel, bytes: &[u8]) {
        if self.captures && channel == Channel::Output {
            self.captured.push(bytes);
        }
    }
}

/// The pause before the next try; never after a signal, nor longer than the step may take.
fn wait(backoff: &mut Backoff, ended: &str, context: &Context) -> Result<(), Failure> {
    context.check_interrupt().map_err(|failure| failure.note(ended))?;
    let pause = backoff.pause();
    let step = context.step.as_str();
    log::warn!(step; "{step}: {ended}, the next one in {:.1}s", pause.as_secs_f64());
    let left = context.deadline.map(|deadline| deadline.saturating_duration_since(std::time::Instant::now()));
    context.interrupt.sleep(left.map_or(pause, |left| left.min(pause)))?;
    context.check_interrupt().map_err(|failure| failure.note(ended))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::{Change, Context, Outcome, Perform, Sign};
    use crate::document::{Located, parse, read};
    use crate::failure::{Failures, Kind, Source, Span};
    use crate::process::Interrupt;
    use crate::root::Root;
    use crate::secret::Scrubber;
    use crate::spec::{AbsolutePath, EnvValue, RunSpec};

    fn context() -> Context {
        Context {
            step: String::new(),
            root: Root::open(Path::new("/")).unwrap(),
            data: crate::template::Data::default(),
            environment: [("PATH".into(), "/usr/bin:/bin".into()), ("A".into(), "outer".into())].into_iter().collect(),
            interrupt: Interrupt::none(),
            scrubber: Scrubber::default(),
            deadline: None,
        }
    }

    /// The program, as it stands in the third line of a plan.
    fn spec(words: &[&str]) -> RunSpec {
        let text = serde_json::json!({ "command": words }).to_string();
        let mut spec = read::<RunSpec>(&parse(&Source::new("run", text)).unwrap()).value.unwrap();
        spec.command.iter_mut().for_each(|word| word.span = Span::new(3, 7, 1));
        spec
    }

    fn apply(spec: &RunSpec, context: &Context) -> Result<Outcome, Failures> {
        spec.apply(Change::new(Vec::new(), ()), context)
    }

    #[test]
    fn the_end_of_the_program_is_the_outcome() {
        assert_eq!(apply(&spec(&["true"]), &context()).unwrap(), Outcome::changed("`true` ended with code 0"));
        for (words, message) in [
            (&["sh", "-c", "exit 3"][..], "`sh` ended with code 3"),
            (&["sh", "-c", "kill -KILL $$"], "`sh` was ended by SIGKILL"),
            (&["/missing"], "cannot execute `/missing`: no such file"),
        ] {
            let failure = apply(&spec(words), &context()).unwrap_err();
            assert_eq!((failure.kind(), failure.to_string().as_str()), (Kind::Step, message));
            assert_eq!(failure.iter().next().unwrap().details().span, Span::new(3, 7, 1));
        }
        let context = Context { deadline: Some(Instant::now() + Duration::from_millis(50)), ..context() };
        assert_eq!(apply(&spec(&["sleep", "30"]), &context).unwrap_err().kind(), Kind::Timeout);
    }

    #[test]
    fn variables_of_the_step_win() {
        let mut spec = spec(&["sh", "-c", "[ \"$A $B\" = 'inner new' ]"]);
        let variable =
            |name: &str, value: &str| (Located::new(Span::default(), name.to_owned()), EnvValue::Set(value.to_owned()));
        spec.env.0 = vec![variable("A", "inner"), variable("B", "new")];
        assert!(apply(&spec, &context()).is_ok());
    }

    #[test]
    fn observe_tells_the_command_unless_it_is_done() {
        let mut spec = spec(&["psql", "-c", "select 'a b'", ""]);
        let change = spec.observe(&context()).unwrap();
        assert_eq!(change.differences[0].sign, Sign::Run);
        assert_eq!(change.differences[0].subject, r"psql -c 'select '\''a b'\''' ''");
        let path = |path: &str| Some(Located::new(Span::default(), AbsolutePath::try_from(path.to_owned()).unwrap()));
        spec.creates = path("/etc/passwd");
        assert!(spec.observe(&context()).unwrap().differences.is_empty());
        spec.creates = path("/etc/missing");
        assert_eq!(spec.observe(&context()).unwrap().differences.len(), 1);
    }
}
