//! What a place in a script can be inside of.

/// One level of nesting.
pub(super) enum Frame {
    Code(Code),
    /// `"..."`
    Double,
    /// `$((...))` or `((...))`
    Arithmetic(Arithmetic),
    /// `${...}`
    Parameter(Parameter),
    /// The lines of a here-document.
    Document(Document),
}

/// Commands: the script itself or `$(...)`.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts of the grammar")]
pub(super) struct Code {
    pub(super) is_substitution: bool,
    pub(super) nest: Vec<Nest>,
    /// The next word is a command or a keyword.
    pub(super) mid_command: bool,
    /// The next word is a pattern of `case` or `esac`.
    pub(super) pattern: bool,
    /// The next word is a file.
    pub(super) redirected: bool,
    pub(super) word: Option<Word>,
    /// Here-documents that begin at the next line.
    pub(super) pending: Vec<Delimiter>,
}

/// What a `)` can end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nest {
    Parenthesis,
    /// `case`: a `)` ends a pattern, and `esac` ends it.
    Case,
}

/// The word that we are in.
#[allow(clippy::struct_excessive_bools, reason = "independent facts of the grammar")]
pub(super) struct Word {
    pub(super) start: usize,
    /// It has no quotes, expansions and values so far.
    pub(super) plain: bool,
    /// An unquoted `{` was in it: bash expands `{a,b}` and `{1..3}`.
    pub(super) brace: bool,
    /// An unquoted `[` was in it.
    pub(super) bracket: bool,
    /// It began with `name[`: bash evaluates what follows.
    pub(super) subscript: bool,
    /// It stands behind `=~`, where characters mean something unless they are quoted.
    pub(super) regex: bool,
}

#[derive(Default)]
pub(super) struct Arithmetic {
    /// Parentheses inside it that are open.
    pub(super) open: usize,
}

pub(super) struct Parameter {
    /// It stands in double quotes or in a here-document.
    pub(super) quoted: bool,
    pub(super) stage: Stage,
    /// A `"` inside the quotes around it is open.
    pub(super) inner_quote: bool,
    /// It has an apostrophe, which shells read differently.
    pub(super) apostrophe: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Start,
    Name,
    /// Behind `:-`, `-`, `:=`, `=`, `:?`, `?`, `:+`, `+`.
    Word,
    /// Behind `#`, `##`, `%`, `%%`.
    Pattern,
    /// Behind something that only other shells than `sh` know.
    Other,
}

/// What ends a here-document.
pub(super) struct Delimiter {
    pub(super) text: String,
    /// It was quoted: nothing is expanded.
    pub(super) quoted: bool,
    /// `<<-`: tabs at the beginning of a line are not there.
    pub(super) strips_tabs: bool,
}

pub(super) struct Document {
    pub(super) delimiter: Delimiter,
    /// Where its lines begin in the output, and where the values in them are in the list of values in documents.
    pub(super) start: usize,
    pub(super) first_value: usize,
    pub(super) at_line_start: bool,
}
