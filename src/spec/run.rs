//! `run`: an external program ran.

use super::program::program_spec;
use super::{AbsolutePath, Capture, Duration, Pattern, StdinSpec};
use crate::document::Located;
use crate::failure::{Failure, Kind, Span};

program_spec! {
    /// An external program ran and ended with 0. No shell is involved.
    #[cfg_attr(feature = "schema", schemars(rename = "run"))]
    struct RunSpec {
        /// The program and its arguments, word by word.
        pub(crate) command: Vec<Located<String>>,
        /// What it reads from its standard input; without it nothing.
        pub(crate) stdin: Option<Located<StdinSpec>>,
        /// The step is done when this exists.
        pub(crate) creates: Option<Located<AbsolutePath>>,
        /// The exit codes that are no failure; 0 alone without it.
        pub(crate) ok_codes: Option<Located<Vec<u8>>>,
        /// A failure is none, and nothing was to do, if a line that the program printed matches this.
        pub(crate) ok_output: Option<Located<Pattern>>,
        /// What it prints on its standard output is `{{facts.NAME}}` for later steps.
        pub(crate) capture: Option<Located<Capture>>,
        /// How often it is tried again when it fails.
        #[serde(default)]
        pub(crate) retries: u32,
        /// The first pause between two tries; it doubles up to five seconds, with jitter. 1s without it.
        pub(crate) interval: Option<Located<Duration>>,
    }
}

impl RunSpec {
    /// What is wrong across fields; `span` is the place of the step. Asked again when the step is done: what it holds may come
    /// from templates.
    pub(crate) fn findings(&self, span: Span) -> Vec<Failure> {
        let finding = |span, message: &str| Failure::new(Kind::Plan, message).at(span);
        let mut findings = Vec::new();
        if self.command.is_empty() {
            findings.push(finding(span, "`run` needs a command"));
        }
        if let Some(codes) = self.ok_codes.as_ref().filter(|codes| codes.is_empty()) {
            let hint = "remove `ok_codes`, or name the codes that are no failure";
            findings.push(finding(codes.span, "no exit code would do").hint(hint));
        }
        if let Some(capture) = self.capture.as_ref().filter(|capture| !is_name(&capture.name)) {
            let span = if capture.name.span == Span::default() { capture.span } else { capture.name.span };
            let hint = "letters, digits and `_`, as it stands in `{{facts.NAME}}`";
            findings.push(finding(span, "not the name of a fact").hint(hint));
        }
        if let (Some(interval), 0) = (&self.interval, self.retries) {
            findings.push(finding(interval.span, "`interval` has no meaning without `retries`"));
        }
        findings
    }

    /// The first pause between two tries.
    pub(crate) fn interval(&self) -> Duration {
        self.interval.as_ref().map_or_else(|| Duration::from_seconds(1), |interval| interval.value)
    }

    pub(crate) fn is_ok(&self, code: i32) -> bool {
        match &self.ok_codes {
            Some(codes) => codes.iter().any(|known| i32::from(*known) == code),
            None => code == 0,
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
