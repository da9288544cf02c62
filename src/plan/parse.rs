//! Plan text to a tree, and its contract with the outside.

use std::sync::Arc;

use super::declared::declared;
use super::late::captured;
use crate::document::{Node, Value, parse_mapping, read};
use crate::failure::{Failure, Failures, Kind, Source};
use crate::spec::InputsSpec;
use crate::template::Declared;

/// The version of the format that this program reads.
pub(super) const VERSION: u32 = 1;

/// Where a number goes into files and databases, or is compared with what was given: as it is written there.
const SPELT_BELOW: [&str; 4] = ["set", "default", "one_of", "rows"];

/// A plan that was parsed and not yet understood.
#[derive(Debug)]
pub(crate) struct PlanText {
    pub(crate) source: Arc<Source>,
    pub(super) node: Node,
    pub(crate) inputs: InputsSpec,
    pub(crate) declared: Declared,
}

impl PlanText {
    /// Parses the text. Fails only when it is no YAML mapping of a known version; everything else is found later.
    pub(crate) fn parse(source: Arc<Source>) -> Result<Self, Failures> {
        let node = parse_mapping(&source, &SPELT_BELOW)?;
        Self::from_node(source, node).map_err(Failures::from)
    }

    /// The same from a tree: a step of the command line.
    pub(crate) fn from_node(source: Arc<Source>, node: Node) -> Result<Self, Failure> {
        let inputs = node.get("inputs").and_then(|inputs| read::<InputsSpec>(inputs).value).unwrap_or_default();
        let number = |version: &Node| read::<u32>(version).value.filter(|_| matches!(version.value, Value::Integer(_)));
        if let Some(version) = node.get("version")
            && let Some(number) = number(version)
            && number != VERSION
        {
            return Err(Failure::new(Kind::Plan, format!("version {number} of the plan is not known here"))
                .at(version.span)
                .in_source(&source)
                .hint(format!("this program reads version {VERSION}")));
        }
        let mut declared = declared(&inputs);
        declared.captured = captured(&node);
        declared.facts.extend(declared.captured.iter().cloned());
        Ok(Self { source, node, inputs, declared })
    }
}
