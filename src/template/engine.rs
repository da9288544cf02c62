//! Parsing and rendering, with every error at its place in the template.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use handlebars::template::{Parameter, Subexpression, TemplateElement};
use handlebars::{Handlebars, Helper, Output, RenderContext, Renderable, TemplateError};
use serde_json::Value;

use super::capture::{Capture, OPEN, VALUE};
use super::explain::{explain_render, explain_syntax};
use super::names::{Declared, Used, calls, names, refuse_endless, secret_among};
use super::partials::Partials;
use super::segments::Part;
use super::strict::make_strict;
use super::{Data, Secrets, helpers, nesting, plain, segments};
use crate::failure::{Failure, Kind, Source};
use crate::format::{Language, Problem};

/// Keeps the value of the one expression of a string, so that it keeps its type.
const CAPTURE: &str = "fitout-capture";

/// The helpers, for templates without partials.
static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(registry);

/// A template that was parsed and made strict.
pub(crate) struct Template {
    pub(super) source: Arc<Source>,
    parts: Vec<Part>,
    used: Vec<Used>,
}

impl Template {
    /// Parses the text of the source.
    pub(crate) fn parse(source: &Arc<Source>) -> Result<Self, Failure> {
        refuse_marks(source)?;
        let stretches = segments::cut(&source.text);
        // Plain text has no blocks.
        if !stretches.iter().flatten().all(|stretch| stretch.plain) || stretches.is_none() {
            depth(source)?;
        }
        let mut parts = segments::parse(&source.text, stretches).map_err(|error| refuse_syntax(error, source))?;
        let mut used = Vec::new();
        let mut met = HashSet::new();
        for part in &mut parts {
            match part {
                Part::Plain(range) => {
                    let fresh = plain::paths(&source.text[range.clone()]).filter(|path| met.insert(*path));
                    used.extend(fresh.map(Used::value));
                }
                Part::Parsed(parsed) => used.extend(prepare(parsed, source)?),
            }
        }
        Ok(Self { source: Arc::clone(source), parts, used })
    }

    /// The same with nothing left out by the library.
    fn whole(&self) -> Result<Self, Failure> {
        let Whole { parsed, used, .. } = parse_whole(&self.source)?;
        Ok(Self { source: Arc::clone(&self.source), parts: vec![Part::Parsed(parsed)], used })
    }

    /// A finding for each name that is not declared; needs no data.
    pub(crate) fn check(&self, declared: &Declared, partials: &Partials) -> Vec<Failure> {
        let findings = declared.check(&self.used, &self.source, partials);
        if findings.is_empty() {
            return findings;
        }
        // A plain name was noted once, and without its place.
        self.whole().map_or(findings, |whole| declared.check(&whole.used, &whole.source, partials))
    }

    /// The first name in it, or in a partial, that is one of these secrets.
    pub(crate) fn secret<'a>(&'a self, secrets: &Secrets, partials: &'a Partials) -> Option<&'a str> {
        secret_among(&self.used, secrets).or_else(|| partials.secret(secrets))
    }

    /// The names that it uses, each in parts: `env`, `PORT`. Empty for the whole of the data.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &[String]> {
        self.used.iter().filter_map(Used::path)
    }

    /// The variables of the environment that it names.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.used.iter().filter_map(Used::variable)
    }

    /// Whether it inserts files, of which nobody said whether they are secret.
    pub(crate) fn reads_files(&self, partials: &Partials) -> bool {
        calls(&self.used, "file") || partials.call("file")
    }

    /// Renders with the data, each value escaped for the place in which it stands.
    pub(crate) fn render(&self, data: &Data, language: Language, partials: &Partials) -> Result<String, Failure> {
        if language == Language::None {
            return self.run(data, partials, &|_| {}, &plain::print);
        }
        let capture = Capture::default();
        let assembled = capture.assemble(&self.capture(data, partials, &capture)?);
        let escaped = language.escape(assembled.text, &assembled.insertions);
        escaped.map_err(|problem| {
            // What is wrong with the template itself is told at the first value behind it.
            let at = assembled.insertions.iter().position(|insertion| insertion.range.start >= problem.offset);
            let call = at.map_or(assembled.calls.last(), |at| assembled.calls.get(at));
            self.explain_value(call.copied(), &problem, data, partials)
        })
    }

    fn capture(&self, data: &Data, partials: &Partials, capture: &Capture) -> Result<String, Failure> {
        let prepare = |context: &mut RenderContext<'_, '_>| {
            context.register_local_helper(VALUE, capture.helper(false));
            context.register_local_helper(helpers::TEXT, capture.helper(true));
        };
        self.run(data, partials, &prepare, &|value, output| capture.print(value, output))
    }

    /// Why a value cannot stand where it does: rendered once more, with the call that made it failing, so that the engine
    /// finds its place.
    fn explain_value(&self, call: Option<usize>, problem: &Problem, data: &Data, partials: &Partials) -> Failure {
        let failing = call.map(|call| Capture::failing(call, &problem.message));
        let again = |failing: &Capture| self.whole().and_then(|whole| whole.capture(data, partials, failing));
        let failure = match failing.as_ref().map(again) {
            Some(Err(failure)) => failure,
            _ => Failure::new(Kind::Input, format!("cannot render the template: {}", problem.message))
                .in_source(&self.source),
        };
        let hint = problem.hint.clone();
        failure.with_kind(Kind::Input).maybe_hint(hint)
    }

    fn run(
        &self,
        data: &Data,
        partials: &Partials,
        prepare: &Prepare<'_>,
        print: &Print<'_>,
    ) -> Result<String, Failure> {
        match self.attempt(data, partials, prepare, print)? {
            Some(text) => Ok(text),
            // A plain expression cannot be printed: the library says why.
            None => match self.whole()?.attempt(data, partials, prepare, print)? {
                Some(text) => Ok(text),
                None => Err(Failure::new(Kind::Internal, "a template was not rendered")),
            },
        }
    }

    fn attempt(
        &self,
        data: &Data,
        partials: &Partials,
        prepare: &Prepare<'_>,
        print: &Print<'_>,
    ) -> Result<Option<String>, Failure> {
        let names = data.context(self.used.iter().chain(partials.used()));
        let mut context = None;
        let mut output = Text(String::with_capacity(self.source.text.len()));
        for part in &self.parts {
            match part {
                Part::Plain(range) => {
                    let text = &self.source.text[range.clone()];
                    if plain::render(text, names.data(), print, &mut output.0).is_none() {
                        return Ok(None);
                    }
                }
                Part::Parsed(parsed) => {
                    let context = context.get_or_insert_with(|| {
                        let mut context = RenderContext::new(None);
                        for name in helpers::FROM_OUTSIDE {
                            context.register_local_helper(name, helpers::from_outside(data.surroundings()));
                        }
                        prepare(&mut context);
                        context
                    });
                    parsed
                        .render(partials.registry().unwrap_or(&REGISTRY), &names, context, &mut output)
                        .map_err(|error| explain_render(&error, &self.source, partials))?;
                }
            }
        }
        Ok(Some(output.0))
    }
}

type Prepare<'a> = dyn Fn(&mut RenderContext<'_, '_>) + 'a;
type Print<'a> = dyn Fn(&Value, &mut String) -> Option<()> + 'a;

/// Where the library writes to.
struct Text(String);

impl Output for Text {
    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.0.push_str(text);
        Ok(())
    }
}

/// A template that the library parsed, all of it.
pub(super) struct Whole {
    pub(super) parsed: handlebars::Template,
    pub(super) used: Vec<Used>,
    /// How deep its blocks nest.
    pub(super) depth: usize,
}

/// Parses all of the text by the library.
pub(super) fn parse_whole(source: &Arc<Source>) -> Result<Whole, Failure> {
    refuse_marks(source)?;
    let depth = depth(source)?;
    let mut parsed = segments::compile(&source.text).map_err(|error| refuse_syntax(error, source))?;
    let used = prepare(&mut parsed, source)?;
    Ok(Whole { parsed, used, depth })
}

/// How deep the blocks nest, which has to be known before anything is parsed.
fn depth(source: &Arc<Source>) -> Result<usize, Failure> {
    nesting::depth(&source.text).map_err(|problem| {
        let failure = Failure::new(Kind::Plan, format!("cannot parse the template: {}", problem.message));
        failure.at(source.span_at(problem.offset)).in_source(source)
    })
}

/// Makes the template strict. Returns the names that it uses.
fn prepare(parsed: &mut handlebars::Template, source: &Arc<Source>) -> Result<Vec<Used>, Failure> {
    let used = names(parsed);
    refuse_endless(&used, source).map_err(|failure| failure.in_source(source))?;
    make_strict(parsed);
    Ok(used)
}

fn refuse_marks(source: &Arc<Source>) -> Result<(), Failure> {
    let Some(at) = source.text.find(OPEN) else { return Ok(()) };
    Err(Failure::new(Kind::Plan, "cannot parse the template: it holds the character U+FDD0")
        .at(source.span_at(at))
        .in_source(source)
        .hint("Unicode sets that character aside for programs: remove it"))
}

fn refuse_syntax((error, lines_before): (TemplateError, usize), source: &Arc<Source>) -> Failure {
    explain_syntax(&error, lines_before, source)
}

/// Whether the text has anything to expand.
pub(crate) fn holds_expression(text: &str) -> bool {
    text.contains("{{")
}

/// Expands a string of the plan: text, or, when it is exactly one expression, the value itself with its type.
pub(crate) fn evaluate(template: &Template, data: &Data) -> Result<Value, Failure> {
    let partials = Partials::default();
    if let [Part::Plain(_)] = template.parts.as_slice() {
        let text = template.source.text.as_str();
        let Some((path, _)) = plain::expression(text).filter(|(_, length)| *length == text.len()) else {
            return template.render(data, Language::None, &partials).map(Value::String);
        };
        let context = data.context(template.used.iter());
        return match plain::value(context.data(), path) {
            Some(value) => Ok(value.clone()),
            None => evaluate(&template.whole()?, data),
        };
    }
    let [Part::Parsed(whole)] = template.parts.as_slice() else {
        return template.render(data, Language::None, &partials).map(Value::String);
    };
    let [TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression)] =
        whole.elements.as_slice()
    else {
        return template.render(data, Language::None, &partials).map(Value::String);
    };
    let captured = Arc::new(Mutex::new(Value::Null));
    let mut call = expression.clone();
    call.name = Parameter::Name(CAPTURE.to_owned());
    call.params = expression.params.iter().map(present).collect();
    let mut parsed = whole.clone();
    parsed.elements = vec![TemplateElement::Expression(call)];
    let (source, parts) = (Arc::clone(&template.source), vec![Part::Parsed(parsed)]);
    let one = Template { source, parts, used: template.used.clone() };
    let kept = Arc::clone(&captured);
    let keep = move || {
        let kept = Arc::clone(&kept);
        helpers::Simple::boxed(move |helper: &Helper<'_>| {
            if let Some(value) = helper.param(0) {
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = value.value().clone();
            }
            Ok(Value::String(String::new()))
        })
    };
    one.run(data, &partials, &|context| context.register_local_helper(CAPTURE, keep()), &plain::print)?;
    let value = std::mem::take(&mut *captured.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(value)
}

fn present(parameter: &Parameter) -> Parameter {
    let name = Parameter::Name(helpers::PRESENT.to_owned());
    Parameter::Subexpression(Subexpression::new(name, vec![parameter.clone()], std::collections::HashMap::new()))
}

/// Handlebars with our helpers. Nothing is escaped while rendering: that is done when the place of a value is known.
pub(super) fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(handlebars::no_escape);
    helpers::register(&mut registry);
    registry.register_helper(VALUE, helpers::Simple::boxed(helpers::text));
    registry
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod tests;
