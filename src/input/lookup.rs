//! The environment by name: looking from the beginning for each of many names takes the square of their number.

use std::collections::HashMap;
use std::ffi::OsStr;

use super::Outside;

/// Where inputs are found, with the first variable of each name.
pub(super) struct Lookup<'a> {
    pub(super) outside: Outside<'a>,
    first: HashMap<&'a OsStr, &'a OsStr>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(outside: Outside<'a>) -> Self {
        let mut first = HashMap::new();
        for (name, value) in outside.environment.iter() {
            first.entry(name).or_insert(value);
        }
        Self { outside, first }
    }

    /// Whether the variable is set to nothing.
    pub(super) fn is_empty(&self, name: &str) -> bool {
        self.first.get(OsStr::new(name)).is_some_and(|value| value.is_empty())
    }

    /// The value of a variable; empty counts as unset.
    pub(super) fn get(&self, name: &str) -> Option<&'a OsStr> {
        self.first.get(OsStr::new(name)).copied().filter(|value| !value.is_empty())
    }
}
