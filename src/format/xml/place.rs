//! The places in a rendered XML text in which values stand.

use super::super::stretch::{Next, Stretch, Walk};
use super::character::is_space;

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Content,
    /// The value of an attribute, with its quotes.
    Attribute(char),
    /// The value of an attribute that has no quotes.
    BareAttribute,
    /// The name of an element or attribute.
    Name,
    /// Between `<!--` and `-->`.
    Comment,
    /// Between `<![CDATA[` and `]]>`.
    Cdata,
    /// Between `<?` and `?>`.
    Instruction,
    /// Between `<?xml` and `?>`.
    Declaration,
    /// The text of an entity in its declaration.
    Entity,
    /// Anything else in a document type declaration.
    Doctype,
}

/// Finds the places with values in them, in order.
pub(super) struct Places<'a> {
    walk: Walk<'a>,
    within: Within,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Content,
    Tag {
        behind_equals: bool,
    },
    /// Whether an entity is being declared whose text follows.
    Doctype {
        subset: bool,
        entity: bool,
    },
}

impl<'a> Places<'a> {
    pub(super) fn new(walk: Walk<'a>) -> Self {
        Self { walk, within: Within::Content }
    }

    pub(super) fn next(&mut self) -> Option<(Place, Stretch<'a>)> {
        while self.walk.next() != Next::End {
            let (place, start, passed) = match self.within {
                Within::Content => self.content(),
                Within::Tag { behind_equals } => self.tag(behind_equals),
                Within::Doctype { subset, entity } => self.doctype(subset, entity),
            };
            if self.walk.passed() > passed {
                let found = (place, self.walk.stretch(start, passed));
                self.leave(place);
                return Some(found);
            }
            self.leave(place);
        }
        None
    }

    fn here(&self) -> (usize, usize) {
        (self.walk.at(), self.walk.passed())
    }

    /// Steps over what closes a place and is not part of it.
    fn leave(&mut self, place: Place) {
        let closing = match place {
            Place::Comment => "-->",
            Place::Cdata => "]]>",
            Place::Instruction | Place::Declaration => "?>",
            _ => return,
        };
        if self.walk.next() != Next::End {
            self.walk.advance(closing.len());
        }
    }

    fn advance_to_text(&mut self, wanted: &'static str) {
        let Some(first) = wanted.bytes().next() else { return };
        while self.walk.advance_to(|byte| byte == first) && !self.walk.literal().starts_with(wanted) {
            self.walk.advance(1);
        }
    }

    fn delimited(&mut self, place: Place, opening: &str, closing: &'static str) -> (Place, usize, usize) {
        self.walk.advance(opening.len());
        let (start, passed) = self.here();
        self.advance_to_text(closing);
        (place, start, passed)
    }

    fn content(&mut self) -> (Place, usize, usize) {
        let (start, passed) = self.here();
        let literal = self.walk.literal();
        if !literal.starts_with('<') {
            self.walk.advance_to(|byte| byte == b'<');
            return (Place::Content, start, passed);
        }
        if let Some(delimited) = self.comment_or_instruction(literal) {
            return delimited;
        }
        if literal.starts_with("<![CDATA[") {
            return self.delimited(Place::Cdata, "<![CDATA[", "]]>");
        }
        if literal.starts_with("<!DOCTYPE") {
            self.within = Within::Doctype { subset: false, entity: false };
            self.walk.advance("<!DOCTYPE".len());
        } else {
            self.within = Within::Tag { behind_equals: false };
            self.walk.advance(if literal.starts_with("</") { 2 } else { 1 });
        }
        (Place::Content, start, passed)
    }

    fn comment_or_instruction(&mut self, literal: &str) -> Option<(Place, usize, usize)> {
        if literal.starts_with("<!--") {
            Some(self.delimited(Place::Comment, "<!--", "-->"))
        } else if self.walk.at() == 0
            && literal.strip_prefix("<?xml").is_some_and(|rest| rest.bytes().next().is_some_and(is_space))
        {
            Some(self.delimited(Place::Declaration, "<?xml", "?>"))
        } else if literal.starts_with("<?") {
            Some(self.delimited(Place::Instruction, "<?", "?>"))
        } else {
            None
        }
    }

    fn tag(&mut self, behind_equals: bool) -> (Place, usize, usize) {
        let (start, passed) = self.here();
        let mut place = Place::Content;
        let mut now_behind_equals = false;
        match self.walk.next() {
            Next::Byte(b'>') => {
                self.within = Within::Content;
                self.walk.advance(1);
                return (place, start, passed);
            }
            Next::Byte(b'<') => {
                self.within = Within::Content;
                return (place, start, passed);
            }
            Next::Byte(b'=') if !behind_equals => {
                now_behind_equals = true;
                self.walk.advance(1);
            }
            Next::Byte(byte) if is_space(byte) => {
                now_behind_equals = behind_equals;
                self.walk.advance(1);
            }
            Next::Byte(quote @ (b'"' | b'\'')) => {
                place = Place::Attribute(char::from(quote));
                self.quoted(quote);
            }
            Next::Byte(b'/') if !behind_equals || self.walk.literal().starts_with("/>") => self.walk.advance(1),
            _ => {
                place = if behind_equals { Place::BareAttribute } else { Place::Name };
                self.bare(behind_equals);
            }
        }
        self.within = Within::Tag { behind_equals: now_behind_equals };
        (place, start, passed)
    }

    fn quoted(&mut self, quote: u8) {
        self.walk.advance(1);
        if self.walk.advance_to(|byte| byte == quote) {
            self.walk.advance(1);
        }
    }

    fn bare(&mut self, value: bool) {
        let ends = |byte| is_space(byte) || matches!(byte, b'=' | b'>' | b'<' | b'"' | b'\'' | b'/');
        while self.walk.advance_to(ends) {
            let literal = self.walk.literal();
            // In the value of an attribute, a slash or `=` may belong to it.
            if !value || literal.starts_with("/>") || !literal.starts_with(['/', '=']) {
                return;
            }
            self.walk.advance(1);
        }
    }

    fn doctype(&mut self, subset: bool, entity: bool) -> (Place, usize, usize) {
        let (start, passed) = self.here();
        let literal = self.walk.literal();
        let mut next = Within::Doctype { subset, entity };
        if subset && let Some(delimited) = self.comment_or_instruction(literal) {
            return delimited;
        }
        if literal.starts_with("<!ENTITY") {
            next = Within::Doctype { subset, entity: true };
        } else if literal.starts_with("SYSTEM") || literal.starts_with("PUBLIC") {
            next = Within::Doctype { subset, entity: false };
        }
        let mut place = Place::Doctype;
        match self.walk.next() {
            Next::Byte(quote @ (b'"' | b'\'')) => {
                if entity {
                    place = Place::Entity;
                }
                self.quoted(quote);
            }
            Next::Byte(byte) if !byte.is_ascii() => _ = self.walk.advance_to(|byte| byte.is_ascii()),
            Next::Byte(byte) => {
                match byte {
                    b'[' => next = Within::Doctype { subset: true, entity: false },
                    b']' => next = Within::Doctype { subset: false, entity: false },
                    b'>' if subset => next = Within::Doctype { subset, entity: false },
                    b'>' => next = Within::Content,
                    _ => {}
                }
                self.walk.advance(1);
            }
            _ => self.walk.pass_insertion(),
        }
        self.within = next;
        (place, start, passed)
    }
}
