//! What is wrong with a text, and where.

/// What is wrong, and the byte of the text at which it is. Never names a value: values may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Bytes from the beginning of the text that was given in.
    pub(crate) offset: usize,
    /// Lower case, no full stop, for instance `the string is not closed`.
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
