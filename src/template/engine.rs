//! Parsing and rendering, with every error at its place in the template.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use handlebars::template::{Parameter, Subexpression, TemplateElement};
use handlebars::{Handlebars, Helper, RenderContext, RenderError, Renderable, StringOutput};
use serde_json::Value;

use super::capture::{Capture, OPEN, VALUE};
use super::explain::{explain_render, explain_syntax};
use super::names::{Declared, Used, calls, names, refuse_endless, secret_among};
use super::partials::Partials;
use super::strict::make_strict;
use super::{Data, Secrets, helpers, nesting, segments};
use crate::failure::{Failure, Kind, Source};
use crate::format::{Language, Problem};

/// Keeps the value of the one expression of a string, so that it keeps its type.
const CAPTURE: &str = "fitout-capture";

/// The helpers, for templates without partials.
static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(registry);

/// A template that was parsed and made strict.
pub(crate) struct Template {
    pub(super) source: Arc<Source>,
    pub(super) parsed: handlebars::Template,
    pub(super) used: Vec<Used>,
    /// How deep its blocks nest.
    pub(super) depth: usize,
}

impl Template {
    /// Parses the text of the source.
    pub(crate) fn parse(source: &Arc<Source>) -> Result<Self, Failure> {
        if let Some(at) = source.text.find(OPEN) {
            return Err(Failure::new(Kind::Plan, "cannot parse the template: it holds the character U+FDD0")
                .at(source.span_at(at))
                .in_source(source)
                .hint("Unicode sets that character aside for programs: remove it"));
        }
        let depth = nesting::depth(&source.text).map_err(|problem| {
            let failure = Failure::new(Kind::Plan, format!("cannot parse the template: {}", problem.message));
            failure.at(source.span_at(problem.offset)).in_source(source)
        })?;
        let mut parsed = segments::compile(&source.text)
            .map_err(|(error, lines_before)| explain_syntax(&error, lines_before, source))?;
        let used = names(&parsed);
        refuse_endless(&used, source).map_err(|failure| failure.in_source(source))?;
        make_strict(&mut parsed);
        Ok(Self { source: Arc::clone(source), parsed, used, depth })
    }

    /// A finding for each name that is not declared; needs no data.
    pub(crate) fn check(&self, declared: &Declared, partials: &Partials) -> Vec<Failure> {
        declared.check(&self.used, &self.source, partials)
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
            return self.run(data, partials, |_| {});
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
        self.run(data, partials, |context| {
            context.register_local_helper(VALUE, capture.helper(false));
            context.register_local_helper(helpers::TEXT, capture.helper(true));
        })
    }

    /// Why a value cannot stand where it does: rendered once more, with the call that made it failing, so that the engine
    /// finds its place.
    fn explain_value(&self, call: Option<usize>, problem: &Problem, data: &Data, partials: &Partials) -> Failure {
        let failing = call.map(|call| Capture::failing(call, &problem.message));
        let failure = match failing.map(|failing| self.capture(data, partials, &failing)) {
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
        prepare: impl FnOnce(&mut RenderContext<'_, '_>),
    ) -> Result<String, Failure> {
        let names = data.context(self.variables().chain(partials.variables()));
        let mut context = RenderContext::new(None);
        for name in helpers::FROM_OUTSIDE {
            context.register_local_helper(name, helpers::from_outside(data.surroundings()));
        }
        prepare(&mut context);
        let mut output = StringOutput::new();
        let registry = partials.registry().unwrap_or(&REGISTRY);
        self.parsed
            .render(registry, &names, &mut context, &mut output)
            .and_then(|()| output.into_string().map_err(RenderError::from))
            .map_err(|error| explain_render(&error, &self.source, partials))
    }
}

/// Whether the text has anything to expand.
pub(crate) fn holds_expression(text: &str) -> bool {
    text.contains("{{")
}

/// Expands a string of the plan: text, or, when it is exactly one expression, the value itself with its type.
pub(crate) fn evaluate(template: &Template, data: &Data) -> Result<Value, Failure> {
    let partials = Partials::default();
    let [TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression)] =
        template.parsed.elements.as_slice()
    else {
        return template.render(data, Language::None, &partials).map(Value::String);
    };
    let captured = Arc::new(Mutex::new(Value::Null));
    let mut call = expression.clone();
    call.name = Parameter::Name(CAPTURE.to_owned());
    call.params = expression.params.iter().map(present).collect();
    let mut parsed = template.parsed.clone();
    parsed.elements = vec![TemplateElement::Expression(call)];
    let one =
        Template { source: Arc::clone(&template.source), parsed, used: template.used.clone(), depth: template.depth };
    let kept = Arc::clone(&captured);
    let keep = helpers::Simple::boxed(move |helper: &Helper<'_>| {
        if let Some(value) = helper.param(0) {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = value.value().clone();
        }
        Ok(Value::String(String::new()))
    });
    one.run(data, &partials, |context| context.register_local_helper(CAPTURE, keep))?;
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
mod tests;
