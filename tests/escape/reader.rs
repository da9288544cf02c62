//! The parsers that files are read back with: `tests/readers`, in Python.

use serde_json::Value;

use super::place::Read;
use crate::harness::{Scene, python};

/// What a reader prints for each file, or nothing when it cannot run here.
pub(super) fn documents(test: &str, script: &str, arguments: &[String]) -> Option<Vec<Value>> {
    let mut command = python(test)?;
    let output = command.arg(format!("tests/readers/{script}")).args(arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{script}: {stderr}");
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    Some(lines.map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// A function that reads files of a scene, or nothing when it cannot run here.
pub(super) fn reader(
    test: &'static str,
    script: &'static str,
    leaves: fn(&Value) -> Vec<String>,
) -> Option<Box<dyn Fn(&Scene, &[String]) -> Read>> {
    python(test)?;
    Some(Box::new(move |scene, files| {
        let paths: Vec<String> = files.iter().map(|file| scene.path(file).to_str().unwrap().to_owned()).collect();
        let documents = documents(test, script, &paths).unwrap();
        documents.iter().map(|document| error_or(document, leaves)).collect()
    }))
}

pub(super) fn error_or(document: &Value, leaves: fn(&Value) -> Vec<String>) -> Result<Vec<String>, String> {
    match document.get("error") {
        Some(error) => Err(error.to_string()),
        None => Ok(leaves(document)),
    }
}

/// A list of texts.
pub(super) fn texts(document: &Value) -> Vec<String> {
    document.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
