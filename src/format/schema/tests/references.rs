//! References within one document.

use serde_json::{Value, json};

use super::findings;

#[test]
fn references_find_their_schema() {
    // Each refers to what is only valid for a number.
    let number = || json!({"type": "number"});
    let cases: Vec<Value> = vec![
        json!({"$defs": {"a": number()}, "items": {"$ref": "#/$defs/a"}}),
        json!({"$defs": {"a": number()}, "items": {"$ref": "#/%24defs/a"}}),
        json!({"$defs": {"a/b~c d%": number()}, "items": {"$ref": "#/$defs/a~1b~0c%20d%25"}}),
        json!({"$defs": {"a": {"$anchor": "name", "type": "number"}}, "items": {"$ref": "#name"}}),
        json!({"$id": "http://host/dir/root.json", "$defs": {"a": {"$id": "a.json", "type": "number"}}, "items": {"$ref": "a.json"}}),
        json!({"$id": "http://host/dir/root.json", "$defs": {"a": {"$id": "/a.json", "type": "number"}}, "items": {"$ref": "../a.json#"}}),
        json!({"$defs": {"a": {"$id": "urn:example:a", "$defs": {"b": number()}}}, "items": {"$ref": "urn:example:a#/$defs/b"}}),
        json!({"$defs": {"a": {"$id": "a", "$defs": {"b": {"$anchor": "n", "type": "number"}}}}, "items": {"$ref": "a#n"}}),
        json!({"$id": "http://host/a", "$defs": {"a": number()}, "items": {"$ref": "http://HOST/a#/$defs/a"}}),
        json!({"$defs": {"a": {"$id": "a", "items": {"$ref": "#/$defs/n"}, "$defs": {"n": number()}}}, "$ref": "a"}),
        json!({"prefixItems": [number()], "items": {"$ref": "#/prefixItems/0"}}),
        json!({"x-parts": {"a": {"items": number()}}, "$ref": "#/x-parts/a"}),
        json!({"x-parts": {"a": {"$id": "http://x/", "items": {"$ref": "#/n"}, "n": number()}}, "$ref": "#/x-parts/a"}),
        json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": number()}, "items": {"$ref": "#/$defs/a"}}),
        json!({"$defs": {"a": {"$dynamicAnchor": "d", "type": "number"}}, "items": {"$dynamicRef": "#d"}}),
    ];
    for schema in cases {
        assert_eq!(findings(&schema, &json!([1])), [""; 0], "{schema}");
        assert_eq!(findings(&schema, &json!(["a"])).len(), 1, "{schema}");
    }
}

#[test]
fn identifiers_in_data_are_none() {
    let schema = json!({"enum": [{"$id": "a", "type": "null"}], "$defs": {"b": {"$id": "a", "type": "number"}}, "items": {"$ref": "a"}});
    assert_eq!(findings(&schema, &json!({"$id": "a", "type": "null"})), [""; 0]);
}

/// A tree whose nodes are judged again by what extends it.
#[test]
fn dynamic_references_are_taken_over_from_outside() {
    let tree = |reference: &str, anchor: Value| {
        let mut tree =
            json!({"$id": "tree", "properties": {"value": true, "children": {"items": {reference: "#node"}}}});
        if reference == "$recursiveRef" {
            tree["properties"]["children"]["items"][reference] = "#".into();
        }
        tree[if reference == "$recursiveRef" { "$recursiveAnchor" } else { "$dynamicAnchor" }] = anchor;
        tree
    };
    for schema in [
        json!({"$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": false, "$defs": {"tree": tree("$dynamicRef", json!("node"))}}),
        json!({
            "$schema": "https://json-schema.org/draft/2019-09/schema",
            "$recursiveAnchor": true, "$ref": "tree", "unevaluatedProperties": false, "$defs": {"tree": tree("$recursiveRef", json!(true))},
        }),
    ] {
        assert_eq!(findings(&schema, &json!({"children": [{"value": 1, "children": []}]})), [""; 0]);
        assert_eq!(
            findings(&schema, &json!({"children": [{"values": 1}]})),
            ["/children/0: has the key `values`, which is not allowed"]
        );
    }
    // Without the anchor outside it stays what it is.
    let schema = json!({"$ref": "tree", "$defs": {"tree": tree("$dynamicRef", json!("node"))}});
    assert_eq!(findings(&schema, &json!({"children": [{"values": 1}]})), [""; 0]);
}
