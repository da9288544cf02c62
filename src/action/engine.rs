//! The template engines behind one door: text in, rendered text and what of it may be shown out.

use std::path::Path;
use std::sync::Arc;

use super::Context;
use super::diff::Preview;
use crate::failure::{Failure, Failures, Kind, Source};
use crate::format::{Language, Problem};
use crate::root::{FileKind, Root, shown};
use crate::secret::REDACTED;
use crate::spec::{self, AbsolutePath, Escape, RenderSpec, Variables};
use crate::template::{Data, Partials, Template, envsubst};

/// Bytes of a partial.
const PARTIAL_LIMIT: u64 = 16 * 1024 * 1024;
/// What the names of partials end with.
const PARTIAL_SUFFIX: &str = ".hbs";

/// What a step renders its templates with.
pub(super) struct Engine<'a> {
    spec: &'a RenderSpec,
    partials: Partials,
}

/// A rendered text.
pub(super) struct Rendered {
    pub(super) content: String,
    pub(super) holds_a_secret: bool,
}

impl<'a> Engine<'a> {
    pub(super) fn new(spec: &'a RenderSpec, context: &Context) -> Result<Self, Failures> {
        Ok(Self { spec, partials: read_partials(spec, &context.root)? })
    }

    pub(super) fn render(&self, source: &Arc<Source>, target: &Path, context: &Context) -> Result<Rendered, Failure> {
        let template = self.parse(source, context)?;
        let content = template.render(&context.data, target)?;
        Ok(Rendered { content, holds_a_secret: template.holds_a_secret() })
    }

    /// What of the text may be shown. What helpers make of a secret cannot be recognized: so the text is made once more, of
    /// masks.
    pub(super) fn preview(&self, source: &Arc<Source>, target: &Path, context: &Context) -> Preview {
        let Ok(template) = self.parse(source, context) else { return Preview::Hidden };
        if !template.holds_a_secret() {
            return Preview::Content;
        }
        template.render(&context.data.masked(REDACTED), target).map_or(Preview::Hidden, Preview::Masked)
    }

    fn parse<'b>(&'b self, source: &'b Arc<Source>, context: &'b Context) -> Result<Parsed<'b>, Failure> {
        let text = match self.spec.engine {
            spec::Engine::Handlebars => Text::Handlebars(Template::parse(source)?),
            spec::Engine::Envsubst => Text::Envsubst(parse_envsubst(self.spec, source)?),
        };
        Ok(Parsed { engine: self, source, context, text })
    }
}

/// A template of either engine.
enum Text<'a> {
    Handlebars(Template),
    Envsubst(envsubst::Template<'a>),
}

/// A template, with all that it is rendered with but the data.
struct Parsed<'a> {
    engine: &'a Engine<'a>,
    source: &'a Arc<Source>,
    context: &'a Context,
    text: Text<'a>,
}

impl Parsed<'_> {
    fn holds_a_secret(&self) -> bool {
        let secrets = self.context.data.secret();
        match &self.text {
            Text::Handlebars(template) => {
                let partials = &self.engine.partials;
                template.secret(secrets, partials).is_some() || template.reads_files(partials)
            }
            Text::Envsubst(template) => {
                template.names().any(|(name, _)| secrets.touch(&["env".to_owned(), name.to_owned()]))
            }
        }
    }

    fn render(&self, data: &Data, target: &Path) -> Result<String, Failure> {
        match &self.text {
            Text::Handlebars(template) => {
                template.render(data, language(self.engine.spec.escape, target), &self.engine.partials)
            }
            Text::Envsubst(template) => self.envsubst(template, data),
        }
    }

    fn envsubst(&self, template: &envsubst::Template<'_>, data: &Data) -> Result<String, Failure> {
        let (spec, source) = (self.engine.spec, self.source);
        let unknown = match spec.unknown {
            spec::Unknown::Error => envsubst::Unknown::Error,
            spec::Unknown::Keep => envsubst::Unknown::Keep,
            spec::Unknown::Empty => envsubst::Unknown::Empty,
        };
        // A variable that is set and empty counts as unset in the contract; `${A-x}` tells the two apart.
        let empty =
            |name: &str| self.context.environment.get(name).filter(|text| text.is_empty()).map(|_| String::new());
        let lookup = |name: &str| data.env_text(name).or_else(|| empty(name));
        let mut rendered = template.render(&lookup, unknown).map_err(|problem| {
            cannot_render(&problem).at(source.span_at(problem.offset)).in_source(source).maybe_hint(problem.hint)
        })?;
        // Only on request: whoever writes envsubst templates quotes for himself.
        let language = if spec.escape == Escape::Auto { Language::None } else { language(spec.escape, Path::new("")) };
        let text = std::mem::take(&mut rendered.text);
        language.escape(text, &rendered.insertions).map_err(|problem| {
            let origin = rendered.origin(problem.offset);
            cannot_render(&problem).at(source.span_at(origin)).in_source(source).maybe_hint(problem.hint)
        })
    }
}

/// Parses an envsubst template as the step says.
pub(super) fn parse_envsubst<'a>(
    spec: &RenderSpec,
    source: &'a Arc<Source>,
) -> Result<envsubst::Template<'a>, Failure> {
    let forms = match spec.forms {
        spec::Forms::Posix => envsubst::Forms::Posix,
        spec::Forms::Gnu => envsubst::Forms::Gnu,
    };
    let allowed = match spec.variables.as_ref().map(|variables| &variables.value) {
        None => envsubst::Allowed::All,
        Some(Variables::Names(names)) => envsubst::Allowed::Names(names.clone()),
        Some(Variables::Matching(pattern)) => envsubst::Allowed::Matching(pattern.regex()?),
    };
    envsubst::Template::parse(&source.text, forms, &allowed).map_err(|problem| {
        Failure::new(Kind::Plan, format!("cannot parse the template: {}", problem.message))
            .at(source.span_at(problem.offset))
            .in_source(source)
            .maybe_hint(problem.hint)
    })
}

fn cannot_render(problem: &Problem) -> Failure {
    Failure::new(Kind::Input, format!("cannot render the template: {}", problem.message))
}

/// The language that the plan asks for, or that the name of the target asks for.
pub(super) fn language(escape: Escape, target: &Path) -> Language {
    match escape {
        Escape::Auto => Language::for_path(&target.to_string_lossy()),
        Escape::None => Language::None,
        Escape::Json => Language::Json,
        Escape::Yaml => Language::Yaml,
        Escape::Toml => Language::Toml,
        Escape::Ini => Language::Ini,
        Escape::Properties => Language::Properties,
        Escape::Env => Language::Env,
        Escape::Xml => Language::Xml,
        Escape::Sh => Language::Sh,
        Escape::Nginx => Language::Nginx,
        Escape::Sql => Language::Sql,
        Escape::Mysql => Language::Mysql,
    }
}

/// The partials of a step: every `*.hbs` below their directory, by its path there without the suffix.
pub(super) fn read_partials(spec: &RenderSpec, root: &Root) -> Result<Partials, Failures> {
    let Some(directory) = &spec.partials else { return Ok(Partials::default()) };
    let mut sources = Vec::new();
    let mut pending = vec![String::new()];
    while let Some(inner) = pending.pop() {
        let path = if inner.is_empty() { directory.as_path().to_owned() } else { directory.as_path().join(&inner) };
        let entries = root.list(&path).map_err(|error| cannot_read(directory, &path, &error))?;
        for entry in entries.iter().filter(|entry| !entry.name.as_encoded_bytes().starts_with(b"..")) {
            let Some(name) = entry.name.to_str() else { continue };
            let name = if inner.is_empty() { name.to_owned() } else { format!("{inner}/{name}") };
            if entry.kind == FileKind::Directory {
                pending.push(name);
            } else if let Some(short) = name.strip_suffix(PARTIAL_SUFFIX) {
                let path = directory.as_path().join(&name);
                let bytes = root.read(&path, PARTIAL_LIMIT).map_err(|error| cannot_read(directory, &path, &error))?;
                let text = String::from_utf8(bytes).map_err(|_| cannot_read(directory, &path, &"it is not UTF-8"))?;
                sources.push((short.to_owned(), Source::new(shown(&path), text)));
            }
        }
    }
    Partials::parse(sources)
}

fn cannot_read(
    directory: &crate::document::Located<AbsolutePath>,
    path: &Path,
    cause: &dyn std::fmt::Display,
) -> Failure {
    Failure::new(Kind::Plan, format!("cannot read the partial `{}`: {cause}", path.display())).at(directory.span)
}
