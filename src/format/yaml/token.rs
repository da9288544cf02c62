//! What a YAML text is made of.

/// What a stretch of YAML is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    DocumentStart,
    DocumentEnd,
    Directive,
    Comment,
    /// `-` before an element.
    Dash,
    /// `?` before a key.
    Question,
    /// `:` behind a key.
    Colon,
    /// `[` or `{`.
    Open,
    /// `]` or `}`.
    Close,
    Comma,
    Anchor,
    Tag,
    Alias,
    Plain,
    Single,
    Double,
    /// A quoted scalar that goes on to the end of the text.
    Unclosed,
    /// `|` or `>`, with its lines.
    Block,
    End,
}

/// A stretch of YAML, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Bytes between the beginning of the line and the token.
    pub(crate) column: usize,
    /// Only blanks stand before it on its line.
    pub(crate) first: bool,
    /// A scalar or alias with a `:` behind it.
    pub(crate) key: bool,
    pub(crate) inside_flow: bool,
    /// Of a block scalar.
    pub(crate) block: Block,
}

/// How a block scalar is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where the lines begin, behind the header.
    pub(crate) content: usize,
    /// Of the collection that it stands in.
    pub(crate) outer: usize,
    pub(crate) indent: usize,
    /// It is the document.
    pub(crate) root: bool,
    /// The indent is told by the first line, not by the header.
    pub(crate) detected: bool,
}
