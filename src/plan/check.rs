//! The rules that one field alone cannot tell.

use std::collections::HashMap;
use std::sync::Arc;

use super::resolve::step_nodes;
use super::rows::check_rows;
use crate::document::{Located, Node, read};
use crate::failure::{Failure, Kind, Source, Span};
use crate::spec::{
    AbsolutePath, Action, Condition, DatabaseSpec, Engine, FetchSpec, HeaderSpec, MigrateSpec, Operations, PlanSpec,
    Recipe, RenderSpec, SecretSource, SeedSpec, StepSpec, VERBS,
};
use crate::template::{Declared, Partials, Template};

/// Headers whose value is always a secret.
const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "private-token", "x-api-key"];

/// The steps that read files which can be checked without inputs, for whoever can read files.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) renders: Vec<Reading<RenderSpec>>,
    pub(crate) migrations: Vec<Reading<MigrateSpec>>,
    pub(crate) rows: Vec<Reading<SeedSpec>>,
    /// Databases whose addresses are no guesses.
    pub(crate) databases: Vec<Located<DatabaseSpec>>,
}

/// A step that reads files.
#[derive(Debug)]
pub(crate) struct Reading<T> {
    pub(crate) spec: T,
    /// False when a path is a guess, made of the defaults of inputs: that it is missing then means nothing.
    pub(crate) certain: bool,
}

fn finding(span: Span, message: impl Into<String>) -> Failure {
    Failure::new(Kind::Plan, message).at(span)
}

/// Each step has exactly one verb. Judged on the tree: a verb whose fields are wrong is still the step's verb.
pub(super) fn check_verbs(plan: &Node) -> Vec<Failure> {
    let mut findings = Vec::new();
    for (number, step) in step_nodes(plan) {
        let verbs: Vec<_> = step.entries().iter().filter(|(key, _)| VERBS.contains(&key.name.as_str())).collect();
        match verbs.as_slice() {
            [_] => {}
            [] => {
                // A misspelt verb is found as an unknown key, with the verb that was meant.
                let misspelt = step.entries().iter().any(|(key, _)| {
                    !["name", "when", "timeout", "on_error", "as", "confine", "writes"].contains(&key.name.as_str())
                });
                if !misspelt && !step.entries().is_empty() {
                    let hint = format!("a step has exactly one of {}", VERBS.join(", "));
                    findings.push(finding(step.span, format!("step {number} has no verb")).hint(hint));
                }
            }
            [(first, _), (second, _), ..] => {
                let message = format!("step {number} has two verbs, `{}` and `{}`", first.name, second.name);
                findings.push(finding(second.span, message).hint("make two steps of it"));
            }
        }
    }
    findings
}

/// Names of steps are unique.
pub(super) fn check_names(plan: &PlanSpec) -> Vec<Failure> {
    let mut findings = Vec::new();
    let mut names: HashMap<&str, Span> = HashMap::new();
    for name in plan.steps.iter().filter_map(|step| step.name.as_ref()).filter(|name| !name.is_empty()) {
        if let Some(first) = names.insert(name, name.span) {
            let hint = format!("the first one is in line {}", first.line);
            findings.push(finding(name.span, format!("two steps are named `{}`", name.value)).hint(hint));
        }
    }
    findings
}

/// The rules across the fields of a step. A step that is wrong in itself, or not known, is not judged.
pub(super) fn check_step_node(node: &Node, declared: &Declared) -> Vec<Failure> {
    let reading = read::<StepSpec>(node);
    let mut findings = Vec::new();
    let Some(step) = reading.value.filter(|_| reading.findings.is_empty()) else { return findings };
    check_text_of(&step, declared, &mut findings);
    findings.extend(check_rows(&step, node));
    if node.holds_unknown() {
        return findings;
    }
    if let Some(condition) = &step.when {
        check_condition(condition, declared, &mut findings);
    }
    check_step(&step, declared, &mut findings);
    findings
}

fn check_text_of(step: &StepSpec, declared: &Declared, findings: &mut Vec<Failure>) {
    let Some(render) = step.render.as_ref() else { return };
    // With partials it is judged by whoever can read those.
    if render.engine != Engine::Handlebars || render.partials.is_some() {
        return;
    }
    let Some(text) = render.text.as_ref() else { return };
    let source = Source::new("template", text.value.as_str());
    findings.extend(check_text(&source, declared).into_iter().map(|failure| failure.in_embedded(&source, text.span)));
}

fn check_step(step: &StepSpec, declared: &Declared, findings: &mut Vec<Failure>) {
    let Some(action) = step.action() else { return };
    if let (Some(user), false) = (&step.user, matches!(action.value, Action::Run(_))) {
        findings.push(finding(user.span, format!("`as` has no meaning for `{}`", action.verb())));
    }
    if let (Some(path), false) = (step.writes.first(), action.starts_program()) {
        let message = format!("`writes` has no meaning for this `{}`: it starts no program", action.verb());
        findings.push(finding(path.span, message));
    }
    match &action.value {
        Action::Render(spec) => check_render(spec, action.span, findings),
        Action::Copy(spec) => findings.extend(spec.findings()),
        Action::Edit(spec) => findings.extend(Operations::new(spec).err()),
        Action::Link(spec) => findings.extend(spec.findings()),
        Action::Trust(spec) => {
            findings.extend(spec.check().err());
            findings.extend(spec.password.as_ref().and_then(|password| undeclared(password, declared)));
        }
        Action::Generate(spec) => findings.extend(Recipe::new(spec).err()),
        Action::Own(spec) => {
            if spec.owner.is_none() && spec.mode.is_none() && spec.file_mode.is_none() && spec.directory_mode.is_none()
            {
                findings.push(finding(action.span, "`own` needs `owner` or a mode"));
            }
            if let (Some(mode), true) = (&spec.mode, spec.recursive) {
                let hint = "write `file_mode` and `directory_mode`";
                findings.push(finding(mode.span, "`mode` has no meaning for a whole tree").hint(hint));
            }
        }
        Action::Fetch(spec) => check_fetch(spec, declared, findings),
        Action::Sql(spec) => {
            if spec.text.is_some() == spec.source.is_some() {
                findings.push(finding(action.span, "`sql` needs either `text` or `source`"));
            }
            findings.extend(database_secret(&spec.database).and_then(|source| undeclared(source, declared)));
            for text in spec.text.iter().chain(&spec.unless) {
                let source = Source::new("text", text.value.as_str());
                let found = check_text(&source, declared).into_iter();
                findings.extend(found.map(|failure| failure.in_embedded(&source, text.span)));
            }
        }
        Action::Seed(spec) => {
            findings.extend(database_secret(&spec.database).and_then(|source| undeclared(source, declared)));
        }
        Action::Run(spec) => {
            if spec.command.is_empty() {
                findings.push(finding(action.span, "`run` needs a command"));
            }
            if let (Some(inner), Some(_)) = (&spec.user, &step.user) {
                findings.push(finding(inner.span, "`as` stands twice").hint("remove one of them"));
            }
        }
        Action::Migrate(spec) => check_migrate(spec, declared, findings),
        Action::Wait(spec) => {
            if spec.targets.is_empty() {
                findings.push(finding(action.span, "`wait` needs at least one target"));
            }
            for migrated in spec.migrated() {
                check_migrate(migrated, declared, findings);
            }
        }
        _ => {}
    }
}

fn check_migrate(spec: &MigrateSpec, declared: &Declared, findings: &mut Vec<Failure>) {
    let databases = [Some(&spec.database), spec.direct.as_ref()].into_iter().flatten();
    let secrets = databases.filter_map(|database| database_secret(database));
    findings.extend(secrets.filter_map(|source| undeclared(source, declared)));
    let is_sqlite = match &spec.target().value {
        DatabaseSpec::Sqlite(_) => true,
        DatabaseSpec::Url(url) => url.starts_with("sqlite:"),
        DatabaseSpec::Secret(_) | DatabaseSpec::Server(_) => false,
    };
    if let Some(table) = &spec.table {
        if is_sqlite && table.contains('.') {
            let hint = "leave the part before the `.` out";
            findings.push(finding(table.span, "a table of SQLite has no schema").hint(hint));
        }
        if !is_table(table) {
            let hint = "letters, digits and `_`, and one `.` behind a schema";
            findings.push(finding(table.span, "not the name of a table").hint(hint));
        }
    }
}

fn database_secret(database: &DatabaseSpec) -> Option<&SecretSource> {
    match database {
        DatabaseSpec::Secret(source) => Some(source),
        DatabaseSpec::Server(server) => server.password.as_ref().map(|password| &password.value),
        DatabaseSpec::Url(_) | DatabaseSpec::Sqlite(_) => None,
    }
}

/// A secret of a variable that the plan does not declare.
fn undeclared(source: &SecretSource, declared: &Declared) -> Option<Failure> {
    let name = source.from_env.as_ref().filter(|name| !declared.knows_variable(name))?;
    let hint = format!("add `{}: {{ secret: true }}` there", name.value);
    Some(finding(name.span, format!("`{}` is not declared under `inputs.env`", name.value)).hint(hint))
}

fn check_fetch(spec: &FetchSpec, declared: &Declared, findings: &mut Vec<Failure>) {
    findings.extend(spec.findings());
    for (name, header) in &spec.headers.0 {
        match header {
            HeaderSpec::Secret { source, .. } => findings.extend(undeclared(source, declared)),
            // One that is made by a template is not known here.
            HeaderSpec::Text(_) if CREDENTIALS.iter().any(|known| name.eq_ignore_ascii_case(known)) => {
                let hint = "name where it is: `from_env` or `from_file`, `--header-env` or `--header-file`";
                findings.push(
                    finding(name.span, format!("the secret of `{}` stands in plain sight", name.value)).hint(hint),
                );
            }
            HeaderSpec::Text(_) => {}
        }
    }
}

fn check_render(spec: &RenderSpec, span: Span, findings: &mut Vec<Failure>) {
    match (&spec.source, &spec.text) {
        (Some(_), Some(text)) => {
            findings.push(finding(text.span, "`render` has both `source` and `text`").hint("remove one of them"));
        }
        (None, None) => findings.push(finding(span, "`render` needs `source` or `text`")),
        _ => {}
    }
    if spec.prune && (spec.text.is_some() || spec.path.as_str() == "/") {
        let message = "`prune` needs a directory as `source`, and a `path` that is not the root";
        findings.push(finding(spec.path.span, message));
    }
    match (spec.engine, &spec.partials, &spec.variables) {
        (Engine::Envsubst, Some(partials), _) => {
            findings.push(finding(partials.span, "`partials` have no meaning for envsubst"));
        }
        (Engine::Handlebars, _, Some(variables)) => {
            let finding = finding(variables.span, "`variables` have no meaning for Handlebars");
            findings.push(finding.hint("they belong to `engine: envsubst`"));
        }
        _ => {}
    }
}

/// What is wrong with a template, as far as that can be known without data.
fn check_text(source: &Arc<Source>, declared: &Declared) -> Vec<Failure> {
    match Template::parse(source) {
        Ok(template) => {
            let findings = template.check(declared, &Partials::default());
            findings.into_iter().map(|failure| failure.in_source(source)).collect()
        }
        Err(failure) => vec![failure],
    }
}

fn is_table(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && part.len() <= 63
    };
    name.split('.').all(part) && name.split('.').count() <= 2
}

fn check_condition(condition: &Located<Condition>, declared: &Declared, findings: &mut Vec<Failure>) {
    let kinds = [
        condition.env.is_some(),
        condition.exists.is_some(),
        condition.missing.is_some(),
        condition.empty.is_some(),
        condition.user.is_some(),
        condition.argument.is_some(),
        condition.can.is_some(),
        condition.contains.is_some(),
        condition.all.is_some(),
        condition.any.is_some(),
        condition.not.is_some(),
    ];
    if kinds.iter().filter(|kind| **kind).count() != 1 {
        let hint = "exactly one of env, exists, missing, empty, user, argument, can, contains, all, any, not";
        findings.push(finding(condition.span, "the condition does not ask exactly one thing").hint(hint));
    }
    if let Some(name) = &condition.env
        && !declared.knows_variable(name)
    {
        let hint = declared
            .variable_near(name)
            .unwrap_or_else(|| format!("add `{}: {{ required: false }}` there", name.value));
        findings.push(finding(name.span, format!("`{}` is not declared under `inputs.env`", name.value)).hint(hint));
    }
    if (condition.can.is_some() || condition.contains.is_some()) != condition.path.is_some() {
        findings.push(finding(condition.span, "`path` belongs to `can` and `contains`, and they need it"));
    }
    let refined = condition.equals.is_some() || condition.matches.is_some() || condition.one_of.is_some();
    if refined && condition.env.is_none() && condition.argument.is_none() {
        findings.push(finding(condition.span, "`equals`, `matches` and `in` belong to `env` and `argument`"));
    }
    for pattern in condition.matches.iter().chain(&condition.contains) {
        if regex_lite::Regex::new(pattern).is_err() {
            findings.push(finding(pattern.span, "not a regular expression"));
        }
    }
    let lists = condition.all.iter().chain(&condition.any).flatten();
    for inner in lists.chain(condition.not.as_deref()) {
        check_condition(inner, declared, findings);
    }
}

/// The steps of a plan that read files, without those whose files an earlier step makes.
pub(super) fn files(plan: &Node) -> Files {
    let mut made: Vec<AbsolutePath> = Vec::new();
    let mut files = Files::default();
    for (_, node) in step_nodes(plan) {
        let Some(action) = read::<StepSpec>(node).value.and_then(|step| step.action()) else { continue };
        let fields = node.get(action.verb());
        let read = ["source", "partials"].map(|field| fields.and_then(|fields| fields.get(field)));
        let certain = read.into_iter().flatten().all(|field| !field.holds_unknown());
        if let Action::Migrate(spec) = &action.value
            && fields.is_some_and(|fields| {
                ["database", "direct"].iter().all(|name| fields.get(name).is_none_or(|field| !field.holds_unknown()))
            })
        {
            files.databases.extend([spec.database.clone()].into_iter().chain(spec.direct.clone()));
        }
        let is_made = |path: &AbsolutePath| made.iter().any(|made| path.as_path().starts_with(made.as_path()));
        match action.value {
            Action::Render(spec) => {
                let made_before = spec.source.iter().chain(&spec.partials).any(|path| is_made(path));
                made.push(spec.path.value.clone());
                if !made_before {
                    files.renders.push(Reading { spec, certain });
                }
            }
            Action::Migrate(spec) if !is_made(&spec.source) => files.migrations.push(Reading { spec, certain }),

            Action::Seed(spec) if !spec.source.as_ref().is_some_and(|path| is_made(path)) => {
                files.rows.push(Reading { spec, certain });
            }
            Action::Wait(spec) => {
                let certain = fields.is_some_and(|fields| !fields.holds_unknown());
                let read = spec.migrated().filter(|spec| !is_made(&spec.source)).cloned();
                files.migrations.extend(read.map(|spec| Reading { spec, certain }));
                let databases = spec.migrated().flat_map(|spec| [Some(&spec.database), spec.direct.as_ref()]);
                files.databases.extend(databases.flatten().filter(|_| certain).cloned());
            }
            Action::Copy(spec) => made.push(spec.path.value),
            Action::Unpack(spec) => made.push(spec.path.value),
            Action::Fetch(spec) => made.push(spec.path.value),
            Action::Link(spec) => made.push(spec.path.value),
            _ => {}
        }
    }
    files
}
