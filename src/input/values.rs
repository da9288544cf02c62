//! Value files and directories: `values.NAME`.

use std::path::Path;

use serde_json::{Map, Value};

use super::file::{Problem, read_text};
use crate::document;
use crate::failure::{Failure, Kind, Source};
use crate::root::{FileKind, Root};
use crate::secret::Scrubber;
use crate::spec::{Format, ValuesSpec};

/// Reads one source of values. A secret one is taught to the scrubber, every text in it.
pub(super) fn read(spec: &ValuesSpec, root: &Root, scrubber: &Scrubber) -> Result<Value, Failure> {
    let value = match (&spec.file, &spec.directory) {
        (Some(path), _) => {
            let format = spec.format.as_ref().map(|format| format.value).or_else(|| format_of(path.as_str()));
            let format = format.ok_or_else(|| {
                Failure::new(Kind::Plan, format!("cannot tell the format of `{}`", path.value))
                    .at(path.span)
                    .hint("write `format: yaml` or `format: json`")
            })?;
            let read = || read_file(root, path.as_path(), format, spec.secret);
            optional(spec, root, path.as_path(), read).map_err(|failure| failure.at(path.span))?
        }
        (None, Some(path)) => {
            let read = || read_directory(root, path.as_path());
            optional(spec, root, path.as_path(), read).map_err(|failure| failure.at(path.span))?
        }
        (None, None) => return Err(Failure::new(Kind::Internal, "values without a source")),
    };
    if spec.secret {
        scrubber.learn_all(&value);
    }
    Ok(value)
}

/// The format of a file by its suffix.
pub(crate) fn format_of(path: &str) -> Option<Format> {
    match Path::new(path).extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => Some(Format::Yaml),
        "json" => Some(Format::Json),
        _ => None,
    }
}

fn optional(
    spec: &ValuesSpec,
    root: &Root,
    path: &Path,
    read: impl Fn() -> Result<Value, Failure>,
) -> Result<Value, Failure> {
    if !spec.required && matches!(root.metadata_followed(path), Ok(None)) {
        return Ok(Value::Null);
    }
    read()
}

fn cannot_read(path: &Path, problem: &Problem) -> Failure {
    Failure::new(Kind::Input, format!("cannot read the values `{}`: {problem}", path.display()))
}

fn read_file(root: &Root, path: &Path, format: Format, secret: bool) -> Result<Value, Failure> {
    let text = read_text(root, path).map_err(|problem| cannot_read(path, &problem))?;
    if format == Format::Json {
        return serde_json::from_str(&text).map_err(|error| {
            let place = format!("line {} column {}", error.line(), error.column());
            Failure::new(Kind::Input, format!("cannot read the values `{}`: not valid JSON at {place}", path.display()))
        });
    }
    // The text of a secret file is not kept as a source: its lines must not be shown.
    let shown = if secret { String::new() } else { text.clone() };
    let source = Source::new(path.display().to_string(), text);
    match document::parse(&source) {
        Ok(node) => Ok(node.to_json()),
        Err(failure) => {
            let span = failure.details().span;
            let failure = Failure::new(Kind::Input, format!("cannot read the values `{}`: {failure}", path.display()));
            Err(failure.at(span).in_source(&Source::new(path.display().to_string(), shown)))
        }
    }
}

/// File name to content. Dotfiles are left out: in a mounted ConfigMap they are its machinery. So are directories, and
/// files that are not text, such as key stores, which no template can use.
fn read_directory(root: &Root, path: &Path) -> Result<Value, Failure> {
    let entries = root.list(path).map_err(|error| cannot_read(path, &Problem::Root(error)))?;
    let mut values = Map::new();
    for entry in entries {
        let Some(name) = entry.name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let file = path.join(name);
        match root.metadata_followed(&file) {
            Ok(Some(metadata)) if metadata.kind == FileKind::File => {}
            _ => continue,
        }
        match read_text(root, &file) {
            Ok(text) => {
                values.insert(name.to_owned(), text.into());
            }
            Err(Problem::NotText | Problem::Nul) => log::debug!("`{}` is not text and is left out", file.display()),
            Err(problem) => return Err(cannot_read(&file, &problem)),
        }
    }
    Ok(Value::Object(values))
}
