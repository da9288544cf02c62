//! A schema as it is judged with: references are numbers, patterns are compiled.

use std::collections::HashMap;

use regex_lite::Regex;
use serde_json::{Number, Value};

use super::index::Id;
use super::types::Types;

/// One schema. What has no keywords allows everything.
pub(super) struct Node<'a> {
    pub(super) resource: usize,
    pub(super) keywords: Vec<Keyword<'a>>,
}

/// A regular expression, and as it is written in the schema.
pub(super) struct Pattern<'a> {
    pub(super) source: &'a str,
    pub(super) regex: Regex,
}

pub(super) enum Keyword<'a> {
    /// The schema `false`.
    Never,
    Type(Types),
    Enum(&'a [Value]),
    Const(&'a Value),
    MultipleOf(&'a Number),
    Bound(Bound<'a>),
    Count {
        what: Counted,
        least: u64,
        most: Option<u64>,
    },
    Pattern(Pattern<'a>),
    Items {
        prefix: Vec<Id>,
        rest: Option<Id>,
    },
    Contains {
        wanted: Id,
        least: u64,
        most: Option<u64>,
        counts_as_evaluated: bool,
    },
    UniqueItems,
    Required(Vec<&'a str>),
    Properties(Box<Properties<'a>>),
    PropertyNames(Id),
    DependentRequired {
        key: &'a str,
        required: Vec<&'a str>,
    },
    DependentSchema {
        key: &'a str,
        schema: Id,
    },
    AllOf(Vec<Id>),
    AnyOf(Vec<Id>),
    OneOf(Vec<Id>),
    Not(Id),
    If {
        condition: Id,
        then: Option<Id>,
        otherwise: Option<Id>,
    },
    Reference(Id),
    /// The outermost schema with that dynamic anchor, else the one it refers to by itself.
    DynamicReference {
        anchor: &'a str,
        fallback: Id,
    },
    UnevaluatedItems(Id),
    UnevaluatedProperties(Id),
}

/// `minimum` and its relatives.
pub(super) struct Bound<'a> {
    pub(super) limit: &'a Number,
    pub(super) is_maximum: bool,
    pub(super) is_exclusive: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Characters,
    Items,
    Keys,
}

/// `properties`, `patternProperties` and `additionalProperties`, which depend on each other.
#[derive(Default)]
pub(super) struct Properties<'a> {
    pub(super) named: HashMap<&'a str, Id>,
    pub(super) patterns: Vec<(Pattern<'a>, Id)>,
    pub(super) additional: Option<Id>,
}

impl Keyword<'_> {
    /// The schemas that judge the same value again.
    pub(super) fn in_place(&self) -> Vec<Id> {
        match self {
            Self::AllOf(schemas) | Self::AnyOf(schemas) | Self::OneOf(schemas) => schemas.clone(),
            Self::If { condition, then, otherwise } => {
                [Some(*condition), *then, *otherwise].into_iter().flatten().collect()
            }
            Self::Not(schema)
            | Self::Reference(schema)
            | Self::DependentSchema { schema, .. }
            | Self::DynamicReference { fallback: schema, .. } => vec![*schema],
            _ => Vec::new(),
        }
    }

    /// Whether it needs to know what its neighbours have judged.
    pub(super) fn is_unevaluated(&self) -> bool {
        matches!(self, Self::UnevaluatedItems(_) | Self::UnevaluatedProperties(_))
    }
}
