//! What went wrong: kind, message, place, step, cause and remedy, and how that is told to a person.

mod embedded;
mod kind;
mod place;
mod render;
mod suggestion;

use std::fmt;
use std::sync::Arc;

pub(crate) use kind::Kind;
pub(crate) use place::{Place, Source, Span};
pub(crate) use suggestion::did_you_mean;

/// One thing that went wrong. Boxed, so that a `Result` with it stays small.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Details>);

/// The parts of a failure.
#[derive(Debug, Clone)]
pub(crate) struct Details {
    pub(crate) kind: Kind,
    /// `cannot <verb> <thing>: <cause>`: lower case, names in backticks, no full stop.
    pub(crate) message: String,
    /// Where it was written; the source is added by whoever knows it.
    pub(crate) span: Span,
    pub(crate) source: Option<Arc<Source>>,
    /// The text that the span is in, while the source around it is not known.
    embedded: Option<embedded::Embedded>,
    /// The label of the step, for instance ``step 1 `app config` ``.
    pub(crate) step: Option<String>,
    /// Further facts, one line each, for instance the system call that was refused.
    pub(crate) notes: Vec<String>,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            message: message.into(),
            span: Span::default(),
            source: None,
            embedded: None,
            step: None,
            notes: Vec::new(),
            hint: None,
        }))
    }

    /// Sets the place, unless a nearer one is known already.
    pub(crate) fn at(mut self, span: Span) -> Self {
        if !self.0.span.is_known() {
            self.0.span = span;
        }
        self
    }

    /// Sets the text that the place is in, unless it is known already.
    pub(crate) fn in_source(mut self, source: &Arc<Source>) -> Self {
        if self.0.source.is_some() {
            return self;
        }
        self.0.source = Some(Arc::clone(source));
        match self.0.embedded.take() {
            Some(embedded) => self.surface(&embedded, source),
            None => self,
        }
    }

    pub(crate) fn in_step(mut self, label: &str) -> Self {
        if self.0.step.is_none() {
            self.0.step = Some(label.to_owned());
        }
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint.get_or_insert_with(|| hint.into());
        self
    }

    pub(crate) fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// The same failure as another kind, for instance a file that is an input.
    pub(crate) fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    pub(crate) fn details(&self) -> &Details {
        &self.0
    }

    /// The place, when both its span and its source are known.
    pub(crate) fn place(&self) -> Option<Place> {
        let source = self.0.source.as_ref()?;
        self.0.span.is_known().then(|| Place { source: Arc::clone(source), span: self.0.span })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

/// Everything that was found wrong at once; never empty.
#[derive(Debug, Clone)]
pub(crate) struct Failures(Vec<Failure>);

impl Failures {
    /// `Err` with all findings, or `Ok` when there are none.
    pub(crate) fn check(findings: Vec<Failure>) -> Result<(), Self> {
        if findings.is_empty() { Ok(()) } else { Err(Self(findings)) }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Failure> {
        self.0.iter()
    }

    /// The kind that decides the exit code: that of the first finding.
    pub(crate) fn kind(&self) -> Kind {
        self.0.first().map_or(Kind::Internal, Failure::kind)
    }

    /// Each of them with something added to it.
    pub(crate) fn map(self, complete: impl FnMut(Failure) -> Failure) -> Self {
        Self(self.0.into_iter().map(complete).collect())
    }

    /// Sets the text that the places are in, wherever it is not known already.
    pub(crate) fn in_source(self, source: &Arc<Source>) -> Self {
        self.map(|failure| failure.in_source(source))
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<&str> = self.0.iter().map(|failure| failure.0.message.as_str()).collect();
        formatter.write_str(&messages.join("; "))
    }
}

impl From<Failure> for Failures {
    fn from(failure: Failure) -> Self {
        Self(vec![failure])
    }
}
