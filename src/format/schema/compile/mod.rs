//! From a schema as it is written to one that can be judged with.

mod combination;
mod container;
mod value;
mod words;

use serde_json::Value;

use super::index::{Id, Index};
use super::keyword::{Keyword, Node};
use super::loops;
use super::pointer;

use words::Words;

/// All schemas of a document, and the dynamic anchors of each of its resources.
pub(super) struct Program<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) index: Index<'a>,
}

pub(super) fn compile(document: &Value) -> Result<Program<'_>, String> {
    let mut index = Index::new(document)?;
    let mut nodes = Vec::with_capacity(index.places.len());
    // A reference into what is no schema by its place adds further ones.
    while let Some(place) = index.places.get(nodes.len()) {
        let (value, pointer, resource) = (place.value, place.pointer.clone(), place.resource);
        nodes.push(Node { resource, keywords: keywords(&mut index, value, &pointer, resource)? });
    }
    if let Some(place) = loops::find(&nodes).and_then(|id| index.places.get(id)) {
        return Err(format!("the schema refers to itself without end at `{}`", pointer::shown(&place.pointer)));
    }
    Ok(Program { nodes, index })
}

fn keywords<'a>(
    index: &mut Index<'a>,
    value: &'a Value,
    pointer: &str,
    resource: usize,
) -> Result<Vec<Keyword<'a>>, String> {
    let (map, draft) = match (value, index.resources.get(resource)) {
        (Value::Object(map), Some(resource)) => (map, resource.draft),
        (Value::Bool(false), _) => return Ok(vec![Keyword::Never]),
        _ => return Ok(Vec::new()),
    };
    let words = Words { map, draft, pointer };
    let mut found = Vec::new();
    combination::references(&words, index, resource, &mut found)?;
    if draft.reference_stands_alone() && !found.is_empty() {
        return Ok(found);
    }
    let references = std::mem::take(&mut found);
    value::compile(&words, &mut found)?;
    container::arrays(&words, index, &mut found)?;
    container::objects(&words, index, &mut found)?;
    found.extend(references);
    combination::compile(&words, index, &mut found)?;
    // At last: they judge what all others have left.
    combination::unevaluated(&words, index, &mut found);
    Ok(found)
}

impl Index<'_> {
    /// The schema that stands in a keyword.
    fn schema(&self, words: &Words, keyword: &str) -> Option<Id> {
        words.get(keyword)?;
        self.place_at(&pointer::joined(words.pointer, keyword))
    }

    /// The schema that stands in a list or an object of schemas.
    fn member(&self, words: &Words, keyword: &str, name: &str) -> Option<Id> {
        self.place_at(&pointer::joined(&pointer::joined(words.pointer, keyword), name))
    }

    fn list(&self, words: &Words, keyword: &str) -> Vec<Id> {
        let length = words.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
        (0..length).filter_map(|index| self.member(words, keyword, &index.to_string())).collect()
    }
}
