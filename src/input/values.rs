//! Sources of values: `values.NAME`.

use std::path::Path;

use serde_json::{Map, Value};

use super::check::finding;
use super::file::{Problem, SIZE_LIMIT, read_text, read_whole};
use super::{merge, parse, prefix};
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::process::Environment;
use crate::root::{FileKind, Root};
use crate::secret::Scrubber;
use crate::spec::{AbsolutePath, Format, InputsSpec, Mapping, ValuesSpec};
use crate::template::Pattern;

/// Bytes of all files of a directory together.
const DIRECTORY_LIMIT: u64 = 16 * SIZE_LIMIT;

/// Where values are found, and who has to know the secret ones.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) root: &'a Root,
    pub(super) environment: &'a Environment,
    pub(super) scrubber: &'a Scrubber,
}

/// Reads a source of values. A secret one is taught to the scrubber, every text in it.
pub(super) fn read(spec: &ValuesSpec, places: Places<'_>) -> Result<Value, Vec<Failure>> {
    let value = match &spec.merge {
        Some(sources) => merge::read(sources, spec.secret, places)?,
        None => read_one(spec, spec.secret, places)?,
    };
    if spec.is_secret() {
        places.scrubber.learn_all(&value);
    }
    Ok(value)
}

/// Reads a source that is not made of others.
pub(super) fn read_one(spec: &ValuesSpec, secret: bool, places: Places<'_>) -> Result<Value, Vec<Failure>> {
    let root = places.root;
    let one = |path: &Located<AbsolutePath>, read: &dyn Fn(&Path) -> Result<Value, Failure>| {
        if !spec.required && matches!(root.metadata_followed(path.as_path()), Ok(None)) {
            return Ok(Value::Null);
        }
        read(path.as_path()).map_err(|failure| vec![failure.at(path.span)])
    };
    match (&spec.file, &spec.directory, &spec.env_prefix) {
        (Some(path), _, _) => {
            let format = format_for(spec, path).ok_or_else(|| vec![unknown_format(path)])?;
            one(path, &|path| read_file(root, path, format, secret))
        }
        (None, Some(path), _) => {
            let format = spec.format.as_ref().map(|format| format.value);
            one(path, &|path| read_directory(root, path, format, secret))
        }
        (None, None, Some(prefix)) => prefix::read(prefix, spec, places.environment),
        (None, None, None) => Err(vec![Failure::new(Kind::Internal, "values without a source")]),
    }
}

fn format_for(spec: &ValuesSpec, path: &AbsolutePath) -> Option<Format> {
    spec.format.as_ref().map(|format| format.value).or_else(|| format_of(path.as_str()))
}

fn unknown_format(path: &Located<AbsolutePath>) -> Failure {
    finding(path.span, format!("cannot tell the format of `{}`", path.value))
        .hint("write `format:` with json, yaml, toml, ini, properties, env or downward")
}

/// The format of a file by its suffix; `.env` is also a whole name.
fn format_of(path: &str) -> Option<Format> {
    let name = Path::new(path).file_name()?.to_str()?.to_ascii_lowercase();
    match name.rsplit_once('.')?.1 {
        "yaml" | "yml" => Some(Format::Yaml),
        "json" => Some(Format::Json),
        "toml" => Some(Format::Toml),
        "ini" => Some(Format::Ini),
        "properties" => Some(Format::Properties),
        "env" => Some(Format::Env),
        _ => None,
    }
}

fn cannot_read(path: &Path, problem: &Problem) -> Failure {
    Failure::new(Kind::Input, format!("cannot read the values `{}`: {problem}", path.display()))
}

fn read_file(root: &Root, path: &Path, format: Format, secret: bool) -> Result<Value, Failure> {
    let text = read_whole(root, path).map_err(|problem| cannot_read(path, &problem))?;
    parse::parse(format, path, &text, secret)
}

/// File name to content. Dotfiles are left out: in a mounted ConfigMap they are its machinery. So are directories, and
/// files that are not text, such as key stores, which no template can use.
fn read_directory(root: &Root, path: &Path, format: Option<Format>, secret: bool) -> Result<Value, Failure> {
    let entries = root.list(path).map_err(|error| cannot_read(path, &Problem::Root(error)))?;
    let mut values = Map::new();
    let mut room = DIRECTORY_LIMIT;
    for entry in entries {
        let Some(name) = entry.name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let file = path.join(name);
        match root.metadata_followed(&file) {
            Ok(Some(metadata)) if metadata.kind == FileKind::File => {}
            _ => continue,
        }
        let text = match format {
            Some(_) => read_whole(root, &file),
            None => read_text(root, &file),
        };
        let text = match text {
            Ok(text) => text,
            Err(Problem::NotText | Problem::Nul) => {
                log::debug!("`{}` is not text and is left out", file.display());
                continue;
            }
            Err(problem) => return Err(cannot_read(&file, &problem)),
        };
        room = room.checked_sub(text.len() as u64).ok_or_else(|| {
            let message = format!("its files have more than {DIRECTORY_LIMIT} bytes together");
            Failure::new(Kind::Input, format!("cannot read the values `{}`: {message}", path.display()))
        })?;
        let value = match format {
            Some(format) => parse::parse(format, &file, &text, secret)?,
            None => text.into(),
        };
        values.insert(name.to_owned(), value);
    }
    Ok(Value::Object(values))
}

/// What is wrong with a source of values; needs nothing from outside.
pub(super) fn check(name: &Located<String>, spec: &ValuesSpec) -> Vec<Failure> {
    let mut findings = check_one(name, spec);
    for source in spec.merge.iter().flatten() {
        let at = Located::new(source.span, name.value.clone());
        if source.merge.is_some() {
            let message = format!("`merge` of `{}` stands in another one", name.value);
            findings.push(finding(source.span, message).hint("write all sources in one list"));
        } else {
            findings.extend(check_one(&at, source));
        }
    }
    findings
}

fn check_one(name: &Located<String>, spec: &ValuesSpec) -> Vec<Failure> {
    let mut findings = Vec::new();
    let is_given = [spec.file.is_some(), spec.directory.is_some(), spec.env_prefix.is_some(), spec.merge.is_some()];
    if is_given.iter().filter(|given| **given).count() != 1 {
        let message = format!("`{}` needs exactly one of `file`, `directory`, `env_prefix` and `merge`", name.value);
        findings.push(finding(name.span, message));
        return findings;
    }
    if let Some(file) = &spec.file
        && format_for(spec, file).is_none()
    {
        findings.push(unknown_format(file));
    }
    let [file, directory, prefix, _] = is_given;
    let nested = prefix && spec.mapping.as_ref().is_none_or(|mapping| mapping.value == Mapping::Nested);
    let misplaced = [
        ("format", "`file` and `directory`", spec.format.as_ref().map(|format| format.span), file || directory),
        ("mapping", "`env_prefix`", spec.mapping.as_ref().map(|mapping| mapping.span), prefix),
        ("exclude", "`env_prefix`", spec.exclude.first().map(|exclude| exclude.span), prefix),
        ("separator", "the mapping `nested`", spec.separator.as_ref().map(|separator| separator.span), nested),
        ("case", "the mapping `nested`", spec.case.as_ref().map(|case| case.span), nested),
        ("required", "`file` and `directory`", (!spec.required).then_some(name.span), file || directory),
    ];
    for (key, owner, span, fits) in misplaced {
        if let (Some(span), false) = (span, fits) {
            findings.push(finding(span, format!("`{key}` belongs to {owner}")));
        }
    }
    for (key, text) in [("env_prefix", &spec.env_prefix), ("separator", &spec.separator)] {
        if let Some(text) = text.as_ref().filter(|text| text.is_empty()) {
            findings.push(finding(text.span, format!("`{key}` is empty")));
        }
    }
    if spec.merge.as_ref().is_some_and(Vec::is_empty) {
        findings.push(finding(name.span, format!("`merge` of `{}` has no source", name.value)));
    }
    findings
}

/// A variable that is secret must not come to light as one of a group.
pub(super) fn check_secrets(name: &Located<String>, spec: &ValuesSpec, inputs: &InputsSpec) -> Vec<Failure> {
    let own = std::iter::once(spec);
    let sources = own.chain(spec.merge.iter().flatten().map(|source| &source.value));
    let open = sources.filter(|_| !spec.is_secret()).filter_map(|source| Some((source, source.env_prefix.as_ref()?)));
    let secret = inputs.env.0.iter().filter(|(_, variable)| variable.secret).flat_map(|(key, variable)| {
        let name = variable.pattern(key).map_or(key.as_str(), |pattern| pattern.names);
        std::iter::once(name).chain(variable.aliases.iter().map(|alias| alias.value.as_str()))
    });
    let secret: Vec<&str> = secret.collect();
    let mut findings = Vec::new();
    for (source, prefix) in open {
        for variable in &secret {
            // An excluded pattern that matches the text of another one matches whatever that one does.
            if !prefix::is_excluded(&source.exclude, variable) && Pattern::new(*variable).may_begin_with(prefix) {
                let message = format!("`{variable}` is secret, and `values.{}` can hold it", name.value);
                findings.push(finding(prefix.span, message).hint("add `secret: true`, or the variable to `exclude`"));
            }
        }
    }
    findings
}
