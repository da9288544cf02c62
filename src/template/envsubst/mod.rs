//! Templates in the notation of GNU `envsubst`, on request with the parameter expansions of `sh`.
//!
//! There is no quoting and no escape outside of `${...}`: `$$`, `\$` and every dollar sign that begins nothing stay as they
//! are, and so `$$A` is a dollar sign and the value of `A`. A text that shall keep `${A}` names the variables that are to be
//! replaced, and leaves `A` out; [`Allowed`] is for that.
//!
//! With [`Forms::Posix`], inside the word of `${A:-word}` a backslash before `$`, `}`, `\`, a backquote or a line break is
//! taken away as in a here-document of `sh`; the first other `}` ends the word. Words are templates themselves. In the
//! pattern of `${A#pattern}` a backslash makes the next character an ordinary one. Quotes mean nothing anywhere.

mod expand;
mod glob;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use crate::format::{Insertion, Problem};

pub(crate) use names::Allowed;

/// Which expansions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// `$NAME` and `${NAME}`, byte for byte as GNU `envsubst`.
    Gnu,
    /// Also `${A:-x}`, `${A-x}`, `${A:=x}`, `${A=x}`, `${A:?x}`, `${A?x}`, `${A:+x}`, `${A+x}`, `${#A}`, `${A#x}`, `${A##x}`,
    /// `${A%x}` and `${A%%x}`.
    Posix,
}

/// What becomes of a name without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    Error,
    /// It stays in the text, as it is written.
    Keep,
    Empty,
}

/// A text with places for values, read.
#[derive(Debug)]
pub(crate) struct Template<'a> {
    text: &'a str,
    pieces: Vec<Piece>,
    names: Vec<Name>,
}

/// A text with values in it, and where they are. They have not been escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    pub(crate) insertions: Vec<Insertion>,
    /// For each of them the byte of the template at which it is written.
    pub(crate) origins: Vec<usize>,
}

impl Rendered {
    /// The byte of the template for one of the text: that of the value there, or of the first one behind it.
    pub(crate) fn origin(&self, offset: usize) -> usize {
        let behind = self
            .insertions
            .iter()
            .position(|insertion| insertion.range.end > offset || insertion.range.start >= offset);
        let origin = behind.map_or(self.origins.last(), |at| self.origins.get(at));
        origin.copied().unwrap_or_default()
    }
}

#[derive(Debug)]
struct Name {
    text: String,
    /// Where it stands first.
    offset: usize,
}

/// The index of a name in the template.
type NameIndex = usize;

/// A stretch of a template, by its bytes.
#[derive(Debug)]
enum Piece {
    Literal {
        start: usize,
        end: usize,
    },
    /// `$name` or `${name}`
    Variable {
        name: NameIndex,
        start: usize,
        end: usize,
    },
    Expansion {
        name: NameIndex,
        start: usize,
        end: usize,
        /// Rare and large, unlike all others.
        expansion: Box<Expansion>,
    },
}

impl Piece {
    fn start(&self) -> usize {
        let (Self::Literal { start, .. } | Self::Variable { start, .. } | Self::Expansion { start, .. }) = self;
        *start
    }
}

#[derive(Debug)]
enum Expansion {
    Length,
    Conditional { kind: Conditional, empty_is_unset: bool, word: Vec<Piece>, word_start: usize, word_end: usize },
    Trim { at: Side, longest: bool, pattern: Vec<Piece> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conditional {
    Default,
    Assign,
    Error,
    Alternative,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Beginning,
    End,
}

impl<'a> Template<'a> {
    /// Reads a text. Of names that are not allowed nothing is replaced, also not in the words of their expansions.
    pub(crate) fn parse(text: &'a str, forms: Forms, allowed: &Allowed) -> Result<Self, Problem> {
        parse::parse(text, forms, allowed)
    }

    /// The names that are replaced, each with the place where it stands first, in the order of their places.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.names.iter().map(|name| (name.text.as_str(), name.offset))
    }

    /// Puts the values in. `lookup` is asked once for each name that is needed.
    pub(crate) fn render(
        &self,
        lookup: &dyn Fn(&str) -> Option<String>,
        unknown: Unknown,
    ) -> Result<Rendered, Problem> {
        expand::render(self, lookup, unknown)
    }
}
