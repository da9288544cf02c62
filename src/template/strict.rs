//! Makes a parsed template strict.
//!
//! Handlebars' own strict mode lets an unknown name pass as a parameter (`{{#if tpyo}}`), prints null as nothing and an
//! object as `[object]`. So every printed expression is put through [`TEXT`], and every condition through [`CONDITION`]. Our own
//! helpers look at their parameters themselves.

use handlebars::template::{HelperTemplate, Parameter, Subexpression, Template, TemplateElement};

use super::capture::VALUE;
use super::helpers::{CONDITION, LOOKUP_OR_NULL, PRESENT, TEXT, WITHOUT_BLOCK, is_block, is_tolerant, stands_alone};

/// Rewrites the template so that what is unknown, null or an object cannot pass silently.
pub(super) fn make_strict(template: &mut Template) {
    for element in &mut template.elements {
        rewrite(element, true);
    }
}

fn rewrite(element: &mut TemplateElement, printed: bool) {
    match element {
        TemplateElement::Expression(expression) if printed => print_through(VALUE, expression),
        TemplateElement::HtmlExpression(expression) if printed => print_through(TEXT, expression),
        TemplateElement::Expression(expression)
        | TemplateElement::HtmlExpression(expression)
        | TemplateElement::HelperBlock(expression) => {
            let name = expression.name.as_name().unwrap_or_default().to_owned();
            if !expression.block && is_block(&name) {
                expression.name = Parameter::Name(format!("{WITHOUT_BLOCK}{name}"));
            }
            guard_all(&name, expression.params.iter_mut().chain(expression.hash.values_mut()));
            for inner in expression.template.iter_mut().chain(expression.inverse.iter_mut()) {
                make_strict(inner);
            }
        }
        TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
            for parameter in partial.params.iter_mut().chain(partial.hash.values_mut()) {
                wrap(parameter, PRESENT);
            }
            partial.template.iter_mut().for_each(make_strict);
        }
        TemplateElement::DecoratorBlock(decorator) => decorator.template.iter_mut().for_each(make_strict),
        _ => {}
    }
}

/// Makes of the expression a call of `printer` with what the expression was.
fn print_through(printer: &str, expression: &mut HelperTemplate) {
    let plain = expression.params.is_empty() && expression.hash.is_empty();
    let name = expression.name.as_name().unwrap_or_default().to_owned();
    let value = if plain && !stands_alone(&name) {
        as_path(&expression.name)
    } else {
        let call = Subexpression::new(
            expression.name.clone(),
            std::mem::take(&mut expression.params),
            std::mem::take(&mut expression.hash),
        );
        let mut call = Parameter::Subexpression(call);
        guard_subexpression(&mut call);
        call
    };
    expression.name = Parameter::Name(printer.to_owned());
    expression.params = vec![value];
}

fn as_path(name: &Parameter) -> Parameter {
    match name {
        Parameter::Name(name) => Parameter::parse(name).unwrap_or_else(|_| Parameter::Name(name.clone())),
        other => other.clone(),
    }
}

fn guard_all<'a>(helper: &str, parameters: impl Iterator<Item = &'a mut Parameter>) {
    let condition = ["if", "unless"].contains(&helper);
    let decides = is_tolerant(helper) && !["each", "with"].contains(&helper);
    for parameter in parameters {
        match parameter {
            Parameter::Path(_) | Parameter::Name(_) if condition => wrap(parameter, CONDITION),
            Parameter::Name(_) => *parameter = as_path(parameter),
            Parameter::Subexpression(_) => {
                guard_subexpression(parameter);
                if decides {
                    let_lookup_find_nothing(parameter);
                }
                if condition {
                    wrap(parameter, CONDITION);
                }
            }
            _ => {}
        }
    }
}

fn wrap(parameter: &mut Parameter, helper: &str) {
    let (guarded, name) = (vec![as_path(parameter)], Parameter::Name(helper.to_owned()));
    *parameter = Parameter::Subexpression(Subexpression::new(name, guarded, std::collections::HashMap::new()));
}

/// Inside of `default` and its like a `lookup` that finds nothing gives null.
fn let_lookup_find_nothing(parameter: &mut Parameter) {
    if let Parameter::Subexpression(subexpression) = parameter
        && let TemplateElement::Expression(expression) = subexpression.element.as_mut()
        && expression.name.as_name() == Some("lookup")
    {
        expression.name = Parameter::Name(LOOKUP_OR_NULL.to_owned());
        expression.params.iter_mut().take(1).for_each(let_lookup_find_nothing);
    }
}

fn guard_subexpression(parameter: &mut Parameter) {
    if let Parameter::Subexpression(subexpression) = parameter {
        rewrite(&mut subexpression.element, false);
    }
}
