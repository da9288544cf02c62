//! A line that is there, or is not.

use regex_lite::Regex;

use super::super::line::lines;
use super::rows::{find, last_match, lines_at, position, splice, wanted};
use super::{LinePlace, Refusal};

/// The text with the line; `None` if it is there.
pub(super) fn ensure(
    text: &str,
    line: &str,
    place: &LinePlace,
    matches: Option<&Regex>,
) -> Result<Option<String>, Refusal> {
    let wanted = wanted(line);
    if find(text, &wanted).is_some() {
        return Ok(None);
    }
    let replaced = matches.and_then(|regex| last_match(text, regex));
    let range = match replaced {
        Some(line) => line.start..line.next,
        None => {
            let at = position(text, place)?;
            at..at
        }
    };
    Ok(Some(splice(text, range, &wanted)))
}

/// The text without the line, or without every line that matches; `None` if there is none.
pub(super) fn remove(text: &str, line: &str, matches: Option<&Regex>) -> Option<String> {
    let wanted = wanted(line);
    let mut kept = String::with_capacity(text.len());
    // Where the kept lines begin, if several are wanted: what was around removed ones may be such lines again.
    let mut starts = Vec::new();
    for line in lines(text) {
        if let Some(regex) = matches {
            if !regex.is_match(&text[line.start..line.end]) {
                kept.push_str(&text[line.start..line.next]);
            }
            continue;
        }
        starts.push(kept.len());
        kept.push_str(&text[line.start..line.next]);
        if let Some(first) = starts.len().checked_sub(wanted.len())
            && lines_at(&kept, starts[first], &wanted).is_some()
        {
            kept.truncate(starts[first]);
            starts.truncate(first);
        }
        if wanted.len() == 1 {
            starts.clear();
        }
    }
    (kept.len() < text.len()).then_some(kept)
}
