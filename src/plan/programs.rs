//! The rules for programs that steps start, as far as they need what the plan declares.

use super::check::undeclared;
use crate::document::Node;
use crate::failure::{Failure, Kind};
use crate::spec::{NamePatterns, StdinSpec, StepSpec};
use crate::template::{Declared, FACTS, Pattern};

/// What is wrong with the program of a step, whatever else of the step is not known.
pub(super) fn check_program(step: &StepSpec, node: &Node, declared: &Declared) -> Vec<Failure> {
    let run = step.run.as_ref().map(|spec| ("run", spec.program(), spec.stdin.as_deref()));
    let sql = || step.sql.as_ref().map(|spec| ("sql", spec.program(), None));
    let serve = || step.serve.as_ref().map(|spec| ("serve", spec.program(), None));
    let Some((verb, program, stdin)) = run.or_else(sql).or_else(serve) else { return Vec::new() };
    let fields = node.get(verb);
    let is_known = |name: &str| fields.and_then(|fields| fields.get(name)).is_none_or(|field| !field.holds_unknown());
    let mut findings = program.findings();
    let capture = step.run.as_ref().and_then(|run| run.capture.as_ref());
    if let Some(capture) = capture.filter(|capture| FACTS.contains(&capture.name.as_str())) {
        let message = format!("`facts.{}` is known already", capture.name.value);
        findings.push(Failure::new(Kind::Plan, message).at(capture.span).hint("name what is captured otherwise"));
    }
    if is_known("append_from") {
        findings.extend(secret_arguments(program.append_from, declared));
    }
    if is_known("secrets_as_files") {
        findings.extend(program.secrets_as_files.0.iter().filter_map(|(_, source)| undeclared(source, declared)));
    }
    if let (Some(StdinSpec::Secret(source)), true) = (stdin, is_known("stdin")) {
        findings.extend(undeclared(source, declared));
    }
    findings
}

/// Variables with secrets that are to become arguments, which every user of the machine sees.
pub(super) fn secret_arguments(names: &NamePatterns, declared: &Declared) -> Vec<Failure> {
    let is_secret = |pattern: &str| {
        let glob = Pattern::new(pattern);
        declared.secret.has_variable(pattern)
            || declared.env.iter().any(|name| glob.matches(name) && declared.secret.has_variable(name))
    };
    let secret = names.0.iter().filter(|name| is_secret(name.as_str()));
    secret
        .map(|name| {
            let message = format!("`{}` is secret, and arguments can be seen by every user", name.as_str());
            let hint = "let the program read it from its environment or from a file";
            Failure::new(Kind::Plan, message).at(name.span).hint(hint)
        })
        .collect()
}
