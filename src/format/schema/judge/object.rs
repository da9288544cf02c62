//! Keywords that judge the keys of an object and what they hold.

use serde_json::{Map, Value};

use super::super::index::Id;
use super::super::keyword::{Keyword, Properties};
use super::super::message;
use super::super::nearness::nearest;
use super::evaluated::Evaluated;
use super::{Judge, Kind, Step};

impl<'s, 'i> Judge<'s, 'i> {
    pub(super) fn properties(
        &mut self,
        properties: &'s Properties<'s>,
        map: &'i Map<String, Value>,
        mut evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let mut is_valid = true;
        for (key, value) in map {
            let named = properties.named.get(key.as_str()).copied();
            let patterns = properties.patterns.iter().filter(|(pattern, _)| pattern.regex.is_match(key));
            let mut is_known = false;
            for schema in named.into_iter().chain(patterns.map(|(_, schema)| *schema)) {
                is_known = true;
                is_valid &= self.key(key, value, schema, None);
            }
            if let Some(schema) = properties.additional.filter(|_| !is_known) {
                is_known = true;
                is_valid &= self.key(key, value, schema, Some((properties, map)));
            }
            if let Some(evaluated) = evaluated.as_deref_mut().filter(|_| is_known) {
                evaluated.keys.insert(key);
            }
            if !is_valid && self.is_enough() {
                break;
            }
        }
        is_valid
    }

    /// Judges what a key holds; `siblings` are the keys that could have been meant instead.
    fn key(
        &mut self,
        key: &'i str,
        value: &'i Value,
        schema: Id,
        siblings: Option<(&Properties, &Map<String, Value>)>,
    ) -> bool {
        let never = self.program.nodes.get(schema).is_some_and(|node| matches!(node.keywords[..], [Keyword::Never]));
        if !never {
            return self.inside(Step::Key(key), schema, value);
        }
        self.demand(false, Kind::Other, || {
            let near = siblings.and_then(|(properties, map)| {
                nearest(key, properties.named.keys().copied().filter(|name| !map.contains_key(*name)))
            });
            message::unknown_key(key, near)
        })
    }

    pub(super) fn unevaluated_properties(
        &mut self,
        schema: Id,
        map: &'i Map<String, Value>,
        evaluated: Option<&mut Evaluated<'i>>,
    ) -> bool {
        let Some(evaluated) = evaluated else { return true };
        let mut is_valid = true;
        for (key, value) in map.iter().filter(|(key, _)| !evaluated.has_key(key)) {
            is_valid &= self.key(key, value, schema, None);
            if !is_valid && self.is_enough() {
                break;
            }
        }
        evaluated.everything = true;
        is_valid
    }

    /// The keys are values of their own, which do not live as long as the instance.
    pub(super) fn property_names(&mut self, schema: Id, map: &Map<String, Value>) -> bool {
        let names: Vec<Value> = map.keys().map(|key| Value::String(key.clone())).collect();
        let mut inner = Judge {
            program: self.program,
            path: Vec::new(),
            scope: self.scope.clone(),
            level: self.level,
            steps_left: self.steps_left,
            is_quiet: self.is_quiet,
            explained: self.explained,
            stopped: None,
            found: Vec::new(),
        };
        let mut is_valid = true;
        for (key, name) in map.keys().zip(&names) {
            if !inner.judge(schema, name, None) {
                is_valid = false;
                for mismatch in std::mem::take(&mut inner.found) {
                    self.demand(false, Kind::Other, || message::wrong_key(key, &mismatch.finding.message));
                }
            }
            if !is_valid && self.is_enough() {
                break;
            }
        }
        self.steps_left = inner.steps_left;
        self.stopped = self.stopped.or(inner.stopped);
        is_valid
    }
}
