//! What a step would change, and what it changed.

/// The differences between the world and the wish, and what is needed to remove them.
#[derive(Debug)]
pub(crate) struct Change<Work> {
    pub(crate) differences: Vec<Difference>,
    pub(crate) work: Work,
}

impl<Work> Change<Work> {
    pub(crate) fn new(differences: Vec<Difference>, work: Work) -> Self {
        Self { differences, work }
    }
}

/// One difference, as `show` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) sign: Sign,
    /// What differs: a path, a version of a migration, a program, a target.
    pub(crate) subject: String,
    /// How it differs, for instance `owner 0:0 -> 1000:1000`.
    pub(crate) detail: String,
    /// A unified diff of the content, where it is text.
    pub(crate) diff: Option<String>,
}

impl Difference {
    pub(crate) fn new(sign: Sign, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { sign, subject: subject.into(), detail: detail.into(), diff: None }
    }
}

/// The kind of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Create,
    Modify,
    Delete,
    /// Something is carried out: a program, a migration.
    Run,
    /// Something is not ready yet. Waiting for it changes nothing.
    Wait,
}

impl Sign {
    pub(crate) fn character(self) -> char {
        match self {
            Self::Create => '+',
            Self::Modify => '~',
            Self::Delete => '-',
            Self::Run => '>',
            Self::Wait => '?',
        }
    }

    pub(crate) fn is_pending_change(self) -> bool {
        self != Self::Wait
    }
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) changed: bool,
    /// One line for log and report, for instance `3 changed of 1200`.
    pub(crate) summary: String,
    /// What was counted, for the report.
    pub(crate) counts: Vec<(&'static str, u64)>,
    /// The fact that it captured, for later steps.
    pub(crate) captured: Option<(String, String)>,
}

impl Outcome {
    pub(crate) fn changed(summary: impl Into<String>) -> Self {
        Self { changed: true, summary: summary.into(), counts: Vec::new(), captured: None }
    }

    pub(crate) fn unchanged(summary: impl Into<String>) -> Self {
        Self { changed: false, summary: summary.into(), counts: Vec::new(), captured: None }
    }
}
