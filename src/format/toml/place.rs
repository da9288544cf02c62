//! The way through a TOML document to a place.

use serde_json::Value;
use toml_edit::{ArrayOfTables, Item, Table, TableLike, Value as TomlValue};

use super::super::Segment;
use super::super::agreement::has_text;
use super::read::{item_data, table_data, value_data};

/// Something in a document.
#[derive(Clone, Copy)]
pub(super) enum Node<'d> {
    Table(&'d Table),
    Tables(&'d ArrayOfTables),
    Value(&'d TomlValue),
}

/// A segment that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

/// How far a path leads.
pub(super) struct Place<'d> {
    /// What was passed on the way, the root first, and the step from it to the next.
    pub(super) way: Vec<(Node<'d>, Step)>,
    pub(super) node: Node<'d>,
    /// How many segments lead to `node`. The others are missing in it.
    pub(super) found: usize,
}

impl<'d> Place<'d> {
    /// Follows the path from the root as far as there is something.
    pub(super) fn of(root: &'d Table, path: &[Segment]) -> Result<Self, String> {
        let mut place = Self { way: Vec::new(), node: Node::Table(root), found: 0 };
        for segment in path {
            let Some((step, node)) = place.node.child(segment)? else { break };
            place.way.push((place.node, step));
            place.node = node;
            place.found += 1;
        }
        Ok(place)
    }

    /// The names on the way.
    pub(super) fn names(&self) -> Vec<&str> {
        names(&self.way)
    }

    /// The nearest table on the way that is not made of dotted keys, and the names from there to the place.
    pub(super) fn undotted(&self) -> (Node<'d>, Vec<&str>) {
        if !self.node.is_dotted() {
            return (self.node, Vec::new());
        }
        let from = self.way.iter().rposition(|(node, _)| !node.is_dotted()).unwrap_or(0);
        let node = self.way.get(from).map_or(self.node, |(node, _)| *node);
        (node, names(&self.way[from..]))
    }
}

fn names<'a>(way: &'a [(Node<'_>, Step)]) -> Vec<&'a str> {
    let name = |(_, step): &'a (Node<'_>, Step)| match step {
        Step::Name(name) => Some(name.as_str()),
        Step::Index(_) => None,
    };
    way.iter().filter_map(name).collect()
}

impl<'d> Node<'d> {
    /// The item, unless it is a placeholder of the library.
    pub(super) fn of(item: &'d Item) -> Option<Self> {
        match item {
            Item::None => None,
            Item::Value(value) => Some(Self::Value(value)),
            Item::Table(table) => Some(Self::Table(table)),
            Item::ArrayOfTables(tables) => Some(Self::Tables(tables)),
        }
    }

    /// What it is as data. None if that cannot be told, as for `nan`.
    pub(super) fn data(self) -> Option<Value> {
        match self {
            Self::Table(table) => table_data(table).ok(),
            Self::Tables(tables) => {
                let elements: Result<_, _> = tables.iter().map(table_data).collect();
                elements.ok().map(Value::Array)
            }
            Self::Value(value) => value_data(value).ok(),
        }
    }

    /// Whether it exists only through keys with dots.
    pub(super) fn is_dotted(self) -> bool {
        match self {
            Self::Table(table) => table.is_dotted(),
            Self::Value(TomlValue::InlineTable(table)) => table.is_dotted(),
            _ => false,
        }
    }

    /// The entries of a table in any notation.
    pub(super) fn entries(self) -> Option<&'d dyn TableLike> {
        match self {
            Self::Table(table) => Some(table),
            Self::Value(TomlValue::InlineTable(table)) => Some(table),
            _ => None,
        }
    }

    /// The elements of a list in any notation.
    pub(super) fn elements(self) -> Option<Vec<Self>> {
        match self {
            Self::Tables(tables) => Some(tables.iter().map(Self::Table).collect()),
            Self::Value(TomlValue::Array(array)) => Some(array.iter().map(Self::Value).collect()),
            _ => None,
        }
    }

    fn child(self, segment: &Segment) -> Result<Option<(Step, Self)>, String> {
        if let Segment::Name(name) = segment {
            let table = self.entries().ok_or_else(|| format!("`{name}` is looked for in what is not a table"))?;
            let found = table.get(name).and_then(Self::of);
            return Ok(found.map(|node| (Step::Name(name.clone()), node)));
        }
        let elements = self.elements().ok_or("`[...]` stands behind what is not a list")?;
        let index = match segment {
            Segment::Name(_) | Segment::Append => None,
            Segment::Index(index) => position(*index, elements.len()),
            Segment::Where { name, value } => elements.iter().position(|element| element.has(name, value)),
        };
        Ok(index.and_then(|index| elements.get(index).map(|node| (Step::Index(index), *node))))
    }

    fn has(self, name: &str, wanted: &str) -> bool {
        let Some(item) = self.entries().and_then(|table| table.get(name)) else { return false };
        item_data(item).is_ok_and(|value| has_text(&value, wanted))
    }
}

fn position(index: i64, length: usize) -> Option<usize> {
    let from_end = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 { length.checked_sub(from_end) } else { Some(from_end).filter(|index| *index < length) }
}
