//! Keywords about a value alone: its type, and those of numbers and text.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::super::draft::Draft;
use super::super::keyword::{Bound, Counted, Keyword};
use super::super::number;
use super::super::types::Types;
use super::words::Words;

pub(super) fn compile<'a>(words: &Words<'a, '_>, found: &mut Vec<Keyword<'a>>) -> Result<(), String> {
    found.extend(types(words)?.map(Keyword::Type));
    match words.get("enum") {
        None => {}
        Some(Value::Array(allowed)) => found.push(Keyword::Enum(allowed)),
        Some(_) => return words.wrong("enum", "is not a list"),
    }
    found.extend(words.get("const").map(Keyword::Const));
    if let Some(divisor) = words.number("multipleOf")? {
        if number::compare(divisor, &Number::from(0)) != Ordering::Greater {
            return words.wrong("multipleOf", "is not above 0");
        }
        found.push(Keyword::MultipleOf(divisor));
    }
    bound(words, "minimum", "exclusiveMinimum", found)?;
    bound(words, "maximum", "exclusiveMaximum", found)?;
    count(words, Counted::Characters, ["minLength", "maxLength"], found)?;
    if let Some(source) = words.text("pattern")? {
        found.push(Keyword::Pattern(words.pattern("pattern", source)?));
    }
    Ok(())
}

fn types(words: &Words) -> Result<Option<Types>, String> {
    let names = match words.get("type") {
        None => return Ok(None),
        Some(Value::Array(names)) if !names.is_empty() => names.as_slice(),
        Some(name @ Value::String(_)) => std::slice::from_ref(name),
        Some(_) => return words.wrong("type", "is not a type or a list of types"),
    };
    let all = names.iter().try_fold(Types::default(), |types, name| types.with(name.as_str()?));
    if all.is_none() {
        return words.wrong("type", "is not a known type");
    }
    Ok(all)
}

/// A bound and the exclusive one, which in draft-04 only says how the other is meant.
fn bound<'a>(
    words: &Words<'a, '_>,
    inclusive: &str,
    exclusive: &str,
    found: &mut Vec<Keyword<'a>>,
) -> Result<(), String> {
    let is_maximum = inclusive == "maximum";
    let limit = words.number(inclusive)?;
    if words.draft == Draft::Four {
        let is_exclusive = words.flag(exclusive)?;
        found.extend(limit.map(|limit| Keyword::Bound(Bound { limit, is_maximum, is_exclusive })));
        return Ok(());
    }
    let both = [(limit, false), (words.number(exclusive)?, true)];
    let given = both.into_iter().filter_map(|(limit, is_exclusive)| Some((limit?, is_exclusive)));
    found.extend(given.map(|(limit, is_exclusive)| Keyword::Bound(Bound { limit, is_maximum, is_exclusive })));
    Ok(())
}

pub(super) fn count(
    words: &Words,
    what: Counted,
    [least, most]: [&str; 2],
    found: &mut Vec<Keyword<'_>>,
) -> Result<(), String> {
    let (least, most) = (words.count(least)?, words.count(most)?);
    if least.is_some() || most.is_some() {
        found.push(Keyword::Count { what, least: least.unwrap_or(0), most });
    }
    Ok(())
}
