//! The differences of a walk by several threads, of which only some are told one by one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Difference, Sign};

/// How many differences are told one by one: a tree of a million files must not fill memory and log.
const LIMIT: usize = 20;

/// Which differences are told when there are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Those whose names come first, whichever thread finds them: what is shown twice is the same.
    ByName,
    /// Those that were found first: the others cost nothing.
    AsFound,
}

pub(super) struct Listing {
    told: Told,
    counted: AtomicU64,
    listed: Mutex<Vec<Difference>>,
}

impl Listing {
    pub(super) fn new(told: Told) -> Self {
        Self { told, counted: AtomicU64::new(0), listed: Mutex::new(Vec::new()) }
    }

    pub(super) fn add(&self, difference: impl FnOnce() -> Difference) {
        self.counted.fetch_add(1, Ordering::Relaxed);
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if listed.len() >= LIMIT && self.told == Told::AsFound {
            return;
        }
        let difference = difference();
        let position = listed.partition_point(|other| other.subject <= difference.subject);
        if position < LIMIT {
            listed.insert(position, difference);
            listed.truncate(LIMIT);
        }
    }

    /// Takes back one that was added.
    pub(super) fn take_back(&self, subject: &str) {
        self.counted.fetch_sub(1, Ordering::Relaxed);
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.retain(|other| other.subject != subject);
    }

    /// How many were added.
    pub(super) fn counted(&self) -> u64 {
        self.counted.load(Ordering::Relaxed)
    }

    /// Those that are told, by name, and how many there are beside them with what they are about.
    pub(super) fn told(&self, about: &str) -> Vec<Difference> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let more = self.counted().saturating_sub(listed.len() as u64);
        if more > 0 {
            listed.push(Difference::new(Sign::Modify, format!("\u{2026} and {more} more"), about));
        }
        listed
    }
}
