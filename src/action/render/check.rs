//! What is wrong with the templates of a step, as far as that can be known without inputs.

use std::sync::Arc;

use super::super::engine::{parse_envsubst, read_partials};
use super::source::{self, EntryKind};
use super::wish::read_template;
use crate::failure::{Failure, Kind, Source};
use crate::root::Root;
use crate::spec::{Engine, RenderSpec, Unknown};
use crate::template::{Declared, Partials, Template, envsubst};

/// Everything that is wrong with the templates and partials of the step.
pub(crate) fn check_templates(spec: &RenderSpec, root: &Root, declared: &Declared) -> Vec<Failure> {
    let (partials, mut findings) = match read_partials(spec, root) {
        Ok(partials) => {
            let findings = partials.check(declared);
            (partials, findings)
        }
        Err(failures) => return failures.iter().cloned().collect(),
    };
    let by_the_plan = spec.partials.is_none() && spec.engine == Engine::Handlebars;
    if let Some(text) = spec.text.as_ref().filter(|_| !by_the_plan) {
        let source = Source::new(spec.path.as_str(), text.value.as_str());
        let found = check_template(spec, &source, declared, &partials);
        findings.extend(found.into_iter().map(|failure| failure.in_embedded(&source, text.span)));
    }
    let Some(source) = &spec.source else { return findings };
    let files = match source::find(spec, source, root, &|| Ok(())) {
        Ok(source::Source::File(file)) => vec![file],
        Ok(source::Source::Tree(tree)) => {
            let templates = tree.entries.iter().filter(|entry| entry.kind == EntryKind::Template);
            templates.map(|entry| tree.base.join(&entry.relative)).collect()
        }
        Err(failure) => return findings.into_iter().chain([failure]).collect(),
    };
    for file in files {
        match read_template(root, &file, source.span) {
            Ok(source) => findings.extend(check_template(spec, &source, declared, &partials)),
            Err(failure) => findings.push(failure),
        }
    }
    findings
}

fn check_template(spec: &RenderSpec, source: &Arc<Source>, declared: &Declared, partials: &Partials) -> Vec<Failure> {
    if spec.engine == Engine::Envsubst {
        return match parse_envsubst(spec, source) {
            Ok(template) => check_names(spec, &template, source, declared),
            Err(failure) => vec![failure],
        };
    }
    match Template::parse(source) {
        Ok(template) => {
            let findings = template.check(declared, partials);
            findings.into_iter().map(|failure| failure.in_source(source)).collect()
        }
        Err(failure) => vec![failure],
    }
}

/// A finding for each name that nobody declared and that nothing is said about.
fn check_names(
    spec: &RenderSpec,
    template: &envsubst::Template<'_>,
    source: &Arc<Source>,
    declared: &Declared,
) -> Vec<Failure> {
    if spec.unknown != Unknown::Error {
        return Vec::new();
    }
    let unknown = template.names().filter(|(name, _)| !declared.knows_variable(name));
    let finding = |(name, offset): (&str, usize)| {
        let declare =
            || format!("declare it under `inputs`: `env: {{ {name}: {{}} }}`, or leave it out of `variables`");
        Failure::new(Kind::Plan, format!("unknown name `{name}`"))
            .at(source.span_at(offset))
            .in_source(source)
            .hint(declared.variable_near(name).unwrap_or_else(declare))
    };
    unknown.map(finding).collect()
}
