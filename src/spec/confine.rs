//! `confine`: whether a step can write where it has nothing to write.

use std::str::FromStr;

use serde::Deserialize;

/// Whether each step gives up the right to write outside the directories that the plan names, as far as the kernel can do that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confine {
    /// Where the kernel has Landlock; where it has none, that is said once.
    #[default]
    Auto,
    /// Nothing is done where the kernel has none.
    Required,
    Off,
}

impl Confine {
    /// The words for it, for a message.
    pub(crate) const NAMES: &str = "auto, required, off";
}

impl FromStr for Confine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "required" => Ok(Self::Required),
            "off" => Ok(Self::Off),
            _ => Err(format!("it is none of {}", Self::NAMES)),
        }
    }
}

/// The same for one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConfineStep {
    /// As the plan says.
    #[default]
    Auto,
    /// The step, and what it starts, can write everywhere.
    Off,
}
