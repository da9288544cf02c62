//! Values that a template put into a text.

use std::ops::Range;

/// A value in a rendered text, not yet escaped: where `{{x}}` stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insertion {
    /// The bytes of the text that are the value, exactly as it is. May be empty. Insertions are sorted and do not overlap.
    pub(crate) range: Range<usize>,
    pub(crate) scalar: Scalar,
}

/// What the value was before it became text. A text stays a text for whoever reads the file, also when it looks like a
/// number; a number stays a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Text,
    Number,
    Boolean,
}
