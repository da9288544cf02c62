//! The files of a step as they should be.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::Context;
use super::super::engine::{Engine, Rendered};
use super::SIZE_LIMIT;
use super::source::{self, EntryKind};
use crate::failure::{Failure, Failures, Kind, Source, Span};
use crate::format::Language;
use crate::root::{Metadata, shown};
use crate::spec::{self, RenderSpec};
use crate::template::{Partials, Template, holds_expression};

/// A file as it should be.
pub(super) struct Wished {
    pub(super) path: PathBuf,
    pub(super) content: Vec<u8>,
    pub(super) holds_a_secret: bool,
    /// The mode when the plan gives none; without it that of the existing file, or the default.
    pub(super) mode: Option<u32>,
    /// The file that is there, when only owner or mode have to change, and nobody else can be writing to it.
    pub(super) right: Option<Metadata>,
    /// The template that it is made of; nothing for a file that is copied as it is.
    pub(super) template: Option<Arc<Source>>,
}

impl Wished {
    /// What a message calls it.
    pub(super) fn subject(&self, spec: &RenderSpec) -> super::super::validate::Subject<'_> {
        super::super::validate::Subject {
            path: &self.path,
            made: self.template.as_ref().map(|source| ("rendered", source.name.as_str())),
            is_secret: self.holds_a_secret,
            language: super::super::engine::language(spec.escape, &self.path),
        }
    }
}

/// Everything that a step makes.
pub(super) struct Wish {
    pub(super) directories: Vec<PathBuf>,
    pub(super) files: Vec<Wished>,
    /// Whether it is a tree, of which `path` is the top.
    pub(super) is_tree: bool,
}

impl Wish {
    pub(super) fn new(spec: &RenderSpec, context: &Context) -> Result<Self, Failures> {
        let engine = Engine::new(spec, context)?;
        let path = spec.path.as_path();
        let one = |file: Wished| Self { directories: Vec::new(), files: vec![file], is_tree: false };
        if let Some(text) = &spec.text {
            let source = Source::new(path.to_string_lossy(), text.value.as_str());
            let made = make(&engine, &source, path, context);
            return made.map(one).map_err(|failure| failure.in_embedded(&source, text.span).into());
        }
        let Some(source) = &spec.source else {
            return Err(Failure::new(Kind::Internal, "a `render` without a template").into());
        };
        Ok(match source::find(spec, source, &context.root, &|| context.check_interrupt())? {
            source::Source::File(file) => one(make(&engine, &read(&file, source.span, context)?, path, context)?),
            source::Source::Tree(tree) => Self::tree(spec, &engine, &tree, source.span, context)?,
        })
    }

    fn tree(
        spec: &RenderSpec,
        engine: &Engine<'_>,
        tree: &source::Tree,
        span: Span,
        context: &Context,
    ) -> Result<Self, Failures> {
        let top = spec.path.as_path();
        let mut wish = Self { directories: vec![top.to_owned()], files: Vec::new(), is_tree: true };
        // All templates are told at once.
        let mut findings = Vec::new();
        // Where each source directory goes: its name may hold expressions.
        let mut targets = HashMap::from([(PathBuf::new(), top.to_owned())]);
        for entry in &tree.entries {
            context.check_interrupt()?;
            let parent = entry.relative.parent().unwrap_or_else(|| Path::new(""));
            let parent = targets.get(parent).map_or(top, PathBuf::as_path);
            let name = Path::new(entry.relative.file_name().unwrap_or_default());
            let from = tree.base.join(&entry.relative);
            match entry.kind {
                EntryKind::Directory => match expand_name(spec, name, &from, context) {
                    Ok(name) => {
                        let target = parent.join(name);
                        targets.insert(entry.relative.clone(), target.clone());
                        wish.directories.push(target);
                    }
                    Err(failure) => findings.push(failure),
                },
                EntryKind::Template => {
                    let made = expand_name(spec, name, &from, context).and_then(|name| {
                        let bytes = name.as_os_str().as_bytes();
                        let name = OsStr::from_bytes(bytes.strip_suffix(spec.suffix().as_bytes()).unwrap_or(bytes));
                        make(engine, &read(&from, span, context)?, &parent.join(name), context)
                    });
                    match made {
                        Ok(file) => wish.files.push(file),
                        Err(failure) => findings.push(failure),
                    }
                }
                EntryKind::Verbatim => {
                    let content = context.root.read(&from, SIZE_LIMIT);
                    let content = content.map_err(|error| error.cannot("read", shown(&from)))?;
                    let path = parent.join(name);
                    wish.files.push(Wished {
                        path,
                        content,
                        holds_a_secret: false,
                        mode: None,
                        right: None,
                        template: None,
                    });
                }
            }
        }
        Failures::check(findings)?;
        wish.refuse_twice()?;
        Ok(wish)
    }

    /// `a` and `a.hbs` would be one file.
    fn refuse_twice(&self) -> Result<(), Failure> {
        let mut seen = std::collections::HashSet::new();
        let files = self.files.iter().map(|file| &file.path);
        match files.chain(&self.directories).find(|path| !seen.insert(path.as_path())) {
            Some(path) => {
                Err(Failure::new(Kind::Plan, format!("two sources would be written to `{}`", path.display())))
            }
            None => Ok(()),
        }
    }
}

fn read(path: &Path, span: Span, context: &Context) -> Result<Arc<Source>, Failure> {
    read_template(&context.root, path, span)
}

/// The text of a template.
pub(super) fn read_template(root: &crate::root::Root, path: &Path, span: Span) -> Result<Arc<Source>, Failure> {
    let cannot = |cause: String| {
        Failure::new(Kind::Plan, format!("cannot read the template `{}`: {cause}", path.display())).at(span)
    };
    let bytes = root.read(path, SIZE_LIMIT).map_err(|error| cannot(error.to_string()).maybe_hint(error.remedy()))?;
    let text = String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8".to_owned()))?;
    Ok(Source::new(shown(path), text))
}

fn make(engine: &Engine<'_>, source: &Arc<Source>, target: &Path, context: &Context) -> Result<Wished, Failure> {
    let Rendered { content, holds_a_secret } = engine.render(source, target, context)?;
    let template = Some(Arc::clone(source));
    Ok(Wished {
        path: target.to_owned(),
        content: content.into_bytes(),
        holds_a_secret,
        mode: None,
        right: None,
        template,
    })
}

/// The name of a template or directory, with the expressions in it expanded. A value cannot lead out of its directory.
fn expand_name(spec: &RenderSpec, name: &Path, from: &Path, context: &Context) -> Result<PathBuf, Failure> {
    let text = name.to_str().filter(|name| holds_expression(name) && spec.engine == spec::Engine::Handlebars);
    let Some(text) = text else { return Ok(name.to_owned()) };
    let source = Source::new(shown(from), text);
    let cannot = |kind: Kind, cause: &str| {
        Failure::new(kind, format!("cannot expand the name of `{}`: {cause}", from.display()))
    };
    let template = Template::parse(&source).map_err(|failure| cannot(failure.kind(), &failure.to_string()))?;
    let expanded = template
        .render(&context.data, Language::None, &Partials::default())
        .map_err(|failure| cannot(failure.kind(), &failure.to_string()))?;
    let suffix = if text.ends_with(spec.suffix()) { spec.suffix() } else { "" };
    let inner = expanded.strip_suffix(suffix).unwrap_or(&expanded);
    if ["", ".", ".."].contains(&inner) || expanded.contains(['/', '\0']) {
        let value = culprits(&template, context).unwrap_or_else(|| "a value".to_owned());
        return Err(cannot(Kind::Input, &format!("{value} makes it no name of a file")));
    }
    Ok(PathBuf::from(expanded))
}

/// The value that holds what no name can, or else those that the name is made of.
fn culprits(template: &Template, context: &Context) -> Option<String> {
    let names: Vec<String> = template.paths().filter(|path| !path.is_empty()).map(|path| path.join(".")).collect();
    let is_culprit = |name: &&String| {
        let alone = Template::parse(&Source::new("", format!("{{{{{name}}}}}"))).ok();
        let value = alone.and_then(|alone| alone.render(&context.data, Language::None, &Partials::default()).ok());
        value.is_some_and(|value| value.contains(['/', '\0']))
    };
    let shown: Vec<String> = match names.iter().find(is_culprit) {
        Some(name) => vec![format!("`{name}`")],
        None => names.iter().map(|name| format!("`{name}`")).collect(),
    };
    (!shown.is_empty()).then(|| shown.join(" or "))
}
