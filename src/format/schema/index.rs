//! Where the schemas of a document are, and what they are called.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::draft::{Draft, Form};
use super::pointer;
use super::uri;

/// The number of a schema in [`Index::places`].
pub(super) type Id = usize;

/// The name under which a `$recursiveAnchor` stands among the dynamic anchors.
pub(super) const RECURSIVE: &str = "";

/// A schema of the document.
pub(super) struct Place<'a> {
    pub(super) value: &'a Value,
    pub(super) pointer: String,
    pub(super) resource: usize,
}

/// A schema with an identifier of its own, and all in it that has none.
pub(super) struct Resource<'a> {
    uri: String,
    pub(super) root: Id,
    pub(super) draft: Draft,
    anchors: HashMap<&'a str, Id>,
    /// Those that a schema further out can take over.
    pub(super) dynamic: HashMap<&'a str, Id>,
}

pub(super) struct Index<'a> {
    pub(super) places: Vec<Place<'a>>,
    by_pointer: HashMap<String, Id>,
    pub(super) resources: Vec<Resource<'a>>,
    by_uri: HashMap<String, usize>,
}

impl<'a> Index<'a> {
    pub(super) fn new(document: &'a Value) -> Result<Self, String> {
        let mut index =
            Self { places: Vec::new(), by_pointer: HashMap::new(), resources: Vec::new(), by_uri: HashMap::new() };
        let draft = draft_of(document, "")?.unwrap_or(Draft::Of2020);
        index.add_resource(String::new(), draft, "")?;
        index.walk(document, String::new(), 0)?;
        Ok(index)
    }

    pub(super) fn place_at(&self, pointer: &str) -> Option<Id> {
        self.by_pointer.get(pointer).copied()
    }

    /// Takes in a schema and all that are in it.
    fn walk(&mut self, value: &'a Value, pointer: String, resource: usize) -> Result<Id, String> {
        let first = self.places.len();
        let mut pending = vec![(value, pointer, resource)];
        while let Some((value, pointer, resource)) = pending.pop() {
            if self.by_pointer.contains_key(&pointer) {
                continue;
            }
            let id = self.places.len();
            let resource = match value {
                Value::Object(keywords) => self.identify(keywords, id, &pointer, resource)?,
                Value::Bool(_) => resource,
                _ => return Err(format!("a schema is an object, `true` or `false` at `{}`", pointer::shown(&pointer))),
            };
            self.by_pointer.insert(pointer.clone(), id);
            if let (Value::Object(keywords), Some(Resource { draft, .. })) = (value, self.resources.get(resource)) {
                let mut children = subschemas(keywords, *draft, &pointer)?;
                children.reverse();
                pending.extend(children.into_iter().map(|(child, pointer)| (child, pointer, resource)));
            }
            self.places.push(Place { value, pointer, resource });
        }
        Ok(first)
    }

    /// The resource to which the schema belongs, which may begin with it, and its names.
    fn identify(
        &mut self,
        keywords: &'a Map<String, Value>,
        id: Id,
        pointer: &str,
        parent: usize,
    ) -> Result<usize, String> {
        let Some(Resource { draft: inherited, uri: base, .. }) = self.resources.get(parent) else { return Ok(parent) };
        let mut draft = *inherited;
        if draft.reference_stands_alone() && keywords.contains_key("$ref") {
            return Ok(parent);
        }
        if let Some(own) = own_draft(keywords, pointer)?
            && keywords.contains_key(own.identifier())
        {
            draft = own;
        }
        let keyword = draft.identifier();
        let mut resource = parent;
        let mut anchor = None;
        if let Some(identifier) = text(keywords, keyword, pointer)? {
            let (reference, fragment) = uri::split_fragment(identifier);
            if !fragment.is_empty() && draft > Draft::Seven {
                return Err(pointer::wrong(keyword, "has a fragment, which is the work of `$anchor`,", pointer));
            }
            anchor = (!fragment.is_empty()).then_some(fragment);
            if !reference.is_empty() {
                let resolved = uri::resolve(base, reference);
                resource = self.add_resource(resolved, draft, pointer)?;
                if let Some(resource) = self.resources.get_mut(resource) {
                    resource.root = id;
                }
            }
        }
        self.name(keywords, id, pointer, resource, anchor)?;
        Ok(resource)
    }

    /// Takes in the anchors of a schema.
    fn name(
        &mut self,
        keywords: &'a Map<String, Value>,
        id: Id,
        pointer: &str,
        resource: usize,
        anchor: Option<&'a str>,
    ) -> Result<(), String> {
        let Some(resource) = self.resources.get_mut(resource) else { return Ok(()) };
        let known = |keyword: &str| resource.draft.form(keyword).is_some();
        let of = |keyword| if known(keyword) { text(keywords, keyword, pointer) } else { Ok(None) };
        let (plain, dynamic) = (of("$anchor")?, of("$dynamicAnchor")?);
        let is_recursive = known("$recursiveAnchor") && keywords.get("$recursiveAnchor") == Some(&Value::Bool(true));
        for (keyword, name) in [("$id", anchor), ("$anchor", plain), ("$dynamicAnchor", dynamic)] {
            let Some(name) = name else { continue };
            if resource.anchors.insert(name, id).is_some_and(|other| other != id) {
                return Err(pointer::wrong(keyword, "is the anchor of another schema as well", pointer));
            }
        }
        resource.dynamic.extend(dynamic.map(|name| (name, id)));
        if is_recursive && resource.root == id {
            resource.dynamic.insert(RECURSIVE, id);
        }
        Ok(())
    }

    fn add_resource(&mut self, uri: String, draft: Draft, pointer: &str) -> Result<usize, String> {
        let number = self.resources.len();
        // The root has a resource before its identifier is known.
        if number == 1 && pointer.is_empty() {
            if let Some(root) = self.resources.first_mut() {
                root.uri.clone_from(&uri);
                root.draft = draft;
            }
            self.by_uri.insert(uri, 0);
            return Ok(0);
        }
        if !uri.is_empty() && self.by_uri.insert(uri.clone(), number).is_some() {
            return Err(pointer::wrong(draft.identifier(), "is the identifier of another schema as well", pointer));
        }
        self.resources.push(Resource { uri, root: 0, draft, anchors: HashMap::new(), dynamic: HashMap::new() });
        Ok(number)
    }

    /// The schema that a reference in `resource` means, or what is wrong with it.
    pub(super) fn find(&mut self, reference: &str, resource: usize) -> Result<Id, &'static str> {
        const ELSEWHERE: &str = "refers to another document, which is not read,";
        let (document, fragment) = uri::split_fragment(reference);
        let base = self.resources.get(resource).ok_or(ELSEWHERE)?;
        let number = match document {
            "" => resource,
            document => *self.by_uri.get(&uri::resolve(&base.uri, document)).ok_or(ELSEWHERE)?,
        };
        let target = self.resources.get(number).ok_or(ELSEWHERE)?;
        let fragment = uri::percent_decoded(fragment);
        if fragment.is_empty() {
            return Ok(target.root);
        }
        if fragment.starts_with('/') {
            let root = target.root;
            return self.descend(root, &fragment);
        }
        target.anchors.get(fragment.as_str()).copied().ok_or("names an anchor that is nowhere")
    }

    fn descend(&mut self, root: Id, fragment: &str) -> Result<Id, &'static str> {
        const NOWHERE: &str = "refers to a place that is not there";
        let start = self.places.get(root).ok_or(NOWHERE)?;
        let (mut value, mut pointer, mut resource) = (start.value, start.pointer.clone(), start.resource);
        for token in fragment.split('/').skip(1) {
            let token = pointer::unescaped(token);
            value = match value {
                Value::Object(map) => map.get(&token),
                Value::Array(items) => token.parse().ok().and_then(|index: usize| items.get(index)),
                _ => None,
            }
            .ok_or(NOWHERE)?;
            pointer::push(&mut pointer, &token);
            if let Some(place) = self.by_pointer.get(&pointer).and_then(|id| self.places.get(*id)) {
                resource = place.resource;
            }
        }
        match self.by_pointer.get(&pointer) {
            Some(id) => Ok(*id),
            None => self.walk(value, pointer, resource).map_err(|_| "refers to what is not a schema"),
        }
    }
}

fn draft_of(document: &Value, pointer: &str) -> Result<Option<Draft>, String> {
    document.as_object().map_or(Ok(None), |keywords| own_draft(keywords, pointer))
}

fn own_draft(keywords: &Map<String, Value>, pointer: &str) -> Result<Option<Draft>, String> {
    let Some(named) = text(keywords, "$schema", pointer)? else { return Ok(None) };
    let unknown = "is not a draft that is known (draft-04, draft-06, draft-07, 2019-09, 2020-12)";
    Draft::named(named).map(Some).ok_or_else(|| pointer::wrong("$schema", unknown, pointer))
}

fn text<'a>(keywords: &'a Map<String, Value>, keyword: &str, pointer: &str) -> Result<Option<&'a str>, String> {
    match keywords.get(keyword) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(pointer::wrong(keyword, "is not text", pointer)),
    }
}

/// The schemas that stand in the keywords of a schema.
fn subschemas<'a>(
    keywords: &'a Map<String, Value>,
    draft: Draft,
    pointer: &str,
) -> Result<Vec<(&'a Value, String)>, String> {
    let mut found = Vec::new();
    for (keyword, value) in keywords {
        let Some(form) = draft.form(keyword) else { continue };
        let inside = pointer::joined(pointer, keyword);
        match (form, value) {
            (Form::Plain, _) => {}
            (Form::Schema, Value::Array(_)) if keyword == "items" => {
                return Err(pointer::wrong(keyword, "is a list, which is `prefixItems` since 2020-12,", pointer));
            }
            (Form::Schemas | Form::SchemaOrSchemas, Value::Array(items)) => {
                let place = |(index, item): (usize, &'a Value)| (item, pointer::joined(&inside, &index.to_string()));
                found.extend(items.iter().enumerate().map(place));
            }
            (Form::NamedSchemas | Form::Dependencies, Value::Object(named)) => {
                let is_schema = |value: &Value| form == Form::NamedSchemas || !value.is_array();
                let schemas = named.iter().filter(|(_, value)| is_schema(value));
                found.extend(schemas.map(|(name, value)| (value, pointer::joined(&inside, name))));
            }
            (Form::Schema | Form::SchemaOrSchemas, _) => found.push((value, inside)),
            (Form::Schemas, _) => return Err(pointer::wrong(keyword, "is not a list of schemas", pointer)),
            (Form::NamedSchemas | Form::Dependencies, _) => {
                return Err(pointer::wrong(keyword, "is not an object of schemas", pointer));
            }
        }
    }
    Ok(found)
}
