//! Schemas that are not understood whole.

use serde_json::json;

use super::super::Schema;

#[test]
fn what_is_wrong_with_a_schema_is_told_with_its_place() {
    for (schema, wanted) in [
        (json!(1), "a schema is an object, `true` or `false` at `/`"),
        (json!({"properties": {"a": {"type": "int"}}}), "`type` is not a known type at `/properties/a/type`"),
        (json!({"type": []}), "`type` is not a type or a list of types at `/type`"),
        (json!({"properties": {"a": 1}}), "a schema is an object, `true` or `false` at `/properties/a`"),
        (json!({"properties": []}), "`properties` is not an object of schemas at `/properties`"),
        (json!({"allOf": {}}), "`allOf` is not a list of schemas at `/allOf`"),
        (json!({"anyOf": []}), "`anyOf` is an empty list at `/anyOf`"),
        (json!({"items": [true]}), "`items` is a list, which is `prefixItems` since 2020-12, at `/items`"),
        (json!({"enum": "a"}), "`enum` is not a list at `/enum`"),
        (json!({"minimum": "1"}), "`minimum` is not a number at `/minimum`"),
        (json!({"exclusiveMinimum": true}), "`exclusiveMinimum` is not a number at `/exclusiveMinimum`"),
        (json!({"multipleOf": 0}), "`multipleOf` is not above 0 at `/multipleOf`"),
        (json!({"minLength": -1}), "`minLength` is not a whole number from 0 at `/minLength`"),
        (json!({"maxItems": 1.5}), "`maxItems` is not a whole number from 0 at `/maxItems`"),
        (json!({"uniqueItems": 1}), "`uniqueItems` is not `true` or `false` at `/uniqueItems`"),
        (json!({"required": true}), "`required` is not a list of keys at `/required`"),
        (json!({"dependentRequired": {"a": [1]}}), "`dependentRequired` is not a list of keys at `/dependentRequired`"),
        (
            json!({"pattern": "(?=a)"}),
            "`pattern` is no regular expression that is understood (look-ahead is not supported) at `/pattern`",
        ),
        (
            json!({"patternProperties": {r"\1": true}}),
            "`patternProperties` is no regular expression that is understood (back-references are not supported) at `/patternProperties`",
        ),
        (json!({"$ref": "#/$defs/a"}), "`$ref` refers to a place that is not there at `/$ref`"),
        (json!({"$ref": "#a"}), "`$ref` names an anchor that is nowhere at `/$ref`"),
        (json!({"$ref": "#/enum", "enum": []}), "`$ref` refers to what is not a schema at `/$ref`"),
        (
            json!({"items": {"$ref": "other.json"}}),
            "`$ref` refers to another document, which is not read, at `/items/$ref`",
        ),
        (json!({"$defs": {"unused": {"$ref": 1}}}), "`$ref` is not text at `/$defs/unused/$ref`"),
        (json!({"$ref": "#"}), "the schema refers to itself without end at `/`"),
        (
            json!({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}}),
            "the schema refers to itself without end at `/$defs/a/anyOf/0`",
        ),
        (
            json!({"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveRef": "#a"}),
            "`$recursiveRef` is not `#` at `/$recursiveRef`",
        ),
        (json!({"$id": 1}), "`$id` is not text at `/$id`"),
        (json!({"$id": "http://a/#b"}), "`$id` has a fragment, which is the work of `$anchor`, at `/$id`"),
        (
            json!({"$id": "http://a/", "$defs": {"a": {"$id": "http://a"}, "b": {"$id": "http://a/"}}}),
            "`$id` is the identifier of another schema as well at `/$defs/b/$id`",
        ),
        (
            json!({"$anchor": "a", "not": {"$anchor": "a"}}),
            "`$anchor` is the anchor of another schema as well at `/not/$anchor`",
        ),
        (
            json!({"$schema": "http://json-schema.org/draft-03/schema#"}),
            "`$schema` is not a draft that is known (draft-04, draft-06, draft-07, 2019-09, 2020-12) at `/$schema`",
        ),
    ] {
        assert_eq!(Schema::new(&schema).err().as_deref(), Some(wanted), "{schema}");
    }
}
