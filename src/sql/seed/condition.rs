//! Whether a column has a value, in words that let the database decide.

use super::super::Dialect;
use super::super::literal::{name, text};
use super::columns::{Column, Columns, table_name};
use super::value::literal;
use crate::document::Located;
use crate::spec::{SeedRow, SeedTable, SeedValue};

/// Types of PostgreSQL that cannot be compared, or whose `=` compares areas: their text is.
const WITHOUT_EQUALITY: [&str; 9] = ["xml", "point", "box", "circle", "line", "lseg", "path", "polygon", "refcursor"];
/// Types of MySQL whose values are numbers.
const NUMBERS: [&str; 10] =
    ["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year", "bit"];

/// `FROM table WHERE` the key is that of the row.
pub(super) fn found(columns: &Columns, table: &SeedTable, row: &SeedRow) -> String {
    format!("FROM {} WHERE {}", table_name(&table.table, columns.dialect), of_key(columns, table, row))
}

/// The key is that of the row.
pub(super) fn of_key(columns: &Columns, table: &SeedTable, row: &SeedRow) -> String {
    let cells = row.0.iter().filter(|(column, _)| table.is_key(&column.value));
    let conditions: Vec<String> = cells.map(|(column, value)| equal(columns, &table.table, column, value)).collect();
    conditions.join(" AND ")
}

/// The column equals the value, which is not null: an index can be used.
fn equal(columns: &Columns, table: &str, column: &Located<String>, value: &SeedValue) -> String {
    compared(columns, table, column, value, "=")
}

/// The column has the value, or both are null.
pub(super) fn same(columns: &Columns, table: &str, column: &Located<String>, value: &SeedValue) -> String {
    let operator = match columns.dialect {
        Dialect::Postgres => "IS NOT DISTINCT FROM",
        Dialect::Mysql => "<=>",
        Dialect::Sqlite => "IS",
    };
    compared(columns, table, column, value, operator)
}

fn compared(columns: &Columns, table: &str, column: &Located<String>, value: &SeedValue, operator: &str) -> String {
    let dialect = columns.dialect;
    let quoted = name(column, dialect);
    let reference;
    let (left, right) = match (columns.get(table, column), value) {
        (_, SeedValue::Null) => return format!("{quoted} IS NULL"),
        (_, SeedValue::Reference(to)) => {
            reference = columns.any_of(to);
            (quoted, reference)
        }
        (Some(known), value) => match dialect {
            Dialect::Postgres => postgres(quoted, known, value, operator == "="),
            Dialect::Mysql => mysql(quoted, known, value, operator == "="),
            Dialect::Sqlite => return sqlite(&quoted, value, operator),
        },
        (None, value) => (quoted, literal(value, dialect)),
    };
    format!("{left} {operator} {right}")
}

/// The value gets the type of the column. Only what is compared as a value is rounded as the column rounds: a key that is rounded
/// would find another row. A text is never cut off.
fn postgres(quoted: String, column: &Column, value: &SeedValue, is_key: bool) -> (String, String) {
    let literal = literal(value, Dialect::Postgres);
    let Column { kind, whole, .. } = column;
    if kind == "json" || kind == "jsonb" {
        return (format!("CAST({quoted} AS jsonb)"), format!("CAST({literal} AS jsonb)"));
    }
    if WITHOUT_EQUALITY.contains(&kind.as_str()) {
        return (format!("CAST({quoted} AS text)"), format!("CAST(CAST({literal} AS {kind}) AS text)"));
    }
    let is_cut_off = ["character", "bpchar", "bit", "\"bit\"", "varbit"].iter().any(|cut| kind.starts_with(cut));
    let wanted = if is_key || is_cut_off { kind } else { whole };
    (quoted, format!("CAST({literal} AS {wanted})"))
}

/// Constants take the type and the collation of the column, but are not rounded as the column rounds.
fn mysql(quoted: String, column: &Column, value: &SeedValue, is_key: bool) -> (String, String) {
    let Column { kind, whole, .. } = column;
    let is_number = NUMBERS.contains(&kind.as_str());
    let literal = match value {
        SeedValue::Json(_) => return mysql_json(&quoted, value),
        _ if kind == "json" => return mysql_json(&quoted, value),
        // As text it would be compared as an inexact number.
        SeedValue::Text(digits) if is_number && is_decimal(digits) => digits.clone(),
        // As a number it would be compared with what each text begins with.
        SeedValue::Number(number) if !is_number => text(&number.to_string(), Dialect::Mysql),
        other => literal(other, Dialect::Mysql),
    };
    if is_key || whole.is_empty() { (quoted, literal) } else { (quoted, format!("CAST({literal} AS {whole})")) }
}

/// Both as the server would write them.
fn mysql_json(quoted: &str, value: &SeedValue) -> (String, String) {
    (format!("JSON_EXTRACT({quoted}, '$')"), format!("JSON_EXTRACT({}, '$')", literal(value, Dialect::Mysql)))
}

/// Constants get the affinity of the column, and its collation.
fn sqlite(quoted: &str, value: &SeedValue, operator: &str) -> String {
    let literal = literal(value, Dialect::Sqlite);
    match value {
        SeedValue::Json(_) => {
            format!("CASE WHEN json_valid({quoted}) THEN json({quoted}) {operator} json({literal}) ELSE 0 END")
        }
        _ => format!("{quoted} {operator} {literal}"),
    }
}

/// Digits that can stand in a statement as they are.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}
