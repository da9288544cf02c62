//! Keywords of arrays and objects.

use serde_json::Value;

use super::super::draft::Draft;
use super::super::index::Index;
use super::super::keyword::{Counted, Keyword, Properties};
use super::value::count;
use super::words::Words;

pub(super) fn arrays<'a>(words: &Words<'a, '_>, index: &Index<'a>, found: &mut Vec<Keyword<'a>>) -> Result<(), String> {
    count(words, Counted::Items, ["minItems", "maxItems"], found)?;
    if words.flag("uniqueItems")? {
        found.push(Keyword::UniqueItems);
    }
    let (prefix, rest) = if words.draft >= Draft::Of2020 {
        (index.list(words, "prefixItems"), index.schema(words, "items"))
    } else if words.get("items").is_some_and(Value::is_array) {
        (index.list(words, "items"), index.schema(words, "additionalItems"))
    } else {
        (Vec::new(), index.schema(words, "items"))
    };
    if !prefix.is_empty() || rest.is_some() {
        found.push(Keyword::Items { prefix, rest });
    }
    let (least, most) = (words.count("minContains")?.unwrap_or(1), words.count("maxContains")?);
    let counts_as_evaluated = words.draft >= Draft::Of2020;
    let contains = index.schema(words, "contains");
    found.extend(contains.map(|wanted| Keyword::Contains { wanted, least, most, counts_as_evaluated }));
    Ok(())
}

pub(super) fn objects<'a>(
    words: &Words<'a, '_>,
    index: &Index<'a>,
    found: &mut Vec<Keyword<'a>>,
) -> Result<(), String> {
    count(words, Counted::Keys, ["minProperties", "maxProperties"], found)?;
    if let Some(required) = words.get("required") {
        found.push(Keyword::Required(words.names("required", required)?));
    }
    properties(words, index, found)?;
    found.extend(index.schema(words, "propertyNames").map(Keyword::PropertyNames));
    dependencies(words, index, found)
}

fn properties<'a>(words: &Words<'a, '_>, index: &Index<'a>, found: &mut Vec<Keyword<'a>>) -> Result<(), String> {
    let mut properties =
        Properties { additional: index.schema(words, "additionalProperties"), ..Properties::default() };
    for key in words.object("properties")?.into_iter().flat_map(|map| map.keys()) {
        properties.named.extend(index.member(words, "properties", key).map(|schema| (key.as_str(), schema)));
    }
    for source in words.object("patternProperties")?.into_iter().flat_map(|map| map.keys()) {
        let pattern = words.pattern("patternProperties", source)?;
        properties.patterns.extend(index.member(words, "patternProperties", source).map(|schema| (pattern, schema)));
    }
    if !properties.named.is_empty() || !properties.patterns.is_empty() || properties.additional.is_some() {
        found.push(Keyword::Properties(Box::new(properties)));
    }
    Ok(())
}

fn dependencies<'a>(words: &Words<'a, '_>, index: &Index<'a>, found: &mut Vec<Keyword<'a>>) -> Result<(), String> {
    for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
        for (key, value) in words.object(keyword)?.into_iter().flatten() {
            found.push(match index.member(words, keyword, key) {
                Some(schema) => Keyword::DependentSchema { key, schema },
                None => Keyword::DependentRequired { key, required: words.names(keyword, value)? },
            });
        }
    }
    Ok(())
}
