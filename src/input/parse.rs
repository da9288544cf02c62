//! The text of a value file to data, whatever its format. The one place that knows them all.

use std::path::Path;

use serde_json::Value;

use super::downward;
use crate::document;
use crate::failure::{Failure, Kind, Source, Span};
use crate::format::{self, Problem};
use crate::spec::Format;

/// What a reader found wrong: where, what, and the remedy.
struct Wrong {
    span: Span,
    message: String,
    hint: Option<String>,
    /// The text is of its language, and more than is read.
    is_sound: bool,
}

/// Parses the text of a file. Of a secret one neither the line is shown nor what the parser says, which may name it.
pub(crate) fn parse(format: Format, path: &Path, text: &str, secret: bool) -> Result<Value, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = match format {
        Format::Json => json(text),
        Format::Yaml => yaml(path, text),
        Format::Toml => format::toml::read(text).map_err(|problem| wrong(problem, text)),
        Format::Ini => format::ini::read(text).map_err(|problem| wrong(problem, text)),
        Format::Properties => format::properties::read(text).map_err(|problem| wrong(problem, text)),
        Format::Env => format::env::read(text).map_err(|problem| wrong(problem, text)),
        Format::Downward => downward::read(text).map_err(|problem| wrong(problem, text)),
    };
    read.map_err(|wrong| {
        let name = path.display().to_string();
        let cannot = format!("cannot read the values `{name}`");
        let not_valid = format!("{cannot}: not valid {}", title(format));
        // A secret text is no source: its lines must not be shown.
        let (message, hint, shown) = match (wrong.is_sound, secret) {
            (true, _) => (format!("{cannot}: {}", wrong.message), wrong.hint, if secret { "" } else { text }),
            (false, true) => (not_valid, None, ""),
            (false, false) => (format!("{not_valid}: {}", wrong.message), wrong.hint, text),
        };
        let failure = Failure::new(Kind::Input, message).maybe_hint(hint);
        // Without a place in the file the finding stands at its path in the plan.
        if wrong.span.is_known() { failure.at(wrong.span).in_source(&Source::new(name, shown)) } else { failure }
    })
}

fn title(format: Format) -> &'static str {
    match format {
        Format::Json => "JSON",
        Format::Yaml => "YAML",
        Format::Toml => "TOML",
        Format::Ini => "INI",
        Format::Properties => "properties",
        Format::Env => "lines of `NAME=value`",
        Format::Downward => "lines of `key=\"value\"`",
    }
}

fn json(text: &str) -> Result<Value, Wrong> {
    let value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    format::json::check(text).map_err(|problem| wrong(problem, text))?;
    match document::rounded(text) {
        None => Ok(value),
        Some(at) => Err(Wrong {
            span: span_at(text, at),
            message: "the number would be rounded".to_owned(),
            hint: Some(document::IN_QUOTES.to_owned()),
            is_sound: false,
        }),
    }
}

fn not_json(error: &serde_json::Error) -> Wrong {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    // The library counts the column of a line's first character as 0 when the line is not complete.
    Wrong { span: Span::new(error.line(), error.column().max(1), 1), message, hint: None, is_sound: false }
}

fn yaml(path: &Path, text: &str) -> Result<Value, Wrong> {
    let source = Source::new(path.display().to_string(), text);
    let read = document::parse_data(&source).and_then(|node| document::check(text).map(|()| node.to_json()));
    read.map_err(|failure| {
        let details = failure.details();
        let cause = details.message.strip_prefix("not valid YAML: ");
        let message = cause.unwrap_or(&details.message).to_owned();
        Wrong { span: details.span, message, hint: details.hint.clone(), is_sound: cause.is_none() }
    })
}

fn wrong(problem: Problem, text: &str) -> Wrong {
    Wrong { span: span_at(text, problem.offset), message: problem.message, hint: problem.hint, is_sound: false }
}

/// The line and column of a byte. An offset inside a character counts as its beginning.
fn span_at(text: &str, offset: usize) -> Span {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Span::new(line, column, 1)
}

#[cfg(test)]
mod tests {
    use super::span_at;

    #[test]
    fn a_byte_has_a_line_and_a_column() {
        for (text, offset, wanted) in
            [("ab", 1, (1, 2)), ("a\nbc", 3, (2, 2)), ("ä\nö", 1, (1, 1)), ("a\n", 2, (2, 1)), ("", 9, (1, 1))]
        {
            let span = span_at(text, offset);
            assert_eq!((span.line, span.column), wanted, "{text} {offset}");
        }
    }
}
