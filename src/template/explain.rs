//! Errors of the library as failures at their place.

use std::sync::Arc;

use handlebars::{RenderError, RenderErrorReason, TemplateError, TemplateErrorReason};

use super::balance::{Unbalanced, unbalanced};
use super::helpers;
use super::partials::Partials;
use crate::failure::{Failure, Kind, Source, Span};

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

pub(super) fn explain_syntax(error: &TemplateError, lines_before: usize, source: &Arc<Source>) -> Failure {
    let (line, column) = error.pos().unwrap_or((1, 1));
    let stopped = offset_of(&source.text, line + lines_before, column);
    if let Some(unbalanced) = unbalanced(&source.text, stopped) {
        return explain_unbalanced(unbalanced, source);
    }
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

fn explain_unbalanced(unbalanced: Unbalanced, source: &Arc<Source>) -> Failure {
    let Unbalanced { offset, length, message, opening, hint } = unbalanced;
    let tag = source.text[offset..offset + length].lines().next().unwrap_or_default();
    let span = Span { length: Span::new(1, 1, tag.chars().count()).length, ..source.span_at(offset) };
    let failure = Failure::new(Kind::Plan, format!("cannot parse the template: {message}")).at(span);
    let failure = match opening {
        Some((block, at)) => {
            let Span { line, column, .. } = source.span_at(at);
            failure.note(format!("{block} begins in line {line} column {column} of the template"))
        }
        None => failure,
    };
    failure.in_source(source).maybe_hint(hint)
}

/// The byte at this line and column.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let inside = text[before..].char_indices().nth(column.saturating_sub(1));
    inside.map_or(text.len(), |(at, _)| before + at)
}

pub(super) fn explain_render(error: &RenderError, source: &Arc<Source>, partials: &Partials) -> Failure {
    let mut name = None;
    let source = error.template_name.as_deref().and_then(|name| partials.source(name)).unwrap_or(source);
    let (cause, hint) = match error.reason() {
        RenderErrorReason::MissingVariable(path) => {
            name.clone_from(path);
            (path.as_ref().map_or_else(|| "unknown name".to_owned(), |path| format!("unknown name `{path}`")), None)
        }
        RenderErrorReason::HelperNotFound(helper) => {
            name = Some(helper.clone());
            (format!("unknown helper `{helper}`"), helpers::hint(helper))
        }
        // What the library's own blocks are called without.
        RenderErrorReason::ParamNotFoundForIndex(helper, _) if helpers::is_block(helper) => {
            name = Some((*helper).to_owned());
            (helpers::wrong_call(helper, 0, true).unwrap_or_default(), None)
        }
        RenderErrorReason::PartialNotFound(partial) => {
            (format!("unknown partial `{partial}`"), partials.remedy(partial))
        }
        RenderErrorReason::NestedError(error) if error.is::<helpers::Problem>() => {
            let problem = error.downcast_ref::<helpers::Problem>();
            name = problem.map(|problem| problem.helper.clone()).filter(|name| !name.is_empty());
            problem.map_or_else(Default::default, |problem| (problem.message.clone(), problem.hint.clone()))
        }
        other => (other.to_string().lines().next().unwrap_or_default().to_lowercase(), None),
    };
    let span = place_of(source, error.line_no.unwrap_or(1), error.column_no.unwrap_or(1), name.as_deref());
    Failure::new(Kind::Plan, format!("cannot render the template: {cause}")).at(span).in_source(source).maybe_hint(hint)
}
