//! The keys of the mappings of a YAML text, while its events go by: none may stand twice in one mapping.

use std::collections::HashSet;

use granit_parser::{Event, ScalarStyle};

/// The collections that are open.
#[derive(Default)]
pub(super) struct Distinct {
    open: Vec<Collection>,
}

enum Collection {
    Sequence,
    Mapping { keys: HashSet<Key>, expects_key: bool },
}

/// A key as far as it can be told from another: `1` and `"1"` are two keys, `a` and `"a"` are one.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    text: String,
    is_text: bool,
    tag: Option<String>,
}

impl Distinct {
    /// Whether the event is a key that its mapping has already. Keys that are collections or aliases are not compared.
    pub(super) fn is_second_key(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.as_ref().map(ToString::to_string);
                let is_text = *style != ScalarStyle::Plain || is_word(text);
                self.node(|| Some(Key { text: text.to_string(), is_text, tag }))
            }
            Event::Alias(_) => self.node(|| None),
            Event::SequenceStart(..) => {
                self.node(|| None);
                self.open.push(Collection::Sequence);
                false
            }
            Event::MappingStart(..) => {
                self.node(|| None);
                self.open.push(Collection::Mapping { keys: HashSet::new(), expects_key: true });
                false
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                false
            }
            _ => false,
        }
    }

    fn node(&mut self, key: impl FnOnce() -> Option<Key>) -> bool {
        let Some(Collection::Mapping { keys, expects_key }) = self.open.last_mut() else { return false };
        let is_key = *expects_key;
        *expects_key = !is_key;
        is_key && key().is_some_and(|key| !keys.insert(key))
    }
}

/// Whether a plain scalar is certainly text, for every version of YAML.
fn is_word(text: &str) -> bool {
    let others = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !others.contains(&text.to_lowercase().as_str())
}
