//! A backslash before a line break, which joins two lines: inside any word, operator or expansion, but not in single
//! quotes and comments.

use super::lexer::Lexer;
use crate::format::walk::Unit;

const JOIN: &[u8] = b"\\\n";

impl Lexer<'_> {
    /// Goes behind the joins that stand here.
    pub(super) fn skip_joins(&mut self) {
        while self.walk.literal().starts_with(JOIN) {
            self.walk.advance(JOIN.len());
        }
    }

    /// The unit before this place that is not a join.
    pub(super) fn before(&self) -> Option<Unit> {
        let mut literal = self.walk.literal_before();
        if literal.is_empty() {
            return self.walk.before();
        }
        while let Some(rest) = literal.strip_suffix(JOIN) {
            literal = rest;
        }
        match literal.last() {
            Some(&byte) => Some(Unit::Byte(byte)),
            None => self.walk.stretch_follows_value().then_some(Unit::Value),
        }
    }

    /// What stands behind the value that stands here, and behind the digits that follow it if they are to be skipped.
    pub(super) fn behind_value(&self, skips_digits: bool) -> Option<Unit> {
        let mut ahead = self.walk.ahead();
        ahead.skip_value();
        loop {
            match ahead.unit() {
                Some(Unit::Byte(b'\\')) if ahead.literal().starts_with(JOIN) => ahead.advance(JOIN.len()),
                Some(Unit::Byte(byte)) if skips_digits && byte.is_ascii_digit() => ahead.advance(1),
                unit => return unit,
            }
        }
    }
}

/// The bytes of a text from its end on, without the joins.
pub(super) fn backward(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let Some(before) = rest.strip_suffix(JOIN) {
            rest = before;
        }
        let (&last, before) = rest.split_last()?;
        rest = before;
        Some(last)
    })
}

/// The bytes of a text without the joins.
pub(super) fn forward(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let Some(behind) = rest.strip_prefix(JOIN) {
            rest = behind;
        }
        let (&first, behind) = rest.split_first()?;
        rest = behind;
        Some(first)
    })
}
