//! A walk through a rendered text that steps over the values in it as a whole, so that no value is ever taken for the
//! template's own words.

use std::ops::Range;

use super::Insertion;

/// What comes next on the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    End,
    /// The beginning of an insertion, also of an empty one.
    Insertion,
    /// A byte of the template's own text.
    Byte(u8),
}

/// A place in a text and the insertions that are still to come.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    text: &'a str,
    insertions: &'a [Insertion],
    at: usize,
    /// The index of the first insertion that is not behind the place.
    upcoming: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str, insertions: &'a [Insertion]) -> Self {
        Self { text, insertions, at: 0, upcoming: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How many insertions lie behind the place.
    pub(super) fn passed(&self) -> usize {
        self.upcoming
    }

    pub(super) fn next(&self) -> Next {
        if self.insertions.get(self.upcoming).is_some_and(|insertion| insertion.range.start <= self.at) {
            return Next::Insertion;
        }
        self.text.as_bytes().get(self.at).map_or(Next::End, |byte| Next::Byte(*byte))
    }

    /// The template's own text up to the next insertion.
    pub(super) fn literal(&self) -> &'a str {
        let end = self.insertions.get(self.upcoming).map_or(self.text.len(), |insertion| insertion.range.start);
        &self.text[self.at..end.max(self.at)]
    }

    /// Goes on over bytes of the template's own text.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes on over the insertion that comes next.
    pub(super) fn pass_insertion(&mut self) {
        if let Some(insertion) = self.insertions.get(self.upcoming) {
            self.at = self.at.max(insertion.range.end);
            self.upcoming += 1;
        }
    }

    /// Goes on to the first byte of the template's own text that is wanted, over insertions. False at the end of the text.
    pub(super) fn advance_to(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        loop {
            let literal = self.literal();
            match literal.bytes().position(&wanted) {
                Some(offset) => {
                    self.at += offset;
                    return true;
                }
                None => self.at += literal.len(),
            }
            if self.next() == Next::End {
                return false;
            }
            self.pass_insertion();
        }
    }

    /// The byte of the template's own text that ends right here, if it is not an insertion that does.
    pub(super) fn before(&self) -> Option<u8> {
        let passed = self.upcoming.checked_sub(1).and_then(|index| self.insertions.get(index));
        if passed.is_some_and(|insertion| insertion.range.end == self.at) {
            return None;
        }
        self.text[..self.at].bytes().next_back()
    }

    /// The stretch from `start`, where `passed` insertions lay behind, to here.
    pub(super) fn stretch(&self, start: usize, passed: usize) -> Stretch<'a> {
        Stretch { text: self.text, range: start..self.at, insertions: &self.insertions[passed..self.upcoming] }
    }
}

/// A part of a text that is read as one: literal parts and insertions.
#[derive(Debug, Clone)]
pub(super) struct Stretch<'a> {
    text: &'a str,
    pub(super) range: Range<usize>,
    pub(super) insertions: &'a [Insertion],
}

/// A part of a stretch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    Literal(&'a str),
    Value { text: &'a str, insertion: &'a Insertion },
}

impl<'a> Stretch<'a> {
    /// The whole, with the values as they are.
    pub(super) fn raw(&self) -> &'a str {
        &self.text[self.range.clone()]
    }

    /// Where the first value begins, for a message about the whole.
    pub(super) fn offset(&self) -> usize {
        self.insertions.first().map_or(self.range.start, |insertion| insertion.range.start)
    }

    /// The literal parts that are not empty and all values, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let text = self.text;
        let mut at = self.range.start;
        let values = self.insertions.iter().map(move |insertion| {
            let literal = &text[at..insertion.range.start];
            at = insertion.range.end;
            (literal, Some(insertion))
        });
        let last_end = self.insertions.last().map_or(self.range.start, |insertion| insertion.range.end);
        let last = (&text[last_end..self.range.end], None);
        values.chain([last]).flat_map(move |(literal, insertion)| {
            let literal = (!literal.is_empty()).then_some(Part::Literal(literal));
            let value = insertion.map(|insertion| Part::Value { text: &text[insertion.range.clone()], insertion });
            literal.into_iter().chain(value)
        })
    }

    /// The same without so many bytes of literal text at the beginning and at the end.
    pub(super) fn inner(&self, before: usize, behind: usize) -> Self {
        Self { range: self.range.start + before..self.range.end - behind, ..self.clone() }
    }
}
