//! New sections and keys of an INI file, in the style of what is there.

use std::ops::Range;

use super::dispute::check_new;
use super::document::Document;
use super::edit::{Refusal, refused};
use super::place::Place;
use super::rules::{check_section, check_value};

/// Makes the section at the end of the file, unless it is there.
pub(super) fn ensure_section(document: &mut Document<'_>, section: &str) -> Result<(), Refusal> {
    if !document.bodies(Some(section)).is_empty() {
        return Ok(());
    }
    check_section(section).map_err(refused)?;
    if document.bodies(None).into_iter().flatten().any(|at| document.key(at) == Some(section)) {
        return Err((format!("`{section}` is a key before the first section"), None));
    }
    let last = document.len().checked_sub(1);
    if last.is_some_and(|last| !document.is_blank(last)) {
        document.insert(document.len(), String::new());
    }
    document.insert(document.len(), format!("[{section}]"));
    Ok(())
}

/// Adds a line: behind the last of the same key, behind the default that is commented out, or at the end of the section.
pub(super) fn add(
    document: &mut Document<'_>,
    place: &Place,
    last: Option<usize>,
    value: Option<&str>,
) -> Result<(), Refusal> {
    if last.is_none() {
        check_new(document, place)?;
    }
    if let Some(value) = value {
        check_value(value).map_err(refused)?;
    }
    match &place.section {
        Some(section) => ensure_section(document, section)?,
        None if !document.bodies(Some(&place.key)).is_empty() => {
            return Err((format!("`{}` is a section", place.key), None));
        }
        None => {}
    }
    let bodies = document.bodies(place.section.as_deref());
    let Some(body) = bodies.last().cloned() else { return Ok(()) };
    let default = bodies
        .into_iter()
        .flatten()
        .rfind(|at| is_default(document, *at, &place.key) && !document.is_within_value(*at));
    let at = match (last, default) {
        (Some(last), _) => document.end(last),
        (None, Some(default)) => default + 1,
        (None, None) => end_of_section(document, &body),
    };
    let sibling = (body.start.min(at)..at).rev().chain(at..body.end).find(|at| document.style(*at).is_some());
    let indentation =
        sibling.or_else(|| last_key(document)).and_then(|at| document.style(at)).map_or("", |style| style.0);
    let line = match value {
        Some(value) => [indentation, &place.key, &separator(document, at), value].concat(),
        None => [indentation, &place.key].concat(),
    };
    document.insert(at, line);
    Ok(())
}

fn last_key(document: &Document<'_>) -> Option<usize> {
    (0..document.len()).rev().find(|at| document.style(*at).is_some())
}

/// What stands between key and value in the nearest line above, or the first one below.
pub(super) fn separator(document: &Document<'_>, at: usize) -> String {
    let nearest = (0..at).rev().chain(at..document.len());
    let mut separators = nearest.filter_map(|at| {
        document.value(at).filter(|value| !value.is_empty() && !value.starts_with('\n')).and(document.style(at)?.1)
    });
    separators.next().unwrap_or(" = ").to_owned()
}

fn is_default(document: &Document<'_>, at: usize, key: &str) -> bool {
    let pair = document.comment(at).and_then(|comment| comment.split_once(['=', ':']));
    pair.is_some_and(|(name, _)| name.trim_end() == key)
}

/// Before the blank lines at the end, and before a comment that belongs to the next header.
pub(super) fn end_of_section(document: &Document<'_>, body: &Range<usize>) -> usize {
    let mut end = body.end;
    if end < document.len() {
        let comments = (body.start..end).rev().take_while(|at| document.comment(*at).is_some()).count();
        let above = end - comments;
        if comments > 0 && above > body.start && document.is_blank(above - 1) {
            end = above;
        }
    }
    while end > body.start && document.is_blank(end - 1) {
        end -= 1;
    }
    end
}
