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
                return match last_tag(text, &token) {
                    Some(end) => Ok(Self { start: token, end }),
                    None => Ok(Self::behind(token, &mut scanner)),
                };
            }
        }
        Err(Problem::new(text.len(), "the root element is missing"))
    }

    fn behind(start: Token, scanner: &mut Scanner) -> Self {
        let empty = start.range.end..start.range.end;
        let end = if start.kind == Kind::Start { scanner.skip_content() } else { None };
        Self { start, end: end.unwrap_or(empty) }
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
        self.each_piece(text).collect()
    }

    fn each_piece<'a>(&self, text: &'a str) -> impl Iterator<Item = Result<Piece, Problem>> + use<'a> {
        let mut scanner = Scanner::new(text, self.start.range.end);
        let mut has_more = !self.is_self_closing();
        std::iter::from_fn(move || {
            let token = if has_more { scanner.next().transpose()? } else { return None };
            match token {
                Ok(token) if token.kind == Kind::End => {
                    has_more = false;
                    None
                }
                Ok(token) if matches!(token.kind, Kind::Start | Kind::Empty) => {
                    Some(Ok(Piece::Element(Self::behind(token, &mut scanner))))
                }
                other => Some(other.map(Piece::Other)),
            }
        })
    }

    fn each_child<'a>(&self, text: &'a str) -> impl Iterator<Item = Result<Self, Problem>> + use<'a> {
        self.each_piece(text).filter_map(|piece| match piece {
            Ok(Piece::Element(element)) => Some(Ok(element)),
            Ok(Piece::Other(_)) => None,
            Err(problem) => Some(Err(problem)),
        })
    }

    pub(super) fn children(&self, text: &str) -> Result<Vec<Self>, Problem> {
        self.each_child(text).collect()
    }

    /// The first child that the step can mean, with its number among those of the name. What is behind it is not looked at.
    pub(super) fn first_matching(&self, text: &str, step: Step) -> Result<Option<(usize, Self)>, Problem> {
        let wanted = match step.pick {
            Pick::First => Some(0),
            Pick::Number(number @ 0..) => usize::try_from(number).ok(),
            Pick::Where { .. } => None,
            Pick::Number(_) | Pick::Append => return Ok(self.matching(text, step)?.into_iter().next()),
        };
        let mut number = 0;
        for child in self.each_child(text) {
            let child = child?;
            if child.name(text) != step.name {
                continue;
            }
            let found = match step.pick {
                Pick::Where { name, value } => child.has(text, name, value)?,
                _ => wanted == Some(number),
            };
            if found {
                return Ok(Some((number, child)));
            }
            number += 1;
        }
        Ok(None)
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

/// The end tag of the root, if the text ends with it, apart from white space.
fn last_tag(text: &str, root: &Token) -> Option<Range<usize>> {
    let text = text.trim_end_matches([' ', '\t', '\r', '\n']);
    let start = text.strip_suffix('>')?.rfind(['<', '>'])?;
    let name = text[start..text.len() - 1].strip_prefix("</")?.trim_end_matches([' ', '\t', '\r', '\n']);
    // With a `-` before the `>` it may be the end of a comment.
    (root.kind == Kind::Start && name == &text[root.name.clone()] && !name.ends_with('-')).then_some(start..text.len())
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
