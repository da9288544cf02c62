//! What a name or value may hold, when it is written as a whole.

use super::super::Problem;
use super::lex::{is_blank, is_comment_mark};

/// What is wrong, and perhaps a remedy.
pub(super) type Refusal = (&'static str, Option<&'static str>);

pub(super) const QUOTE_HINT: &str = "put it in quotes in the file if its reader knows them";

/// Fails at a carriage return that ends a line for `configparser` alone.
pub(super) fn check_line_breaks(text: &str) -> Result<(), Problem> {
    let lone = text.match_indices('\r').find(|(at, _)| !text[at + 1..].starts_with('\n'));
    lone.map_or(Ok(()), |(at, _)| {
        Err(Problem::new(at, "a carriage return without a line feed ends a line for some readers of INI files")
            .hint("end the lines with a line feed"))
    })
}

/// Characters that end the line for some reader, or the text.
pub(super) fn check_characters(text: &str) -> Result<(), Refusal> {
    if text.contains(['\n', '\r']) {
        return Err(("an INI file cannot hold a line break in a name, value or comment", None));
    }
    if text.contains('\0') {
        return Err(("an INI file cannot hold a NUL character", None));
    }
    Ok(())
}

/// A value as it is to stand behind the separator, its own quotes included.
pub(super) fn check_value(text: &str) -> Result<(), Refusal> {
    check_characters(text)?;
    if is_quoted(text) {
        return Ok(());
    }
    if text.starts_with(is_blank) || text.ends_with(is_blank) {
        return Err(("an INI value without quotes cannot begin or end with a blank", Some(QUOTE_HINT)));
    }
    if has_comment(text) {
        return Err((
            "`#` or `;` at the beginning of an INI value or behind a blank is a comment for many readers",
            Some(QUOTE_HINT),
        ));
    }
    if text.ends_with('\\') {
        return Err((
            "an INI value cannot end with a backslash: many readers join the line with the next",
            Some(QUOTE_HINT),
        ));
    }
    Ok(())
}

/// A comment begins in it, for readers that know comments behind a value.
pub(super) fn has_comment(text: &str) -> bool {
    let mut behind_blank = true;
    for character in text.chars() {
        if behind_blank && is_comment_mark(character) {
            return true;
        }
        behind_blank = is_blank(character);
    }
    false
}

/// The whole value is in one pair of quotes.
pub(super) fn is_quoted(text: &str) -> bool {
    unquote(text).len() != text.len()
}

/// The value without one pair of quotes around the whole.
pub(super) fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return inner;
        }
    }
    text
}

/// A key as it is to stand at the beginning of a line.
pub(super) fn check_key(key: &str) -> Result<(), Refusal> {
    check_characters(key)?;
    if key.is_empty() {
        return Err(("an INI key cannot be empty", None));
    }
    if key.contains(['=', ':']) {
        return Err(("an INI key cannot hold `=` or `:`", None));
    }
    if key.contains(']') || key.starts_with('[') {
        return Err(("an INI key cannot begin with `[` or hold `]`", None));
    }
    check_edges(key)
}

/// The name of a section as it is to stand in brackets.
pub(super) fn check_section(name: &str) -> Result<(), Refusal> {
    check_characters(name)?;
    if name.is_empty() {
        return Err(("the name of an INI section cannot be empty", None));
    }
    if name.contains(['[', ']']) {
        return Err(("the name of an INI section cannot hold `[` or `]`", None));
    }
    check_edges(name)
}

fn check_edges(name: &str) -> Result<(), Refusal> {
    if name.starts_with(is_blank) || name.ends_with(is_blank) {
        return Err(("a name in an INI file cannot begin or end with a blank", None));
    }
    if has_comment(name) {
        return Err(("a name in an INI file cannot hold `#` or `;` at its beginning or behind a blank", None));
    }
    Ok(())
}
