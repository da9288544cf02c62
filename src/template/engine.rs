//! Parsing and rendering, with every error at its place in the template.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use handlebars::template::{Parameter, Subexpression, TemplateElement};
use handlebars::{Handlebars, Helper, RenderError, RenderErrorReason, TemplateError, TemplateErrorReason};
use serde_json::Value;

use super::names::{Declared, Used, names, secret_among};
use super::strict::make_strict;
use super::{Data, Escaper, Secrets, helpers, segments};
use crate::failure::{Failure, Kind, Source, Span, did_you_mean};

/// The name under which a template is registered; it is alone in its registry.
const NAME: &str = "template";
/// Keeps the value of the one expression of a string, so that it keeps its type.
const CAPTURE: &str = "fitout-capture";

/// A template that was parsed and made strict.
pub(crate) struct Template {
    source: Arc<Source>,
    parsed: handlebars::Template,
    used: Vec<Used>,
}

impl Template {
    /// Parses the text of the source.
    pub(crate) fn parse(source: &Arc<Source>) -> Result<Self, Failure> {
        let mut parsed = segments::compile(&source.text)
            .map_err(|(error, lines_before)| explain_syntax(&error, lines_before, source))?;
        let used = names(&parsed);
        make_strict(&mut parsed);
        Ok(Self { source: Arc::clone(source), parsed, used })
    }

    /// A finding for each name that is not declared; needs no data.
    pub(crate) fn check(&self, declared: &Declared) -> Vec<Failure> {
        declared.check(&self.used, &self.source)
    }

    /// The first name in it that is one of these secrets.
    pub(crate) fn secret<'a>(&'a self, secrets: &Secrets) -> Option<&'a str> {
        secret_among(&self.used, secrets)
    }

    /// The names that it uses, each in parts: `env`, `PORT`. Empty for the whole of the data.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &[String]> {
        self.used.iter().filter_map(Used::path)
    }

    /// The variables of the environment that it names.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.used.iter().filter_map(Used::variable)
    }

    fn context<'a>(&self, data: &'a Data) -> Cow<'a, handlebars::Context> {
        data.context(self.variables())
    }

    /// Renders with the data; the result is checked to be of the target format.
    pub(crate) fn render(&self, data: &Data, escaper: Escaper) -> Result<String, Failure> {
        let mut registry = registry(escaper);
        registry.register_template(NAME, self.parsed.clone());
        let text = registry
            .render_with_context(NAME, &self.context(data))
            .map_err(|error| explain_render(&error, &self.source))?;
        escaper.validate(&text).map_err(|error| {
            let cause = error.to_string();
            let cause = cause.split(" at line ").next().unwrap_or_default();
            let place = format!("line {} column {} of the result", error.line(), error.column());
            Failure::new(Kind::Plan, format!("cannot use the rendered `{}`: not valid JSON: {cause}", self.source.name))
                .note(place)
                .hint("a list or mapping is written with `{{{json x}}}`, text stands in quotes: `\"{{x}}\"`")
        })?;
        Ok(text)
    }
}

/// Whether the text has anything to expand.
pub(crate) fn holds_expression(text: &str) -> bool {
    text.contains("{{")
}

/// Expands a string of the plan: text, or, when it is exactly one expression, the value itself with its type.
pub(crate) fn evaluate(template: &Template, data: &Data) -> Result<Value, Failure> {
    let [TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression)] =
        template.parsed.elements.as_slice()
    else {
        return template.render(data, Escaper::None).map(Value::String);
    };
    let captured = Arc::new(Mutex::new(Value::Null));
    let mut registry = registry(Escaper::None);
    let kept = Arc::clone(&captured);
    let keep = helpers::Simple::boxed(move |helper: &Helper<'_>| {
        if let Some(value) = helper.param(0) {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = value.value().clone();
        }
        Ok(Value::String(String::new()))
    });
    registry.register_helper(CAPTURE, keep);
    let mut parsed = template.parsed.clone();
    let mut call = expression.clone();
    call.name = Parameter::Name(CAPTURE.to_owned());
    call.params = expression.params.iter().map(present).collect();
    parsed.elements = vec![TemplateElement::Expression(call)];
    registry.register_template(NAME, parsed);
    registry
        .render_with_context(NAME, &template.context(data))
        .map_err(|error| explain_render(&error, &template.source))?;
    let value = std::mem::take(&mut *captured.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(value)
}

fn present(parameter: &Parameter) -> Parameter {
    let name = Parameter::Name(helpers::PRESENT.to_owned());
    Parameter::Subexpression(Subexpression::new(name, vec![parameter.clone()], std::collections::HashMap::new()))
}

fn registry(escaper: Escaper) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(move |text| escaper.escape(text));
    helpers::register(&mut registry);
    registry
}

/// The place of an expression: from the line and column of its braces, or of the name itself if that is found there.
pub(super) fn place_of(source: &Source, line: usize, column: usize, name: Option<&str>) -> Span {
    let text = u32::try_from(line).ok().and_then(|line| source.line(line)).unwrap_or_default();
    let rest: String = text.chars().skip(column.saturating_sub(1)).collect();
    match name.and_then(|name| Some((name, rest.find(name)?))) {
        Some((name, at)) => Span::new(line, column + rest[..at].chars().count(), name.chars().count()),
        None => {
            let length = rest.find("}}").map_or(2, |end| rest[..end].chars().count() + 2);
            Span::new(line, column, length)
        }
    }
}

fn explain_syntax(error: &TemplateError, lines_before: usize, source: &Arc<Source>) -> Failure {
    let (line, column) = error.pos().unwrap_or((1, 1));
    let cause = match error.reason() {
        TemplateErrorReason::MismatchingClosedHelper(open, close) => {
            format!("`{{{{#{open}}}}}` is closed by `{{{{/{close}}}}}`")
        }
        TemplateErrorReason::InvalidSyntax(_) => "the expression is not complete, or is no Handlebars".to_owned(),
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    };
    Failure::new(Kind::Plan, format!("cannot parse the template: {cause}"))
        .at(Span::new(line + lines_before, column, 2))
        .in_source(source)
}

fn explain_render(error: &RenderError, source: &Arc<Source>) -> Failure {
    let mut name = None;
    let (cause, hint) = match error.reason() {
        RenderErrorReason::MissingVariable(path) => {
            name.clone_from(path);
            (path.as_ref().map_or_else(|| "unknown name".to_owned(), |path| format!("unknown name `{path}`")), None)
        }
        RenderErrorReason::HelperNotFound(helper) => {
            name = Some(helper.clone());
            let known = helpers::BUILT_IN.iter().chain(&helpers::OURS).copied();
            (format!("unknown helper `{helper}`"), did_you_mean(helper, known))
        }
        RenderErrorReason::Other(message) => (message.clone(), Some("`default` gives it another value".to_owned())),
        other => (other.to_string().lines().next().unwrap_or_default().to_lowercase(), None),
    };
    let span = place_of(source, error.line_no.unwrap_or(1), error.column_no.unwrap_or(1), name.as_deref());
    Failure::new(Kind::Plan, format!("cannot render the template: {cause}")).at(span).in_source(source).maybe_hint(hint)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::super::{Data, Declared, Secrets};
    use super::{Escaper, Template, evaluate};
    use crate::failure::Source;

    fn data() -> Data {
        let map = |value: Value| value.as_object().cloned().unwrap_or_else(Map::new);
        Data::new(
            map(json!({"PORT": 8080, "NAME": "a \"b\" & <c>", "NONE": null, "ON": true, "LIST": ["x", "y"]})),
            map(json!({"site": {"title": "T", "tags": [{"n": 1}, {"n": 2}], "empty": {}}})),
            map(json!({"cpus": 2})),
        )
    }

    fn render(text: &str, escaper: Escaper) -> Result<String, String> {
        let source = Source::new("t.hbs", text);
        Template::parse(&source)
            .and_then(|template| template.render(&data(), escaper))
            .map_err(|failure| format!("{}:{} {failure}", failure.details().span.line, failure.details().span.column))
    }

    #[test]
    fn what_is_right_renders() {
        for (text, wanted) in [
            ("port {{env.PORT}} {{{env.NAME}}} {{env.NAME}}", "port 8080 a \"b\" & <c> a \"b\" & <c>"),
            ("{{#if env.ON}}on{{else}}off{{/if}}", "on"),
            ("{{#if env.NONE}}on{{else}}off{{/if}}", "off"),
            ("{{#each values.site.tags}}{{this.n}}{{#unless @last}},{{/unless}}{{/each}}", "1,2"),
            ("{{#each env.LIST as |item index|}}{{index}}={{item}};{{/each}}", "0=x;1=y;"),
            ("{{#with values.site}}{{title}}{{/with}}", "T"),
            ("{{default env.NONE \"d\"}} {{default values.site.nope 5}}", "d 5"),
            ("{{upper (default env.NONE \"d\")}}", "D"),
            ("{{#if (eq env.PORT 8080)}}y{{/if}}{{! comment }}", "y"),
            ("{{{json values.site.tags}}}", "[{\"n\":1},{\"n\":2}]"),
            ("\\{{kept}}", "{{kept}}"),
            ("a  {{~env.PORT~}}  b", "a8080b"),
            ("{{len env.LIST}} {{lookup env.LIST 1}}", "2 y"),
            ("", ""),
        ] {
            assert_eq!(render(text, Escaper::None).as_deref(), Ok(wanted), "{text}");
        }
        assert_eq!(render("{\"n\": \"{{env.NAME}}\"}", Escaper::Json).unwrap(), r#"{"n": "a \"b\" & <c>"}"#);
    }

    #[test]
    fn what_is_unknown_null_or_an_object_is_an_error_with_its_place() {
        for (text, wanted) in [
            ("a\nb {{env.PROT}}", "2:5 cannot render the template: unknown name `env.PROT`"),
            ("{{#if env.PROT}}x{{/if}}", "1:7 cannot render the template: unknown name `env.PROT`"),
            ("{{#unless (eq env.PROT 1)}}x{{/unless}}", "1:15 cannot render the template: unknown name `env.PROT`"),
            ("{{#each values.nope}}x{{/each}}", "1:9 cannot render the template: unknown name `values.nope`"),
            ("{{upper env.PROT}}", "1:9 cannot render the template: unknown name `env.PROT`"),
            ("{{env.NONE}}", "1:1 cannot render the template: `env.NONE` is null"),
            ("{{{env.NONE}}}", "1:1 cannot render the template: `env.NONE` is null"),
            ("{{values.site}}", "1:1 cannot render the template: `values.site` is a mapping, not text"),
            ("{{env.LIST}}", "1:1 cannot render the template: `env.LIST` is a list, not text"),
            ("{{uper env.PORT}}", "1:3 cannot render the template: unknown helper `uper`"),
            ("{{#each values.site.tags}}{{this.m}}{{/each}}", "1:29 cannot render the template: unknown name `this.m`"),
            (
                "x\n{{#if env.ON}}",
                "2:15 cannot parse the template: the expression is not complete, or is no Handlebars",
            ),
            ("{{#if env.ON}}{{/unless}}", "1:15 cannot parse the template: `{{#if}}` is closed by `{{/unless}}`"),
            ("{{> part}}", "1:1 cannot render the template: partial not found part"),
            ("{{log env.NAME}}", "1:3 cannot render the template: unknown helper `log`"),
        ] {
            assert_eq!(render(text, Escaper::None), Err(wanted.to_owned()), "{text}");
        }
        let error = render("{\"n\": {{env.NAME}}}", Escaper::Json).unwrap_err();
        assert!(error.contains("not valid JSON: expected value"), "{error}");
    }

    #[test]
    fn one_expression_keeps_its_type() {
        for (text, wanted) in [
            ("{{env.PORT}}", json!(8080)),
            ("{{env.ON}}", json!(true)),
            ("{{env.NONE}}", Value::Null),
            ("{{env.LIST}}", json!(["x", "y"])),
            ("p{{env.PORT}}", json!("p8080")),
            ("{{default env.NONE 5}}", json!(5)),
            ("{{lower env.NAME}}", json!("a \"b\" & <c>")),
        ] {
            let template = Template::parse(&Source::new("plan", text)).unwrap();
            assert_eq!(evaluate(&template, &data()).unwrap(), wanted, "{text}");
        }
        let template = Template::parse(&Source::new("plan", "{{env.NOPE}}")).unwrap();
        assert!(evaluate(&template, &data()).is_err());
    }

    #[test]
    fn misspelt_names_are_found_without_data() {
        let mut secret = Secrets::default();
        secret.declare_variable("TOKEN", true);
        let declared = Declared {
            env: vec!["PORT".to_owned(), "TOKEN".to_owned()],
            values: vec!["site".to_owned()],
            facts: vec!["cpus"],
            secret,
            ..Declared::default()
        };
        let text = "{{env.PROT}} {{values.site.x}} {{values.sit}}\n{{PORT}} {{facts.cpu}} {{#each values.site}}{{name}}{{env.X}}{{/each}}";
        let template = Template::parse(&Source::new("t", text)).unwrap();
        let found: Vec<String> = declared
            .check(&template.used, &template.source)
            .iter()
            .map(|failure| {
                let details = failure.details();
                format!(
                    "{}:{} {} / {}",
                    details.span.line,
                    details.span.column,
                    details.message,
                    details.hint.as_deref().unwrap_or("")
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "1:3 unknown name `env.PROT` / did you mean `PORT`?",
                "1:34 unknown name `values.sit` / did you mean `site`?",
                "2:3 unknown name `PORT` / write `env.PORT`",
                "2:12 unknown name `facts.cpu` / did you mean `cpus`?",
                "2:55 unknown name `env.X` / declare it under `inputs`: `env: { X: {} }`",
            ]
        );
        let template = Template::parse(&Source::new("t", "--x={{lower env.TOKEN}}")).unwrap();
        assert_eq!(template.secret(&declared.secret), Some("env.TOKEN"));
    }
}
