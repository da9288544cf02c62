//! The names that a template uses, so that `check` finds a misspelt one without having the data.

use std::collections::HashMap;

use handlebars::template::{Parameter, Template, TemplateElement};

use serde_json::Value;

use super::explain::place_of;
use super::helpers;
use super::partials::Partials;
use super::pattern::Pattern;
use super::secrets::Secrets;
use crate::failure::{Failure, Kind, Source, did_you_mean};

/// What a partial calls the block that it was given.
const PARTIAL_BLOCK: &str = "@partial-block";

/// What a plan declares, and so what its templates can name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declared {
    pub(crate) env: Vec<String>,
    /// Names of variables with `*`: whatever matches is declared.
    pub(crate) patterns: Vec<Pattern>,
    /// Former names of declared variables, each with the present one.
    pub(crate) aliases: HashMap<String, String>,
    pub(crate) values: Vec<String>,
    pub(crate) facts: Vec<String>,
    /// Those of the facts that steps capture.
    pub(crate) captured: Vec<String>,
    /// Secrets that the program of the present step gets as files.
    pub(crate) secret_files: Vec<String>,
    /// What declared variables are when they are not set.
    pub(crate) defaults: HashMap<String, String>,
    /// The declared names whose content must not be printed.
    pub(crate) secret: Secrets,
    /// Every variable of the environment is declared: the command-line form of a step has no contract.
    pub(crate) any_env: bool,
}

/// How a helper is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Call {
    parameters: usize,
    block: bool,
}

/// A name in a template, as far as it can be known without data: `env.PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    name: String,
    /// The parts of it without what other spellings of it have: `@root`, `this`, `./`, brackets.
    parts: Vec<String>,
    /// Line and column of the expression. The exact place is looked for only when it is needed: that takes reading the text.
    line: usize,
    column: usize,
    /// Inside a block that may change what plain names mean.
    nested: bool,
    role: Role,
}

/// What a name is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Value,
    /// It is called, and so has to be a helper.
    Helper(Call),
    /// `{{> name}}`
    Partial,
    /// `{{#*inline "name"}}`: a partial that the template brings along.
    Inline,
    /// A partial that is chosen while rendering, or that an inline one includes. Whether it would ever end cannot be known.
    Endless,
}

impl Used {
    /// A value whose place is of no interest.
    pub(super) fn value(name: &str) -> Self {
        Self { name: name.to_owned(), parts: parts(name), line: 1, column: 1, nested: false, role: Role::Value }
    }

    /// The parts of a name; none for a helper that is called.
    pub(super) fn path(&self) -> Option<&[String]> {
        (self.role == Role::Value).then_some(&self.parts)
    }

    /// The variable of the environment that is named, if it is one.
    pub(super) fn variable(&self) -> Option<&str> {
        match self.path()? {
            [first, name, ..] if first == "env" => Some(name),
            _ => None,
        }
    }

    /// The partial that is included, if this is one.
    pub(super) fn as_partial(&self) -> Option<&str> {
        (self.role == Role::Partial).then_some(self.name.as_str())
    }

    /// The same in a partial: what plain names mean there depends on who includes it.
    pub(super) fn inside_a_partial(mut self) -> Self {
        self.nested = true;
        self
    }
}

impl Declared {
    /// Whether templates and conditions can name the variable.
    pub(crate) fn knows_variable(&self, name: &str) -> bool {
        self.any_env
            || self.env.iter().any(|known| known == name)
            || self.patterns.iter().any(|pattern| pattern.matches(name))
    }

    /// What was meant in place of a variable that is not declared.
    pub(crate) fn variable_near(&self, name: &str) -> Option<String> {
        let renamed = self.aliases.get(name).map(|now| format!("it is called `{now}` now"));
        renamed.or_else(|| did_you_mean(name, self.env.iter().map(String::as_str)))
    }

    /// A finding for each name that is not declared.
    pub(super) fn check(&self, used: &[Used], source: &Source, partials: &Partials) -> Vec<Failure> {
        let place = |used: &Used| place_of(source, used.line, used.column, Some(&used.name));
        let inline = |name: &str| used.iter().any(|used| used.role == Role::Inline && used.name == name);
        let check = |used: &Used| match used.role {
            Role::Inline | Role::Endless => None,
            Role::Partial if partials.knows(&used.name) || inline(&used.name) => None,
            Role::Partial => {
                let message = format!("unknown partial `{}`", used.name);
                Some(Failure::new(Kind::Plan, message).maybe_hint(partials.remedy(&used.name)))
            }
            Role::Helper(_) | Role::Value => self.check_one(used),
        };
        used.iter().filter_map(|used| check(used).map(|failure| failure.at(place(used)))).collect()
    }

    fn check_one(&self, used: &Used) -> Option<Failure> {
        if let Role::Helper(call) = used.role {
            if !helpers::is_helper(&used.name) {
                let unknown = format!("unknown helper `{}`", used.name);
                return Some(Failure::new(Kind::Plan, unknown).maybe_hint(helpers::hint(&used.name)));
            }
            let wrong = helpers::wrong_call(&used.name, call.parameters, call.block);
            return wrong.map(|message| Failure::new(Kind::Plan, message));
        }
        let mut parts = used.parts.iter().map(String::as_str);
        let (first, second) = (parts.next().unwrap_or_default(), parts.next());
        let unknown = |hint: Option<String>| {
            Some(Failure::new(Kind::Plan, format!("unknown name `{}`", used.name)).maybe_hint(hint))
        };
        match (first, second) {
            ("env", Some(name)) if !self.knows_variable(name) => unknown(
                self.variable_near(name)
                    .or_else(|| Some(format!("declare it under `inputs`: `env: {{ {name}: {{}} }}`"))),
            ),
            ("values", Some(name)) if !self.values.iter().any(|known| known == name) => {
                let near = did_you_mean(name, self.values.iter().map(String::as_str));
                unknown(near.or_else(|| Some(format!("declare it under `inputs`: `values: {{ {name}: ... }}`"))))
            }
            ("facts", Some(name)) if !self.facts.iter().any(|known| known == name) => {
                let near = did_you_mean(name, self.facts.iter().map(String::as_str));
                unknown(near.or_else(|| Some(format!("facts are {}", self.facts.join(", ")))))
            }
            ("secret_files", Some(name)) if !self.secret_files.iter().any(|known| known == name) => {
                let near = did_you_mean(name, self.secret_files.iter().map(String::as_str));
                let remedy = || format!("add `{name}: {{ from_env: NAME }}` to `secrets_as_files` of the same step");
                unknown(near.or_else(|| Some(remedy())))
            }
            ("env" | "values" | "facts", _) | ("secret_files", Some(_)) => None,
            _ if used.nested || first.starts_with('@') || first == "this" || first.is_empty() => None,
            _ => {
                let hint = if self.env.iter().any(|known| known == first) {
                    format!("write `env.{first}`")
                } else if let Some(wrong) = helpers::wrong_call(first, 0, false).filter(|_| second.is_none()) {
                    wrong
                } else {
                    "names begin with `env.`, `values.` or `facts.`".to_owned()
                };
                unknown(Some(hint))
            }
        }
    }
}

/// A partial that nobody can follow, as a failure.
pub(super) fn refuse_endless(used: &[Used], source: &Source) -> Result<(), Failure> {
    let Some(used) = used.iter().find(|used| used.role == Role::Endless) else { return Ok(()) };
    let message = "cannot parse the template: a partial is included by its name, and not from an inline partial";
    Err(Failure::new(Kind::Plan, message).at(place_of(source, used.line, used.column, None)))
}

/// The first of the used names that is secret.
pub(super) fn secret_among<'a>(used: &'a [Used], secret: &Secrets) -> Option<&'a str> {
    let touches = |used: &&Used| used.path().is_some_and(|path| secret.touch(path));
    used.iter().find(touches).map(|used| used.name.as_str())
}

/// The one spelling of a name, in parts: `env`, `X` for `@root.env.[X]`, `this/env/X`, `./env.X`; none for the whole of the
/// data. What stands in brackets is one part, whatever it holds: `env.[with.dot]`.
fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let (part, behind) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')).unwrap_or_else(|| {
            let end = rest.find(['.', '/', '[']).filter(|_| !rest.starts_with('['));
            rest.split_at(end.unwrap_or(rest.len()))
        });
        rest = behind.strip_prefix(['.', '/']).unwrap_or(behind);
        let part = part.trim_matches(['"', '\'']);
        if !["", "this", "@root"].contains(&part) {
            parts.push(part.to_owned());
        }
    }
    parts
}

/// Whether this helper is called.
pub(super) fn calls(used: &[Used], helper: &str) -> bool {
    used.iter().any(|used| matches!(used.role, Role::Helper(_)) && used.name == helper)
}

/// Every name in the template, in its order.
pub(super) fn names(template: &Template) -> Vec<Used> {
    let mut used = Vec::new();
    walk(template, false, false, &mut used);
    used
}

fn walk(template: &Template, nested: bool, inline: bool, used: &mut Vec<Used>) {
    for (element, mapping) in template.elements.iter().zip(&template.mapping) {
        let push = |name: &str, role: Role, used: &mut Vec<Used>| {
            let (parts, (line, column)) = (parts(name), (mapping.0, mapping.1));
            used.push(Used { name: name.to_owned(), parts, line, column, nested, role });
        };
        match element {
            TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression) => {
                let name = expression.name.as_name().unwrap_or_default();
                let plain = expression.params.is_empty() && expression.hash.is_empty();
                if plain && helpers::stands_alone(name) {
                    push(name, Role::Helper(Call { parameters: 0, block: false }), used);
                } else if plain {
                    note_names(&expression.name, &mut |name, role| push(name, role, used));
                } else if let Some(helper) = expression.name.as_name() {
                    push(helper, Role::Helper(Call { parameters: expression.params.len(), block: false }), used);
                }
                for value in expression.params.iter().chain(expression.hash.values()) {
                    note_names(value, &mut |name, role| push(name, role, used));
                }
            }
            TemplateElement::HelperBlock(block) => {
                if let Some(helper) = block.name.as_name() {
                    push(helper, Role::Helper(Call { parameters: block.params.len(), block: true }), used);
                }
                for value in block.params.iter().chain(block.hash.values()) {
                    note_names(value, &mut |name, role| push(name, role, used));
                }
                let changes_names = matches!(block.name.as_name(), Some("each" | "with"));
                for inner in block.template.iter().chain(block.inverse.iter()) {
                    walk(inner, nested || changes_names, inline, used);
                }
            }
            TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
                match partial.name.as_name() {
                    Some(PARTIAL_BLOCK) => {}
                    Some(name) => push(name, if inline { Role::Endless } else { Role::Partial }, used),
                    None => push("", Role::Endless, used),
                }
                for value in partial.params.iter().chain(partial.hash.values()) {
                    note_names(value, &mut |name, role| push(name, role, used));
                }
                partial.template.iter().for_each(|inner| walk(inner, nested, inline, used));
            }
            TemplateElement::DecoratorBlock(decorator) => {
                if let Some(Parameter::Literal(Value::String(name))) = decorator.params.first() {
                    push(name, Role::Inline, used);
                }
                decorator.template.iter().for_each(|inner| walk(inner, true, true, used));
            }
            _ => {}
        }
    }
}

/// Notes each name, and how it is called.
fn note_names(parameter: &Parameter, note: &mut dyn FnMut(&str, Role)) {
    match parameter {
        Parameter::Name(name) => note(name, Role::Value),
        Parameter::Path(path) => {
            let (handlebars::Path::Relative((_, raw)) | handlebars::Path::Local((_, _, raw))) = path;
            note(raw, Role::Value);
        }
        Parameter::Subexpression(subexpression) => {
            // Not by the library's `name()`: it panics where there is none.
            if let TemplateElement::Expression(call) = subexpression.as_element()
                && let Some(name) = call.name.as_name()
            {
                note(name, Role::Helper(Call { parameters: call.params.len(), block: false }));
            }
            for value in subexpression.params().into_iter().flatten() {
                note_names(value, note);
            }
            for value in subexpression.hash().into_iter().flat_map(HashMap::values) {
                note_names(value, note);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn every_spelling_of_a_name_has_the_same_parts() {
        for (name, wanted) in [
            ("env.X", "env|X"),
            ("@root.env.[X]", "env|X"),
            ("this/env/X", "env|X"),
            ("./env.X", "env|X"),
            ("../env.X", "env|X"),
            ("env.[\"X\"].a", "env|X|a"),
            ("env.[with.dot-dash]", "env|with.dot-dash"),
            ("env.[open", "env|[open"),
            ("[env].[a].[b/c]", "env|a|b/c"),
            ("this", ""),
            ("", ""),
        ] {
            assert_eq!(parts(name).join("|"), wanted, "{name}");
        }
    }
}
