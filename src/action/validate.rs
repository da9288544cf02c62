//! What a file has to pass before it is published.

use std::path::Path;

use super::Context;
use super::program::run_silently;
use crate::document::{self, Located};
use crate::failure::{Failure, Kind, Source};
use crate::format::{self, Language, Schema};
use crate::root::{Attributes, shown};
use crate::spec::{AbsolutePath, STAGED, Validate};

/// Bytes of a JSON Schema.
const SCHEMA_LIMIT: u64 = 16 * 1024 * 1024;

/// The file that is judged, as messages call it.
pub(super) struct Subject<'a> {
    pub(super) path: &'a Path,
    /// What was done to it, and what it was made of: `rendered`, a template. Nothing when it was copied as it is.
    pub(super) made: Option<(&'static str, &'a str)>,
    /// Nothing of its content may be told.
    pub(super) is_secret: bool,
    /// What it is written in.
    pub(super) language: Language,
}

impl Subject<'_> {
    fn cannot(&self, cause: &str) -> Failure {
        let name = match self.made {
            Some((verb, name)) => format!("the {verb} `{name}`"),
            None => format!("`{}`", shown(self.path)),
        };
        Failure::new(Kind::Plan, format!("cannot use {name}: {cause}"))
    }
}

/// Checks the content with the parser of its format, and with a schema. Runs nothing.
pub(super) fn validate(
    wanted: &Located<Validate>,
    subject: &Subject<'_>,
    content: &[u8],
    context: &Context,
) -> Result<(), Failure> {
    let language = match &wanted.value {
        Validate::None => return Ok(()),
        // What is copied as it is, is not judged unless that is asked for.
        Validate::Auto if subject.made.is_none() => return Ok(()),
        Validate::Json => Language::Json,
        Validate::Yaml => Language::Yaml,
        Validate::Toml => Language::Toml,
        Validate::Xml => Language::Xml,
        Validate::Auto | Validate::Schema(_) | Validate::Command(_) => subject.language,
    };
    let text = match std::str::from_utf8(content) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(_) if matches!(language, Language::None) => "",
        Err(_) => return Err(subject.cannot("it is not UTF-8")),
    };
    check_syntax(language, text).map_err(|problem| explain(&problem, text, subject))?;
    match &wanted.value {
        Validate::Schema(schema) => check_schema(schema, language, text, subject, context),
        _ => Ok(()),
    }
}

/// What is wrong: the format, the cause, and where in the text.
struct Problem {
    format: &'static str,
    cause: String,
    line: usize,
    column: usize,
}

fn check_syntax(language: Language, text: &str) -> Result<(), Problem> {
    let at_offset = |format: &'static str, problem: format::Problem| {
        let span = Source::new("", text).span_at(problem.offset);
        let (line, column) = (span.line as usize, span.column as usize);
        Problem { format, cause: problem.message, line, column }
    };
    match language {
        Language::Json => format::json::check(text).map_err(|problem| at_offset("JSON", problem)),
        Language::Toml => format::toml::check(text).map_err(|problem| at_offset("TOML", problem)),
        Language::Xml => format::xml::check(text).map_err(|problem| at_offset("XML", problem)),
        Language::Yaml => document::check(text).map_err(|failure| {
            let span = failure.details().span;
            let cause = failure.to_string().trim_start_matches("not valid YAML: ").to_owned();
            Problem { format: "YAML", cause, line: span.line as usize, column: span.column as usize }
        }),
        _ => Ok(()),
    }
}

fn explain(problem: &Problem, text: &str, subject: &Subject<'_>) -> Failure {
    let Problem { format, cause, line, column } = problem;
    let failure = subject
        .cannot(&format!("not valid {format}: {cause}"))
        .note(format!("line {line} column {column} of the result"));
    let shown = text.lines().nth(line.saturating_sub(1)).filter(|_| !subject.is_secret);
    match shown {
        Some(line) if line.chars().count() <= 200 => failure.note(format!("that line is: {}", line.trim_end())),
        _ => failure,
    }
}

fn check_schema(
    schema: &Located<AbsolutePath>,
    language: Language,
    text: &str,
    subject: &Subject<'_>,
    context: &Context,
) -> Result<(), Failure> {
    let cannot = |cause: String| {
        Failure::new(Kind::Plan, format!("cannot use the schema `{}`: {cause}", schema.value)).at(schema.span)
    };
    let bytes = context.root.read(schema.as_path(), SCHEMA_LIMIT).map_err(|error| cannot(error.to_string()))?;
    let source = Source::new("", String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8".to_owned()))?);
    let parsed = format::json::read(&source.text).map_err(|problem| {
        let span = source.span_at(problem.offset);
        cannot(format!("it is not JSON: {}", problem.message))
            .note(format!("line {} column {} of the schema", span.line, span.column))
    })?;
    let schema_of = Schema::new(&parsed).map_err(cannot)?;
    let instance = data(language, text).map_err(|cause| subject.cannot(&cause))?;
    let findings = schema_of.check(&instance);
    let Some((first, further)) = findings.split_first() else { return Ok(()) };
    let mut failure = subject.cannot(&format!("`{}` {}", first.at, first.message));
    for finding in further {
        failure = failure.note(format!("`{}` {}", finding.at, finding.message));
    }
    Err(failure.note(format!("schema: {}", schema.value)))
}

/// The text as data for a schema.
fn data(language: Language, text: &str) -> Result<serde_json::Value, String> {
    match language {
        Language::Json => format::json::read(text).map_err(|problem| problem.message),
        Language::Toml => format::toml::read(text).map_err(|problem| problem.message),
        Language::Yaml => {
            document::parse(&Source::new("", text)).map(|node| node.to_json()).map_err(|failure| failure.to_string())
        }
        _ => Err("a schema is for JSON, YAML and TOML, and the name tells none of them".to_owned()),
    }
}

/// Checks the content with a program, under a temporary name beside its target.
pub(super) fn validate_staged(
    wanted: &Located<Validate>,
    subject: &Subject<'_>,
    content: &[u8],
    attributes: Attributes,
    context: &Context,
) -> Result<(), Failure> {
    let Validate::Command(command) = &wanted.value else { return Ok(()) };
    context.check_interrupt()?;
    let judge = |staged: &Path| {
        let staged = context.root.host_path(staged);
        let words: Vec<std::ffi::OsString> =
            command.iter().map(|word| word.replace(STAGED, &staged.to_string_lossy()).into()).collect();
        run_silently(&words, !subject.is_secret, context).map_err(|failure| {
            let message = format!("cannot use `{}`: its validation failed: {failure}", shown(subject.path));
            failure.details().notes.iter().fold(Failure::new(failure.kind(), message), Failure::note)
        })
    };
    context
        .root
        .stage(subject.path, content, attributes, judge)
        .map_err(|error| error.cannot("write", shown(subject.path)))?
        .map_err(|failure| failure.at(command.span))
}
