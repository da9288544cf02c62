//! `inputs.values`: data beyond single variables.

use serde::Deserialize;

use super::AbsolutePath;
use crate::document::Located;

/// Exactly one of `file`, `directory`, `env_prefix` and `merge`; the other keys refine it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "values"))]
#[serde(deny_unknown_fields)]
pub(crate) struct ValuesSpec {
    pub(crate) file: Option<Located<AbsolutePath>>,
    /// A directory whose files are read: file name to content.
    pub(crate) directory: Option<Located<AbsolutePath>>,
    /// The variables whose names begin so. Empty ones count as unset.
    pub(crate) env_prefix: Option<Located<String>>,
    /// Several sources, a later one over the earlier ones: mappings are merged, everything else is replaced, also by null.
    pub(crate) merge: Option<Vec<Located<ValuesSpec>>>,
    /// The format of the file, without it by its suffix; of a directory, the format of each file in it.
    pub(crate) format: Option<Located<Format>>,
    /// How the rest of a variable's name becomes a key.
    pub(crate) mapping: Option<Located<Mapping>>,
    /// What stands between the keys in the name of a variable, for the mapping `nested`; `__` without it.
    pub(crate) separator: Option<Located<String>>,
    /// The case of the keys, for the mapping `nested`.
    pub(crate) case: Option<Located<Case>>,
    /// Variables that are left out; `*` stands for any characters.
    #[serde(default)]
    pub(crate) exclude: Vec<Located<String>>,
    /// No value from here is ever printed.
    #[serde(default)]
    pub(crate) secret: bool,
    /// `false`: the file or directory may be missing, and is then null.
    #[serde(default = "ValuesSpec::default_required")]
    pub(crate) required: bool,
}

impl ValuesSpec {
    fn default_required() -> bool {
        true
    }

    /// Whether anything that it is made of is secret.
    pub(crate) fn is_secret(&self) -> bool {
        self.secret || self.merge.iter().flatten().any(|source| source.is_secret())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    Json,
    Yaml,
    Toml,
    Ini,
    Properties,
    Env,
    /// Lines `key="escaped text"`: labels and annotations as Kubernetes' downward API writes them.
    Downward,
}

/// How the name of a variable, behind the prefix, becomes a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mapping {
    /// `DB__HOST` is `host` in the mapping `db`.
    #[default]
    Nested,
    /// Lower case, `_` is `.`, `__` is `_`, `___` is `-`; one flat mapping.
    Kafka,
    /// `_` is `.`, `__` is `_`; one flat mapping.
    Neo4j,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Case {
    #[default]
    Lower,
    Keep,
}
