//! What the tests of the file steps share: a step from YAML, carried out in a scratch directory.

use serde::de::DeserializeOwned;
use serde_json::Map;

use super::super::{Context, Outcome, Perform};
use crate::document::{parse, read};
use crate::failure::{Failures, Source};
use crate::process::{Environment, Interrupt};
use crate::root::Root;
use crate::secret::Scrubber;
use crate::template::Data;

pub(in crate::action) fn context(root: Root) -> Context {
    Context {
        step: String::new(),
        root,
        data: Data::new(Map::new(), Map::new(), Map::new()),
        environment: Environment::default(),
        interrupt: Interrupt::manual().unwrap(),
        scrubber: Scrubber::default(),
        deadline: None,
    }
}

pub(in crate::action) fn spec<Spec: DeserializeOwned>(yaml: &str) -> Spec {
    let node = parse(&Source::new("test", yaml)).unwrap();
    let reading = read(&node);
    reading.value.unwrap_or_else(|| panic!("{yaml}: {:?}", reading.findings))
}

/// The differences, one line each: sign, subject, detail.
pub(in crate::action) fn observe<Step: Perform + DeserializeOwned>(
    yaml: &str,
    context: &Context,
) -> Result<Vec<String>, Failures> {
    let change = spec::<Step>(yaml).observe(context)?;
    let line = |difference: &super::super::Difference| {
        format!("{} {}: {}", difference.sign.character(), difference.subject, difference.detail)
    };
    Ok(change.differences.iter().map(line).collect())
}

/// Carries the step out, and makes sure that there is nothing left to do. `None` when there was nothing to do.
pub(in crate::action) fn apply<Step: Perform + DeserializeOwned>(
    yaml: &str,
    context: &Context,
) -> Result<Option<Outcome>, Failures> {
    let step = spec::<Step>(yaml);
    let change = step.observe(context)?;
    if change.differences.is_empty() {
        return Ok(None);
    }
    let outcome = step.apply(change, context)?;
    assert_eq!(observe::<Step>(yaml, context)?, [""; 0], "{yaml}");
    Ok(Some(outcome))
}

/// The message of the failure that the step ends with.
pub(in crate::action) fn failure<Step: Perform + DeserializeOwned>(yaml: &str, context: &Context) -> String {
    apply::<Step>(yaml, context).unwrap_err().to_string()
}
