//! Plans.

use serde_json::json;

use super::fields::check_finding;
use super::template::data;
use crate::failure::Source;
use crate::input;
use crate::plan::PlanText;

/// Reading, checking and resolving a plan end, and every finding has its place in the text.
pub fn plan(data_of_plan: &[u8]) {
    let Ok(text) = std::str::from_utf8(data_of_plan) else { return };
    let source = Source::new("plan", text);
    let plan = match PlanText::parse(source) {
        Ok(plan) => plan,
        Err(findings) => {
            findings.iter().for_each(check_finding);
            return;
        }
    };
    let (_, mut findings) = plan.check();
    findings.extend(input::check(&plan.inputs, &plan.declared));
    findings.into_iter().map(|finding| finding.in_source(&plan.source)).for_each(|finding| check_finding(&finding));
    let data = data(&json!({"A": "a", "EMPTY": "", "HOSTILE": "{{env.A}}\n- \"'"}));
    let _ = (plan.exec(&data), plan.arguments());
    match plan.resolve(&data, true, &|_| {}) {
        Ok(resolved) => resolved.steps.iter().for_each(|step| assert!(!step.label().is_empty())),
        Err(findings) => {
            findings.iter().for_each(check_finding);
            let _ = findings.to_termination_message();
        }
    }
}
