//! The rules that one field alone cannot tell.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::condition::check_condition;
use super::nested::{step_nodes, without_nested};
use super::programs::check_program;
use super::rows::check_rows;
use crate::document::{Located, Node, Table, Value, read};
use crate::failure::{Failure, Kind, Source, Span};
use crate::spec::{
    AbsolutePath, Action, DatabaseSpec, Engine, FetchSpec, HeaderSpec, MigrateSpec, Operations, Recipe, RenderSpec,
    SecretSource, SeedSpec, SqlSpec, StepSpec, VERBS, WaitSpec,
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
    pub(crate) statements: Vec<Reading<SqlSpec>>,
    /// Databases whose addresses are no guesses.
    pub(crate) databases: Vec<Located<DatabaseSpec>>,
}

/// A step that reads files.
#[derive(Debug)]
pub(crate) struct Reading<T> {
    pub(crate) spec: T,
    /// False when a path is a guess, made of the defaults of inputs, or the step asks whether it exists: that it is missing then
    /// means nothing.
    pub(crate) certain: bool,
}

pub(super) fn finding(span: Span, message: impl Into<String>) -> Failure {
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
                    !["name", "when", "timeout", "on_error", "as", "drop_only_if_root", "confine", "writes"]
                        .contains(&key.name.as_str())
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

/// Each `once` has a lock of its own: one inside of another would wait for itself.
pub(super) fn check_locks(steps: &[Located<StepSpec>]) -> Vec<Failure> {
    let mut all = Vec::new();
    with_nested(steps, &mut all);
    let mut locks: HashMap<PathBuf, Span> = HashMap::new();
    let mut findings = Vec::new();
    for once in all.iter().filter_map(|step| step.once.as_ref()) {
        if let Some(first) = locks.insert(once.state_path(), once.span) {
            let message = format!("two steps have the lock `{}`", once.state_path().display());
            let hint = format!("the first one is in line {}: name another `lock`, `stage` or `marker`", first.line);
            findings.push(finding(once.span, message).hint(hint));
        }
    }
    findings
}

/// Names of steps are unique.
pub(super) fn check_names(steps: &[Located<StepSpec>]) -> Vec<Failure> {
    let mut findings = Vec::new();
    let mut names: HashMap<&str, Span> = HashMap::new();
    let mut all = Vec::new();
    with_nested(steps, &mut all);
    for name in all.iter().filter_map(|step| step.name.as_ref()).filter(|name| !name.is_empty()) {
        if let Some(first) = names.insert(name, name.span) {
            let hint = format!("the first one is in line {}", first.line);
            findings.push(finding(name.span, format!("two steps are named `{}`", name.value)).hint(hint));
        }
    }
    findings
}

fn with_nested<'a>(steps: &'a [Located<StepSpec>], all: &mut Vec<&'a StepSpec>) {
    for step in steps {
        all.push(step);
        with_nested(step.nested(), all);
    }
}

/// The rules across the fields of a step. A step that is wrong in itself, or not known, is not judged.
pub(super) fn check_step_node(node: &Node, declared: &Declared) -> Vec<Failure> {
    let node = &without_nested(node);
    let reading = read::<StepSpec>(node);
    let mut findings = Vec::new();
    let Some(step) = reading.value.filter(|_| reading.findings.is_empty()) else { return findings };
    check_text_of(&step, declared, &mut findings);
    findings.extend(check_rows(&step, node));
    findings.extend(check_program(&step, node, declared));
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
    match (&step.user, action.value.user()) {
        (Some(user), None) if !action.value.holds_steps() => {
            findings.push(finding(user.span, format!("`as` has no meaning for `{}`", action.verb())));
        }
        (Some(_), Some(Some(inner))) => {
            findings.push(finding(inner.span, "`as` stands twice").hint("remove one of them"));
        }
        _ => {}
    }
    if step.drop_only_if_root.value && step.user.is_none() && !matches!(action.value.user(), Some(Some(_))) {
        findings.push(finding(step.drop_only_if_root.span, "`drop_only_if_root` has no meaning without `as`"));
    }
    let starts_programs = action.starts_program() || action.value.holds_steps();
    if let (Some(path), false) = (step.writes.first(), starts_programs) {
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
            findings.extend(spec.findings(action.span));
            let database = spec.database.as_ref().and_then(|database| database_secret(database));
            findings.extend(database.and_then(|source| undeclared(source, declared)));
            for text in spec.text.iter().chain(&spec.unless) {
                let source = Source::new("text", text.value.as_str());
                let found = check_text(&source, declared).into_iter();
                findings.extend(found.map(|failure| failure.in_embedded(&source, text.span)));
            }
        }
        Action::Seed(spec) => {
            findings.extend(database_secret(&spec.database).and_then(|source| undeclared(source, declared)));
        }
        Action::Run(spec) => findings.extend(spec.findings(action.span)),
        Action::Once(spec) => {
            findings.extend(spec.findings());
            for requirement in &spec.require {
                check_condition(&requirement.that, declared, findings);
            }
        }
        Action::Serve(spec) => {
            if spec.command.is_empty() {
                findings.push(finding(action.span, "`serve` needs a command"));
            }
            check_wait(&spec.ready, declared, findings);
        }
        Action::Migrate(spec) => check_migrate(spec, declared, findings),
        Action::Wait(spec) => check_wait(&Located::new(action.span, spec.clone()), declared, findings),
        _ => {}
    }
}

fn check_wait(spec: &Located<WaitSpec>, declared: &Declared, findings: &mut Vec<Failure>) {
    if spec.targets.is_empty() {
        findings.push(finding(spec.span, "`wait` needs at least one target"));
    }
    findings.extend(spec.findings());
    let databases: Vec<_> = spec.databases().collect();
    let secrets = databases.iter().filter_map(|database| database_secret(database));
    findings.extend(secrets.chain(spec.passwords()).filter_map(|source| undeclared(source, declared)));
    for headers in spec.headers() {
        check_headers(headers, declared, findings);
    }
    for migrated in spec.migrated() {
        check_migrate(migrated, declared, findings);
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
pub(super) fn undeclared(source: &SecretSource, declared: &Declared) -> Option<Failure> {
    let name = source.from_env.as_ref().filter(|name| !declared.knows_variable(name))?;
    let hint = format!("add `{}: {{ secret: true }}` there", name.value);
    Some(finding(name.span, format!("`{}` is not declared under `inputs.env`", name.value)).hint(hint))
}

fn check_fetch(spec: &FetchSpec, declared: &Declared, findings: &mut Vec<Failure>) {
    findings.extend(spec.findings());
    check_headers(&spec.headers, declared, findings);
}

fn check_headers(headers: &Table<HeaderSpec>, declared: &Declared, findings: &mut Vec<Failure>) {
    for (name, header) in &headers.0 {
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

/// The steps of a plan that read files, without those whose files an earlier step makes.
pub(super) fn files(plan: &Node) -> Files {
    let mut made: Vec<AbsolutePath> = Vec::new();
    let mut files = Files::default();
    for (_, node) in step_nodes(plan) {
        let Some(action) = read::<StepSpec>(node).value.and_then(|step| step.action()) else { continue };
        let fields = node.get(action.verb());
        let read = ["source", "partials"].map(|field| fields.and_then(|fields| fields.get(field)));
        let asked = node.get("when").and_then(|condition| condition.get("exists")).map(|path| &path.value);
        let is_asked = |field: &Node| matches!((asked, &field.value), (Some(Value::String(asked)), Value::String(path)) if asked == path);
        let certain = read.into_iter().flatten().all(|field| !field.holds_unknown() && !is_asked(field));
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

            Action::Sql(spec) if !spec.source.as_ref().is_some_and(|path| is_made(path)) => {
                files.statements.push(Reading { spec: *spec, certain });
            }
            Action::Seed(spec) if !spec.source.as_ref().is_some_and(|path| is_made(path)) => {
                files.rows.push(Reading { spec, certain });
            }
            Action::Wait(spec) => {
                let certain = fields.is_some_and(|fields| !fields.holds_unknown());
                let read = spec.migrated().filter(|spec| !is_made(&spec.source)).cloned();
                files.migrations.extend(read.map(|spec| Reading { spec, certain }));
                let databases = spec.migrated().flat_map(|spec| [Some(&spec.database), spec.direct.as_ref()]);
                let databases = databases.flatten().cloned().chain(spec.databases());
                files.databases.extend(databases.filter(|_| certain));
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
