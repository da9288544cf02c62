//! Keywords that judge the same value with other schemas.

use super::super::draft::Draft;
use super::super::index::{Id, Index, RECURSIVE};
use super::super::keyword::Keyword;
use super::super::uri;
use super::words::Words;

pub(super) fn references<'a>(
    words: &Words<'a, '_>,
    index: &mut Index<'a>,
    resource: usize,
    found: &mut Vec<Keyword<'a>>,
) -> Result<(), String> {
    for keyword in ["$ref", "$recursiveRef", "$dynamicRef"] {
        let Some(reference) = words.text(keyword)? else { continue };
        if keyword == "$recursiveRef" && reference != "#" {
            return words.wrong(keyword, "is not `#`");
        }
        let target = index.find(reference, resource).or_else(|problem| words.wrong(keyword, problem))?;
        let anchor = match keyword {
            "$recursiveRef" => Some(RECURSIVE),
            "$dynamicRef" => Some(uri::split_fragment(reference).1),
            _ => None,
        };
        let is_dynamic = |anchor: &&str| is_dynamic(index, target, anchor);
        found.push(match anchor.filter(is_dynamic) {
            Some(anchor) => Keyword::DynamicReference { anchor, fallback: target },
            None => Keyword::Reference(target),
        });
    }
    Ok(())
}

/// Whether the target has that name itself as one that can be taken over.
fn is_dynamic(index: &Index, target: Id, anchor: &str) -> bool {
    let resource = index.places.get(target).and_then(|place| index.resources.get(place.resource));
    resource.is_some_and(|resource| resource.dynamic.get(anchor) == Some(&target))
}

pub(super) fn compile<'a>(
    words: &Words<'a, '_>,
    index: &Index<'a>,
    found: &mut Vec<Keyword<'a>>,
) -> Result<(), String> {
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let schemas = index.list(words, keyword);
        if words.get(keyword).is_none() {
            continue;
        }
        found.push(match keyword {
            _ if schemas.is_empty() => return words.wrong(keyword, "is an empty list"),
            "allOf" => Keyword::AllOf(schemas),
            "anyOf" => Keyword::AnyOf(schemas),
            _ => Keyword::OneOf(schemas),
        });
    }
    found.extend(index.schema(words, "not").map(Keyword::Not));
    if words.draft >= Draft::Seven
        && let Some(condition) = index.schema(words, "if")
    {
        let (then, otherwise) = (index.schema(words, "then"), index.schema(words, "else"));
        found.push(Keyword::If { condition, then, otherwise });
    }
    Ok(())
}

pub(super) fn unevaluated<'a>(words: &Words<'a, '_>, index: &Index<'a>, found: &mut Vec<Keyword<'a>>) {
    found.extend(index.schema(words, "unevaluatedItems").map(Keyword::UnevaluatedItems));
    found.extend(index.schema(words, "unevaluatedProperties").map(Keyword::UnevaluatedProperties));
}
