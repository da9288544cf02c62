//! The lines of a text by what they hold, for many changes of one text: without it each would walk through all lines to see
//! whether its own is there.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::super::line::lines;

/// Fewer changes are quicker without.
const WORTH_FROM: usize = 8;

/// How often each line is there. A line is told by two keyed hashes, which nobody can make equal for two.
pub(super) struct Inventory {
    counts: HashMap<(u64, u64), usize>,
    keys: (RandomState, RandomState),
    pub(super) line_break: &'static str,
}

impl Inventory {
    pub(super) fn is_worth_it(changes: usize) -> bool {
        changes >= WORTH_FROM
    }

    pub(super) fn new(text: &str, line_break: &'static str) -> Self {
        let mut inventory = Self { counts: HashMap::new(), keys: (RandomState::new(), RandomState::new()), line_break };
        inventory.add(lines(text).map(|line| &text[line.start..line.end]));
        inventory
    }

    pub(super) fn has(&self, line: &str) -> bool {
        self.counts.contains_key(&self.key(line))
    }

    pub(super) fn add<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        for line in lines {
            *self.counts.entry(self.key(line)).or_default() += 1;
        }
    }

    fn key(&self, line: &str) -> (u64, u64) {
        (self.keys.0.hash_one(line), self.keys.1.hash_one(line))
    }
}
