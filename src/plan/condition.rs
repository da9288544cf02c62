//! The rules of a condition.

use super::check::finding;
use crate::document::Located;
use crate::failure::Failure;
use crate::spec::Condition;
use crate::template::Declared;

/// What is wrong with the condition and those in it.
pub(super) fn check_condition(condition: &Located<Condition>, declared: &Declared, findings: &mut Vec<Failure>) {
    let kinds = [
        condition.env.is_some(),
        condition.exists.is_some(),
        condition.missing.is_some(),
        condition.empty.is_some(),
        condition.user.is_some(),
        condition.argument.is_some(),
        condition.can.is_some(),
        condition.contains.is_some(),
        condition.all.is_some(),
        condition.any.is_some(),
        condition.not.is_some(),
    ];
    if kinds.iter().filter(|kind| **kind).count() != 1 {
        let hint = "exactly one of env, exists, missing, empty, user, argument, can, contains, all, any, not";
        findings.push(finding(condition.span, "the condition does not ask exactly one thing").hint(hint));
    }
    if let Some(name) = &condition.env
        && !declared.knows_variable(name)
    {
        let hint = declared
            .variable_near(name)
            .unwrap_or_else(|| format!("add `{}: {{ required: false }}` there", name.value));
        findings.push(finding(name.span, format!("`{}` is not declared under `inputs.env`", name.value)).hint(hint));
    }
    if (condition.can.is_some() || condition.contains.is_some()) != condition.path.is_some() {
        findings.push(finding(condition.span, "`path` belongs to `can` and `contains`, and they need it"));
    }
    let refined = condition.equals.is_some() || condition.matches.is_some() || condition.one_of.is_some();
    if refined && condition.env.is_none() && condition.argument.is_none() {
        findings.push(finding(condition.span, "`equals`, `matches` and `in` belong to `env` and `argument`"));
    }
    for pattern in condition.matches.iter().chain(&condition.contains) {
        if regex_lite::Regex::new(pattern).is_err() {
            findings.push(finding(pattern.span, "not a regular expression"));
        }
    }
    let lists = condition.all.iter().chain(&condition.any).flatten();
    for inner in lists.chain(condition.not.as_deref()) {
        check_condition(inner, declared, findings);
    }
}
