//! Tables of what a language refuses. A row asserts place, message and hint; `""` is no hint.

use serde_json::Value;

use super::{EditError, Operation, Problem, parse_path};

/// A text, and the byte, message and hint of what is wrong with it.
pub(super) type Reading<'a> = (&'a str, usize, &'a str, &'a str);

/// A text, what is to be changed, and the message and hint of the refusal. When the text is at fault, the message begins
/// with the byte at which it is: `4: the quote is not closed`.
pub(super) type Editing<'a> = (&'a str, Operation, &'a str, &'a str);

pub(super) fn set(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: false }
}

/// Sets what has to be there.
pub(super) fn must(path: &str, value: Value) -> Operation {
    Operation::Set { path: parse_path(path).unwrap(), value, must_exist: true }
}

pub(super) fn unset(path: &str) -> Operation {
    Operation::Unset { path: parse_path(path).unwrap(), must_exist: false }
}

/// Unsets what has to be there.
pub(super) fn must_unset(path: &str) -> Operation {
    Operation::Unset { path: parse_path(path).unwrap(), must_exist: true }
}

/// Asserts every row, and shows all those that are told otherwise as they are told.
#[track_caller]
pub(super) fn refuses_to_read<T>(read: impl Fn(&str) -> Result<T, Problem>, rows: &[Reading<'_>]) {
    let others: Vec<String> = rows
        .iter()
        .enumerate()
        .filter_map(|(row, &(text, offset, message, hint))| {
            let Err(problem) = read(text) else { return Some(format!("row {row}: {text:?} is read")) };
            let told = (text, problem.offset, &*problem.message, problem.hint.as_deref().unwrap_or_default());
            (told != (text, offset, message, hint)).then(|| format!("row {row}: {told:?},"))
        })
        .collect();
    assert!(others.is_empty(), "told otherwise:\n{}", others.join("\n"));
}

/// Asserts every row, and shows all those that are told otherwise as they are told.
#[track_caller]
pub(super) fn refuses_to_edit(edit: fn(&str, &[Operation]) -> Result<String, EditError>, rows: &[Editing<'_>]) {
    let others: Vec<String> = rows
        .iter()
        .enumerate()
        .filter_map(|(row, (text, operation, message, hint))| {
            let (told, remedy) = match edit(text, std::slice::from_ref(operation)) {
                Err(EditError::Text(problem)) => (format!("{}: {}", problem.offset, problem.message), problem.hint),
                Err(EditError::Operation { index: 0, message, hint }) => (message, hint),
                other => return Some(format!("row {row}: {text:?}, {operation:?}: {other:?}")),
            };
            let remedy = remedy.as_deref().unwrap_or_default();
            ((&*told, remedy) != (*message, *hint))
                .then(|| format!("row {row}: ({text:?}, {operation:?}, {told:?}, {remedy:?}),"))
        })
        .collect();
    assert!(others.is_empty(), "told otherwise:\n{}", others.join("\n"));
}
