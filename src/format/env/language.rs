//! Env files as a flat language.

use std::borrow::Cow;
use std::ops::Range;

use super::super::Problem;
use super::super::flat::{Entry, Kind, Language, Refusal};
use super::lex::{self, Lexer, NAME, is_name};
use super::quote::{is_shell_text, unquote, write};

pub(super) struct Env;

impl Language for Env {
    const BREAKS: &'static [char] = &['\n'];

    fn split(text: &str) -> Result<Vec<Entry<'_>>, Problem> {
        Lexer::new(text, &[]).map(|entry| read(text, entry)).collect()
    }

    fn key(raw: &str) -> Result<Cow<'_, str>, Problem> {
        Ok(Cow::Borrowed(raw))
    }

    fn value(raw: &str) -> Result<Cow<'_, str>, Problem> {
        Ok(unquote(raw))
    }

    fn is_right(raw: &str, value: &str) -> bool {
        unquote(raw) == value && is_shell_text(raw)
    }

    fn pair(key: &str, value: &str, sibling: Option<(&str, &Kind)>) -> Result<String, Refusal> {
        if !is_name(key.as_bytes()) {
            return Err((format!("`{key}` cannot be the name of a variable"), Some(NAME.to_owned())));
        }
        let mut pair = sibling.map_or("", |sibling| prefix(sibling)).to_owned();
        pair.push_str(key);
        pair.push('=');
        write(&checked(value)?, &mut pair);
        Ok(pair)
    }

    fn replace(text: &str, _: &Range<usize>, value: &Range<usize>, new: &str) -> Result<String, Refusal> {
        let mut replaced = text[..value.start].to_owned();
        write(&checked(new)?, &mut replaced);
        replaced.push_str(&text[value.end..]);
        Ok(replaced)
    }

    fn is_default(comment: &str, key: &str) -> bool {
        let inner = comment.trim_start().trim_start_matches('#');
        match Lexer::new(inner, &[]).next() {
            Some(lex::Entry { kind: lex::Kind::Pair { key: found, .. }, .. }) => &inner[found] == key,
            _ => false,
        }
    }

    fn is_open(_: &Entry<'_>) -> bool {
        false
    }
}

fn checked(value: &str) -> Result<Cow<'_, str>, Refusal> {
    if value.contains('\0') {
        return Err(("an environment variable cannot hold a NUL character".to_owned(), None));
    }
    Ok(Cow::Borrowed(value))
}

fn read(text: &str, entry: lex::Entry) -> Result<Entry<'_>, Problem> {
    if let Some(problem) = entry.problem {
        return Err(problem);
    }
    let start = entry.all.start;
    let kind = match entry.kind {
        lex::Kind::Pair { key, value, .. } => {
            Kind::Pair { key: key.start - start..key.end - start, value: value.start - start..value.end - start }
        }
        lex::Kind::Comment => Kind::Comment,
        lex::Kind::Blank | lex::Kind::Bare => Kind::Other,
    };
    Ok(Entry { text: Cow::Borrowed(&text[entry.all]), kind })
}

/// What stands before the name: blanks and perhaps `export`.
fn prefix<'a>((text, kind): (&'a str, &Kind)) -> &'a str {
    let Kind::Pair { key, .. } = kind else { return "" };
    text.get(..key.start).unwrap_or_default()
}
