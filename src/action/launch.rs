//! A program of a step, ready to be started as often as it takes.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::Context;
use super::program::credentials;
use super::told::Whole;
use crate::document::Located;
use crate::failure::{Failure, Kind, Span};
use crate::input;
use crate::process::{Beside, Credentials, End, Environment, Exit, GRACE, Program, Sealed, Tell, signal_name};
use crate::root::File;
use crate::spec::{EnvValue, ProgramSpec, StdinSpec};

/// A program with everything that it gets.
pub(crate) struct Launch<'a> {
    command: Vec<OsString>,
    environment: Environment,
    credentials: Option<Credentials>,
    directory: Option<PathBuf>,
    files: Vec<Sealed>,
    context: &'a Context,
    /// Where the program stands in the plan.
    span: Span,
}

/// What a program reads, each time that it is started.
pub(super) enum Input {
    None,
    Memory(Sealed),
    File(File),
}

impl<'a> Launch<'a> {
    /// Reads the secrets and looks the user up.
    pub(crate) fn new(spec: ProgramSpec<'_>, context: &'a Context) -> Result<Self, Failure> {
        let credentials = credentials(spec.user, context)?;
        let span = spec.command.first().map(|name| name.span).unwrap_or_default();
        let secret = |source| input::read_secret(source, context.stores());
        let mut files = Vec::new();
        for (name, source) in &spec.secrets_as_files.0 {
            let text = secret(source)?;
            files.push(sealed(text.value.expose().as_bytes(), credentials.as_ref(), name.span)?);
        }
        Ok(Self {
            command: words(spec, context)?,
            environment: environment(spec, credentials.as_ref(), context),
            directory: spec.directory.map(|directory| context.root.host_path(directory.as_path())),
            credentials,
            files,
            context,
            span,
        })
    }

    /// What the program reads from its standard input.
    pub(super) fn input(&self, spec: Option<&Located<StdinSpec>>) -> Result<Input, Failure> {
        let Some(spec) = spec else { return Ok(Input::None) };
        let memory = |text: &str| sealed(text.as_bytes(), self.credentials.as_ref(), spec.span).map(Input::Memory);
        match &spec.value {
            StdinSpec::Text(text) => memory(text),
            StdinSpec::Secret(source) => memory(input::read_secret(source, self.context.stores())?.value.expose()),
            StdinSpec::File(path) => {
                let opened = self.context.root.open_file(path.as_path());
                let (file, _) = opened.map_err(|error| error.cannot("read", &path.value).at(path.span))?;
                Ok(Input::File(file))
            }
        }
    }

    /// The same from whatever writes it.
    pub(super) fn filled(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<Input, std::io::Error> {
        Sealed::new(self.credentials.as_ref(), fill).map(Input::Memory)
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, input: &Input, tell: Tell<'_>) -> Result<Exit, Failure> {
        let stdin = input.begin().map_err(|error| {
            let message = format!("cannot hand its input over to `{}`: {error}", self.name());
            Failure::new(Kind::Step, message).at(self.span)
        })?;
        let program = Program { stdin, deadline: self.context.deadline, ..self.program() };
        let mut whole = Whole { scrubber: &self.context.scrubber, tell };
        program.run(&self.context.interrupt, &mut whole).map_err(|failure| failure.at(self.span))
    }

    /// Runs the program beside something else, until it is stopped by this signal and, after its grace, by SIGKILL.
    pub(crate) fn watch(
        &self,
        beside: &Beside<'_>,
        (signal, grace): (i32, Duration),
        tell: Tell<'_>,
    ) -> Result<End, Failure> {
        let program = Program { grace, ..self.program() };
        let mut whole = Whole { scrubber: &self.context.scrubber, tell };
        beside.watch(&program, signal, &mut whole).map_err(|failure| failure.at(self.span))
    }

    fn program(&self) -> Program<'_> {
        Program {
            command: &self.command,
            environment: &self.environment,
            credentials: self.credentials.as_ref(),
            directory: self.directory.as_deref(),
            stdin: None,
            files: &self.files,
            deadline: None,
            grace: GRACE,
        }
    }

    pub(crate) fn name(&self) -> String {
        self.command.first().map(|name| name.display().to_string()).unwrap_or_default()
    }

    /// How the program ended, in words.
    pub(crate) fn ended(&self, exit: Exit) -> String {
        match exit {
            Exit::Code(code) => format!("`{}` ended with code {code}", self.name()),
            Exit::Signal(signal) => format!("`{}` was ended by {}", self.name(), signal_name(signal)),
        }
    }

    /// A failure at the place of the program.
    pub(crate) fn failed(&self, message: &str) -> Failure {
        Failure::new(Kind::Step, message).at(self.span)
    }
}

impl Input {
    /// From its beginning.
    fn begin(&self) -> std::io::Result<Option<File>> {
        match self {
            Self::None => Ok(None),
            Self::Memory(sealed) => sealed.as_input().map(Some),
            Self::File(file) => {
                std::io::Seek::rewind(&mut &*file)?;
                file.try_clone().map(Some)
            }
        }
    }
}

/// The command with the words of variables behind it.
pub(crate) fn words(spec: ProgramSpec<'_>, context: &Context) -> Result<Vec<OsString>, Failure> {
    let mut words: Vec<OsString> = spec.command.iter().map(|word| word.value.clone().into()).collect();
    words.extend(input::words_of(spec.append_from, &context.environment)?);
    Ok(words)
}

/// The command as a person would type it. Only for the eye: nothing ever reads it as shell.
pub(crate) fn shown_command(words: &[OsString]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(&word.to_string_lossy())).collect();
    words.join(" ")
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

fn environment(spec: ProgramSpec<'_>, credentials: Option<&Credentials>, context: &Context) -> Environment {
    let mut environment = context.environment.clone();
    if let Some(credentials) = credentials {
        environment.set("HOME", &credentials.home);
    }
    for (name, value) in &spec.env.0 {
        match value {
            EnvValue::Set(value) => environment.set(&name.value, value),
            EnvValue::Unset => environment.remove(name),
        }
    }
    environment
}

fn sealed(bytes: &[u8], credentials: Option<&Credentials>, span: Span) -> Result<Sealed, Failure> {
    Sealed::of(bytes, credentials).map_err(|error| {
        let failure = Failure::new(Kind::Step, format!("cannot hand a text over in memory: {error}")).at(span);
        let hint = "to give it to another user, this needs the capability CHOWN";
        if error.kind() == std::io::ErrorKind::PermissionDenied { failure.hint(hint) } else { failure }
    })
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_for_the_eye() {
        for (word, wanted) in [
            ("plain-1.0/x=y", "plain-1.0/x=y"),
            ("", "''"),
            ("select 'a b'", r"'select '\''a b'\'''"),
            ("a\x1b[31m", r"'a\u{1b}[31m'"),
        ] {
            assert_eq!(quoted(word), wanted);
        }
    }
}
