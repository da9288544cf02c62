//! For each keyword what is valid and what is not.

use serde_json::{Value, json};

use super::findings;

type Cases = Vec<(Value, Vec<Value>, Vec<Value>)>;

fn judge(cases: Cases) {
    for (schema, valid, invalid) in cases {
        for instance in valid {
            assert_eq!(findings(&schema, &instance), [""; 0], "{schema} {instance}");
        }
        for instance in invalid {
            assert_ne!(findings(&schema, &instance), [""; 0], "{schema} {instance}");
        }
    }
}

#[test]
fn keywords_of_any_value() {
    let cases: Cases = vec![
        (json!(true), vec![json!(null), json!({})], vec![]),
        (json!(false), vec![], vec![json!(null), json!({})]),
        (
            json!({"type": "integer"}),
            vec![json!(1), json!(1.0), json!(1e300)],
            vec![json!(1.5), json!("1"), json!(true)],
        ),
        (json!({"type": ["null", "object"]}), vec![json!(null), json!({})], vec![json!([]), json!(0)]),
        (
            json!({"enum": [1, "a", [1.0], {"a": 1, "b": 2}]}),
            vec![json!(1.0), json!("a"), json!([1]), json!({"b": 2.0, "a": 1})],
            vec![json!(true), json!([]), json!({"a": 1})],
        ),
        (json!({"const": false}), vec![json!(false)], vec![json!(0), json!(null)]),
        (
            json!({"multipleOf": 0.01}),
            vec![json!(19.99), json!(4.35), json!(-3), json!(0), json!(1e300), json!("a")],
            vec![json!(0.001), json!(1e-300)],
        ),
        (
            json!({"multipleOf": 3}),
            vec![json!(18_446_744_073_709_551_615_u64), json!(-9.0)],
            vec![json!(18_446_744_073_709_551_614_u64)],
        ),
        (json!({"multipleOf": 1e-300}), vec![json!(1), json!(1e300)], vec![json!(1e-301)]),
        (
            json!({"maximum": 9_007_199_254_740_993_u64}),
            vec![json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0)],
            vec![json!(9_007_199_254_740_994_u64), json!(1e19)],
        ),
        (json!({"exclusiveMaximum": 1.5}), vec![json!(1), json!(1.4), json!(-1e300)], vec![json!(1.5), json!(2)]),
        (json!({"minimum": -2}), vec![json!(-2.0), json!(-1.5)], vec![json!(-2.5), json!(i64::MIN)]),
        (json!({"exclusiveMinimum": 0}), vec![json!(1e-300)], vec![json!(0), json!(-0.0), json!(-0.5)]),
        (json!({"minLength": 2, "maxLength": 2.0}), vec![json!("🐲é"), json!(1)], vec![json!("a"), json!("abc")]),
        (json!({"pattern": "b+"}), vec![json!("abc"), json!(1)], vec![json!(""), json!("ac")]),
    ];
    judge(cases);
}

#[test]
fn keywords_of_arrays() {
    let cases: Cases = vec![
        (json!({"items": {"type": "null"}}), vec![json!([]), json!([null]), json!({})], vec![json!([null, 1])]),
        (
            json!({"prefixItems": [true, {"type": "null"}], "items": false}),
            vec![json!([1]), json!([1, null])],
            vec![json!([1, 1]), json!([1, null, 1])],
        ),
        (json!({"contains": {"const": 1}}), vec![json!([2, 1]), json!(2)], vec![json!([]), json!([2])]),
        (
            json!({"contains": {"const": 1}, "minContains": 2, "maxContains": 3}),
            vec![json!([1, 2, 1])],
            vec![json!([1]), json!([1, 1, 1, 1])],
        ),
        (json!({"contains": false, "minContains": 0}), vec![json!([])], vec![]),
        (json!({"minItems": 1, "maxItems": 2}), vec![json!([1]), json!("a")], vec![json!([]), json!([1, 2, 3])]),
        (
            json!({"uniqueItems": true}),
            vec![json!([1, true, "1", 0, false, [1], {"a": 1}])],
            vec![
                json!([1, 1.0]),
                json!([{"a": 1, "b": 2}, {"b": 2, "a": 1.0}]),
                json!([[null], 2, [null]]),
                json!([0, -0.0]),
            ],
        ),
        (json!({"uniqueItems": false}), vec![json!([1, 1])], vec![]),
    ];
    judge(cases);
}

#[test]
fn keywords_of_objects() {
    let cases: Cases = vec![
        (
            json!({"properties": {"a": {"type": "null"}}, "patternProperties": {"^x": {"type": "string"}}, "additionalProperties": {"type": "number"}}),
            vec![json!({"a": null, "x1": "", "b": 1})],
            vec![json!({"a": 1}), json!({"x": null}), json!({"b": ""})],
        ),
        (json!({"propertyNames": {"maxLength": 1}}), vec![json!({"a": 1}), json!({})], vec![json!({"ab": 1})]),
        (json!({"required": ["a", "b"]}), vec![json!({"a": null, "b": 1}), json!([])], vec![json!({"a": 1})]),
        (
            json!({"minProperties": 1, "maxProperties": 1}),
            vec![json!({"a": 1})],
            vec![json!({}), json!({"a": 1, "b": 1})],
        ),
        (
            json!({"dependentRequired": {"a": ["b"]}}),
            vec![json!({"b": 1}), json!({"a": 1, "b": 1})],
            vec![json!({"a": 1})],
        ),
        (
            json!({"dependentSchemas": {"a": {"maxProperties": 1}}}),
            vec![json!({"a": 1}), json!({"b": 1, "c": 1})],
            vec![json!({"a": 1, "b": 1})],
        ),
        (
            json!({"dependencies": {"a": ["b"], "c": {"maxProperties": 1}}}),
            vec![json!({"a": 1, "b": 1}), json!({"c": 1})],
            vec![json!({"a": 1}), json!({"c": 1, "d": 1})],
        ),
    ];
    judge(cases);
}

#[test]
fn keywords_that_combine_schemas() {
    let cases: Cases = vec![
        (json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}), vec![json!(1)], vec![json!(0), json!(3)]),
        (json!({"anyOf": [{"type": "string"}, {"minimum": 2}]}), vec![json!("a"), json!(2)], vec![json!(1)]),
        (
            json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]}),
            vec![json!(1), json!(2.5)],
            vec![json!(2), json!(1.5)],
        ),
        (json!({"not": {"type": "string"}}), vec![json!(1)], vec![json!("a")]),
        (
            json!({"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"minimum": 1}}),
            vec![json!("a"), json!(1), json!(null)],
            vec![json!(""), json!(0)],
        ),
        (json!({"then": false, "else": false}), vec![json!(1)], vec![]),
    ];
    judge(cases);
}

#[test]
fn keywords_about_what_is_left() {
    let cases: Cases = vec![
        (
            json!({"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}),
            vec![json!({"a": 1})],
            vec![json!({"a": 1, "b": 1})],
        ),
        (
            json!({"anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": true}}], "unevaluatedProperties": false}),
            vec![json!({"a": 1, "b": 1}), json!({"b": 1})],
            vec![json!({"a": 2}), json!({"a": 2, "b": 1})],
        ),
        (
            json!({"if": {"required": ["a"], "properties": {"a": true}}, "then": {"properties": {"b": true}}, "unevaluatedProperties": {"type": "null"}}),
            vec![json!({"a": 1, "b": 1, "c": null})],
            vec![json!({"b": 1})],
        ),
        (
            json!({"allOf": [{"unevaluatedProperties": true}], "unevaluatedProperties": false}),
            vec![json!({"a": 1})],
            vec![],
        ),
        (
            json!({"properties": {"a": true}, "allOf": [{"unevaluatedProperties": false}]}),
            vec![json!({})],
            vec![json!({"a": 1})],
        ),
        (
            json!({"not": {"properties": {"a": false}}, "unevaluatedProperties": false}),
            vec![],
            vec![json!({"a": 1}), json!({})],
        ),
        (
            json!({"allOf": [{"prefixItems": [true]}], "contains": {"const": 2}, "unevaluatedItems": false}),
            vec![json!([1, 2, 2])],
            vec![json!([1, 2, 3])],
        ),
        (json!({"format": "ipv4", "contentEncoding": "base64", "unknown": {"type": 1}}), vec![json!("a")], vec![]),
    ];
    judge(cases);
}

#[test]
fn drafts_differ() {
    const FOUR: &str = "http://json-schema.org/draft-04/schema#";
    const SIX: &str = "http://json-schema.org/draft-06/schema#";
    const SEVEN: &str = "http://json-schema.org/draft-07/schema";
    const OF_2019: &str = "https://json-schema.org/draft/2019-09/schema";
    let cases = [
        (FOUR, json!({"maximum": 1, "exclusiveMaximum": true}), json!(1), false),
        (FOUR, json!({"minimum": 1, "exclusiveMinimum": false}), json!(1), true),
        (FOUR, json!({"const": 1, "contains": false}), json!([]), true),
        (
            FOUR,
            json!({"id": "http://a/b", "definitions": {"c": {"id": "c", "type": "null"}}, "properties": {"d": {"$ref": "http://a/c"}}}),
            json!({"d": 1}),
            false,
        ),
        (SIX, json!({"const": 1}), json!(2), false),
        (SIX, json!({"if": true, "then": false}), json!(2), true),
        (SEVEN, json!({"if": true, "then": false}), json!(2), false),
        (SEVEN, json!({"items": [true, {"type": "null"}], "additionalItems": false}), json!([1, null]), true),
        (SEVEN, json!({"items": [true], "additionalItems": false}), json!([1, 2]), false),
        (SEVEN, json!({"items": true, "additionalItems": false}), json!([1, 2]), true),
        (SEVEN, json!({"dependentRequired": {"a": ["b"]}, "unevaluatedProperties": false}), json!({"a": 1}), true),
        (
            SEVEN,
            json!({"definitions": {"a": true}, "properties": {"b": {"$ref": "#/definitions/a", "type": "null"}}}),
            json!({"b": 1}),
            true,
        ),
        (
            SEVEN,
            json!({"definitions": {"a": {"$id": "#name", "type": "null"}}, "items": {"$ref": "#name"}}),
            json!([1]),
            false,
        ),
        (OF_2019, json!({"items": [true], "unevaluatedItems": false}), json!([1, 2]), false),
        (OF_2019, json!({"contains": true, "unevaluatedItems": false}), json!([1]), false),
        (OF_2019, json!({"prefixItems": [false], "$dynamicRef": "#a"}), json!([1]), true),
        ("https://json-schema.org/schema", json!({"prefixItems": [false]}), json!([1]), false),
    ];
    for (draft, mut schema, instance, is_valid) in cases {
        schema["$schema"] = draft.into();
        assert_eq!(findings(&schema, &instance).is_empty(), is_valid, "{schema} {instance}");
    }
}
