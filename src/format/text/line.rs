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
    let mut skip_to = 0;
    for line in lines(text) {
        if line.start < skip_to {
            continue;
        }
        let found = match matches {
            Some(regex) => regex.is_match(&text[line.start..line.end]).then_some(line.next),
            None => lines_at(text, line, &wanted).map(|range| range.end),
        };
        match found {
            Some(end) => skip_to = end,
            None => kept.push_str(&text[line.start..line.next]),
        }
    }
    (kept.len() < text.len()).then(|| match matches {
        // What was around the removed lines may be such lines again.
        None if wanted.len() > 1 => remove(&kept, line, matches).unwrap_or(kept),
        _ => kept,
    })
}
