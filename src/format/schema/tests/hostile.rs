//! Instances and schemas made to hurt.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::Schema;
use super::findings;

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }))
}

#[test]
fn depth_is_bounded() {
    let schema = json!({"properties": {"a": {"$ref": "#"}}, "additionalProperties": false});
    assert_eq!(findings(&schema, &nested(128)), [""; 0]);
    assert_eq!(findings(&schema, &nested(129)), ["/: is nested deeper than 128 levels"]);
    assert_eq!(Schema::new(&nested(129)).err().as_deref(), Some("the schema is nested deeper than 128 levels"));
}

/// A test runs on a stack of 2 MiB.
#[test]
fn schemas_within_each_other_are_bounded() {
    let mut definitions = serde_json::Map::new();
    for number in 0..5000 {
        definitions.insert(format!("d{number}"), json!({"allOf": [{"$ref": format!("#/$defs/d{}", number + 1)}]}));
    }
    definitions.insert("d5000".to_owned(), json!(true));
    let schema = json!({"$defs": definitions, "anyOf": [{"if": {"$ref": "#/$defs/d0"}}]});
    assert_eq!(findings(&schema, &json!(1)), ["/: needs too many schemas within each other to be judged"]);
    // A dynamic reference that comes back to itself.
    let schema = json!({
        "$id": "root", "$ref": "list", "$dynamicAnchor": "d",
        "$defs": {"list": {"$id": "list", "$dynamicRef": "#d", "$defs": {"d": {"$dynamicAnchor": "d"}}}},
    });
    assert_eq!(findings(&schema, &json!(1)), ["/: needs too many schemas within each other to be judged"]);
    // The deepest instance with as many keywords on the way as are usual.
    let schema = json!({"anyOf": [{"oneOf": [{"$ref": "#/$defs/a"}]}], "$defs": {"a": {"additionalProperties": {"$ref": "#"}, "unevaluatedProperties": false}}});
    assert_eq!(findings(&schema, &nested(120)), [""; 0]);
}

#[test]
fn steps_are_bounded() {
    let schema = json!({"oneOf": [
        {"properties": {"a": {"$ref": "#"}}},
        {"allOf": [{"properties": {"a": {"$ref": "#"}}}, false]},
    ]});
    assert_eq!(findings(&schema, &nested(100)), ["/: takes too many steps to be judged with this schema"]);
    // What is told must not multiply either.
    let schema = json!({"oneOf": [
        {"properties": {"a": {"$ref": "#"}}, "required": ["a", "x"]},
        {"properties": {"a": {"$ref": "#"}}, "required": ["a", "y"]},
    ]});
    assert_eq!(
        findings(&schema, &nested(100)).last().map(String::as_str),
        Some("/a/a/a: matches none of the alternatives")
    );
}

#[test]
fn large_arrays_take_no_long() {
    let started = Instant::now();
    let items: Vec<Value> = (0..100_000).map(|number| json!({"a": number, "b": [f64::from(number) * 1e300]})).collect();
    let schema = json!({"uniqueItems": true, "contains": {"const": 1}, "minContains": 0, "unevaluatedItems": {"type": "object"}});
    assert_eq!(findings(&schema, &json!(items)), [""; 0]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
