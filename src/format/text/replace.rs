//! Replacing occurrences of a pattern, such that a second run finds nothing to do.

use std::ops::Range;

use regex_lite::Regex;

use super::{Pattern, Piece, Refusal};

pub(super) struct Replacement<'a> {
    pub(super) pattern: &'a Pattern,
    pub(super) with: &'a [Piece],
    pub(super) count: Option<usize>,
}

/// The text with the occurrences replaced; `None` if nothing changes.
pub(super) fn replace(
    text: &str,
    replacement: &Replacement<'_>,
    must_match: bool,
    unless: Option<&Regex>,
) -> Result<Option<String>, Refusal> {
    replacement.check_groups()?;
    let outcome = replacement.run(text);
    if must_match && !outcome.found && !replacement.is_there(text) {
        let hint = "correct the pattern, or give `unless` if the text may be in its final form already";
        return Err(("the pattern matches nothing".to_owned(), Some(hint)));
    }
    if outcome.text == text {
        return Ok(None);
    }
    let is_done = unless.is_some_and(|unless| unless.is_match(&outcome.text));
    let again = replacement.run(&outcome.text);
    if !is_done && must_match && !again.found && !replacement.is_there(&outcome.text) {
        let hint = "give `unless` with a pattern of the finished text";
        return Err(("a second run could not see that the replacement is done".to_owned(), Some(hint)));
    }
    if !is_done && again.text != outcome.text {
        let hint =
            "give `unless` with a pattern of the finished text, or a pattern that does not match the replacement";
        return Err(("a second run would replace again what was replaced".to_owned(), Some(hint)));
    }
    Ok(Some(outcome.text))
}

struct Outcome {
    text: String,
    /// Something matched.
    found: bool,
}

/// One occurrence of the pattern with what is to stand in its place.
struct Occurrence {
    range: Range<usize>,
    new: String,
}

impl Replacement<'_> {
    fn run(&self, text: &str) -> Outcome {
        let finished = self.finished();
        let mut outcome = Outcome { text: String::with_capacity(text.len()), found: false };
        let mut rest = self.count.unwrap_or(usize::MAX);
        let (mut copied, mut at) = (0, 0);
        while rest > 0
            && let Some(occurrence) = self.next(text, at)
        {
            outcome.found = true;
            if self.count.is_some()
                && let Some(end) =
                    finished.as_ref().and_then(|done| find_before(text, done, at..occurrence.range.start))
            {
                rest -= 1;
                at = end;
                continue;
            }
            rest -= 1;
            let range = occurrence.range.clone();
            if let Some(end) = done_until(text, &occurrence) {
                at = after(text, &range, end);
                continue;
            }
            outcome.text.push_str(&text[copied..range.start]);
            outcome.text.push_str(&occurrence.new);
            copied = range.end;
            at = after(text, &range, range.end);
        }
        outcome.text.push_str(&text[copied..]);
        outcome
    }

    /// Refuses a group that the pattern does not have: it would be nothing, and nobody would see it.
    fn check_groups(&self) -> Result<(), Refusal> {
        let groups = match self.pattern {
            Pattern::Literal(_) => 1,
            Pattern::Regex(regex) => regex.captures_len(),
        };
        let missing = self.with.iter().find_map(|piece| match piece {
            Piece::Group(number) if *number >= groups => Some(number),
            _ => None,
        });
        missing.map_or(Ok(()), |number| Err((format!("the pattern has no group {number}"), None)))
    }

    /// The next occurrence that begins at this place or behind it.
    fn next(&self, text: &str, at: usize) -> Option<Occurrence> {
        if at > text.len() {
            return None;
        }
        match self.pattern {
            Pattern::Literal(literal) if literal.is_empty() => None,
            Pattern::Literal(literal) => {
                let start = at + text[at..].find(literal.as_str())?;
                let range = start..start + literal.len();
                let new = self.expand(|_| Some(literal.as_str()));
                Some(Occurrence { range, new })
            }
            Pattern::Regex(regex) if self.with.iter().any(|piece| matches!(piece, Piece::Group(_))) => {
                let captures = regex.captures_at(text, at).filter(|found| !is_behind_all(text, found.get(0)))?;
                let new = self.expand(|group| captures.get(group).map(|found| found.as_str()));
                Some(Occurrence { range: captures.get(0)?.range(), new })
            }
            Pattern::Regex(regex) => {
                let found = regex.find_at(text, at).filter(|found| !is_behind_all(text, Some(*found)))?;
                Some(Occurrence { range: found.range(), new: self.expand(|_| None) })
            }
        }
    }

    fn expand<'t>(&self, group: impl Fn(usize) -> Option<&'t str>) -> String {
        let mut new = String::new();
        for piece in self.with {
            match piece {
                Piece::Text(text) => new.push_str(text),
                Piece::Group(number) => new.push_str(group(*number).unwrap_or_default()),
            }
        }
        new
    }

    /// The replacement, if it is always the same and not empty.
    fn finished(&self) -> Option<String> {
        let fixed = self.with.iter().all(|piece| matches!(piece, Piece::Text(_)));
        Some(self.expand(|_| None)).filter(|text| fixed && !text.is_empty())
    }

    /// The replacement stands somewhere in a text in which nothing matches; its groups are any text within a line. An
    /// empty one is always there.
    fn is_there(&self, text: &str) -> bool {
        if let Some(finished) = self.finished() {
            return text.contains(&finished);
        }
        let parts =
            || self.with.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(text) } else { None });
        if parts().next().is_none() {
            return self.with.is_empty();
        }
        if parts().any(|part| part.contains('\n')) {
            return contains_in_order(text, parts());
        }
        text.split('\n').any(|line| contains_in_order(line, parts()))
    }
}

fn contains_in_order<'a>(text: &str, parts: impl Iterator<Item = &'a String>) -> bool {
    let mut rest = text;
    for part in parts {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// The end of the first finished replacement that lies wholly within the range.
fn find_before(text: &str, finished: &str, range: Range<usize>) -> Option<usize> {
    let at = text.get(range.clone())?.find(finished)?;
    Some(range.start + at + finished.len())
}

/// Where the finished replacement ends, if the occurrence already stands inside it.
fn done_until(text: &str, occurrence: &Occurrence) -> Option<usize> {
    let Occurrence { range, new } = occurrence;
    let found = &text[range.clone()];
    let mut from = 0;
    while let Some(offset) = new.get(from..).and_then(|rest| rest.find(found)).map(|at| from + at) {
        if let Some(start) = range.start.checked_sub(offset)
            && text.as_bytes().get(start..start + new.len()) == Some(new.as_bytes())
        {
            return Some(start + new.len());
        }
        from = offset + new[offset..].chars().next()?.len_utf8();
    }
    None
}

/// Where to go on: behind an occurrence, and one character further when it was empty.
fn after(text: &str, occurrence: &Range<usize>, end: usize) -> usize {
    let end = end.max(occurrence.end);
    if !occurrence.is_empty() || end > occurrence.end {
        return end;
    }
    end + text[end..].chars().next().map_or(1, char::len_utf8)
}

/// `^` matches also behind the last line break, where no line is.
fn is_behind_all(text: &str, found: Option<regex_lite::Match<'_>>) -> bool {
    text.ends_with('\n') && found.is_some_and(|found| found.start() == text.len())
}
