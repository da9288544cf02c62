//! What readers of INI files do not agree on, and where a change would be a guess.

use super::document::Document;
use super::edit::{Refusal, refused};
use super::place::Place;
use super::rules::check_key;

/// Refuses what readers do not agree on: where the value at this line ends.
pub(super) fn check_replaceable(document: &Document<'_>, at: usize) -> Result<(), Refusal> {
    let Some(value) = document.value(at) else { return Ok(()) };
    let end = document.end(at);
    let is_continued = !value.is_empty() && !value.starts_with('\n') && end > at + 1;
    if is_continued && (at + 1..end).any(|at| document.disputed_key(at).is_some()) {
        let message = "below the key stands an indented `key = value`, which some readers take for a part of its value";
        return Err((message.to_owned(), Some("give both the same indentation".to_owned())));
    }
    if value.ends_with('\\') && !document.is_blank(end) {
        let message = "the value ends with a backslash, which joins it with the next line for some readers";
        return Err((message.to_owned(), None));
    }
    Ok(())
}

/// Refuses a new key when some reader would see it twice.
pub(super) fn check_disputed(document: &Document<'_>, place: &Place) -> Result<(), Refusal> {
    for at in document.bodies(place.section.as_deref()).into_iter().flatten() {
        if document.disputed_key(at) == Some(&place.key) {
            let message = format!(
                "`{}` stands in an indented line, which some readers take for a part of the value above",
                place.key
            );
            return Err((message, Some("give both the same indentation".to_owned())));
        }
    }
    Ok(())
}

/// Refuses a key that cannot be written, or that some reader would see twice.
pub(super) fn check_new(document: &Document<'_>, place: &Place) -> Result<(), Refusal> {
    check_key(&place.key).map_err(refused)?;
    check_disputed(document, place)?;
    for at in document.bodies(place.section.as_deref()).into_iter().flatten() {
        if let Some(other) = document.key(at).filter(|key| *key != place.key && key.eq_ignore_ascii_case(&place.key)) {
            let message = format!("the key `{other}` is there, which many readers take for `{}`", place.key);
            return Err((message, Some("write the key as in the file".to_owned())));
        }
    }
    Ok(())
}
