//! Whether the values of a template can stand in an INI file where they do.

use std::ops::Range;

use super::super::line::{Line, lines};
use super::super::{Insertion, Problem};
use super::lex::{Kind, Lexer, is_blank, is_comment_mark};
use super::rules::{self, QUOTE_HINT, Refusal};

const IN_QUOTES: &str = "put the `{{...}}` in quotes if the reader of the file knows them, or write `{{{...}}}` if it reads such a value rightly";

/// Fails at the first value that some common reader would not read as it is.
pub(super) fn check(text: &str, insertions: &[Insertion]) -> Result<(), Problem> {
    for insertion in insertions {
        rules::check_characters(&text[insertion.range.clone()]).map_err(|refusal| problem(insertion, refusal))?;
    }
    if !insertions.is_empty() {
        rules::check_line_breaks(text)?;
    }
    let mut lexer = Lexer::default();
    let mut whole = 0..0;
    let mut rest = insertions;
    for line in lines(text) {
        let count = rest.iter().take_while(|insertion| insertion.range.start <= line.end).count();
        let (inside, after) = rest.split_at(count);
        // An empty value in the middle of a line break is nowhere.
        rest = after.split_at(after.iter().take_while(|insertion| insertion.range.start < line.next).count()).1;
        let kind = lexer.kind(text, line, inside);
        if !inside.is_empty() {
            check_line(text, line, &kind, inside)?;
        }
        match kind {
            Kind::Blank | Kind::Comment => {}
            Kind::Continuation { value } => whole.end = value.end,
            Kind::Key { value, .. } => {
                check_lines(text, std::mem::replace(&mut whole, value.unwrap_or_default()), insertions)?;
            }
            Kind::Section { .. } => check_lines(text, std::mem::take(&mut whole), insertions)?,
        }
    }
    check_lines(text, whole, insertions)
}

/// A value over several lines must not lose or keep its quotes because of an insertion.
fn check_lines(text: &str, value: Range<usize>, insertions: &[Insertion]) -> Result<(), Problem> {
    if !text[value.clone()].contains('\n') {
        return Ok(());
    }
    let behind = &insertions[insertions.partition_point(|insertion| insertion.range.start < value.start)..];
    let inside = &behind[..behind.partition_point(|insertion| insertion.range.end <= value.end)];
    check_outer_quotes(text, &value, inside)?;
    let quote = outer_quote(text[value].trim_matches(is_blank));
    match inside.iter().find(|insertion| quote.is_some_and(|quote| text[insertion.range.clone()].contains(quote))) {
        Some(insertion) => Err(Problem::new(insertion.range.start, "an INI value in quotes cannot hold such a quote")),
        None => Ok(()),
    }
}

fn problem(insertion: &Insertion, (message, hint): Refusal) -> Problem {
    let problem = Problem::new(insertion.range.start, message);
    match hint {
        Some(QUOTE_HINT) => problem.hint(IN_QUOTES),
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

fn check_line(text: &str, line: Line, kind: &Kind, inside: &[Insertion]) -> Result<(), Problem> {
    match kind {
        Kind::Blank | Kind::Comment => Ok(()),
        Kind::Section { name } => {
            let name = name.clone().unwrap_or(line.start..line.end);
            check_section(text, &name, inside)
        }
        Kind::Key { key, value } => {
            let in_key = inside.iter().take_while(|insertion| insertion.range.start <= key.end).count();
            let (in_key, in_value) = inside.split_at(in_key);
            check_whole(text, key, in_key, rules::check_key)?;
            value.as_ref().map_or(Ok(()), |value| check_value(text, value, in_value))
        }
        Kind::Continuation { value } => {
            let bracket = inside.iter().find(|insertion| {
                insertion.range.start == value.start && text[insertion.range.clone()].starts_with('[')
            });
            if let Some(insertion) = bracket {
                return Err(Problem::new(insertion.range.start, "a line of an INI value cannot begin with `[`"));
            }
            check_value(text, value, inside)
        }
    }
}

/// Blames the first value for what is wrong with the whole, unless the literal text alone is wrong.
fn check_whole(
    text: &str,
    range: &Range<usize>,
    inside: &[Insertion],
    rule: impl Fn(&str) -> Result<(), Refusal>,
) -> Result<(), Problem> {
    let Some(first) = inside.first() else { return Ok(()) };
    let Err(refusal) = rule(&text[range.clone()]) else { return Ok(()) };
    let guilty = inside.iter().find(|insertion| rule(&text[insertion.range.clone()]).is_err());
    Err(problem(guilty.unwrap_or(first), refusal))
}

fn check_section(text: &str, name: &Range<usize>, inside: &[Insertion]) -> Result<(), Problem> {
    let in_name = inside.iter().take_while(|insertion| insertion.range.start <= name.end).count();
    let (in_name, behind) = inside.split_at(in_name);
    check_whole(text, name, in_name, rules::check_section)?;
    let in_quotes = text[name.clone()].ends_with('"');
    for insertion in in_name {
        if in_quotes && insertion.range.end < name.end && text[insertion.range.clone()].contains(['"', '\\']) {
            return Err(Problem::new(
                insertion.range.start,
                "the name of an INI section in quotes cannot hold a quote or backslash",
            ));
        }
    }
    match behind.iter().find(|insertion| text[insertion.range.clone()].contains(']')) {
        Some(insertion) => Err(Problem::new(insertion.range.start, "behind an INI section no further `]` can stand")),
        None => Ok(()),
    }
}

fn check_value(text: &str, value: &Range<usize>, inside: &[Insertion]) -> Result<(), Problem> {
    let mut bare = Vec::new();
    let mut rest = inside;
    let mut at = value.start;
    while let Some(quoted) = next_quoted(text, at..value.end, value.start, rest) {
        let before = rest.iter().take_while(|insertion| insertion.range.end <= quoted.start).count();
        let (outside, behind) = rest.split_at(before);
        let within = behind.iter().take_while(|insertion| insertion.range.end < quoted.end).count();
        let (within, behind) = behind.split_at(within);
        bare.extend_from_slice(outside);
        within.iter().try_for_each(|insertion| check_quoted(text, &quoted, insertion))?;
        rest = behind;
        at = quoted.end;
    }
    bare.extend_from_slice(rest);
    bare.iter().try_for_each(|insertion| check_bare(text, value, insertion))?;
    check_ends(text, value, &bare)
}

/// The next literal pair of quotes, if it begins where a quote means something: at the beginning, or behind a separator.
fn next_quoted(text: &str, range: Range<usize>, value: usize, inside: &[Insertion]) -> Option<Range<usize>> {
    let literal = Literal { text, inside };
    let mut at = range.start;
    loop {
        let open = literal.next(at..range.end, &['"', '\''])?;
        let before = text[value..open].chars().next_back();
        let is_edge = before.is_none_or(|before| is_blank(before) || "=,:([{".contains(before));
        if is_edge {
            let quote = if text[open..].starts_with('"') { '"' } else { '\'' };
            if let Some(close) = literal.next(open + 1..range.end, &[quote]) {
                return Some(open..close + 1);
            }
        }
        at = open + 1;
    }
}

/// The text between insertions.
struct Literal<'a> {
    text: &'a str,
    inside: &'a [Insertion],
}

impl Literal<'_> {
    fn next(&self, range: Range<usize>, wanted: &[char]) -> Option<usize> {
        super::lex::find(self.text, &range, self.inside, |character| wanted.contains(&character))
    }
}

fn check_quoted(text: &str, quoted: &Range<usize>, insertion: &Insertion) -> Result<(), Problem> {
    let value = &text[insertion.range.clone()];
    let double = text[quoted.clone()].starts_with('"');
    if double && value.contains(['"', '\\']) {
        return Err(Problem::new(
            insertion.range.start,
            "readers of INI files differ in what `\"` and a backslash mean in double quotes",
        )
        .hint("use single quotes or none, or write `{{{...}}}` if the reader of the file reads such a value rightly"));
    }
    if !double && value.contains('\'') {
        return Err(Problem::new(insertion.range.start, "an INI value in single quotes cannot hold one")
            .hint("use double quotes or none"));
    }
    Ok(())
}

/// A value outside of quotes must not begin a comment for any reader.
fn check_bare(text: &str, value: &Range<usize>, insertion: &Insertion) -> Result<(), Problem> {
    let inserted = &text[insertion.range.clone()];
    let before = text[value.start..insertion.range.start].chars().next_back();
    let comment = if before.is_none_or(is_blank) {
        rules::has_comment(inserted)
    } else {
        inserted.chars().zip(inserted.chars().skip(1)).any(|(one, next)| is_blank(one) && is_comment_mark(next))
    };
    let after = text[insertion.range.end..value.end].chars().next();
    let ends_blank = inserted.chars().next_back().or(before).is_none_or(is_blank);
    if comment || ends_blank && after.is_some_and(is_comment_mark) {
        let message = "`#` or `;` at the beginning of an INI value or behind a blank is a comment for many readers";
        return Err(problem(insertion, (message, Some(QUOTE_HINT))));
    }
    Ok(())
}

/// What readers take off at the ends of a value outside of quotes must not come from an insertion, nor stand at an end only
/// because an insertion is empty.
fn check_ends(text: &str, value: &Range<usize>, bare: &[Insertion]) -> Result<(), Problem> {
    let whole = &text[value.clone()];
    let start = value.end - whole.trim_start_matches(is_blank).len();
    let end = value.start + whole.trim_end_matches(is_blank).len();
    let blank = bare
        .iter()
        .find(|insertion| !insertion.range.is_empty() && (insertion.range.start < start || insertion.range.end > end));
    if let Some(insertion) = blank {
        return Err(problem(
            insertion,
            ("an INI value without quotes cannot begin or end with a blank", Some(QUOTE_HINT)),
        ));
    }
    let whole = text.get(start..end).unwrap_or_default();
    let last = bare.last().filter(|insertion| insertion.range.end >= end);
    if let Some(insertion) = last.filter(|_| whole.ends_with('\\')) {
        let message = "an INI value cannot end with a backslash: many readers join the line with the next";
        return Err(problem(insertion, (message, Some(QUOTE_HINT))));
    }
    check_outer_quotes(text, value, bare)
}

/// Quotes around the whole must not come from an insertion, nor stand at its ends only because one is empty.
fn check_outer_quotes(text: &str, value: &Range<usize>, bare: &[Insertion]) -> Result<(), Problem> {
    let whole = &text[value.clone()];
    let start = value.end - whole.trim_start_matches(is_blank).len();
    let end = value.start + whole.trim_end_matches(is_blank).len();
    let at_end = |insertion: &&Insertion| insertion.range.start <= start || insertion.range.end >= end;
    match bare.iter().find(at_end).filter(|_| outer_quote(whole.trim_matches(is_blank)).is_some()) {
        Some(insertion) => {
            let message = "quotes around a whole INI value are taken off by many readers";
            Err(problem(insertion, (message, Some("write `{{{...}}}` if that is meant"))))
        }
        None => Ok(()),
    }
}

fn outer_quote(whole: &str) -> Option<char> {
    ['"', '\''].into_iter().find(|quote| whole.len() > 1 && whole.starts_with(*quote) && whole.ends_with(*quote))
}
