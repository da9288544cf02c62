//! Schemas that would judge the same value for ever.

use super::index::Id;
use super::keyword::{Keyword, Node};

/// A schema from which references lead back to itself without a step into the value.
pub(super) fn find(nodes: &[Node]) -> Option<Id> {
    let targets: Vec<Vec<Id>> =
        nodes.iter().map(|node| node.keywords.iter().flat_map(Keyword::in_place).collect()).collect();
    let mut sources: Vec<Vec<Id>> = vec![Vec::new(); nodes.len()];
    for (id, targets) in targets.iter().enumerate() {
        for target in targets {
            sources.get_mut(*target)?.push(id);
        }
    }
    // Takes away what leads nowhere, again and again; what is left leads to a loop.
    let mut left: Vec<usize> = targets.iter().map(Vec::len).collect();
    let mut ended: Vec<Id> = (0..nodes.len()).filter(|id| left.get(*id) == Some(&0)).collect();
    while let Some(id) = ended.pop() {
        for source in sources.get(id)? {
            let left = left.get_mut(*source)?;
            *left = left.saturating_sub(1);
            if *left == 0 {
                ended.push(*source);
            }
        }
    }
    let in_loop = |id: &Id| left.get(*id).is_some_and(|left| *left > 0);
    let mut at = (0..nodes.len()).find(in_loop)?;
    for _ in nodes {
        at = *targets.get(at)?.iter().find(|target| in_loop(target))?;
    }
    Some(at)
}
