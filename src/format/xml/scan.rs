//! The tokens of an XML text. One after the other they are the text: nothing is lost and nothing is expanded.

use std::ops::Range;

use super::super::Problem;
use super::super::search::end_before;
use super::character::{name_length, space_length};
use super::doctype::Doctype;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Cdata,
    Comment,
    /// `<?target ...?>`
    Instruction,
    /// `<?xml ...?>` at the beginning of the text.
    Declaration,
    Doctype,
    /// `<name ...>`
    Start,
    /// `<name .../>`
    Empty,
    /// `</name>`
    End,
}

/// A stretch of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// The name in a tag or instruction; empty in others.
    pub(super) name: Range<usize>,
}

impl Token {
    /// Whether more than the name stands in a start tag.
    pub(super) fn has_attributes(&self, text: &str) -> bool {
        !matches!(&text[self.name.end..self.range.end], ">" | "/>")
    }
}

/// An attribute in a start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: Range<usize>,
    /// What stands between the quotes.
    pub(super) value: Range<usize>,
}

/// Reads one token after the other.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The document type declaration, once it was passed.
    pub(super) doctype: Option<Doctype<'a>>,
}

impl<'a> Scanner<'a> {
    /// Begins at a place that is not inside of a token.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, doctype: None }
    }

    pub(super) fn next(&mut self) -> Result<Option<Token>, Problem> {
        let start = self.at;
        let rest = &self.text[start..];
        if rest.is_empty() {
            return Ok(None);
        }
        let token = if !rest.starts_with('<') {
            let end = end_before(self.text.as_bytes(), start, [b'<']);
            Token { kind: Kind::Text, range: start..end, name: start..start }
        } else if rest.starts_with("<!--") {
            self.delimited(Kind::Comment, 4, "-->", "comment")?
        } else if rest.starts_with("<![CDATA[") {
            self.delimited(Kind::Cdata, 9, "]]>", "CDATA section")?
        } else if rest.starts_with("<!DOCTYPE") {
            let (doctype, end) = Doctype::read(self.text, start)?;
            self.doctype = Some(doctype);
            Token { kind: Kind::Doctype, range: start..end, name: start..start }
        } else if rest.starts_with("<?") {
            self.instruction()?
        } else if rest.starts_with("</") {
            self.end_tag()?
        } else {
            self.start_tag()?
        };
        self.at = token.range.end;
        Ok(Some(token))
    }

    /// Goes behind the element of a well-formed text that has begun here, without a look at what is in it. Returns its end
    /// tag.
    pub(super) fn skip_content(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut depth = 1_usize;
        let mut at = self.at;
        loop {
            let start = end_before(bytes, at, [b'<']);
            at = match bytes.get(start + 1)? {
                b'/' => {
                    depth -= 1;
                    end_before(bytes, start, [b'>']) + 1
                }
                b'?' => start + self.text[start..].find("?>")? + 2,
                b'!' if bytes[start..].starts_with(b"<!--") => start + 4 + self.text[start + 4..].find("-->")? + 3,
                b'!' => start + self.text[start..].find("]]>")? + 3,
                _ => {
                    let end = tag_end(bytes, start)?;
                    depth += usize::from(bytes[end - 2] != b'/');
                    end
                }
            };
            if depth == 0 {
                self.at = at;
                return Some(start..at);
            }
        }
    }

    fn delimited(&self, kind: Kind, opening: usize, closing: &str, what: &str) -> Result<Token, Problem> {
        let start = self.at;
        let inside = &self.text[start + opening..];
        let not_closed = || Problem::new(start, format!("the {what} is not closed"));
        let length = inside.find(closing).ok_or_else(not_closed)?;
        let end = start + opening + length + closing.len();
        // `--->` would end with three.
        if kind == Kind::Comment
            && let Some(at) = self.text[start + opening..end - 1].find("--").filter(|at| *at < length)
        {
            return Err(Problem::new(start + opening + at, "a comment cannot hold `--`"));
        }
        Ok(Token { kind, range: start..end, name: start..start })
    }

    fn instruction(&self) -> Result<Token, Problem> {
        let start = self.at;
        let token = self.delimited(Kind::Instruction, 2, "?>", "processing instruction")?;
        let inside = &self.text[start + 2..token.range.end - 2];
        let length = name_length(inside);
        let target = &inside[..length];
        if length == 0 || length < inside.len() && space_length(&inside[length..]) == 0 {
            return Err(Problem::new(start + 2, "a processing instruction begins with a name"));
        }
        let kind = match target {
            "xml" if start == 0 => Kind::Declaration,
            _ if target.eq_ignore_ascii_case("xml") => {
                return Err(Problem::new(start, "an XML declaration can only stand at the very beginning"));
            }
            _ => Kind::Instruction,
        };
        Ok(Token { kind, name: start + 2..start + 2 + length, ..token })
    }

    fn end_tag(&self) -> Result<Token, Problem> {
        let start = self.at;
        let name = self.name(start + 2)?;
        let end = name.end + space_length(&self.text[name.end..]);
        if !self.text[end..].starts_with('>') {
            return Err(Problem::new(start, "the end tag is not closed"));
        }
        Ok(Token { kind: Kind::End, range: start..end + 1, name })
    }

    fn start_tag(&self) -> Result<Token, Problem> {
        let start = self.at;
        let name = self.name(start + 1)?;
        let mut at = name.end;
        while let Some(attribute) = next_attribute(self.text, at)? {
            at = attribute.value.end + 1;
        }
        at += space_length(&self.text[at..]);
        let rest = &self.text[at..];
        if rest.starts_with("/>") {
            Ok(Token { kind: Kind::Empty, range: start..at + 2, name })
        } else if rest.starts_with('>') {
            Ok(Token { kind: Kind::Start, range: start..at + 1, name })
        } else {
            Err(Problem::new(start, "the start tag is not closed"))
        }
    }

    fn name(&self, at: usize) -> Result<Range<usize>, Problem> {
        match name_length(&self.text[at..]) {
            0 => Err(Problem::new(at, "a name is missing behind `<`").hint("write `&lt;` for the character itself")),
            length => Ok(at..at + length),
        }
    }
}

/// Behind the start tag that begins here, which is well-formed.
fn tag_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at = end_before(bytes, at, *b">\"'");
        match *bytes.get(at)? {
            b'>' => return Some(at + 1),
            quote => at = end_before(bytes, at + 1, [quote]) + 1,
        }
    }
}

/// All attributes of a start tag that was scanned.
pub(super) fn attributes<'a>(text: &'a str, tag: &Token) -> impl Iterator<Item = Attribute> + use<'a> {
    let mut at = tag.name.end;
    std::iter::from_fn(move || {
        let attribute = next_attribute(text, at).ok()??;
        at = attribute.value.end + 1;
        Some(attribute)
    })
}

/// The attribute that follows in a start tag, with white space before it.
fn next_attribute(text: &str, at: usize) -> Result<Option<Attribute>, Problem> {
    let start = at + space_length(&text[at..]);
    let name = start..start + name_length(&text[start..]);
    if name.is_empty() {
        return Ok(None);
    }
    if start == at {
        return Err(Problem::new(start, "a blank is missing before the attribute"));
    }
    let equals = name.end + space_length(&text[name.end..]);
    if !text[equals..].starts_with('=') {
        return Err(Problem::new(start, "the attribute has no value"));
    }
    let quote = equals + 1 + space_length(&text[equals + 1..]);
    let Some(mark) = text[quote..].chars().next().filter(|mark| matches!(mark, '"' | '\'')) else {
        return Err(Problem::new(quote, "the value of an attribute needs quotes"));
    };
    let inside = &text[quote + 1..];
    let not_closed = || Problem::new(quote, "the value of the attribute is not closed");
    let length = inside.find(mark).ok_or_else(not_closed)?;
    if let Some(at) = inside[..length].find('<') {
        let problem = Problem::new(quote + 1 + at, "the value of an attribute cannot hold `<`");
        return Err(problem.hint("write `&lt;`"));
    }
    Ok(Some(Attribute { name, value: quote + 1..quote + 1 + length }))
}
