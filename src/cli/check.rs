//! `check`: validates the plan, its templates and its migrations, and prints everything that is wrong at once.

use std::process::ExitCode;
use std::sync::Arc;

use super::args::PlanArgument;
use super::session::Session;
use crate::failure::{Failure, Failures, Kind, Source};
use crate::input;
use crate::plan::{PlanFile, PlanText, check_text};
use crate::root::FileKind;
use crate::spec::DatabaseSpec;
use crate::sql::{Dialect, read_migrations};

/// Bytes of a template that is checked.
const TEMPLATE_LIMIT: u64 = 256 * 1024 * 1024;

pub(super) fn run(argument: &PlanArgument, session: &Session) -> Result<ExitCode, Failures> {
    let text = session.plan_text(argument)?;
    let (files, mut findings) = text.check();
    findings.extend(input::check(&text.inputs, &text.declared));
    for template in files.templates.iter().filter(|file| is_worth_a_look(file, session)) {
        findings.extend(check_template(template.path.as_path(), template.path.span, &text, session));
    }
    for (file, database) in files.migrations.iter().filter(|(file, _)| is_worth_a_look(file, session)) {
        if let Err(failures) = read_migrations(&session.root, file.path.as_path(), dialect(database)) {
            findings.extend(failures.iter().map(|failure| failure.clone().at(file.path.span)));
        }
    }
    let mut findings: Vec<Failure> = findings.into_iter().map(|failure| failure.in_source(&text.source)).collect();
    // The plan first, line by line, then the files that it names.
    findings.sort_by_key(|failure| {
        let details = failure.details();
        let elsewhere = details.source.as_ref().is_some_and(|source| !Arc::ptr_eq(source, &text.source));
        (elsewhere, details.span.line, details.span.column)
    });
    Failures::check(findings)?;
    session.output.data(&format!("`{}` is valid\n", text.source.name));
    Ok(ExitCode::SUCCESS)
}

/// A path that is only a guess is checked if something is there.
fn is_worth_a_look(file: &PlanFile, session: &Session) -> bool {
    file.certain || matches!(session.root.metadata_followed(file.path.as_path()), Ok(Some(_)))
}

/// The dialect of the migrations; an unknown database is PostgreSQL, as every other one has a path.
fn dialect(database: &DatabaseSpec) -> Dialect {
    match database {
        DatabaseSpec::Sqlite(_) => Dialect::Sqlite,
        DatabaseSpec::Url(url) if url.starts_with("sqlite:") => Dialect::Sqlite,
        DatabaseSpec::Url(_) | DatabaseSpec::Secret(_) => Dialect::Postgres,
    }
}

/// Checks a template, or every `*.hbs` in a directory.
fn check_template(
    path: &std::path::Path,
    span: crate::failure::Span,
    text: &PlanText,
    session: &Session,
) -> Vec<Failure> {
    let cannot = |cause: String| {
        vec![Failure::new(Kind::Plan, format!("cannot read the template `{}`: {cause}", path.display())).at(span)]
    };
    match session.root.metadata_followed(path) {
        Ok(Some(metadata)) if metadata.kind == FileKind::Directory => {
            let entries = match session.root.list(path) {
                Ok(entries) => entries,
                Err(error) => return cannot(error.to_string()),
            };
            let inner = entries.iter().filter(|entry| {
                let name = entry.name.as_encoded_bytes();
                !name.starts_with(b"..") && (name.ends_with(b".hbs") || entry.kind == FileKind::Directory)
            });
            inner.flat_map(|entry| check_template(&path.join(&entry.name), span, text, session)).collect()
        }
        Ok(Some(_)) => match session.root.read(path, TEMPLATE_LIMIT) {
            Ok(content) => match String::from_utf8(content) {
                Ok(content) => check_text(&Source::new(path.display().to_string(), content), &text.declared),
                Err(_) => cannot("it is not UTF-8".to_owned()),
            },
            Err(error) => cannot(error.to_string()),
        },
        Ok(None) => cannot("no such file or directory".to_owned()),
        Err(error) => cannot(error.to_string()),
    }
}
