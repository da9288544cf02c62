//! Places in an INI file that a path names.

use super::super::Segment;
use super::document::Document;
use super::edit::Refusal;

/// A key in a section, or before the first one.
pub(super) struct Place {
    pub(super) section: Option<String>,
    pub(super) key: String,
    pub(super) element: Option<Element>,
}

/// One of several lines with the same key.
pub(super) enum Element {
    Index(i64),
    Append,
}

/// The names of the path as one.
pub(super) fn joined(path: &[Segment]) -> Result<String, Refusal> {
    let mut names = Vec::new();
    for segment in path {
        let Segment::Name(name) = segment else {
            return Err(("in an INI file only the key at the end of a path has `[...]`".to_owned(), None));
        };
        names.push(name.as_str());
    }
    Ok(names.join("."))
}

/// The place that the path names.
pub(super) fn place(path: &[Segment]) -> Result<Place, Refusal> {
    let (names, element) = match path {
        [names @ .., Segment::Index(index)] => (names, Some(Element::Index(*index))),
        [names @ .., Segment::Append] => (names, Some(Element::Append)),
        names => (names, None),
    };
    let [sections @ .., Segment::Name(key)] = names else {
        return Err(("the path names no key".to_owned(), Some("write `section.key`, or `key`".to_owned())));
    };
    let section = if sections.is_empty() { None } else { Some(joined(sections)?) };
    Ok(Place { section, key: key.clone(), element })
}

/// The lines at which the key stands.
pub(super) fn find(document: &Document<'_>, place: &Place) -> Vec<usize> {
    let bodies = document.bodies(place.section.as_deref());
    bodies.into_iter().flatten().filter(|at| document.key(*at) == Some(&place.key)).collect()
}
