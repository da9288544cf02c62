//! Several sources of values as one: a later one over the earlier ones.

use serde_json::Value;

use super::values::{Places, read_one};
use crate::document::Located;
use crate::failure::Failure;
use crate::spec::ValuesSpec;

/// Reads all sources and merges them. One that is not there and need not be is passed over.
pub(super) fn read(sources: &[Located<ValuesSpec>], secret: bool, places: Places<'_>) -> Result<Value, Vec<Failure>> {
    let mut merged = Value::Null;
    let mut findings = Vec::new();
    for source in sources {
        match read_one(source, secret || source.secret, places) {
            Ok(Value::Null) => {}
            Ok(value) => merge(&mut merged, value),
            Err(failures) => findings.extend(failures.into_iter().map(|failure| failure.at(source.span))),
        }
    }
    if findings.is_empty() { Ok(merged) } else { Err(findings) }
}

/// Mappings are merged, everything else is replaced, also by null.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    #[test]
    fn mappings_are_merged_and_the_rest_is_replaced() {
        for (under, over, wanted) in [
            (json!({"a": 1, "b": {"c": 2, "d": 3}}), json!({"b": {"c": 4}}), json!({"a": 1, "b": {"c": 4, "d": 3}})),
            (json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]})),
            (json!({"a": {"b": 1}}), json!({"a": 2}), json!({"a": 2})),
            (json!({"a": 1}), json!({"a": {"b": 2}}), json!({"a": {"b": 2}})),
            (json!({"a": 1}), json!({"a": null}), json!({"a": null})),
            (json!({"a": {"x": 1}}), json!({"b": {"y": null}}), json!({"a": {"x": 1}, "b": {"y": null}})),
            (json!({"a": 1}), json!([1]), json!([1])),
        ] {
            let mut merged = under.clone();
            merge(&mut merged, over.clone());
            assert_eq!(merged, wanted, "{under} {over}");
        }
    }
}
