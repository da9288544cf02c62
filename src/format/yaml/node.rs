//! Where values of a YAML text begin and end. Nothing is read that is only passed over.

use super::lexer::Lexer;
use super::token::{Kind, Token};
use crate::format::Problem;

/// Tokens without comments, one of them looked at in advance.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    lexer: Lexer<'a>,
    pub(crate) peek: Token,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lexer = Lexer::new(text, &[]);
        let peek = next_token(&mut lexer);
        Self { lexer, peek }
    }

    pub(crate) fn next(&mut self) -> Token {
        std::mem::replace(&mut self.peek, next_token(&mut self.lexer))
    }

    /// Begins at the beginning of a line.
    pub(crate) fn at_line(text: &'a str, at: usize) -> Self {
        let mut lexer = Lexer::new(text, &[]);
        lexer.go_to_line(at, None);
        let peek = next_token(&mut lexer);
        Self { lexer, peek }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.lexer.bytes
    }

    /// Goes on at the beginning of a line behind a key or dash in the `outer` column.
    pub(super) fn go_to_line(&mut self, at: usize, outer: usize) {
        self.lexer.go_to_line(at, Some(outer));
        self.peek = next_token(&mut self.lexer);
    }

    /// Goes behind the closing bracket of the collection whose opening bracket is next.
    pub(crate) fn skip_flow(&mut self) -> Result<Token, Problem> {
        let open = self.peek.start;
        let mut depth = 0_usize;
        loop {
            let token = self.next();
            check(&token)?;
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 1 => return Ok(token),
                Kind::Close => depth -= 1,
                Kind::End => return Err(Problem::new(open, "the bracket is not closed")),
                _ => {}
            }
        }
    }
}

fn next_token(lexer: &mut Lexer<'_>) -> Token {
    loop {
        let token = lexer.next();
        if token.kind != Kind::Comment {
            return token;
        }
    }
}

fn check(token: &Token) -> Result<(), Problem> {
    if token.kind == Kind::Unclosed { Err(Problem::new(token.start, "the quote is not closed")) } else { Ok(()) }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Empty,
    Alias,
    Scalar,
    BlockMapping,
    BlockSequence,
    Flow,
}

/// A value in a text.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub(crate) content: Content,
    /// Where the anchor, tag or content begins. Of an empty one behind what stands before it.
    pub(crate) start: usize,
    /// Behind anchor and tag; `start` when there are none.
    pub(crate) properties_end: usize,
    pub(crate) anchor: Option<(usize, usize)>,
    pub(crate) tag: Option<(usize, usize)>,
    /// Its first token; of an empty one the token behind it.
    pub(crate) first: Token,
    /// Behind its last token.
    pub(crate) end: usize,
    /// The last token, when it is a block scalar.
    pub(crate) last_block: Option<usize>,
    /// At its first token.
    pub(crate) reader: Reader<'a>,
}

/// What a node stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outside {
    Document,
    /// Behind a key of a mapping in this column.
    Mapping(usize),
    /// Behind a dash in this column.
    Sequence(usize),
    Flow,
}

impl Outside {
    /// Whether a token is still part of the node.
    pub(super) fn holds(self, token: &Token) -> bool {
        if matches!(token.kind, Kind::End | Kind::DocumentStart | Kind::DocumentEnd | Kind::Directive) {
            return false;
        }
        match self {
            Self::Flow => !matches!(token.kind, Kind::Comma | Kind::Close | Kind::Colon),
            _ if !token.first => true,
            Self::Document => true,
            Self::Mapping(column) => token.column > column || token.column == column && token.kind == Kind::Dash,
            Self::Sequence(column) => token.column > column,
        }
    }
}

/// Reads over the node that begins at the next token. `behind` is the end of what stands before it.
pub(crate) fn node<'a>(reader: &mut Reader<'a>, outside: Outside, behind: usize) -> Result<Node<'a>, Problem> {
    let mut node = Node {
        content: Content::Empty,
        start: behind,
        properties_end: behind,
        anchor: None,
        tag: None,
        first: reader.peek,
        end: behind,
        last_block: None,
        reader: reader.clone(),
    };
    while outside.holds(&reader.peek) && matches!(reader.peek.kind, Kind::Anchor | Kind::Tag) {
        // One look per line: what is true of the first property is true of all on its line.
        let unseen = node.properties_end == behind || reader.peek.first;
        if outside != Outside::Flow && unseen && properties_of_key(reader) {
            break;
        }
        let token = reader.next();
        check_name(reader.lexer.bytes, &token)?;
        if node.properties_end == behind {
            node.start = token.start;
        }
        let place = if token.kind == Kind::Anchor { &mut node.anchor } else { &mut node.tag };
        *place = Some((token.start, token.end));
        node.properties_end = token.end;
        node.end = token.end;
    }
    node.first = reader.peek;
    node.reader = reader.clone();
    if !outside.holds(&reader.peek) {
        return Ok(node);
    }
    if node.properties_end == behind {
        node.start = reader.peek.start;
        node.properties_end = node.start;
    }
    pass(reader, outside, &mut node)?;
    Ok(node)
}

/// Readers differ in whether a bracket or comma ends a name outside of brackets.
fn check_name(text: &[u8], token: &Token) -> Result<(), Problem> {
    let name = &text[token.start..token.end];
    match name.iter().position(|byte| b"[]{},".contains(byte)).filter(|_| !name.starts_with(b"!<")) {
        Some(at) => Err(Problem::new(token.start + at, "the name of an anchor or tag cannot hold a bracket or comma")),
        None => Ok(()),
    }
}

/// Whether the properties that are next belong to a key on the same line, not to the mapping that begins with it.
fn properties_of_key(reader: &Reader<'_>) -> bool {
    let mut look = reader.clone();
    while matches!(look.peek.kind, Kind::Anchor | Kind::Tag) {
        look.next();
        if look.peek.first {
            return false;
        }
    }
    look.peek.key
}

fn pass(reader: &mut Reader<'_>, outside: Outside, node: &mut Node<'_>) -> Result<(), Problem> {
    let token = reader.peek;
    check(&token)?;
    let block = outside != Outside::Flow;
    node.content = match token.kind {
        Kind::Dash if block => Content::BlockSequence,
        Kind::Question | Kind::Colon | Kind::Anchor | Kind::Tag if block => Content::BlockMapping,
        _ if token.key && block => Content::BlockMapping,
        Kind::Alias => Content::Alias,
        Kind::Plain | Kind::Single | Kind::Double | Kind::Block => Content::Scalar,
        Kind::Open => Content::Flow,
        _ => return Err(Problem::new(token.start, "here is no value")),
    };
    match node.content {
        Content::BlockMapping | Content::BlockSequence => {
            // A value on the line of its key cannot be a collection of lines.
            if matches!(outside, Outside::Mapping(_)) && !token.first {
                return Err(Problem::new(token.start, "a mapping or list cannot begin behind a key on the same line"));
            }
            // It stands for a key without text, or is no YAML.
            if !token.first && (node.anchor.is_some() || node.tag.is_some()) {
                return Err(Problem::new(
                    token.start,
                    "behind an anchor or tag on the same line no mapping or list can begin",
                ));
            }
            while outside.holds(&reader.peek) && !ends(outside, node.content, &reader.peek) {
                if reader.peek.first
                    && let Some((end, last_block)) = reader.skip_rows(outside, node.content)
                {
                    node.end = end;
                    node.last_block = last_block;
                    continue;
                }
                check(&reader.peek)?;
                node.last_block = (reader.peek.kind == Kind::Block).then_some(reader.peek.start);
                node.end = if reader.peek.kind == Kind::Open { reader.skip_flow()?.end } else { reader.next().end };
            }
        }
        Content::Flow => {
            node.end = reader.skip_flow()?.end;
            if block && reader.peek.kind == Kind::Colon && !reader.peek.first {
                return Err(Problem::new(token.start, "a key that is a mapping or list cannot be edited around"));
            }
        }
        _ => {
            node.last_block = (token.kind == Kind::Block).then_some(token.start);
            node.end = reader.next().end;
        }
    }
    Ok(())
}

/// A list may stand in the column of the key that it belongs to; a mapping may not.
fn ends(outside: Outside, content: Content, token: &Token) -> bool {
    matches!(outside, Outside::Mapping(column) if token.first && token.column == column && content == Content::BlockMapping)
}

/// Goes to the first document. Returns the end of what stands before it.
fn start(reader: &mut Reader<'_>) -> usize {
    let mut behind = 0;
    while reader.peek.kind == Kind::Directive {
        behind = reader.next().end;
    }
    if reader.peek.kind == Kind::DocumentStart {
        behind = reader.next().end;
    }
    behind
}

/// The root, if that is a mapping or list of lines, without having looked for its end.
pub(crate) fn open_root(text: &str) -> Option<Node<'_>> {
    let mut reader = Reader::new(text);
    start(&mut reader);
    let first = reader.peek;
    let content = match first.kind {
        Kind::Dash => Content::BlockSequence,
        Kind::Plain | Kind::Single | Kind::Double if first.key => Content::BlockMapping,
        _ => return None,
    };
    Some(Node {
        content,
        start: first.start,
        properties_end: first.start,
        anchor: None,
        tag: None,
        first,
        end: usize::MAX,
        last_block: None,
        reader,
    })
}

/// The root of the only document.
pub(crate) fn root(text: &str) -> Result<Node<'_>, Problem> {
    let mut reader = Reader::new(text);
    let behind = start(&mut reader);
    let node = node(&mut reader, Outside::Document, behind)?;
    check_end(&mut reader)?;
    Ok(node)
}

/// Refuses what stands behind the only document.
pub(crate) fn check_end(reader: &mut Reader<'_>) -> Result<(), Problem> {
    while reader.peek.kind == Kind::DocumentEnd {
        reader.next();
    }
    match reader.peek.kind {
        Kind::End => Ok(()),
        Kind::DocumentStart | Kind::Directive => {
            Err(Problem::new(reader.peek.start, "there is more than one document")
                .hint("only a file with one document can be edited: split it, or render it from a template"))
        }
        _ => Err(Problem::new(reader.peek.start, "there is something behind the end of the value")),
    }
}
