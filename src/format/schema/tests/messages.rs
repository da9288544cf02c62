//! What is said of a mismatch, word for word.

use serde_json::json;

use super::super::Schema;
use super::findings;

#[test]
fn mismatches_are_told_in_the_words_of_the_schema() {
    for (schema, instance, wanted) in [
        (json!(false), json!(1), "/: is not allowed"),
        (json!({"type": "integer"}), json!(1.5), "/: is not of the type integer"),
        (json!({"type": ["string", "null"]}), json!(1), "/: is not of the type null or string"),
        (json!({"enum": ["debug", "info", 1, null]}), json!("secret"), "/: is none of debug, info, 1, null"),
        (json!({"enum": ["on"]}), json!("secret"), "/: is not on"),
        (json!({"enum": [""]}), json!("secret"), "/: is not ``"),
        (
            json!({"enum": (0..22).collect::<Vec<_>>()}),
            json!(22),
            "/: is none of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 2 more",
        ),
        (json!({"const": {"a": 1}}), json!(1), "/: is not {\"a\":1}"),
        (json!({"multipleOf": 0.5}), json!(1.2), "/: is not a multiple of 0.5"),
        (json!({"maximum": 65535}), json!(65536), "/: is greater than the maximum 65535"),
        (json!({"minimum": 1}), json!(0), "/: is less than the minimum 1"),
        (json!({"exclusiveMaximum": 1}), json!(1), "/: is not less than the exclusive maximum 1"),
        (json!({"exclusiveMinimum": 1}), json!(1), "/: is not greater than the exclusive minimum 1"),
        (json!({"minLength": 1}), json!(""), "/: has fewer than 1 character"),
        (json!({"maxLength": 2}), json!("abc"), "/: has more than 2 characters"),
        (json!({"pattern": "^[a-z]+$"}), json!("SECRET"), "/: does not match the pattern `^[a-z]+$`"),
        (json!({"minItems": 2}), json!([]), "/: has fewer than 2 items"),
        (json!({"maxItems": 1}), json!([1, 2]), "/: has more than 1 item"),
        (json!({"uniqueItems": true}), json!([1, "b", 2, "b"]), "/: has equal items at 1 and 3"),
        (json!({"contains": false}), json!([1]), "/: has fewer than 1 item that match `contains`"),
        (json!({"contains": true, "maxContains": 1}), json!([1, 2]), "/: has more than 1 item that match `contains`"),
        (json!({"items": {"type": "null"}}), json!([null, 1]), "/1: is not of the type null"),
        (json!({"required": ["port"]}), json!({}), "/: has no key `port`, which is required"),
        (
            json!({"dependentRequired": {"tls": ["key"]}}),
            json!({"tls": 1}),
            "/: has no key `key`, which is required beside `tls`",
        ),
        (json!({"minProperties": 1}), json!({}), "/: has fewer than 1 key"),
        (json!({"maxProperties": 0}), json!({"a": 1}), "/: has more than 0 keys"),
        (
            json!({"properties": {"port": true}, "additionalProperties": false}),
            json!({"prot": 1}),
            "/: has the key `prot`, which is not allowed; did you mean `port`?",
        ),
        (
            json!({"properties": {"port": true}, "additionalProperties": false}),
            json!({"prot": 1, "port": 1}),
            "/: has the key `prot`, which is not allowed",
        ),
        (
            json!({"properties": {"a": {"properties": {"b": false}}}}),
            json!({"a": {"b": 1}}),
            "/a: has the key `b`, which is not allowed",
        ),
        (json!({"unevaluatedProperties": false}), json!({"a\n": 1}), "/: has the key `a\\n`, which is not allowed"),
        (json!({"prefixItems": [true], "items": false}), json!([1, 2]), "/1: is not allowed"),
        (
            json!({"propertyNames": {"pattern": "^[a-z]+$"}}),
            json!({"A": 1}),
            "/: has the key `A`, which does not match the pattern `^[a-z]+$`",
        ),
        (
            json!({"properties": {"a/b~\n": {"type": "null"}}}),
            json!({"a/b~\n": 1}),
            "/a~1b~0\\n: is not of the type null",
        ),
        (json!({"not": {"type": "null"}}), json!(null), "/: matches the schema in `not`"),
        (json!({"oneOf": [true, true]}), json!(1), "/: matches more than one alternative"),
        (
            json!({"anyOf": [{"type": "null"}, {"type": ["integer", "string"]}]}),
            json!(1.5),
            "/: is not of the type null or string or integer",
        ),
    ] {
        assert_eq!(findings(&schema, &instance), [wanted], "{schema}");
    }
}

#[test]
fn all_mismatches_are_told_at_once() {
    let schema = json!({
        "type": "object",
        "properties": {"port": {"type": "integer", "maximum": 65535}, "hosts": {"items": {"minLength": 1}}},
        "required": ["port", "name"],
        "additionalProperties": false,
    });
    assert_eq!(
        findings(&schema, &json!({"port": "x", "hosts": ["a", "", ""], "nam": 1})),
        [
            "/: has no key `name`, which is required",
            "/port: is not of the type integer",
            "/hosts/1: has fewer than 1 character",
            "/hosts/2: has fewer than 1 character",
            "/: has the key `nam`, which is not allowed",
        ]
    );
    let many: Vec<u32> = (0..100).collect();
    assert_eq!(findings(&json!({"items": {"type": "null"}}), &json!(many)).len(), 20);
    let twice = json!({"allOf": [{"type": "null"}, {"type": "null"}]});
    assert_eq!(findings(&twice, &json!(1)), ["/: is not of the type null"]);
}

#[test]
fn the_alternative_that_was_meant_is_told() {
    let schema = json!({"oneOf": [
        {"type": "null"},
        {"properties": {"kind": {"const": "file"}, "path": {"type": "string"}}, "required": ["kind", "path"]},
        {"properties": {"kind": {"const": "tcp"}, "port": {"maximum": 65535}, "host": {"type": "string"}}, "required": ["kind", "port"]},
    ]});
    assert_eq!(
        findings(&schema, &json!({"kind": "tcp", "port": 70000, "host": 1})),
        [
            "/: matches none of the alternatives",
            "/port: is greater than the maximum 65535",
            "/host: is not of the type string",
        ]
    );
    // What is unknown because of a mismatch is not told as a mismatch of its own.
    let schema =
        json!({"anyOf": [{"properties": {"a": {"type": "null"}}, "required": ["a"]}], "unevaluatedProperties": false});
    assert_eq!(
        findings(&schema, &json!({"a": 1})),
        ["/: matches none of the alternatives", "/a: is not of the type null"]
    );
    let schema = json!({"allOf": [{"properties": {"a": {"type": "null"}}}], "unevaluatedProperties": false});
    assert_eq!(
        findings(&schema, &json!({"a": 1, "b": 1})),
        ["/a: is not of the type null", "/: has the key `b`, which is not allowed"]
    );
}

/// The value of the instance stays untold wherever it stands.
#[test]
fn no_message_holds_the_value() {
    let secret = "hunter2";
    let schemas = json!([
        {"type": "integer"}, {"enum": ["a"]}, {"const": "a"}, {"pattern": "^a$"}, {"maxLength": 1}, {"minLength": 100}, {"not": true},
        {"anyOf": [{"const": 1}, {"pattern": "b"}]}, {"oneOf": [true, true]}, {"if": true, "then": false}, false,
    ]);
    for schema in schemas.as_array().into_iter().flatten() {
        let nested = json!({"items": schema, "uniqueItems": true, "contains": schema});
        let schema = Schema::new(&nested).unwrap();
        let told = schema.check(&json!([secret, secret]));
        assert!(!told.is_empty() && told.iter().all(|finding| !finding.message.contains(secret)), "{nested} {told:?}");
    }
}
