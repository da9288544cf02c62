//! Steps and the steps inside of them, each with its number.

use std::fmt;

use crate::document::{Node, Value};

/// The verbs that hold steps, in the field `steps`.
const HOLDERS: [&str; 2] = ["once", "serve"];

/// Where a step stands: `3`, or `3.1` for the first one inside of it. Counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepNumber(Vec<usize>);

impl StepNumber {
    /// The number of a step that is the one with this `index`, counted from 0, inside of `above`.
    pub(super) fn new(above: Option<&Self>, index: usize) -> Self {
        let above = above.map(|above| above.0.as_slice()).unwrap_or_default();
        Self([above, &[index + 1]].concat())
    }

    /// The number among the steps beside it.
    pub(crate) fn last(&self) -> usize {
        self.0.last().copied().unwrap_or_default()
    }
}

impl fmt::Display for StepNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(usize::to_string).collect();
        formatter.write_str(&parts.join("."))
    }
}

/// The steps of a plan as nodes in the order in which they begin, those inside of others too.
pub(super) fn step_nodes(plan: &Node) -> Vec<(StepNumber, &Node)> {
    let mut found = Vec::new();
    gather(plan, None, &mut found);
    found
}

fn gather<'a>(holder: &'a Node, above: Option<&StepNumber>, found: &mut Vec<(StepNumber, &'a Node)>) {
    for (index, step) in holder.get("steps").map(Node::items).unwrap_or_default().iter().enumerate() {
        let number = StepNumber::new(above, index);
        found.push((number.clone(), step));
        for inner in HOLDERS.iter().filter_map(|verb| step.get(verb)) {
            gather(inner, Some(&number), found);
        }
    }
}

/// Whether the keys that lead to a node, from the step on, are those of nested steps.
pub(super) fn holds_steps(path: &[&str]) -> bool {
    matches!(path, [verb, "steps"] if HOLDERS.contains(verb))
}

/// The step without those inside of it, which are judged by themselves.
pub(super) fn without_nested(step: &Node) -> Node {
    let mut alone = step.clone();
    for verb in HOLDERS {
        if let Some(steps) = alone.get_mut(verb).and_then(|inner| inner.get_mut("steps"))
            && let Value::Sequence(steps) = &mut steps.value
        {
            steps.clear();
        }
    }
    alone
}
