//! `arguments`: what becomes of the words that the application is started with.

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::{AbsolutePath, Glob, NamePatterns};
use crate::document::{Located, Table};
use crate::failure::{Failure, Kind};

/// What becomes of the words that the application is started with: those that were typed, or `command`.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "arguments"))]
#[serde(deny_unknown_fields)]
pub(crate) struct ArgumentsSpec {
    /// The names of the application. The first one is put in front when the first word is a flag. What follows is for these
    /// programs only; without a name, for whatever is started.
    #[serde(default)]
    pub(crate) programs: Vec<Located<String>>,
    /// The program is put in front also when the first word ends in one of these.
    #[serde(default)]
    pub(crate) suffixes: Vec<Located<String>>,
    /// Variables whose words are put behind the others. Quotes are understood; nothing is expanded.
    #[serde(default)]
    pub(crate) append_from: NamePatterns,
    /// Flags that are taken away: `--auth`, or `--port=` for one with a value.
    #[serde(default)]
    pub(crate) remove: Vec<Located<String>>,
    /// Flags that have this value: `--port: "80"` is two words, `--port=: "80"` one. With `true` it has none, and `null` leaves it as
    /// it is.
    #[serde(default)]
    pub(crate) set: Table<FlagValue>,
    /// Flags that are added for each file of a directory, or for each that a pattern such as `/modules/*.so` names, with its path: in the forms of
    /// `set`, by the bytes of the names. What is not there is no file; names that begin with a dot are left out.
    #[serde(default)]
    pub(crate) for_each_file: Table<Located<AbsolutePath>>,
    /// When the steps of the plan are not for what is started: it is then executed as it was typed, with nothing of `exec`.
    #[serde(default)]
    pub(crate) skip_steps_if: SkipSpec,
}

impl ArgumentsSpec {
    /// What is wrong across fields.
    pub(super) fn findings(&self) -> Vec<Failure> {
        let needs_programs = |what: &str, span| {
            let failure = Failure::new(Kind::Plan, format!("`{what}` has no meaning without `programs`")).at(span);
            failure.hint("name the application there")
        };
        let mut findings = Vec::new();
        if self.programs.is_empty() {
            findings.extend(self.suffixes.first().map(|suffix| needs_programs("suffixes", suffix.span)));
            let other = &self.skip_steps_if.other_program;
            findings.extend(other.value.then(|| needs_programs("other_program", other.span)));
        }
        let flags = self.remove.iter().chain(self.set.0.iter().map(|(name, _)| name));
        let flags = flags.chain(self.for_each_file.0.iter().map(|(name, _)| name));
        let wrong = flags.filter(|flag| !flag.starts_with('-') || flag.trim_matches(['-', '=']).is_empty());
        findings.extend(wrong.map(|flag| {
            let failure = Failure::new(Kind::Plan, format!("`{}` is no flag", flag.value)).at(flag.span);
            failure.hint("a flag begins with `-`; with `=` at its end it has its value in the same word")
        }));
        let directory = |path: &AbsolutePath| path.as_str().rsplit_once('/').map(|(directory, _)| directory.to_owned());
        let wrong = self
            .for_each_file
            .0
            .iter()
            .filter(|(_, source)| directory(&source.value).is_some_and(|text| Glob::is_pattern(&text)));
        findings.extend(wrong.map(|(_, source)| {
            let message = format!("cannot read `{}`: only its last part may be a pattern", source.value);
            Failure::new(Kind::Plan, message).at(source.span)
        }));
        findings
    }
}

/// What the steps of the plan are not for.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct SkipSpec {
    /// Another program than `programs` names.
    #[serde(default)]
    pub(crate) other_program: Located<bool>,
    /// One of these words among the arguments, for instance `--help` and `--version`.
    #[serde(default)]
    pub(crate) flags: Vec<String>,
}

/// The value of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FlagValue {
    /// It is there, and has none.
    None,
    /// It is left as it was typed: the variable that would give its value is not set.
    Unset,
    Text(String),
}

impl<'de> Deserialize<'de> for FlagValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl Visitor<'_> for Form {
            type Value = FlagValue;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a value, or `true` for a flag that has none")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<FlagValue, E> {
                Ok(FlagValue::Unset)
            }

            fn visit_bool<E: serde::de::Error>(self, given: bool) -> Result<FlagValue, E> {
                if given {
                    return Ok(FlagValue::None);
                }
                Err(E::custom(
                    "`false` takes no flag away\nname it under `remove`, or write \"false\" where that is its value",
                ))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<FlagValue, E> {
                Ok(FlagValue::Text(number.to_string()))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<FlagValue, E> {
                Ok(FlagValue::Text(number.to_string()))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FlagValue, E> {
                Ok(FlagValue::Text(text.to_owned()))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FlagValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "flag".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "const": true }, { "type": ["string", "integer", "null"] }] })
    }
}
