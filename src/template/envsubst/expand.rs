//! Putting values in.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::glob::Pattern;
use super::{Conditional, Expansion, NameIndex, Piece, Rendered, Side, Template, Unknown};
use crate::format::{Insertion, Problem, Scalar};

/// `${A:=$B$B}` can double a value again and again; more than this is no configuration.
const MAX_LENGTH: usize = 256 * 1024 * 1024;

pub(super) fn render(
    template: &Template<'_>,
    lookup: &dyn Fn(&str) -> Option<String>,
    unknown: Unknown,
) -> Result<Rendered, Problem> {
    let values = template.names.iter().map(|_| OnceCell::new()).collect();
    let mut expander = Expander { template, lookup, unknown, values, assigned: HashMap::new() };
    let mut text = String::with_capacity(template.text.len());
    let mut insertions = Vec::with_capacity(template.pieces.len() / 2);
    let mut origins = Vec::with_capacity(insertions.capacity());
    for piece in &template.pieces {
        let start = text.len();
        let inserted = expander.expand(piece, &mut text)?;
        if let Some(scalar) = inserted {
            insertions.push(Insertion { range: start..text.len(), scalar });
            origins.push(piece.start());
        }
    }
    Ok(Rendered { text, insertions, origins })
}

struct Expander<'a> {
    template: &'a Template<'a>,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    unknown: Unknown,
    /// By index of the name.
    values: Vec<OnceCell<Option<String>>>,
    /// By `=`, for the rest of the text.
    assigned: HashMap<NameIndex, String>,
}

impl Expander<'_> {
    /// Appends what a piece becomes. Returns what kind of value that is, or nothing for the template's own text.
    fn expand(&mut self, piece: &Piece, out: &mut String) -> Result<Option<Scalar>, Problem> {
        match piece {
            Piece::Literal { start, end } => {
                self.push_source(out, *start, *end)?;
                Ok(None)
            }
            Piece::Variable { name, start, end } => match self.value(*name) {
                Some(value) => {
                    push(out, value, *start)?;
                    Ok(Some(Scalar::Text))
                }
                None => self.without_value(*name, *start, *end, out),
            },
            Piece::Expansion { name, start, end, expansion } => match expansion.as_ref() {
                Expansion::Conditional { kind, empty_is_unset, word, word_start, word_end } => {
                    let is_set = self.value(*name).is_some_and(|value| !(*empty_is_unset && value.is_empty()));
                    let message = (*word_start, *word_end);
                    self.conditional(*name, *start, *kind, is_set, word, message, out)?;
                    Ok(Some(Scalar::Text))
                }
                Expansion::Length => match self.value(*name) {
                    Some(value) => {
                        let length = value.chars().count().to_string();
                        push(out, &length, *start)?;
                        Ok(Some(Scalar::Number))
                    }
                    None if self.unknown == Unknown::Empty => {
                        push(out, "0", *start)?;
                        Ok(Some(Scalar::Number))
                    }
                    None => self.without_value(*name, *start, *end, out),
                },
                Expansion::Trim { at, longest, pattern } => {
                    // The pattern can assign to the same name: the value from before counts.
                    let Some(value) = self.value(*name).map(str::to_owned) else {
                        return self.without_value(*name, *start, *end, out);
                    };
                    let pattern = Pattern::new(&self.word(pattern)?);
                    push(out, trim(&value, &pattern, *at, *longest), *start)?;
                    Ok(Some(Scalar::Text))
                }
            },
        }
    }

    fn value(&self, name: NameIndex) -> Option<&str> {
        if let Some(assigned) = self.assigned.get(&name) {
            return Some(assigned);
        }
        let text = self.name(name);
        self.values.get(name)?.get_or_init(|| (self.lookup)(text)).as_deref()
    }

    fn name(&self, name: NameIndex) -> &str {
        self.template.names.get(name).map_or("", |name| name.text.as_str())
    }

    fn without_value(
        &self,
        name: NameIndex,
        start: usize,
        end: usize,
        out: &mut String,
    ) -> Result<Option<Scalar>, Problem> {
        match self.unknown {
            Unknown::Error => Err(Problem::new(start, format!("unknown name `{}`", self.name(name)))
                .hint("set it, or say what becomes of it: `unknown: empty`")),
            Unknown::Keep => {
                self.push_source(out, start, end)?;
                Ok(None)
            }
            Unknown::Empty => Ok(Some(Scalar::Text)),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one expansion")]
    fn conditional(
        &mut self,
        name: NameIndex,
        start: usize,
        kind: Conditional,
        is_set: bool,
        word: &[Piece],
        message: (usize, usize),
        out: &mut String,
    ) -> Result<(), Problem> {
        match (kind, is_set) {
            (Conditional::Alternative, false) => Ok(()),
            (Conditional::Alternative, true) | (Conditional::Default, false) => push(out, &self.word(word)?, start),
            (Conditional::Assign, false) => {
                let value = self.word(word)?;
                push(out, &value, start)?;
                self.assigned.insert(name, value);
                Ok(())
            }
            (Conditional::Error, false) => Err(self.demanded(name, start, message)),
            (_, true) => push(out, self.value(name).unwrap_or_default(), start),
        }
    }

    /// The message is quoted as it is written: what it refers to may be secret.
    fn demanded(&self, name: NameIndex, start: usize, (from, to): (usize, usize)) -> Problem {
        let state = if self.value(name).is_some() { "is empty" } else { "is not set" };
        let message = self.template.text.get(from..to).unwrap_or_default();
        let name = self.name(name);
        if message.is_empty() {
            return Problem::new(start, format!("`{name}` {state}"));
        }
        Problem::new(start, format!("`{name}` {state}: {message}"))
    }

    fn word(&mut self, pieces: &[Piece]) -> Result<String, Problem> {
        let mut word = String::new();
        for piece in pieces {
            self.expand(piece, &mut word)?;
        }
        Ok(word)
    }

    fn push_source(&self, out: &mut String, start: usize, end: usize) -> Result<(), Problem> {
        push(out, self.template.text.get(start..end).unwrap_or_default(), start)
    }
}

fn push(out: &mut String, added: &str, offset: usize) -> Result<(), Problem> {
    if out.len().saturating_add(added.len()) > MAX_LENGTH {
        return Err(Problem::new(offset, "the text becomes longer than 256 MiB"));
    }
    out.push_str(added);
    Ok(())
}

fn trim<'a>(value: &'a str, pattern: &Pattern, at: Side, longest: bool) -> &'a str {
    match at {
        Side::Beginning => value.get(pattern.prefix(value, longest).unwrap_or(0)..).unwrap_or_default(),
        Side::End => value.get(..pattern.suffix(value, longest).unwrap_or(value.len())).unwrap_or_default(),
    }
}
