//! Names of environment variables, several of them at once.

use serde::Deserialize;

use crate::document::Located;

/// Names of variables, in which `*` stands for any characters.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "Vec<String>"))]
#[serde(transparent)]
pub(crate) struct NamePatterns(pub(crate) Vec<Located<VariablePattern>>);

/// A name of a variable, or a pattern for names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct VariablePattern(String);

impl VariablePattern {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VariablePattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() || text.contains(['=', '\0']) {
            return Err("not the name of a variable\nwrite it as NAME, or with `*` for several");
        }
        Ok(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use super::VariablePattern;

    #[test]
    fn names_of_variables() {
        for (text, sound) in [("A", true), ("A_*", true), ("with.dot-dash", true), ("", false), ("A=b", false)] {
            assert_eq!(VariablePattern::try_from(text.to_owned()).is_ok(), sound, "{text}");
        }
    }
}
