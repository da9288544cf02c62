//! What shells read differently, so that nobody can tell where a value behind it stands.

use super::lexer::Lexer;
use crate::format::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// `((` turned out to be something else.
    Parentheses,
    /// `$[`
    OldArithmetic,
    /// A line that only some shells take for the end of a here-document.
    DocumentEnd,
    /// A here-document whose delimiter shells read differently.
    Delimiter,
    /// A here-document that begins in a `$(...)` and not on a line of it.
    DocumentPlace,
}

impl Doubt {
    /// What stands before the value, and what to write instead.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Parentheses => ("a `((`", "write `( (` for a subshell in a subshell"),
            Self::OldArithmetic => ("a `$[`", "write `\\$[`, or `$((...))` for arithmetic"),
            Self::DocumentEnd => {
                ("a line that could end a here-document", "choose a delimiter that no line, joined or not, consists of")
            }
            Self::Delimiter => {
                ("an unusual delimiter of a here-document", "choose one of letters, for instance `<<EOF` or `<<'EOF'`")
            }
            Self::DocumentPlace => {
                ("a here-document that does not end before its `)`", "write the `)` on a line behind the here-document")
            }
        }
    }

    pub(super) fn problem(self, offset: usize) -> Problem {
        let (cause, hint) = self.texts();
        let message = format!("it is uncertain what the value stands in, because of {cause} before it");
        Problem::new(offset, message).hint(hint)
    }
}

impl Lexer<'_> {
    /// From here on nothing is certain. The first doubt is the one that is told.
    pub(super) fn doubt(&mut self, doubt: Doubt) {
        self.doubt.get_or_insert(doubt);
    }
}
