//! The names that a template uses, so that `check` finds a misspelt one without having the data.

use std::collections::HashMap;

use handlebars::template::{Parameter, Template, TemplateElement};

use super::engine::place_of;
use super::helpers::{BUILT_IN, OURS};
use super::pattern::Pattern;
use super::secrets::Secrets;
use crate::failure::{Failure, Kind, Source, did_you_mean};

/// What a plan declares, and so what its templates can name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declared {
    pub(crate) env: Vec<String>,
    /// Names of variables with `*`: whatever matches is declared.
    pub(crate) patterns: Vec<Pattern>,
    /// Former names of declared variables, each with the present one.
    pub(crate) aliases: HashMap<String, String>,
    pub(crate) values: Vec<String>,
    pub(crate) facts: Vec<&'static str>,
    /// What declared variables are when they are not set.
    pub(crate) defaults: HashMap<String, String>,
    /// The declared names whose content must not be printed.
    pub(crate) secret: Secrets,
    /// Every variable of the environment is declared: the command-line form of a step has no contract.
    pub(crate) any_env: bool,
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
    /// It is called, and so has to be a helper.
    called: bool,
}

impl Used {
    /// The parts of a name; none for a helper that is called.
    pub(super) fn path(&self) -> Option<&[String]> {
        (!self.called).then_some(&self.parts)
    }

    /// The variable of the environment that is named, if it is one.
    pub(super) fn variable(&self) -> Option<&str> {
        match self.path()? {
            [first, name, ..] if first == "env" => Some(name),
            _ => None,
        }
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
    pub(crate) fn check(&self, used: &[Used], source: &Source) -> Vec<Failure> {
        let place = |used: &Used| place_of(source, used.line, used.column, Some(&used.name));
        used.iter().filter_map(|used| self.check_one(used).map(|failure| failure.at(place(used)))).collect()
    }

    fn check_one(&self, used: &Used) -> Option<Failure> {
        if used.called {
            let near = did_you_mean(&used.name, BUILT_IN.iter().chain(&OURS).copied());
            let unknown = || Failure::new(Kind::Plan, format!("unknown helper `{}`", used.name)).maybe_hint(near);
            return (!super::strict::is_helper(&used.name)).then(unknown);
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
            ("facts", Some(name)) if !self.facts.contains(&name) => {
                let near = did_you_mean(name, self.facts.iter().copied());
                unknown(near.or_else(|| Some(format!("facts are {}", self.facts.join(", ")))))
            }
            ("env" | "values" | "facts", _) => None,
            _ if used.nested || first.starts_with('@') || first == "this" || first.is_empty() => None,
            _ => {
                let hint = if self.env.iter().any(|known| known == first) {
                    format!("write `env.{first}`")
                } else {
                    "names begin with `env.`, `values.` or `facts.`".to_owned()
                };
                unknown(Some(hint))
            }
        }
    }
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

/// Every name in the template, in its order.
pub(super) fn names(template: &Template) -> Vec<Used> {
    let mut used = Vec::new();
    walk(template, false, &mut used);
    used
}

fn walk(template: &Template, nested: bool, used: &mut Vec<Used>) {
    for (element, mapping) in template.elements.iter().zip(&template.mapping) {
        let push = |name: &str, called: bool, used: &mut Vec<Used>| {
            let (parts, (line, column)) = (parts(name), (mapping.0, mapping.1));
            used.push(Used { name: name.to_owned(), parts, line, column, nested, called });
        };
        let note = |name: &str, used: &mut Vec<Used>| push(name, false, used);
        match element {
            TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression) => {
                if expression.params.is_empty() && expression.hash.is_empty() {
                    note_names(&expression.name, &mut |name| note(name, used));
                } else if let Some(helper) = expression.name.as_name() {
                    push(helper, true, used);
                }
                for value in expression.params.iter().chain(expression.hash.values()) {
                    note_names(value, &mut |name| note(name, used));
                }
            }
            TemplateElement::HelperBlock(block) => {
                if let Some(helper) = block.name.as_name() {
                    push(helper, true, used);
                }
                for value in block.params.iter().chain(block.hash.values()) {
                    note_names(value, &mut |name| note(name, used));
                }
                let changes_names = matches!(block.name.as_name(), Some("each" | "with"));
                for inner in block.template.iter().chain(block.inverse.iter()) {
                    walk(inner, nested || changes_names, used);
                }
            }
            _ => {}
        }
    }
}

fn note_names(parameter: &Parameter, note: &mut dyn FnMut(&str)) {
    match parameter {
        Parameter::Name(name) if super::strict::is_helper(name) => {}
        Parameter::Name(name) => note(name),
        Parameter::Path(path) => {
            let (handlebars::Path::Relative((_, raw)) | handlebars::Path::Local((_, _, raw))) = path;
            note(raw);
        }
        Parameter::Subexpression(subexpression) => {
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
