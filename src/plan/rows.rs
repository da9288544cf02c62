//! The rows of a `seed`, as far as their values are known without inputs.

use crate::document::{Node, Value, read};
use crate::failure::Failure;
use crate::spec::{SeedSpec, StepSpec};

/// What is wrong with the names in all rows, and with the values of those that no template makes.
pub(super) fn check_rows(step: &StepSpec, node: &Node) -> Vec<Failure> {
    let Some(seed) = &step.seed else { return Vec::new() };
    let mut findings = seed.findings(seed.span);
    if let Some(known) = node.get("seed").map(known_rows) {
        findings.extend(read::<SeedSpec>(&known).value.iter().flat_map(SeedSpec::findings_of_values));
    }
    findings
}

/// The step without the rows that hold something unknown.
fn known_rows(seed: &Node) -> Node {
    let mut known = seed.clone();
    if let Some(Value::Sequence(tables)) = known.get_mut("tables").map(|tables| &mut tables.value) {
        for rows in tables.iter_mut().filter_map(|table| table.get_mut("rows")) {
            if let Value::Sequence(rows) = &mut rows.value {
                rows.retain(|row| !row.holds_unknown());
            }
        }
    }
    known
}
