//! Redirections, and the word that ends a here-document.

use super::doubt::Doubt;
use super::frame::Delimiter;
use super::lexer::Lexer;
use crate::format::Problem;
use crate::format::walk::Unit;

impl Lexer<'_> {
    /// `<` or `>`, and what belongs to it.
    pub(super) fn redirection(&mut self, byte: u8) -> Result<(), Problem> {
        self.walk.advance(1);
        self.skip_joins();
        let mut is_document = false;
        if byte == b'<' && self.walk.unit() == Some(Unit::Byte(b'<')) {
            self.walk.advance(1);
            self.skip_joins();
            // `<<<` takes a word.
            is_document = self.walk.unit() != Some(Unit::Byte(b'<'));
        }
        if is_document {
            return self.here_document();
        }
        if matches!(self.walk.unit(), Some(Unit::Byte(b'<' | b'>' | b'&' | b'|'))) {
            self.walk.advance(1);
        }
        if let Some(code) = self.current_code() {
            code.redirected = true;
        }
        Ok(())
    }

    /// What stands behind `<<`.
    fn here_document(&mut self) -> Result<(), Problem> {
        let strips_tabs = self.walk.unit() == Some(Unit::Byte(b'-'));
        self.walk.advance(usize::from(strips_tabs));
        self.skip_joins();
        while let Some(Unit::Byte(b' ' | b'\t')) = self.walk.unit() {
            self.walk.advance(1);
            self.skip_joins();
        }
        let delimiter = self.delimiter(strips_tabs)?;
        if let Some(code) = self.current_code() {
            code.pending.push(delimiter);
        }
        Ok(())
    }

    fn delimiter(&mut self, strips_tabs: bool) -> Result<Delimiter, Problem> {
        let mut text = Vec::new();
        let (mut quote, mut quoted, mut is_unusual) = (None, false, false);
        while let Some(Unit::Byte(byte)) = self.walk.unit() {
            if quote != Some(b'\'') && self.walk.literal().starts_with(b"\\\n") {
                self.skip_joins();
                continue;
            }
            match (quote, byte) {
                (None, byte) if b" \t\n;&|<>()".contains(&byte) => break,
                (Some(open), byte) if open == byte => quote = None,
                (None, b'\'' | b'"') => {
                    quote = Some(byte);
                    quoted = true;
                }
                (None, b'\\') => {
                    quoted = true;
                    self.walk.advance(1);
                    text.extend(self.walk.literal().first());
                }
                (Some(b'"'), b'\\') if self.walk.literal().get(1).is_some_and(|next| b"\\\"$`".contains(next)) => {
                    self.walk.advance(1);
                    text.extend(self.walk.literal().first());
                }
                (_, byte) => {
                    is_unusual |= byte == b'\n' || byte == b'`' && quote != Some(b'\'');
                    text.push(byte);
                }
            }
            self.walk.advance(1);
            // `$'`, `$"`, `$(` and `${`
            let next = self.walk.literal().first();
            is_unusual |= byte == b'$' && quote != Some(b'\'') && next.is_some_and(|next| b"'\"({\\".contains(next));
        }
        if self.walk.unit() == Some(Unit::Value) {
            return Err(self.walk.problem("a value cannot stand in what ends a here-document"));
        }
        if is_unusual {
            self.doubt(Doubt::Delimiter);
        }
        Ok(Delimiter { text: String::from_utf8_lossy(&text).into_owned(), quoted, strips_tabs })
    }
}
