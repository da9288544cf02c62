//! `once`: nested steps ran to the end exactly once.

use std::path::PathBuf;

use serde::Deserialize;

use super::{AbsolutePath, Condition, StepSpec};
use crate::document::Located;
use crate::failure::{Failure, Kind};

/// Nested steps ran to the end exactly once, whatever was killed in between and however many runs began at once.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "once"))]
#[serde(deny_unknown_fields)]
pub(crate) struct OnceSpec {
    /// What says that the steps ran to the end: a file, or a directory. It gets its name last; what the steps do not make
    /// themselves is made as an empty file.
    pub(crate) marker: Located<AbsolutePath>,
    /// A directory that is made for the steps to work in. At the end everything in it moves to where the marker is. What a killed
    /// run left in it is thrown away by the next one.
    pub(crate) stage: Option<Located<AbsolutePath>>,
    /// The file that keeps runs apart and remembers how far a killed one was; it is there as long as the steps are not done. By
    /// default beside the stage, or else beside the marker, with `.state` behind the name.
    pub(crate) lock: Option<Located<AbsolutePath>>,
    /// What becomes of it when a run did not come to its end.
    #[serde(default)]
    pub(crate) on_leftover: OnLeftover,
    /// What has to hold before the first run; asked only when there is one.
    #[serde(default)]
    pub(crate) require: Vec<Located<Requirement>>,
    pub(crate) steps: Vec<Located<StepSpec>>,
}

/// What becomes of the work of a run that did not come to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnLeftover {
    /// The steps are run again: in an empty stage, or, without a stage, upon what is there.
    #[default]
    Redo,
    /// The step fails, for somebody to look.
    Fail,
}

/// Something that has to hold, and what is said when it does not.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Requirement {
    pub(crate) that: Located<Condition>,
    /// The message.
    #[serde(rename = "else")]
    pub(crate) otherwise: Located<String>,
}

/// Behind the name of the stage or marker.
const STATE_SUFFIX: &str = ".state";

impl OnceSpec {
    /// The file that keeps runs apart.
    pub(crate) fn state_path(&self) -> PathBuf {
        match &self.lock {
            Some(lock) => lock.as_path().to_owned(),
            None => format!("{}{STATE_SUFFIX}", self.stage.as_ref().unwrap_or(&self.marker).as_str()).into(),
        }
    }

    /// What is wrong across fields.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let finding = |field: &Located<AbsolutePath>, message: &str| Failure::new(Kind::Plan, message).at(field.span);
        let mut findings = Vec::new();
        let marker = self.marker.as_path();
        if marker.parent().is_none() {
            findings.push(finding(&self.marker, "the marker is the root directory"));
        }
        if let Some(stage) = &self.stage {
            if marker.starts_with(stage.as_path()) {
                let hint = "name it where it is to be at the end: what is in the stage moves there";
                findings.push(finding(&self.marker, "the marker is in the stage").hint(hint));
            } else if marker
                .parent()
                .is_some_and(|place| place != stage.as_path() && place.starts_with(stage.as_path()))
                || stage.as_path().parent().is_none()
            {
                findings.push(finding(stage, "the stage holds the directory of the marker"));
            }
            if let Some(lock) = self.lock.as_ref().filter(|lock| lock.as_path().starts_with(stage.as_path())) {
                findings.push(finding(lock, "the lock is in the stage, which is made anew by each run"));
            }
        }
        if let Some(lock) = self.lock.as_ref().filter(|lock| lock.as_path() == marker) {
            findings.push(finding(lock, "the lock is the marker"));
        }
        findings
    }
}
