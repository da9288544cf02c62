//! Templates that other templates include.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use handlebars::Handlebars;

use super::Secrets;
use super::engine::{Whole, parse_whole, registry};
use super::names::{Declared, Used, calls, secret_among};
use crate::failure::{Failure, Failures, Kind, Source, Span, did_you_mean};

/// Partials in partials, together with the blocks in them.
const MAX_DEPTH: usize = 64;

/// Partials by the name that `{{> name}}` calls them with.
#[derive(Default)]
pub(crate) struct Partials {
    registry: Option<Handlebars<'static>>,
    known: BTreeMap<String, Partial>,
}

struct Partial {
    source: Arc<Source>,
    used: Vec<Used>,
    /// How deep its blocks nest.
    depth: usize,
}

impl Partials {
    /// Parses the partials, each with its name; everything that is wrong with them at once.
    pub(crate) fn parse(sources: Vec<(String, Arc<Source>)>) -> Result<Self, Failures> {
        if sources.is_empty() {
            return Ok(Self::default());
        }
        let mut registry = registry();
        let mut known = BTreeMap::new();
        let mut findings = Vec::new();
        for (name, source) in sources {
            match parse_whole(&source) {
                Ok(Whole { mut parsed, used, depth }) => {
                    // The name under which the engine reports its errors.
                    parsed.name = Some(name.clone());
                    registry.register_template(&name, parsed);
                    let used = used.into_iter().map(Used::inside_a_partial).collect();
                    known.insert(name, Partial { source, used, depth });
                }
                Err(failure) => findings.push(failure),
            }
        }
        findings.extend(find_endless(&known));
        Failures::check(findings).map(|()| Self { registry: Some(registry), known })
    }

    /// A finding for each name in a partial that is not declared.
    pub(crate) fn check(&self, declared: &Declared) -> Vec<Failure> {
        let check = |partial: &Partial| {
            let found = declared.check(&partial.used, &partial.source, self);
            found.into_iter().map(|failure| failure.in_source(&partial.source)).collect::<Vec<_>>()
        };
        self.known.values().flat_map(check).collect()
    }

    pub(super) fn registry(&self) -> Option<&Handlebars<'static>> {
        self.registry.as_ref()
    }

    pub(super) fn source(&self, name: &str) -> Option<&Arc<Source>> {
        self.known.get(name).map(|partial| &partial.source)
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// The names that they use.
    pub(super) fn used(&self) -> impl Iterator<Item = &Used> {
        self.known.values().flat_map(|partial| &partial.used)
    }

    pub(super) fn secret(&self, secrets: &Secrets) -> Option<&str> {
        self.known.values().find_map(|partial| secret_among(&partial.used, secrets))
    }

    /// Whether one of them calls the helper.
    pub(super) fn call(&self, helper: &str) -> bool {
        self.known.values().any(|partial| calls(&partial.used, helper))
    }

    /// What to do about a name that is no partial.
    pub(super) fn remedy(&self, name: &str) -> Option<String> {
        did_you_mean(name, self.known.keys().map(String::as_str)).or_else(|| {
            let none = self.known.is_empty();
            none.then(|| "name the directory that holds it: `partials: /templates/partials`".to_owned())
        })
    }
}

/// A partial that includes itself, directly or through others, or includes too deep: the engine would follow it until the
/// stack is full.
fn find_endless(known: &BTreeMap<String, Partial>) -> Option<Failure> {
    // How deep each one is with what it includes.
    let mut done: HashMap<&str, usize> = HashMap::new();
    for start in known.keys() {
        // The partials on the way, each with those that it includes and are still to be followed.
        let mut way: Vec<(&str, Vec<&str>)> = vec![(start, included(known, start))];
        while let Some((name, pending)) = way.last_mut() {
            let Some(next) = pending.pop() else {
                let inner = included(known, name).iter().filter_map(|name| done.get(name)).max().copied();
                let depth = known.get(*name).map_or(0, |partial| partial.depth) + 1 + inner.unwrap_or(0);
                if depth > MAX_DEPTH {
                    let message = format!("cannot parse the template: partials are nested deeper than {MAX_DEPTH}");
                    return Some(refusal(known, name, message));
                }
                done.insert(*name, depth);
                way.pop();
                continue;
            };
            if let Some(from) = way.iter().position(|(name, _)| *name == next) {
                let circle: Vec<String> =
                    way[from..].iter().map(|(name, _)| *name).chain([next]).map(|name| format!("`{name}`")).collect();
                let message = format!("a partial includes itself: {}", circle.join(", "));
                return Some(refusal(known, next, message));
            }
            if !done.contains_key(next) {
                way.push((next, included(known, next)));
            }
        }
    }
    None
}

fn refusal(known: &BTreeMap<String, Partial>, name: &str, message: String) -> Failure {
    let failure = Failure::new(Kind::Plan, message).at(Span::new(1, 1, 1));
    known.get(name).map(|partial| &partial.source).into_iter().fold(failure, Failure::in_source)
}

fn included<'a>(known: &'a BTreeMap<String, Partial>, name: &str) -> Vec<&'a str> {
    known.get(name).map(|partial| partial.used.iter().filter_map(Used::as_partial).collect()).unwrap_or_default()
}
