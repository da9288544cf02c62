//! Elements of an XML text, found by their places. No tree is kept: what is looked for is scanned.

use std::ops::Range;

use super::super::Problem;
use super::route::{Pick, Step};
use super::scan::{Attribute, Kind, Scanner, Token, attributes};
use super::text::{Context, push_normalized, resolve};

/// An element by its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) start: Token,
    /// The end tag; empty and behind the tag if the element is self-closing.
    pub(super) end: Range<usize>,
}

/// A part of the content of an element.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Element(Element),
    /// Text, a CDATA section, a comment or a processing instruction.
    Other(Token),
}

impl Element {
    /// The root of a text that was checked.
    pub(super) fn root(text: &str) -> Result<Self, Problem> {
        let mut scanner = Scanner::new(text, 0);
        while let Some(token) = scanner.next()? {
            if matches!(token.kind, Kind::Start | Kind::Empty) {
                return Self::behind(token, &mut scanner);
            }
        }
        Err(Problem::new(text.len(), "the root element is missing"))
    }

    fn behind(start: Token, scanner: &mut Scanner) -> Result<Self, Problem> {
        let mut end = start.range.end..start.range.end;
        let mut depth = usize::from(start.kind == Kind::Start);
        while depth > 0 {
            let Some(token) = scanner.next()? else { break };
            match token.kind {
                Kind::Start => depth += 1,
                Kind::End => {
                    depth -= 1;
                    end = token.range;
                }
                _ => {}
            }
        }
        Ok(Self { start, end })
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.start.range.start..self.end.end
    }

    pub(super) fn is_self_closing(&self) -> bool {
        self.start.kind == Kind::Empty
    }

    pub(super) fn content(&self) -> Range<usize> {
        self.start.range.end..self.end.start
    }

    pub(super) fn name<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start.name.clone()]
    }

    /// What it holds, in order.
    pub(super) fn pieces(&self, text: &str) -> Result<Vec<Piece>, Problem> {
        let mut pieces = Vec::new();
        if self.is_self_closing() {
            return Ok(pieces);
        }
        let mut scanner = Scanner::new(text, self.start.range.end);
        while let Some(token) = scanner.next()? {
            pieces.push(match token.kind {
                Kind::End => break,
                Kind::Start | Kind::Empty => Piece::Element(Self::behind(token, &mut scanner)?),
                _ => Piece::Other(token),
            });
        }
        Ok(pieces)
    }

    pub(super) fn children(&self, text: &str) -> Result<Vec<Self>, Problem> {
        let pieces = self.pieces(text)?.into_iter();
        Ok(pieces.filter_map(|piece| if let Piece::Element(element) = piece { Some(element) } else { None }).collect())
    }

    /// The children that the step can mean, with their numbers among those of the name.
    pub(super) fn matching(&self, text: &str, step: Step) -> Result<Vec<(usize, Self)>, Problem> {
        let mut named = Vec::new();
        for child in self.children(text)? {
            if child.name(text) == step.name {
                named.push(child);
            }
        }
        let number = match step.pick {
            Pick::First => None,
            Pick::Append => return Ok(Vec::new()),
            Pick::Number(number) => Some(position(number, named.len())),
            Pick::Where { name, value } => {
                let mut found = Vec::new();
                for (number, child) in named.into_iter().enumerate() {
                    if child.has(text, name, value)? {
                        found.push((number, child));
                    }
                }
                return Ok(found);
            }
        };
        let all = named.into_iter().enumerate();
        Ok(all.filter(|(at, _)| number.is_none_or(|number| number == Some(*at))).collect())
    }

    /// Whether a child element or attribute has the text, apart from white space around it in the element.
    pub(super) fn has(&self, text: &str, name: &str, value: &str) -> Result<bool, Problem> {
        if let Some(attribute) = name.strip_prefix('@') {
            return Ok(self.attribute(text, attribute).and_then(|found| found.read(text)).as_deref() == Some(value));
        }
        for child in self.children(text)? {
            if child.name(text) == name && child.text(text)?.is_some_and(|found| found.trim() == value.trim()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn attribute(&self, text: &str, name: &str) -> Option<Attribute> {
        attributes(text, &self.start).find(|attribute| &text[attribute.name.clone()] == name)
    }

    /// The text of an element without child elements. None if it has some, or entities that are not known here.
    pub(super) fn text(&self, text: &str) -> Result<Option<String>, Problem> {
        let mut out = String::new();
        for piece in self.pieces(text)? {
            let Piece::Other(token) = piece else { return Ok(None) };
            let range = token.range;
            match token.kind {
                Kind::Cdata => push_normalized(&text[range.start + 9..range.end - 3], Context::Content, &mut out),
                Kind::Text => match resolve(&text[range], Context::Content) {
                    Some(resolved) => out.push_str(&resolved),
                    None => return Ok(None),
                },
                _ => {}
            }
        }
        Ok(Some(out))
    }
}

impl Attribute {
    /// What is read from it. None if it has entities that are not known here.
    pub(super) fn read(&self, text: &str) -> Option<String> {
        resolve(&text[self.value.clone()], Context::Attribute('"'))
    }
}

fn position(number: i64, length: usize) -> Option<usize> {
    let distance = usize::try_from(number.unsigned_abs()).ok()?;
    if number < 0 { length.checked_sub(distance) } else { Some(distance) }
}
