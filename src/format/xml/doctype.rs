//! The document type declaration, as far as it says which entities there are. Nothing is loaded and nothing is expanded.

use std::collections::HashSet;

use super::super::Problem;
use super::character::{name_length, space_length};

/// What a document type declaration says about entities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Doctype<'a> {
    /// The general entities that it declares.
    entities: HashSet<&'a str>,
    /// It points to declarations elsewhere.
    open: bool,
}

impl<'a> Doctype<'a> {
    /// Reads the declaration that begins at `start`. Returns where it ends as well.
    pub(super) fn read(text: &'a str, start: usize) -> Result<(Self, usize), Problem> {
        let mut reader = Reader { text, at: start + "<!DOCTYPE".len(), start };
        let mut doctype = Self::default();
        reader.space()?;
        reader.name()?;
        let blank = reader.optional_space();
        if blank && reader.external_identifier()? {
            doctype.open = true;
            reader.optional_space();
        }
        if reader.accept("[") {
            while !reader.accept("]") {
                doctype.read_declaration(&mut reader)?;
            }
            reader.optional_space();
        }
        reader.expect(">")?;
        Ok((doctype, reader.at))
    }

    /// Whether a reference to the entity can have a meaning.
    pub(super) fn may_have(&self, entity: &str) -> bool {
        self.open || self.entities.contains(entity)
    }

    fn read_declaration(&mut self, reader: &mut Reader<'a>) -> Result<(), Problem> {
        if reader.optional_space() {
            return Ok(());
        }
        if reader.accept("%") {
            reader.name()?;
            self.open = true;
            return reader.expect(";");
        }
        if reader.accept("<!--") {
            return reader.comment();
        }
        if reader.accept("<?") {
            if reader.name()?.eq_ignore_ascii_case("xml") {
                return Err(reader.wrong());
            }
            return reader.skip_behind("?>");
        }
        if reader.accept("<!ENTITY") {
            return self.read_entity(reader);
        }
        if ["<!ELEMENT", "<!ATTLIST", "<!NOTATION"].iter().any(|keyword| reader.accept(keyword)) {
            return reader.skip_declaration();
        }
        Err(reader.wrong())
    }

    fn read_entity(&mut self, reader: &mut Reader<'a>) -> Result<(), Problem> {
        reader.space()?;
        let parameter = reader.accept("%");
        if parameter {
            reader.space()?;
        }
        let name = reader.name()?;
        reader.space()?;
        if reader.external_identifier()? {
            if reader.optional_space() && !parameter && reader.accept("NDATA") {
                reader.space()?;
                reader.name()?;
                reader.optional_space();
            }
        } else {
            reader.literal()?;
            reader.optional_space();
        }
        if !parameter {
            self.entities.insert(name);
        }
        reader.expect(">")
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    start: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong(&self) -> Problem {
        let at = if self.rest().is_empty() { self.start } else { self.at };
        Problem::new(at, "the document type declaration is not well-formed")
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let accepted = self.rest().starts_with(wanted);
        if accepted {
            self.at += wanted.len();
        }
        accepted
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Problem> {
        if self.accept(wanted) { Ok(()) } else { Err(self.wrong()) }
    }

    fn optional_space(&mut self) -> bool {
        let length = space_length(self.rest());
        self.at += length;
        length > 0
    }

    fn space(&mut self) -> Result<(), Problem> {
        if self.optional_space() { Ok(()) } else { Err(self.wrong()) }
    }

    fn name(&mut self) -> Result<&'a str, Problem> {
        let name = &self.rest()[..name_length(self.rest())];
        if name.is_empty() {
            return Err(self.wrong());
        }
        self.at += name.len();
        Ok(name)
    }

    /// A text in quotes of either kind.
    fn literal(&mut self) -> Result<(), Problem> {
        let Some(quote) = self.rest().chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
            return Err(self.wrong());
        };
        let length = self.rest()[1..].find(quote).ok_or_else(|| self.wrong())?;
        self.at += length + 2;
        Ok(())
    }

    /// `SYSTEM "..."` or `PUBLIC "..." "..."`, if it is one.
    fn external_identifier(&mut self) -> Result<bool, Problem> {
        if self.accept("PUBLIC") {
            self.space()?;
            self.literal()?;
        } else if !self.accept("SYSTEM") {
            return Ok(false);
        }
        self.space()?;
        self.literal()?;
        Ok(true)
    }

    fn skip_behind(&mut self, end: &str) -> Result<(), Problem> {
        let length = self.rest().find(end).ok_or_else(|| self.wrong())?;
        self.at += length + end.len();
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Problem> {
        self.skip_behind("--")?;
        self.expect(">")
    }

    /// The rest of a declaration whose content is not looked at, but for the quotes in it.
    fn skip_declaration(&mut self) -> Result<(), Problem> {
        self.space()?;
        loop {
            let length = self.rest().find(['"', '\'', '>', '<']).ok_or_else(|| self.wrong())?;
            self.at += length;
            if self.accept(">") {
                return Ok(());
            }
            self.literal()?;
        }
    }
}
