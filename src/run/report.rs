//! What was done, for machines.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::action::{Difference, Outcome};
use crate::failure::{Failure, Failures};
use crate::plan::Step;

/// The result of a run, as `--report` writes it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) fitout: &'static str,
    /// `done`, `unchanged`, `pending` (of `show`) or `failed`.
    pub(crate) result: &'static str,
    pub(crate) exit_code: u8,
    pub(crate) steps: Vec<StepReport>,
    pub(crate) failures: Vec<FailureReport>,
}

#[derive(Debug, Serialize)]
pub(crate) struct StepReport {
    pub(crate) number: usize,
    pub(crate) name: Option<String>,
    pub(crate) verb: &'static str,
    /// `changed`, `unchanged`, `skipped`, `pending`, `failed` or `warned`.
    pub(crate) outcome: &'static str,
    pub(crate) summary: String,
    /// What the step counted, for instance `seen`, `changed`, `skipped` and `denied` of `own`.
    #[serde(skip_serializing_if = "Counts::is_empty")]
    pub(crate) counts: Counts,
    pub(crate) differences: Vec<Shown>,
    pub(crate) milliseconds: u64,
    /// The steps inside of `once` and `serve`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<StepReport>,
}

/// Numbers by name.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

impl StepReport {
    pub(super) fn new(step: &Step) -> Self {
        Self {
            number: step.number.last(),
            name: step.name.clone(),
            verb: step.action.verb(),
            outcome: "unchanged",
            summary: String::new(),
            counts: Counts::new(),
            differences: Vec::new(),
            milliseconds: 0,
            steps: Vec::new(),
        }
    }

    /// Takes over what the step says that it did.
    pub(super) fn take(&mut self, outcome: Outcome) {
        self.summary = outcome.summary;
        self.counts = outcome.counts.into_iter().collect();
    }
}

/// A difference without its content: the content may be large, and secret.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    pub(crate) sign: char,
    pub(crate) subject: String,
    pub(crate) detail: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct FailureReport {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) place: Option<String>,
    pub(crate) step: Option<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) hint: Option<String>,
}

impl From<&Difference> for Shown {
    fn from(difference: &Difference) -> Self {
        Self {
            sign: difference.sign.character(),
            subject: difference.subject.clone(),
            detail: difference.detail.clone(),
        }
    }
}

impl From<&Failure> for FailureReport {
    fn from(failure: &Failure) -> Self {
        let details = failure.details();
        Self {
            kind: details.kind.name(),
            message: details.message.clone(),
            place: failure.place().map(|place| place.to_string()),
            step: details.step.clone(),
            notes: details.notes.clone(),
            hint: details.hint.clone(),
        }
    }
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { fitout: env!("CARGO_PKG_VERSION"), result: "unchanged", ..Self::default() }
    }

    pub(crate) fn fail(&mut self, failures: &Failures) {
        self.result = "failed";
        self.exit_code = failures.kind().code();
        self.failures = failures.iter().map(FailureReport::from).collect();
    }
}

/// Whether a step that is pending would change this file.
pub(super) fn changes_before(steps: &[StepReport], path: &str) -> bool {
    let pending = steps.iter().filter(|step| step.outcome == "pending");
    pending.flat_map(|step| &step.differences).any(|difference| difference.subject == path)
}

/// Whether a step that is pending would change a database.
pub(super) fn changes_a_database(steps: &[StepReport]) -> bool {
    let pending = steps.iter().filter(|step| step.outcome == "pending");
    pending.map(|step| step.verb).any(|verb| ["migrate", "sql", "seed", "serve", "once"].contains(&verb))
}

/// Whole milliseconds of a length of time.
pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
