//! Operations carried out as patches, one after the other, by whoever finds the places.

use std::borrow::Cow;

use serde_json::Value;

use super::agreement::agreeing;
use super::patch::{Patch, patched};
use super::refusal::{self, Refusal};
use super::{EditError, Operation, Problem, Segment};

/// Why an operation makes no patches.
pub(super) enum Error {
    Text(Problem),
    Refused(Refusal),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Text(problem)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The text with all operations carried out; `changes` finds what one of them would patch.
pub(super) fn carry_out_each(
    text: &str,
    operations: &[Operation],
    changes: impl Fn(&str, &Operation) -> Result<Vec<Patch>, Error>,
) -> Result<String, EditError> {
    let mut current = Cow::Borrowed(text);
    for (index, operation) in operations.iter().enumerate() {
        let refused = |Refusal { message, hint }| EditError::Operation { index, message, hint };
        let told = |error| match error {
            Error::Text(problem) => EditError::Text(problem),
            Error::Refused(refusal) => refused(refusal),
        };
        let mut operation = operation.clone();
        if let Operation::Set { path, value, .. } = &mut operation {
            match wished(path, value) {
                Ok(agreed) => *value = agreed,
                // What is wrong with the text or the path is told first.
                Err(refusal) => {
                    return Err(changes(&current, &operation).map_err(told).err().unwrap_or(refused(refusal)));
                }
            }
        }
        loop {
            let patches = changes(&current, &operation).map_err(told)?;
            if patches.is_empty() {
                break;
            }
            current = Cow::Owned(patched(&current, patches));
            // A key that is there more than once is taken out once in each round.
            match &mut operation {
                Operation::Unset { path, must_exist } if matches!(path.last(), Some(Segment::Name(_))) => {
                    *must_exist = false;
                }
                _ => break,
            }
        }
    }
    Ok(current.into_owned())
}

/// No patches where the place is not there and shall not be, else the refusal.
pub(super) fn absent(operation: &Operation, segment: &Segment) -> Result<Vec<Patch>, Error> {
    refusal::absent(operation, segment)?;
    Ok(Vec::new())
}

/// What the place gets, if the path allows it.
fn wished(path: &[Segment], value: &Value) -> Result<Value, Refusal> {
    match path.last() {
        Some(Segment::Where { name, .. }) if !value.is_object() => Err(refusal::only_a_mapping(name)),
        _ => agreeing(path, value).map(Cow::into_owned).map_err(|(message, hint)| Refusal { message, hint }),
    }
}
