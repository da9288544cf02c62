//! A single step from the command line: its flags become the fields of the step in a plan.

mod credentials;
mod program;
mod statements;
mod targets;

use std::process::ExitCode;

use super::args::{
    CopyArguments, DatabaseArguments, FetchArguments, OwnerAndMode, RenderArguments, UnpackArguments, Validation, Verb,
};
use super::line::{Line, Typed};
use super::session::Session;
use super::{edit, migrate};
use crate::document::{Key, Node, Value};
use crate::failure::{Failures, Kind, Span};
use crate::plan::PlanText;
use crate::run::{Mode, Request};

pub(super) use targets::targets;

pub(super) fn run(verb: Verb, session: &Session) -> Result<ExitCode, Failures> {
    let mode = match &verb {
        Verb::Migrate(arguments) => migrate::mode(arguments),
        _ => None,
    };
    let (source, node) = to_plan(verb)?;
    let mut text = PlanText::from_node(std::sync::Arc::clone(&source), node)?;
    text.declared.any_env = true;
    // What is wrong with the step as such is a wrong command line; what goes wrong later is not.
    let (_, findings) = text.check();
    Failures::check(findings.into_iter().map(|finding| finding.with_kind(Kind::Usage)).collect())?;
    if let Some(mode) = mode {
        return migrate::run(mode, &text, session);
    }
    session.carry_out_and_report(&text, Request::default(), &mut Mode::Apply)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn name_database(line: &mut Line, database: &DatabaseArguments) {
    line.flag("database", database.database.as_ref());
    line.wrapped("database", "from_env", "--database-env", database.database_env.as_ref());
    line.wrapped("database", "from_file", "--database-file", database.database_file.as_ref());
}

pub(super) fn attributes(line: &mut Line, attributes: &OwnerAndMode) {
    line.flag("owner", attributes.owner.as_ref());
    line.flag("mode", attributes.mode.as_ref());
}

/// One step for each path; the other fields are the same for all.
fn for_each_path(mut line: Line, verb: &str, paths: &[String]) -> Result<Typed, Failures> {
    let mut steps = Vec::new();
    for path in paths {
        line.positional("path", path);
        steps.push(line.step(verb, Vec::new()));
        line.take("path");
    }
    line.plan(steps, None)
}

pub(super) fn one_step(line: Line, verb: &str, beside: Vec<(Key, Node)>) -> Result<Typed, Failures> {
    let step = line.step(verb, beside);
    line.plan(vec![step], None)
}

fn to_plan(verb: Verb) -> Result<Typed, Failures> {
    match verb {
        Verb::Render(arguments) => {
            let mut line = Line::new("render");
            if let Some(source) = &arguments.source {
                line.positional("source", source);
            }
            line.positional("path", &arguments.path);
            line.flag("text", arguments.text.as_ref());
            attributes(&mut line, &arguments.attributes);
            line.flag("directory_mode", arguments.directory_mode.as_ref());
            render_flags(&mut line, &arguments);
            line.table("values", ("--values", "NAME=PATH"), &arguments.values, |span, path| {
                let key = Key { span, name: if path.ends_with('/') { "directory" } else { "file" }.to_owned() };
                Node::new(span, Value::Mapping(vec![(key, Node::new(span, Value::String(path.to_owned())))]))
            });
            let values = line.take("values");
            let step = line.step("render", Vec::new());
            line.plan(vec![step], values)
        }
        Verb::Edit(arguments) => edit::to_plan(&arguments),
        Verb::Copy(arguments) => copy(&arguments),
        Verb::Mkdir(arguments) => {
            let mut line = Line::new("mkdir");
            attributes(&mut line, &arguments.attributes);
            for_each_path(line, "mkdir", &arguments.path)
        }
        Verb::Link(arguments) => {
            let mut line = Line::new("link");
            line.positional("target", &arguments.target);
            line.positional("path", &arguments.path);
            line.flag("owner", arguments.owner.as_ref());
            one_step(line, "link", Vec::new())
        }
        Verb::Remove(arguments) => {
            let mut line = Line::new("remove");
            line.switch("recursive", arguments.recursive);
            for_each_path(line, "remove", &arguments.path)
        }
        Verb::Own(arguments) => {
            let mut line = Line::new("own");
            attributes(&mut line, &arguments.attributes);
            line.flag("file_mode", arguments.file_mode.as_ref());
            line.flag("directory_mode", arguments.directory_mode.as_ref());
            line.switch("recursive", arguments.recursive);
            line.list("exclude", Some("--exclude"), &arguments.exclude);
            line.boolean("one_filesystem", arguments.one_filesystem);
            line.flag("on_denied", arguments.on_denied.as_ref());
            line.flag("hard_links", arguments.hard_links.as_ref());
            line.flag("change_policy", arguments.change_policy.as_ref());
            for_each_path(line, "own", &arguments.path)
        }
        Verb::Generate(arguments) => one_step(credentials::generate(&arguments), "generate", Vec::new()),
        Verb::Trust(arguments) => one_step(credentials::trust(&arguments), "trust", Vec::new()),
        Verb::Account(arguments) => one_step(credentials::account(&arguments), "account", Vec::new()),
        Verb::Unpack(arguments) => unpack(&arguments),
        Verb::Fetch(arguments) => fetch(&arguments),
        Verb::Wait(arguments) => one_step(targets::wait(&arguments), "wait", Vec::new()),
        Verb::Migrate(arguments) => migrate::to_plan(&arguments),
        Verb::Sql(arguments) => with_common(statements::sql(&arguments), "sql"),
        Verb::Seed(arguments) => one_step(statements::seed(&arguments), "seed", Vec::new()),
        Verb::Run(arguments) => with_common(program::run(&arguments), "run"),
    }
}

/// A step with what belongs to every one that starts a program.
fn with_common(mut line: Line, verb: &str) -> Result<Typed, Failures> {
    let beside = ["timeout", "writes"].map(|field| line.take(field));
    one_step(line, verb, beside.into_iter().flatten().collect())
}

/// `{ from_env: NAME }`, or its like.
fn from_source(span: Span, name: &str, value: &str) -> Node {
    let value = Node::new(span, Value::String(value.to_owned()));
    Node::new(span, Value::Mapping(vec![(Key { span, name: name.to_owned() }, value)]))
}

pub(super) fn validate(line: &mut Line, validation: &Validation) {
    line.flag("validate", validation.validate.as_ref());
    line.wrapped("validate", "schema", "--validate-schema", validation.validate_schema.as_ref());
    line.command("validate", "--validate-command", &validation.validate_command);
}

fn unpack(arguments: &UnpackArguments) -> Result<Typed, Failures> {
    let mut line = Line::new("unpack");
    line.positional("archive", &arguments.archive);
    line.positional("path", &arguments.path);
    line.number("strip_components", arguments.strip_components.map(u64::from));
    line.list("include", Some("--include"), &arguments.include);
    line.list("exclude", Some("--exclude"), &arguments.exclude);
    for (field, value) in [
        ("owner", &arguments.owner),
        ("file_mode", &arguments.file_mode),
        ("directory_mode", &arguments.directory_mode),
        ("if_exists", &arguments.if_exists),
        ("sha256", &arguments.sha256),
        ("max_size", &arguments.max_size),
    ] {
        line.flag(field, value.as_ref());
    }
    line.number("max_entries", arguments.max_entries);
    one_step(line, "unpack", Vec::new())
}

fn render_flags(line: &mut Line, arguments: &RenderArguments) {
    for (field, value) in [
        ("escape", &arguments.escape),
        ("engine", &arguments.engine),
        ("forms", &arguments.forms),
        ("variables", &arguments.variables),
        ("unknown", &arguments.unknown),
        ("partials", &arguments.partials),
        ("strip_suffix", &arguments.strip_suffix),
        ("if_exists", &arguments.if_exists),
    ] {
        line.flag(field, value.as_ref());
    }
    validate(line, &arguments.validation);
    line.list("include", Some("--include"), &arguments.include);
    line.list("exclude", Some("--exclude"), &arguments.exclude);
    line.switch("prune", arguments.prune);
    line.switch("keep_inode", arguments.keep_inode);
}

fn fetch(arguments: &FetchArguments) -> Result<Typed, Failures> {
    let mut line = Line::new("fetch");
    line.positional("url", &arguments.url);
    line.positional("path", &arguments.path);
    line.flag("sha256", arguments.sha256.as_ref());
    line.flag("sha512", arguments.sha512.as_ref());
    line.switch("unverified", arguments.unverified);
    targets::send(&mut line, &arguments.header, &arguments.header_env, &arguments.header_file);
    line.flag("ca", arguments.ca.as_ref());
    line.flag("redirects", arguments.redirects.as_ref());
    line.number("retries", arguments.retries.map(u64::from));
    line.switch("unpack", arguments.unpack);
    line.number("strip_components", arguments.strip_components.map(u64::from));
    line.list("include", Some("--include"), &arguments.include);
    line.list("exclude", Some("--exclude"), &arguments.exclude);
    for (field, value) in [
        ("interval", &arguments.interval),
        ("idle_timeout", &arguments.idle_timeout),
        ("max_size", &arguments.max_size),
        ("if_exists", &arguments.if_exists),
        ("timeout", &arguments.timeout),
    ] {
        line.flag(field, value.as_ref());
    }
    attributes(&mut line, &arguments.attributes);
    let timeout = line.take("timeout");
    one_step(line, "fetch", timeout.into_iter().collect())
}

fn copy(arguments: &CopyArguments) -> Result<Typed, Failures> {
    let mut line = Line::new("copy");
    line.positional("source", &arguments.source);
    line.positional("path", &arguments.path);
    attributes(&mut line, &arguments.attributes);
    line.flag("if_exists", arguments.if_exists.as_ref());
    line.list("exclude", Some("--exclude"), &arguments.exclude);
    line.switch("delete_extra", arguments.delete_extra);
    line.switch("dereference", arguments.dereference);
    line.switch("keep_inode", arguments.keep_inode);
    line.list("last", Some("--last"), &arguments.last);
    line.list("preserve", Some("--preserve"), &arguments.preserve);
    one_step(line, "copy", Vec::new())
}
