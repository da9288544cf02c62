//! Whether a text is well-formed XML.

use std::collections::HashSet;
use std::ops::Range;

use super::super::Problem;
use super::super::search::end_before;
use super::character::{first_forbidden, is_allowed, is_name, is_space};
use super::scan::{Kind, Scanner, Token, attributes};
use super::text::{Encoding, PREDEFINED};

/// So many attributes are compared one by one.
const FEW: usize = 8;

/// Refuses what is not a well-formed document. External parts are not loaded, and entities that may be declared there are
/// taken for declared; the content of element and attribute declarations is not looked at.
pub(crate) fn check(text: &str) -> Result<(), Problem> {
    if let Some(at) = first_forbidden(text) {
        return Err(Problem::new(at, "XML cannot hold this character"));
    }
    if Encoding::of(text) == Encoding::Other
        && let Some(at) = text.bytes().position(|byte| !byte.is_ascii())
    {
        let problem = Problem::new(at, "the text is UTF-8, but its declaration names another encoding");
        return Err(problem.hint("write `encoding=\"UTF-8\"` in the declaration"));
    }
    Checker { text, scanner: Scanner::new(text, 0), open: Vec::new(), root: false }.run()
}

struct Checker<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    /// The start tags that are not closed yet.
    open: Vec<Token>,
    /// The root element has begun.
    root: bool,
}

impl Checker<'_> {
    fn run(mut self) -> Result<(), Problem> {
        loop {
            let declared = self.scanner.doctype.is_some();
            let Some(token) = self.scanner.next()? else { break };
            match token.kind {
                Kind::Declaration => self.declaration(&token)?,
                Kind::Doctype if self.root || declared => {
                    return Err(Problem::new(
                        token.range.start,
                        "a document type can only stand once, before the root",
                    ));
                }
                Kind::Cdata if self.open.is_empty() => return Err(outside(token.range.start)),
                Kind::Comment | Kind::Instruction | Kind::Doctype | Kind::Cdata => {}
                Kind::Text => self.text(&token)?,
                Kind::Start | Kind::Empty => self.start(token)?,
                Kind::End => self.end(&token)?,
            }
        }
        match self.open.last() {
            Some(tag) => Err(Problem::new(tag.range.start, "the element is not closed")),
            None if self.root => Ok(()),
            None => Err(Problem::new(self.text.len(), "the root element is missing")),
        }
    }

    fn text(&self, token: &Token) -> Result<(), Problem> {
        let start = token.range.start;
        let text = &self.text[token.range.clone()];
        if self.open.is_empty() {
            return text.bytes().position(|byte| !is_space(byte)).map_or(Ok(()), |at| Err(outside(start + at)));
        }
        if end_before(text.as_bytes(), 0, *b"&]") == text.len() {
            return Ok(());
        }
        if let Some(at) = text.find("]]>") {
            return Err(Problem::new(start + at, "`]]>` can only end a CDATA section").hint("write `]]&gt;`"));
        }
        self.references(&token.range)
    }

    fn start(&mut self, token: Token) -> Result<(), Problem> {
        if self.open.is_empty() && self.root {
            return Err(Problem::new(token.range.start, "a document has one root element"));
        }
        self.root = true;
        if token.has_attributes(self.text) {
            self.attributes(&token)?;
        }
        if token.kind == Kind::Start {
            self.open.push(token);
        }
        Ok(())
    }

    fn attributes(&self, token: &Token) -> Result<(), Problem> {
        let mut seen = Vec::new();
        let mut many = HashSet::new();
        for attribute in attributes(self.text, token) {
            let name = &self.text[attribute.name.clone()];
            let is_new =
                if seen.len() < FEW { !seen.contains(&name) } else { !seen.contains(&name) && many.insert(name) };
            if !is_new {
                return Err(Problem::new(attribute.name.start, "the attribute stands twice"));
            }
            if seen.len() < FEW {
                seen.push(name);
            }
            self.references(&attribute.value)?;
        }
        Ok(())
    }

    fn end(&mut self, token: &Token) -> Result<(), Problem> {
        match self.open.pop() {
            Some(tag) if self.text[tag.name.clone()] == self.text[token.name.clone()] => Ok(()),
            Some(_) => Err(Problem::new(token.range.start, "the end tag is not that of the element")),
            None => Err(Problem::new(token.range.start, "the end tag has no start tag")),
        }
    }

    fn references(&self, range: &Range<usize>) -> Result<(), Problem> {
        let text = &self.text[range.clone()];
        for (at, _) in text.match_indices('&') {
            let behind = &text[at + 1..];
            let name = &behind[..behind.find(';').unwrap_or(0)];
            let known = match name.strip_prefix('#') {
                Some(number) => super::text::numbered(number).is_some_and(is_allowed),
                None => {
                    PREDEFINED.iter().any(|(entity, _)| *entity == name)
                        || is_name(name) && self.scanner.doctype.as_ref().is_some_and(|doctype| doctype.may_have(name))
                }
            };
            if !known {
                let problem = Problem::new(range.start + at, "`&` begins no reference to a known character or entity");
                return Err(problem.hint("write `&amp;` for the character itself"));
            }
        }
        Ok(())
    }

    fn declaration(&self, token: &Token) -> Result<(), Problem> {
        let wrong = || Problem::new(token.range.start, "the XML declaration is not well-formed");
        let mut order = ["version", "encoding", "standalone"].iter();
        let mut end = token.name.end;
        for (index, attribute) in attributes(self.text, token).enumerate() {
            let name = &self.text[attribute.name.clone()];
            if !order.any(|known| *known == name) || (index == 0) != (name == "version") {
                return Err(wrong());
            }
            let value = &self.text[attribute.value.clone()];
            let fits = match name {
                "version" => value.strip_prefix("1.").is_some_and(is_number),
                "encoding" => is_encoding(value),
                _ => matches!(value, "yes" | "no"),
            };
            if !fits {
                return Err(wrong());
            }
            end = attribute.value.end + 1;
        }
        let rest = &self.text[end..token.range.end - 2];
        if end == token.name.end || !rest.bytes().all(is_space) { Err(wrong()) } else { Ok(()) }
    }
}

fn outside(offset: usize) -> Problem {
    Problem::new(offset, "text stands outside of the root element")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_encoding(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
