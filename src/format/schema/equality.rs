//! Equality as JSON Schema has it: `1` is `1.0`, and the order of keys does not count.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use serde_json::Value;

use super::number;

pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => number::compare(left, right) == Ordering::Equal,
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(key, left)| right.get(key).is_some_and(|right| equal(left, right));
            left.len() == right.len() && left.iter().all(same)
        }
        (left, right) => left == right,
    }
}

/// The first item that is there before already: both their indexes.
pub(super) fn repeated(items: &[Value]) -> Option<(usize, usize)> {
    let state = RandomState::new();
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let alike = seen.entry(hash(item, &state)).or_default();
        let is_equal = |other: &&usize| items.get(**other).is_some_and(|other| equal(other, item));
        if let Some(other) = alike.iter().find(is_equal) {
            return Some((*other, index));
        }
        alike.push(index);
    }
    None
}

fn hash(value: &Value, state: &RandomState) -> u64 {
    let mut hasher = state.build_hasher();
    match value {
        Value::Null => 0_u8.hash(&mut hasher),
        Value::Bool(value) => (1_u8, value).hash(&mut hasher),
        Value::Number(value) => (2_u8, number::canonical(value)).hash(&mut hasher),
        Value::String(value) => (3_u8, value).hash(&mut hasher),
        Value::Array(items) => {
            4_u8.hash(&mut hasher);
            for item in items {
                hash(item, state).hash(&mut hasher);
            }
        }
        Value::Object(map) => {
            // A sum does not know the order.
            let pair = |(key, value)| state.hash_one((key, hash(value, state)));
            let sum = map.iter().map(pair).fold(0_u64, u64::wrapping_add);
            (5_u8, sum).hash(&mut hasher);
        }
    }
    hasher.finish()
}
