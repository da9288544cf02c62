//! TOML text to data.

use serde_json::{Map, Number, Value};
use toml_edit::{Document, Item, Table, TableLike, Value as TomlValue};

use super::super::Problem;

/// The file as data. Dates and times become text.
pub(crate) fn read(text: &str) -> Result<Value, Problem> {
    let document = parse(text)?;
    table_data(document.as_table())
}

/// Checks that the text is TOML.
pub(crate) fn check(text: &str) -> Result<(), Problem> {
    parse(text).map(|_| ())
}

/// The document, whose parts know their places in the text.
pub(super) fn parse(text: &str) -> Result<Document<&str>, Problem> {
    Document::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        // The library's whole text shows the line of the file: only the message is taken.
        let message = error.message().lines().next().unwrap_or_default();
        Problem::new(offset, message)
    })
}

/// An item as data.
pub(super) fn item_data(item: &Item) -> Result<Value, Problem> {
    match item {
        Item::None => Ok(Value::Null),
        Item::Value(value) => value_data(value),
        Item::Table(table) => table_data(table),
        Item::ArrayOfTables(tables) => tables.iter().map(table_data).collect::<Result<_, _>>().map(Value::Array),
    }
}

/// A table as data.
pub(super) fn table_data(table: &Table) -> Result<Value, Problem> {
    entries(table)
}

/// A value as data.
pub(super) fn value_data(value: &TomlValue) -> Result<Value, Problem> {
    match value {
        TomlValue::String(text) => Ok(Value::from(text.value().as_str())),
        TomlValue::Integer(number) => Ok(Value::from(*number.value())),
        TomlValue::Float(number) => Number::from_f64(*number.value()).map(Value::Number).ok_or_else(|| {
            let offset = value.span().map_or(0, |span| span.start);
            Problem::new(offset, "`nan` and `inf` cannot be used as data").hint("write a number or a text in quotes")
        }),
        TomlValue::Boolean(truth) => Ok(Value::Bool(*truth.value())),
        TomlValue::Datetime(moment) => Ok(Value::String(moment.value().to_string())),
        TomlValue::Array(array) => array.iter().map(value_data).collect::<Result<_, _>>().map(Value::Array),
        TomlValue::InlineTable(table) => entries(table),
    }
}

fn entries(table: &dyn TableLike) -> Result<Value, Problem> {
    let pairs = table.iter().map(|(key, item)| Ok((key.to_owned(), item_data(item)?)));
    pairs.collect::<Result<Map<_, _>, _>>().map(Value::Object)
}
