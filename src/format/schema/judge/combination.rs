//! Keywords that judge the same value with other schemas.

use serde_json::Value;

use super::super::index::Id;
use super::super::message;
use super::super::types::Types;
use super::evaluated::Evaluated;
use super::{Judge, Kind, Mismatch};

/// Alternatives within alternatives that are told. Each level tells all alternatives of the next.
const MOST_EXPLAINED: usize = 3;

impl<'i> Judge<'_, 'i> {
    pub(super) fn all_of(
        &mut self,
        schemas: &[Id],
        instance: &'i Value,
        mut evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let mut is_valid = true;
        for schema in schemas {
            is_valid &= self.judge(*schema, instance, evaluated.as_deref_mut());
            if !is_valid && self.is_enough() {
                break;
            }
        }
        is_valid
    }

    pub(super) fn any_of(
        &mut self,
        schemas: &[Id],
        instance: &'i Value,
        mut evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let is_valid = self.matching(schemas, 1, instance, evaluated.as_deref_mut()) > 0;
        if !is_valid && !self.is_enough() {
            self.explain(schemas, instance, evaluated);
        }
        is_valid
    }

    pub(super) fn one_of(
        &mut self,
        schemas: &[Id],
        instance: &'i Value,
        mut evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let count = self.matching(schemas, 2, instance, evaluated.as_deref_mut());
        if count == 0 && !self.is_enough() {
            self.explain(schemas, instance, evaluated);
        }
        self.demand(count <= 1, Kind::Other, || message::MORE_THAN_ONE.to_owned()) && count == 1
    }

    /// How many of the schemas match. Unless it has to be known what they judge, `enough` end the count.
    fn matching(
        &mut self,
        schemas: &[Id],
        enough: usize,
        instance: &'i Value,
        mut evaluated: Option<&mut Evaluated<'i>>,
    ) -> usize {
        let mut count = 0;
        for schema in schemas {
            let mut own = evaluated.is_some().then(Evaluated::default);
            if self.quietly(*schema, instance, own.as_mut()) {
                count += 1;
                if let (Some(evaluated), Some(own)) = (evaluated.as_deref_mut(), own) {
                    evaluated.add(own);
                }
            }
            if count >= enough && evaluated.is_none() {
                break;
            }
        }
        count
    }

    /// Tells why no alternative matches: with the mismatches of the one that was likely meant.
    fn explain(&mut self, schemas: &[Id], instance: &'i Value, evaluated: Option<&mut Evaluated<'i>>) {
        if let Some(evaluated) = evaluated {
            // Which keys the alternative that was meant would have judged is not known.
            evaluated.everything = true;
        }
        if self.explained >= MOST_EXPLAINED {
            self.demand(false, Kind::Other, || message::NO_ALTERNATIVE.to_owned());
            return;
        }
        self.explained += 1;
        let before = std::mem::take(&mut self.found);
        let mut alternatives: Vec<Vec<Mismatch>> = Vec::with_capacity(schemas.len());
        for schema in schemas {
            self.judge(*schema, instance, None);
            alternatives.push(std::mem::take(&mut self.found));
        }
        self.found = before;
        self.explained -= 1;
        let depth = self.path.len();
        if let Some(types) = only_types(&alternatives, depth) {
            self.demand(false, Kind::Type(types), || message::of_type(types));
            return;
        }
        self.demand(false, Kind::Other, || message::NO_ALTERNATIVE.to_owned());
        let best =
            alternatives.into_iter().filter(|found| !found.is_empty()).min_by_key(|found| remoteness(found, depth));
        self.found.extend(best.into_iter().flatten());
    }

    pub(super) fn not(&mut self, schema: Id, instance: &'i Value) -> bool {
        let matches = self.quietly(schema, instance, None);
        self.demand(!matches, Kind::Other, || message::FORBIDDEN.to_owned())
    }

    pub(super) fn either(
        &mut self,
        condition: Id,
        [then, otherwise]: [Option<Id>; 2],
        instance: &'i Value,
        mut evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let mut own = evaluated.is_some().then(Evaluated::default);
        let holds = self.quietly(condition, instance, own.as_mut());
        if let (true, Some(evaluated), Some(own)) = (holds, evaluated.as_deref_mut(), own) {
            evaluated.add(own);
        }
        let branch = if holds { then } else { otherwise };
        branch.is_none_or(|schema| self.judge(schema, instance, evaluated))
    }

    /// The schema with that dynamic anchor in the outermost of the resources that led here.
    pub(super) fn outermost(&self, anchor: &str) -> Option<Id> {
        let mut resources = self.scope.iter().filter_map(|number| self.program.index.resources.get(*number));
        resources.find_map(|resource| resource.dynamic.get(anchor)).copied()
    }
}

/// The types that the alternatives want, when nothing else is wrong.
fn only_types(alternatives: &[Vec<Mismatch>], depth: usize) -> Option<Types> {
    alternatives.iter().try_fold(Types::default(), |all, found| match found.as_slice() {
        [Mismatch { kind: Kind::Type(types), depth: at, .. }] if *at == depth => Some(all.and(*types)),
        _ => None,
    })
}

/// How far an alternative is from the value at `depth`: another type, another choice, more mismatches.
fn remoteness(found: &[Mismatch], depth: usize) -> (bool, usize, usize) {
    let has_other_type = found.iter().any(|one| one.depth == depth && matches!(one.kind, Kind::Type(_)));
    let choices = found.iter().filter(|one| one.depth <= depth + 1 && one.kind == Kind::Choice).count();
    (has_other_type, choices, found.len())
}
