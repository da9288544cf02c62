//! Keywords that judge a value without other schemas.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::super::equality::{equal, repeated};
use super::super::keyword::{Bound, Counted, Keyword};
use super::super::{message, number};
use super::{Judge, Kind};

impl Judge<'_, '_> {
    pub(super) fn simple(&mut self, keyword: &Keyword, instance: &Value) -> bool {
        match (keyword, instance) {
            (Keyword::Never, _) => self.demand(false, Kind::Other, || message::NOT_ALLOWED.to_owned()),
            (Keyword::Type(types), _) => {
                self.demand(types.hold(instance), Kind::Type(*types), || message::of_type(*types))
            }
            (Keyword::Enum(allowed), _) => {
                let is_allowed = allowed.iter().any(|value| equal(value, instance));
                self.demand(is_allowed, Kind::Choice, || message::none_of(allowed))
            }
            (Keyword::Const(wanted), _) => {
                self.demand(equal(wanted, instance), Kind::Choice, || message::constant(wanted))
            }
            (Keyword::MultipleOf(divisor), Value::Number(value)) => {
                self.demand(number::is_multiple(value, divisor), Kind::Other, || message::multiple(divisor))
            }
            (Keyword::Bound(bound), Value::Number(value)) => {
                self.demand(is_within(bound, value), Kind::Other, || message::bound(bound))
            }
            (Keyword::Pattern(pattern), Value::String(text)) => {
                self.demand(pattern.regex.is_match(text), Kind::Other, || message::pattern(pattern.source))
            }
            (Keyword::Count { what, least, most }, _) => {
                counted(*what, instance).is_none_or(|count| self.count(*what, count, *least, *most))
            }
            (Keyword::UniqueItems, Value::Array(items)) => {
                let repeated = repeated(items);
                self.demand(repeated.is_none(), Kind::Other, || message::repeated(repeated.unwrap_or_default()))
            }
            (Keyword::Required(keys), Value::Object(map)) => self.required(keys, None, map),
            (Keyword::DependentRequired { key, required }, Value::Object(map)) => {
                !map.contains_key(*key) || self.required(required, Some(key), map)
            }
            // Keywords about another type.
            _ => true,
        }
    }

    fn count(&mut self, what: Counted, count: usize, least: u64, most: Option<u64>) -> bool {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let is_enough = self.demand(count >= least, Kind::Other, || message::too_few(what, least));
        let most = most.unwrap_or(u64::MAX);
        self.demand(count <= most, Kind::Other, || message::too_many(what, most)) && is_enough
    }

    fn required(&mut self, keys: &[&str], because: Option<&str>, map: &Map<String, Value>) -> bool {
        let mut is_valid = true;
        for key in keys {
            is_valid &= self.demand(map.contains_key(*key), Kind::Other, || message::missing(key, because));
            if !is_valid && self.is_enough() {
                break;
            }
        }
        is_valid
    }
}

fn is_within(bound: &Bound, value: &Number) -> bool {
    match number::compare(value, bound.limit) {
        Ordering::Equal => !bound.is_exclusive,
        Ordering::Less => bound.is_maximum,
        Ordering::Greater => !bound.is_maximum,
    }
}

fn counted(what: Counted, instance: &Value) -> Option<usize> {
    match (what, instance) {
        (Counted::Characters, Value::String(text)) => Some(text.chars().count()),
        (Counted::Items, Value::Array(items)) => Some(items.len()),
        (Counted::Keys, Value::Object(map)) => Some(map.len()),
        _ => None,
    }
}
