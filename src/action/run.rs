//! `run`: an external program ran.

use std::ffi::OsString;

use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::failure::{Failure, Failures, Kind};
use crate::process::{Credentials, Exit, GRACE, Program, signal_name};
use crate::root::Accounts;
use crate::spec::RunSpec;

impl Perform for RunSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        if let Some(path) = &self.creates {
            let found = context.root.metadata_followed(path.as_path());
            if found.map_err(|error| error.cannot("look at", &path.value).at(path.span))?.is_some() {
                return Ok(Change::new(Vec::new(), ()));
            }
        }
        let detail = self.user.as_ref().map(|user| format!("as {}", user.value)).unwrap_or_default();
        Ok(Change::new(vec![Difference::new(Sign::Run, self.shown(), detail)], ()))
    }

    fn apply(&self, _: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        let span = self.command.first().map(|name| name.span).unwrap_or_default();
        let command: Vec<OsString> = self.command.iter().map(|word| word.value.clone().into()).collect();
        let mut environment = context.environment.clone();
        for (name, value) in &self.env.0 {
            environment.set(&name.value, value);
        }
        let program = Program {
            command: &command,
            environment: &environment,
            credentials: self.credentials(context)?.as_ref(),
            deadline: context.deadline,
            grace: GRACE,
        }
        .run(&context.interrupt, &mut |line| log::info!("{line}"));
        let name = self.command.first().map(|name| name.value.as_str()).unwrap_or_default();
        let failure = match program.map_err(|failure| failure.at(span))? {
            Exit::Code(0) => return Ok(Outcome::changed(format!("`{name}` ended with code 0"))),
            Exit::Code(code) => failed(&format!("`{name}` ended with code {code}")),
            Exit::Signal(signal) => failed(&format!("`{name}` was ended by {}", signal_name(signal))),
        };
        Err(failure.at(span).into())
    }
}

impl RunSpec {
    fn credentials(&self, context: &Context) -> Result<Option<Credentials>, Failure> {
        let Some(user) = &self.user else {
            return Ok(None);
        };
        let accounts = Accounts::read(&context.root)
            .map_err(|error| error.cannot("look up the user", &user.value).at(user.span))?;
        Credentials::resolve(user, &accounts).map(Some).map_err(|failure| failure.at(user.span))
    }

    /// The command as a person would type it. Only for the eye: nothing ever reads it as shell.
    fn shown(&self) -> String {
        let words: Vec<String> = self.command.iter().map(|word| quoted(&word.value)).collect();
        words.join(" ")
    }
}

fn failed(message: &str) -> Failure {
    Failure::new(Kind::Step, message)
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut text = String::from("'");
    for character in word.chars() {
        match character {
            '\'' => text.push_str(r"'\''"),
            // Nothing that is printed may steer a terminal.
            control if control.is_control() => text.extend(control.escape_debug()),
            other => text.push(other),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::{Change, Context, Outcome, Perform, Sign, quoted};
    use crate::document::{Located, Table};
    use crate::failure::{Failures, Kind, Span};
    use crate::process::Interrupt;
    use crate::root::Root;
    use crate::secret::Scrubber;
    use crate::spec::{AbsolutePath, RunSpec};

    fn context() -> Context {
        Context {
            root: Root::open(Path::new("/")).unwrap(),
            data: crate::template::Data::default(),
            environment: [("PATH".into(), "/usr/bin:/bin".into()), ("A".into(), "outer".into())].into_iter().collect(),
            interrupt: Interrupt::none(),
            scrubber: Scrubber::default(),
            deadline: None,
        }
    }

    fn spec(words: &[&str]) -> RunSpec {
        let place = Span::new(3, 7, 1);
        let command = words.iter().map(|word| Located::new(place, (*word).to_owned())).collect();
        RunSpec { command, env: Table::default(), creates: None, user: None }
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
        let variable = |name: &str, value: &str| (Located::new(Span::default(), name.to_owned()), value.to_owned());
        spec.env = Table(vec![variable("A", "inner"), variable("B", "new")]);
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
        assert_eq!(quoted("a\x1b[31m"), r"'a\u{1b}[31m'");
    }
}
