//! A regular expression that is known to be one.

use serde::Deserialize;

use crate::failure::{Failure, Kind};

/// A regular expression, in the syntax of `regex-lite`: linear time, no look-around, no back references.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String")]
pub(crate) struct Pattern(String);

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if regex_lite::Regex::new(&text).is_err() {
            return Err("not a regular expression");
        }
        Ok(Self(text))
    }
}

impl Pattern {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The expression, ready to match.
    pub(crate) fn regex(&self) -> Result<regex_lite::Regex, Failure> {
        regex_lite::Regex::new(&self.0).map_err(|_| Failure::new(Kind::Internal, "not a regular expression"))
    }
}
