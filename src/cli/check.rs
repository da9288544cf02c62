//! `check`: validates the plan, its templates and its migrations, and prints everything that is wrong at once.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::args::PlanArgument;
use super::session::Session;
use crate::action::{check_statements, check_templates, read_rows};
use crate::failure::{Failure, Failures};
use crate::input;
use crate::plan::Reading;
use crate::spec::{DatabaseSpec, MigrateSpec, RenderSpec};
use crate::sql::{Dialect, baseline_version, check_address, read_migrations};

pub(super) fn run(argument: &PlanArgument, session: &Session) -> Result<ExitCode, Failures> {
    let text = session.plan_text(argument)?;
    let (files, mut findings) = text.check();
    findings.extend(input::check(&text.inputs, &text.declared));
    for render in files.renders.iter().filter(|render| is_worth_a_look(render, session)) {
        findings.extend(check_templates(&render.spec, &session.root, &text.declared));
    }
    for migrate in files.migrations.iter().filter(|migrate| is_there_or_certain(migrate, session)) {
        let MigrateSpec { source, baseline, .. } = &migrate.spec;
        match read_migrations(&session.root, source.as_path(), dialect(&migrate.spec.target().value)) {
            Ok(migrations) => findings.extend(baseline.iter().filter_map(|baseline| {
                baseline_version(baseline, &migrations).err().map(|failure| failure.at(baseline.span))
            })),
            Err(failures) => findings.extend(failures.iter().map(|failure| failure.clone().at(source.span))),
        }
    }
    for rows in &files.rows {
        let Some(source) = &rows.spec.source else { continue };
        if rows.certain || is_there(source.as_path(), session) {
            let failures = read_rows(&session.root, source).err();
            findings.extend(failures.iter().flat_map(Failures::iter).map(|failure| failure.clone().at(source.span)));
        }
    }
    for Reading { spec, certain } in &files.statements {
        if *certain || spec.source.as_ref().is_some_and(|source| is_there(source.as_path(), session)) {
            findings.extend(check_statements(spec, &session.root).err());
        }
    }
    for database in &files.databases {
        findings.extend(check_address(database).err().map(|failure| failure.at(database.span)));
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
fn is_worth_a_look(render: &Reading<RenderSpec>, session: &Session) -> bool {
    render.certain || render.spec.source.as_ref().is_none_or(|source| is_there(source.as_path(), session))
}

fn is_there_or_certain(migrate: &Reading<MigrateSpec>, session: &Session) -> bool {
    migrate.certain || is_there(migrate.spec.source.as_path(), session)
}

fn is_there(path: &Path, session: &Session) -> bool {
    matches!(session.root.metadata_followed(path), Ok(Some(_)))
}

/// The dialect of the migrations; an unknown database is PostgreSQL, as every other one has a path.
fn dialect(database: &DatabaseSpec) -> Dialect {
    match database {
        DatabaseSpec::Sqlite(_) => Dialect::Sqlite,
        DatabaseSpec::Url(url) if url.starts_with("sqlite:") => Dialect::Sqlite,
        DatabaseSpec::Url(_) | DatabaseSpec::Secret(_) | DatabaseSpec::Server(_) => Dialect::Postgres,
    }
}
