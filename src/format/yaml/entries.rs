//! The entries of a collection, one after the other.

use super::flow_scalar::composed;
use super::node::{Content, Node, Outside, Reader, check_end, node};
use super::rows::Others;
use super::token::{Kind, Token};
use crate::format::Problem;
use crate::format::delimited::Member;

/// A key with its value, or an element.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// Where the key, its anchor or the dash begins.
    pub(crate) start: usize,
    /// None for an element, and for a key that is no scalar.
    pub(crate) key: Option<Token>,
    /// Behind the colon or dash. Without one: the end of the key.
    pub(crate) indicator_end: usize,
    pub(crate) value: Node<'a>,
    /// How it stands between brackets. Of a block collection only the range.
    pub(crate) member: Member,
    /// A pair `key: value` as element of a list in brackets.
    pub(crate) pair: bool,
}

impl Entry<'_> {
    pub(crate) fn end(&self) -> usize {
        self.member.range.end
    }

    pub(crate) fn has_key(&self, text: &str, name: &str) -> bool {
        self.key.is_some_and(|key| {
            key.kind != Kind::Alias && composed(text, &key, &[]).is_some_and(|written| written == name)
        })
    }

    /// Refuses a key that could be any name, as it is not read.
    pub(crate) fn check_key(&self, text: &str) -> Result<(), Problem> {
        match self.key {
            Some(key) if key.kind == Kind::Alias => {
                Err(Problem::new(self.start, "a key that is an alias cannot be edited around")
                    .hint("write the key itself"))
            }
            None if text[self.start..].starts_with('?') => Err(question(self.start)),
            _ => Ok(()),
        }
    }
}

fn question(start: usize) -> Problem {
    Problem::new(start, "a key with `?` cannot be edited around").hint("write the key before its `:`, without `?`")
}

/// Goes through the entries of a collection.
pub(crate) struct Entries<'a> {
    text: &'a str,
    reader: Reader<'a>,
    content: Content,
    pub(crate) mapping: bool,
    column: usize,
    started: bool,
    before: usize,
    end: usize,
}

impl<'a> Entries<'a> {
    /// Of a node that is a collection.
    pub(crate) fn new(text: &'a str, node: &Node<'a>) -> Self {
        let mut reader = node.reader.clone();
        let mapping = match node.content {
            Content::Flow => text[node.first.start..].starts_with('{'),
            content => content == Content::BlockMapping,
        };
        if node.content == Content::Flow {
            reader.next();
        }
        Self {
            text,
            reader,
            content: node.content,
            mapping,
            column: node.first.column,
            started: false,
            before: node.first.start,
            end: node.end,
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Entry<'a>>, Problem> {
        let token = self.reader.peek;
        if self.content == Content::Flow {
            return if token.kind == Kind::Close { Ok(None) } else { self.flow_entry().map(Some) };
        }
        if token.start >= self.end || !Outside::Document.holds(&token) {
            return Ok(None);
        }
        if self.started && (!token.first || token.column != self.column) {
            return Err(Problem::new(token.start, "the indentation fits nothing before it"));
        }
        if token.first && self.text[token.start - token.column..token.start].contains('\t') {
            return Err(Problem::new(token.start, "the line is indented with a tab"));
        }
        self.started = true;
        if self.mapping { self.block_entry().map(Some) } else { self.element().map(Some) }
    }

    /// Goes on behind entries of a block mapping with another key than this one.
    pub(crate) fn skip_others(&mut self, name: &str) -> Option<Others> {
        let token = &self.reader.peek;
        let is_entry = token.first && token.column == self.column && token.start < self.end;
        if !is_entry || self.content != Content::BlockMapping {
            return None;
        }
        let others = self.reader.skip_others(self.column, name);
        self.started |= others.is_some();
        others
    }

    /// The entry that begins on this line.
    pub(crate) fn entry_at(&self, line: usize) -> Result<Option<Entry<'a>>, Problem> {
        let reader = Reader::at_line(self.text, line);
        Self { reader, ..*self }.next()
    }

    /// Refuses what stands behind the last entry of the root.
    pub(crate) fn check_end(&mut self) -> Result<(), Problem> {
        check_end(&mut self.reader)
    }

    fn element(&mut self) -> Result<Entry<'a>, Problem> {
        let dash = self.reader.next();
        if dash.kind != Kind::Dash {
            return Err(Problem::new(dash.start, "`-` is missing before an element of a list"));
        }
        let value = node(&mut self.reader, Outside::Sequence(self.column), dash.end)?;
        Ok(self.entry(dash.start, None, dash.end, value))
    }

    fn entry(&self, start: usize, key: Option<Token>, indicator_end: usize, value: Node<'a>) -> Entry<'a> {
        let end = value.end.max(indicator_end);
        let member = Member { range: start..end, before: self.before, comma: None };
        Entry { start, key, indicator_end, value, member, pair: false }
    }

    fn block_entry(&mut self) -> Result<Entry<'a>, Problem> {
        let start = self.reader.peek.start;
        let mut key = None;
        let mut key_end = start;
        if self.reader.peek.kind == Kind::Question {
            key_end = self.reader.next().end;
            key_end = node(&mut self.reader, Outside::Sequence(self.column), key_end)?.end;
        } else if self.reader.peek.kind != Kind::Colon {
            while matches!(self.reader.peek.kind, Kind::Anchor | Kind::Tag) {
                self.reader.next();
            }
            let token = self.reader.next();
            if !token.key {
                return Err(Problem::new(token.start, "`:` is missing behind a key"));
            }
            key_end = token.end;
            key = Some(token);
        }
        let colon = self.reader.peek;
        let fits = if key.is_some() { !colon.first } else { colon.first && colon.column == self.column };
        if colon.kind != Kind::Colon || !fits && colon.start != start {
            if key.is_none() {
                let value = node(&mut Reader::new(""), Outside::Document, key_end)?;
                return Ok(self.entry(start, None, key_end, value));
            }
            return Err(Problem::new(colon.start, "`:` is missing behind a key"));
        }
        self.reader.next();
        let value = node(&mut self.reader, Outside::Mapping(self.column), colon.end)?;
        Ok(self.entry(start, key, colon.end, value))
    }

    fn flow_entry(&mut self) -> Result<Entry<'a>, Problem> {
        let start = self.reader.peek.start;
        if self.reader.peek.kind == Kind::Question {
            return Err(question(start));
        }
        let mut value = node(&mut self.reader, Outside::Flow, start)?;
        let (mut key, mut indicator_end, mut pair) = (None, start, false);
        if self.mapping {
            key = matches!(value.content, Content::Scalar | Content::Alias).then_some(value.first);
            indicator_end = value.end;
        }
        if self.reader.peek.kind == Kind::Colon {
            let colon = self.reader.next();
            pair = !self.mapping;
            indicator_end = colon.end;
            value = node(&mut self.reader, Outside::Flow, colon.end)?;
        } else if self.mapping {
            let mut empty = node(&mut Reader::new(""), Outside::Document, indicator_end)?;
            empty.reader = self.reader.clone();
            value = empty;
        }
        let mut entry = self.entry(start, key, indicator_end, value);
        entry.pair = pair;
        match self.reader.peek.kind {
            Kind::Comma => {
                let comma = self.reader.next().start;
                entry.member.comma = Some(comma);
                self.before = comma;
            }
            Kind::Close => {}
            _ => return Err(Problem::new(self.reader.peek.start, "`,` or a closing bracket is missing")),
        }
        if entry.member.range.is_empty() && !entry.pair {
            return Err(Problem::new(start, "there is nothing between two commas"));
        }
        Ok(entry)
    }
}
