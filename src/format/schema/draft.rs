//! Which keywords the editions of JSON Schema know, and which of them hold schemas.

/// An edition of the standard. The order is that of their publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Four,
    Six,
    Seven,
    Of2019,
    Of2020,
}

use Draft::{Four, Of2019, Of2020, Seven, Six};

impl Draft {
    /// The edition that a `$schema` names.
    pub(super) fn named(uri: &str) -> Option<Self> {
        let uri = uri.strip_suffix('#').unwrap_or(uri);
        let name = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
        Some(match name {
            "json-schema.org/draft-04/schema" => Four,
            "json-schema.org/draft-06/schema" => Six,
            "json-schema.org/draft-07/schema" => Seven,
            "json-schema.org/draft/2019-09/schema" => Of2019,
            "json-schema.org/draft/2020-12/schema" | "json-schema.org/schema" => Of2020,
            _ => return None,
        })
    }

    pub(super) fn identifier(self) -> &'static str {
        if self == Four { "id" } else { "$id" }
    }

    /// Up to draft-07 nothing counts that stands beside a `$ref`.
    pub(super) fn reference_stands_alone(self) -> bool {
        self <= Seven
    }

    /// What the keyword holds. Nothing when this edition does not know it, or when it is only an annotation.
    pub(super) fn form(self, keyword: &str) -> Option<Form> {
        KEYWORDS
            .iter()
            .find(|(name, since, until, _)| *name == keyword && (*since..=*until).contains(&self))
            .map(|(.., form)| *form)
    }
}

/// What stands in a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// No schemas.
    Plain,
    Schema,
    Schemas,
    SchemaOrSchemas,
    /// A schema for each key.
    NamedSchemas,
    /// For each key a schema or a list of keys.
    Dependencies,
}

use Form::{Dependencies, NamedSchemas, Plain, SchemaOrSchemas, Schemas};

/// The keywords that say what is valid: name, first and last edition, form.
const KEYWORDS: &[(&str, Draft, Draft, Form)] = &[
    ("$ref", Four, Of2020, Plain),
    ("$recursiveRef", Of2019, Of2019, Plain),
    ("$dynamicRef", Of2020, Of2020, Plain),
    ("$anchor", Of2019, Of2020, Plain),
    ("$recursiveAnchor", Of2019, Of2019, Plain),
    ("$dynamicAnchor", Of2020, Of2020, Plain),
    ("$defs", Of2019, Of2020, NamedSchemas),
    ("definitions", Four, Of2020, NamedSchemas),
    ("type", Four, Of2020, Plain),
    ("enum", Four, Of2020, Plain),
    ("const", Six, Of2020, Plain),
    ("multipleOf", Four, Of2020, Plain),
    ("maximum", Four, Of2020, Plain),
    ("exclusiveMaximum", Four, Of2020, Plain),
    ("minimum", Four, Of2020, Plain),
    ("exclusiveMinimum", Four, Of2020, Plain),
    ("maxLength", Four, Of2020, Plain),
    ("minLength", Four, Of2020, Plain),
    ("pattern", Four, Of2020, Plain),
    ("prefixItems", Of2020, Of2020, Schemas),
    ("items", Four, Of2019, SchemaOrSchemas),
    ("items", Of2020, Of2020, Form::Schema),
    ("additionalItems", Four, Of2019, Form::Schema),
    ("contains", Six, Of2020, Form::Schema),
    ("maxContains", Of2019, Of2020, Plain),
    ("minContains", Of2019, Of2020, Plain),
    ("maxItems", Four, Of2020, Plain),
    ("minItems", Four, Of2020, Plain),
    ("uniqueItems", Four, Of2020, Plain),
    ("properties", Four, Of2020, NamedSchemas),
    ("patternProperties", Four, Of2020, NamedSchemas),
    ("additionalProperties", Four, Of2020, Form::Schema),
    ("propertyNames", Six, Of2020, Form::Schema),
    ("required", Four, Of2020, Plain),
    ("maxProperties", Four, Of2020, Plain),
    ("minProperties", Four, Of2020, Plain),
    // Since 2019-09 only kept for older schemas.
    ("dependencies", Four, Of2020, Dependencies),
    ("dependentRequired", Of2019, Of2020, Plain),
    ("dependentSchemas", Of2019, Of2020, NamedSchemas),
    ("allOf", Four, Of2020, Schemas),
    ("anyOf", Four, Of2020, Schemas),
    ("oneOf", Four, Of2020, Schemas),
    ("not", Four, Of2020, Form::Schema),
    ("if", Seven, Of2020, Form::Schema),
    ("then", Seven, Of2020, Form::Schema),
    ("else", Seven, Of2020, Form::Schema),
    ("unevaluatedItems", Of2019, Of2020, Form::Schema),
    ("unevaluatedProperties", Of2019, Of2020, Form::Schema),
];
