//! What of a value the keywords have judged, for `unevaluatedProperties` and `unevaluatedItems`.

use std::collections::HashSet;

#[derive(Default)]
pub(super) struct Evaluated<'i> {
    pub(super) everything: bool,
    pub(super) keys: HashSet<&'i str>,
    /// So many items from the first.
    pub(super) prefix: usize,
    pub(super) items: HashSet<usize>,
}

impl Evaluated<'_> {
    pub(super) fn add(&mut self, other: Self) {
        self.everything |= other.everything;
        self.prefix = self.prefix.max(other.prefix);
        self.keys.extend(other.keys);
        self.items.extend(other.items);
    }

    pub(super) fn has_item(&self, index: usize) -> bool {
        self.everything || index < self.prefix || self.items.contains(&index)
    }

    pub(super) fn has_key(&self, key: &str) -> bool {
        self.everything || self.keys.contains(key)
    }
}
