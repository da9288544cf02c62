//! Changes of single places in an XML text.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use super::super::agreement::agreeing;
use super::super::{EditError, Operation, Problem, Segment};
use super::check::check;
use super::content;
use super::insert::{insert, line_break, with_line};
use super::markup::{Markup, Style, scalar_text};
use super::route::{Pick, Route, Step};
use super::text::Encoding;
use super::tree::Element;

/// What cannot be done, and what can be done instead.
pub(super) type Refusal = (String, Option<String>);

/// The text with the operations carried out.
pub(crate) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    if !is_blank(text) {
        check(text).map_err(EditError::Text)?;
    }
    let mut edited = text.to_owned();
    for (index, operation) in operations.iter().enumerate() {
        let change = match operation {
            Operation::Set { path, value, must_exist } => {
                Change::Set { path: path.clone(), value: value.clone(), must: *must_exist }
            }
            Operation::Unset { path, must_exist } => Change::Unset { path: path.clone(), must: *must_exist },
        };
        carry_out(&mut edited, &change).map_err(|error| match error {
            Failed::Text(problem) => EditError::Text(problem),
            Failed::Refused((message, hint)) => EditError::Operation { index, message, hint },
        })?;
    }
    Ok(edited)
}

/// A change of one place.
enum Change {
    Set {
        path: Vec<Segment>,
        value: Value,
        must: bool,
    },
    /// A further element, also if an equal one is there.
    Push {
        path: Vec<Segment>,
        name: String,
        value: Value,
    },
    Unset {
        path: Vec<Segment>,
        must: bool,
    },
}

/// New text for a stretch of the old one.
#[derive(Debug, Clone)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    pub(super) fn nothing() -> Self {
        Self { range: 0..0, text: String::new() }
    }
}

/// How a change is made.
enum Method {
    Splices(Vec<Splice>),
    Steps(Vec<Change>),
}

enum Failed {
    Text(Problem),
    Refused(Refusal),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Text(problem)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn refused(message: impl Into<String>) -> Failed {
    Failed::Refused((message.into(), None))
}

/// The refusal for the first step, or the attribute, that is not there.
fn missing(route: &Route, known: usize) -> Failed {
    match (route.steps.get(known), route.attribute) {
        (Some(step), _) => refused(step.missing()),
        (None, attribute) => refused(format!("there is no attribute `{}`", attribute.unwrap_or_default())),
    }
}

/// Whether the first step that is not there is one more element of a name that is there.
fn adds_further(text: &str, parent: &Element, route: &Route, known: usize) -> Result<bool, Problem> {
    match route.steps.get(known) {
        Some(Step { name, pick: Pick::Append }) => {
            Ok(!parent.matching(text, Step { name, pick: Pick::First })?.is_empty())
        }
        _ => Ok(false),
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

fn carry_out(text: &mut String, change: &Change) -> Result<(), Failed> {
    let method = match change {
        Change::Set { path, value, must } => set(text, path, &*wished(path, value)?, *must)?,
        Change::Push { path, name, value } => {
            let route = Route::of(path).map_err(refused)?;
            let found = Found::of(text, &route)?;
            let new = Markup::of(name, value)?;
            let parent = found.element.ok_or_else(|| missing(&route, found.steps))?;
            Method::Splices(vec![insert(text, &parent, &new)??])
        }
        Change::Unset { path, must } => unset(text, path, *must)?,
    };
    match method {
        Method::Splices(mut splices) => {
            splices.sort_by_key(|splice| splice.range.start);
            for splice in splices.into_iter().rev() {
                text.replace_range(splice.range, &splice.text);
            }
            Ok(())
        }
        Method::Steps(steps) => steps.iter().try_for_each(|step| carry_out(text, step)),
    }
}

/// What the place gets, if the path allows it.
fn wished<'a>(path: &[Segment], value: &'a Value) -> Result<Cow<'a, Value>, Refusal> {
    match path.last() {
        Some(Segment::Where { name, .. }) if !name.starts_with('@') && !value.is_object() => {
            Err((format!("the element with this `{name}` can only hold elements"), None))
        }
        _ => agreeing(path, value),
    }
}

/// How far a route leads.
struct Found {
    /// The last element that is there. None if not even the root is the one.
    element: Option<Element>,
    /// How many steps lead to it.
    steps: usize,
    /// The same path with numbers for conditions: those may change while the place is being changed.
    path: Vec<Segment>,
}

impl Found {
    fn of(text: &str, route: &Route) -> Result<Self, Failed> {
        let mut found = Self { element: None, steps: 0, path: Vec::new() };
        let Some((first, below)) = route.steps.split_first().filter(|_| !is_blank(text)) else { return Ok(found) };
        let root = Element::root(text)?;
        if !is_root(text, &root, *first)? {
            return Ok(found);
        }
        found.enter(root, first.name, None);
        for step in below {
            let Some(element) = &found.element else { break };
            let Some((number, child)) = element.first_matching(text, *step)? else { break };
            found.enter(child, step.name, Some(number));
        }
        Ok(found)
    }

    fn enter(&mut self, element: Element, name: &str, number: Option<usize>) {
        self.element = Some(element);
        self.steps += 1;
        self.path.push(Segment::Name(name.to_owned()));
        self.path.extend(number.map(index));
    }
}

fn is_root(text: &str, root: &Element, step: Step) -> Result<bool, Problem> {
    let picked = match step.pick {
        Pick::First | Pick::Number(0 | -1) => true,
        Pick::Where { name, value } => root.has(text, name, value)?,
        Pick::Number(_) | Pick::Append => false,
    };
    Ok(picked && root.name(text) == step.name)
}

fn index(number: usize) -> Segment {
    Segment::Index(i64::try_from(number).unwrap_or(i64::MAX))
}

fn with(path: &[Segment], last: impl IntoIterator<Item = Segment>) -> Vec<Segment> {
    path.iter().cloned().chain(last).collect()
}

fn set(text: &str, path: &[Segment], value: &Value, must: bool) -> Result<Method, Failed> {
    let route = Route::of(path).map_err(refused)?;
    if value.is_array() {
        return set_list(text, &route, value, must);
    }
    let found = Found::of(text, &route)?;
    let Some(element) = &found.element else { return new_root(text, &route, value, must) };
    if found.steps < route.steps.len() {
        return if must && !adds_further(text, element, &route, found.steps)? {
            Err(missing(&route, found.steps))
        } else {
            add(text, element, &route, found.steps, value)
        };
    }
    if let Some(name) = route.attribute {
        if must && element.attribute(text, name).is_none() {
            return Err(missing(&route, found.steps));
        }
        let new = scalar_text(value)?;
        return Ok(Method::Splices(vec![content::set_attribute(text, element, name, &new)?]));
    }
    match value {
        Value::Object(entries) => set_entries(text, element, &found.path, entries),
        Value::Null if content::is_empty(text, element)? => Ok(Method::Splices(Vec::new())),
        Value::Null => Ok(Method::Splices(vec![Splice { range: element.content(), text: String::new() }])),
        scalar => Ok(Method::Splices(content::set_text(text, element, &scalar_text(scalar)?)??)),
    }
}

/// The root of a text that has none.
fn new_root(text: &str, route: &Route, value: &Value, must: bool) -> Result<Method, Failed> {
    if matches!(route.steps.first(), Some(Step { pick: Pick::Append, .. })) {
        let hint = "name the root without `[+]`".to_owned();
        return Err(Failed::Refused(("there is only one root element".to_owned(), Some(hint))));
    }
    if !is_blank(text) {
        return Err(refused("the path does not begin with the root element"));
    }
    if must {
        return Err(missing(route, 0));
    }
    let style =
        Style { indent: Some(String::new()), unit: "  ", line_break: line_break(text), encoding: Encoding::Utf8 };
    let new = Markup::nested(&route.steps, route.attribute, value)?;
    let mut root = String::new();
    for element in &new {
        element.push(&style, &mut root);
    }
    root.push_str(style.line_break);
    Ok(Method::Splices(vec![Splice { range: 0..text.len(), text: root }]))
}

/// What is missing of the route, in the last element that is there.
fn add(text: &str, parent: &Element, route: &Route, known: usize, value: &Value) -> Result<Method, Failed> {
    let missing = &route.steps[known..];
    let new = Markup::nested(missing, route.attribute, value)?;
    if let ([Step { pick: Pick::Append, .. }, ..], [element]) = (missing, new.as_slice()) {
        for child in parent.children(text)? {
            if element.equals(text, &child)? {
                return Ok(Method::Splices(Vec::new()));
            }
        }
    }
    Ok(Method::Splices(vec![insert(text, parent, &new)??]))
}

/// Exactly these children. Attributes that are not named stay.
fn set_entries(
    text: &str,
    element: &Element,
    path: &[Segment],
    entries: &Map<String, Value>,
) -> Result<Method, Failed> {
    if content::has_text(text, element)? {
        return Err(refused("the element has text, it cannot get child elements"));
    }
    let mut steps = Vec::new();
    for child in element.children(text)? {
        let name = child.name(text);
        if !entries.contains_key(name) {
            steps.push(Change::Unset { path: with(path, [Segment::Name(name.to_owned())]), must: false });
        }
    }
    for (name, value) in entries {
        let path = with(path, [Segment::Name(name.clone())]);
        let single = name.starts_with('@') || value.is_array();
        let value = if single { value.clone() } else { Value::Array(vec![value.clone()]) };
        steps.push(Change::Set { path, value, must: false });
    }
    Ok(Method::Steps(steps))
}

/// Exactly these elements of one name.
fn set_list(text: &str, route: &Route, list: &Value, must: bool) -> Result<Method, Failed> {
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    let (Some((last, parents)), None) = (route.steps.split_last(), route.attribute) else {
        return Err(refused("an attribute cannot be a list"));
    };
    if !matches!(last.pick, Pick::First) || parents.is_empty() {
        return Err(refused("a list can only be the value of a name below the root element"));
    }
    if items.iter().any(Value::is_array) {
        return Err(refused("a list in a list has no form in XML"));
    }
    let above = Route { steps: parents.to_vec(), attribute: None };
    let found = Found::of(text, &above)?;
    let old = match &found.element {
        Some(parent) if found.steps == parents.len() => parent.matching(text, *last)?.len(),
        _ => 0,
    };
    if must && old == 0 {
        return Err(missing(route, found.steps));
    }
    if found.steps < parents.len() && items.is_empty() {
        return Ok(Method::Splices(Vec::new()));
    }
    match &found.element {
        Some(element) if found.steps < parents.len() => return add(text, element, route, found.steps, list),
        Some(_) => {}
        None => return new_root(text, route, list, must),
    }
    let name = Segment::Name(last.name.to_owned());
    let numbered = |number: usize| with(&found.path, [name.clone(), index(number)]);
    let set = items.iter().take(old).enumerate();
    let set = set.map(|(at, value)| Change::Set { path: numbered(at), value: value.clone(), must: true });
    let push = items.iter().skip(old).map(|value| Change::Push {
        path: found.path.clone(),
        name: last.name.to_owned(),
        value: value.clone(),
    });
    let unset = (items.len()..old).rev().map(|at| Change::Unset { path: numbered(at), must: true });
    Ok(Method::Steps(set.chain(push).chain(unset).collect()))
}

fn unset(text: &str, path: &[Segment], must: bool) -> Result<Method, Failed> {
    let route = Route::of(path).map_err(refused)?;
    let Some((last, parents)) = route.steps.split_last() else { return Ok(Method::Splices(Vec::new())) };
    let holder = if route.attribute.is_some() { &route.steps } else { parents };
    if holder.is_empty() {
        return Err(refused("the root element cannot be unset"));
    }
    let found = Found::of(text, &Route { steps: holder.to_vec(), attribute: None })?;
    let known = found.steps;
    let element = found.element.filter(|_| known == holder.len());
    let ranges: Vec<_> = match (element, route.attribute) {
        (None, _) => Vec::new(),
        (Some(element), Some(name)) => content::attribute_with_blank(text, &element, name).into_iter().collect(),
        (Some(parent), None) => {
            let matching = parent.matching(text, *last)?;
            matching.iter().map(|(_, element)| with_line(text, element.range())).collect()
        }
    };
    if must && ranges.is_empty() {
        return Err(missing(&route, known));
    }
    Ok(Method::Splices(ranges.into_iter().map(|range| Splice { range, text: String::new() }).collect()))
}
