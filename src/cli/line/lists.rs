//! Lists whose elements are made of several flags.

use super::Line;
use crate::document::{Node, Value};
use crate::failure::{Failure, Kind};

impl Line {
    /// Puts a field, if it is given, as a mapping of its own into a field that is a list.
    pub(in crate::cli) fn gather(&mut self, list: &str, name: &str) {
        if let Some((key, node)) = self.take(name) {
            let span = node.span;
            self.append(list, Node::new(span, Value::Mapping(vec![(key, node)])));
        }
    }

    /// Gives the fields with these names, so far as they are given, to each element of a list whose `key` begins with one of these. A
    /// text is an element with nothing but its key.
    pub(in crate::cli) fn refine(&mut self, list: &str, key: &str, beginnings: &[&str], names: &[&str]) {
        let refining: Vec<_> = names.iter().filter_map(|name| self.take(name)).collect();
        let Some((first, _)) = refining.first() else { return };
        let (span, mut found) = (first.span, false);
        if let Some((_, Node { value: Value::Sequence(items), .. })) =
            self.fields.iter_mut().find(|(key, _)| key.name == list)
        {
            for item in items {
                if matches!(item.value, Value::String(_)) {
                    let entries = vec![(Self::key(item.span, key), item.clone())];
                    *item = Node::new(item.span, Value::Mapping(entries));
                }
                let Value::Mapping(entries) = &mut item.value else { continue };
                let text = entries.iter().find(|(known, _)| known.name == key).map(|(_, node)| &node.value);
                let text = if let Some(Value::String(text)) = text { text.as_str() } else { "" };
                if beginnings.iter().any(|beginning| text.starts_with(beginning)) {
                    found = true;
                    entries.extend(refining.iter().cloned());
                }
            }
        }
        if !found {
            let message = format!("`{}` has no target that it could belong to", first.name);
            self.findings.push(Failure::new(Kind::Usage, message).at(span));
        }
    }
}
