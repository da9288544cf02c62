//! Keywords that judge the items of an array.

use serde_json::Value;

use super::super::index::Id;
use super::super::keyword::Keyword;
use super::super::message;
use super::evaluated::Evaluated;
use super::{Judge, Kind, Step};

impl<'i> Judge<'_, 'i> {
    pub(super) fn items(
        &mut self,
        prefix: &[Id],
        rest: Option<Id>,
        items: &'i [Value],
        evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        if let Some(evaluated) = evaluated {
            evaluated.everything |= rest.is_some();
            evaluated.prefix = evaluated.prefix.max(prefix.len());
        }
        let mut is_valid = true;
        for (index, item) in items.iter().enumerate() {
            let Some(schema) = prefix.get(index).copied().or(rest) else { break };
            is_valid &= self.inside(Step::Item(index), schema, item);
            if !is_valid && self.is_enough() {
                break;
            }
        }
        is_valid
    }

    pub(super) fn contains(
        &mut self,
        keyword: &Keyword,
        items: &'i [Value],
        mut evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let Keyword::Contains { wanted, least, most, counts_as_evaluated } = keyword else { return true };
        let mut count: u64 = 0;
        for (index, item) in items.iter().enumerate() {
            if !self.quietly(*wanted, item, None) {
                continue;
            }
            count += 1;
            match &mut evaluated {
                Some(evaluated) if *counts_as_evaluated => drop(evaluated.items.insert(index)),
                _ if count >= *least && most.is_none() => break,
                _ => {}
            }
        }
        let is_enough = self.demand(count >= *least, Kind::Other, || message::contains_too_few(*least));
        let most = most.unwrap_or(u64::MAX);
        self.demand(count <= most, Kind::Other, || message::contains_too_many(most)) && is_enough
    }

    pub(super) fn unevaluated_items(
        &mut self,
        schema: Id,
        items: &'i [Value],
        evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let Some(evaluated) = evaluated else { return true };
        let mut is_valid = true;
        for (index, item) in items.iter().enumerate().filter(|(index, _)| !evaluated.has_item(*index)) {
            is_valid &= self.inside(Step::Item(index), schema, item);
            if !is_valid && self.is_enough() {
                break;
            }
        }
        evaluated.everything = true;
        is_valid
    }
}
