//! Properties as a flat language.

use std::borrow::Cow;
use std::ops::Range;

use super::super::Problem;
use super::super::flat::{Entry, Kind, Language, Refusal};
use super::character::{Place, unescape, write};
use super::lex::{self, Lexer};

pub(super) struct Properties;

impl Language for Properties {
    const BREAKS: &'static [char] = &['\n', '\r'];

    fn split(text: &str) -> Result<Vec<Entry<'_>>, Problem> {
        Ok(Lexer::new(text, &[]).map(|logical| entry(text, logical)).collect())
    }

    fn key(raw: &str) -> Result<Cow<'_, str>, Problem> {
        unescape(raw)
    }

    fn value(raw: &str) -> Result<Cow<'_, str>, Problem> {
        unescape(raw)
    }

    fn pair(key: &str, value: &str, sibling: Option<(&str, &Kind)>) -> Result<String, Refusal> {
        let (indentation, separator) = sibling.and_then(style).unwrap_or(("", "="));
        let mut pair = indentation.to_owned();
        write(key, Place::Key, &mut pair);
        pair.push_str(separator);
        write(value, Place::ValueStart { separated: has_separator(separator) }, &mut pair);
        Ok(pair)
    }

    fn replace(text: &str, key: &Range<usize>, value: &Range<usize>, new: &str) -> Result<String, Refusal> {
        let between = &text[key.end..value.start];
        let mut replaced = text[..value.start].to_owned();
        if between.is_empty() && text[key.clone()].ends_with('\\') {
            let message = "the file ends in a backslash behind a key: what is put there would become a part of it";
            return Err((message.to_owned(), None));
        }
        if between.is_empty() {
            replaced.push('=');
        }
        let separated = between.is_empty() || has_separator(between);
        write(new, Place::ValueStart { separated }, &mut replaced);
        replaced.push_str(&text[value.end..]);
        Ok(replaced)
    }

    fn is_default(comment: &str, key: &str) -> bool {
        let inner = comment.trim_start().trim_start_matches(['#', '!']);
        let Some(lex::Logical { kind: lex::Kind::Pair { key: found, separated: true, .. }, .. }) =
            Lexer::new(inner, &[]).next()
        else {
            return false;
        };
        unescape(&inner[found]).is_ok_and(|found| found == key)
    }

    fn is_open(last: &Entry<'_>) -> bool {
        let backslashes =
            last.text.trim_end_matches(['\n', '\r']).bytes().rev().take_while(|byte| *byte == b'\\').count();
        !matches!(last.kind, Kind::Comment) && backslashes % 2 == 1
    }
}

fn entry(text: &str, logical: lex::Logical) -> Entry<'_> {
    let start = logical.all.start;
    let kind = match logical.kind {
        lex::Kind::Pair { key, value, .. } => {
            Kind::Pair { key: key.start - start..key.end - start, value: value.start - start..value.end - start }
        }
        lex::Kind::Comment => Kind::Comment,
        lex::Kind::Blank => Kind::Other,
    };
    Entry { text: Cow::Borrowed(&text[logical.all]), kind }
}

/// What stands before the key and between key and value, if that can be used for another pair.
fn style<'a>((text, kind): (&'a str, &Kind)) -> Option<(&'a str, &'a str)> {
    let Kind::Pair { key, value } = kind else { return None };
    let (indentation, separator) = (text.get(..key.start)?, text.get(key.end..value.start)?);
    let usable = has_separator(separator) && !separator.contains(['\n', '\r']) && !indentation.contains(['\n', '\r']);
    usable.then_some((indentation, separator))
}

fn has_separator(between: &str) -> bool {
    between.contains(['=', ':'])
}
