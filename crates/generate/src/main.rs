//! Writes the files that are generated from the code, or with `--check` says which of them is out of date.
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "a program for developers, outside the file layer")]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let Ok(schema) = generated_schema() else {
        eprintln!("error: cannot make JSON of the schema");
        return ExitCode::FAILURE;
    };
    let files = [("plan.schema.json", schema), ("docs/helpers.md", fitout::helpers_reference())];
    let mut code = ExitCode::SUCCESS;
    for (name, text) in files {
        if let Err(message) = keep(name, &text, check) {
            eprintln!("error: {message}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// Writes the file if it is not this text, or only says so.
fn keep(name: &str, text: &str, check: bool) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    if std::fs::read_to_string(&path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    if check {
        return Err(format!("`{name}` is out of date\n\nhint: run `make schema`"));
    }
    std::fs::write(&path, text).map_err(|error| format!("cannot write `{name}`: {error}"))
}

fn generated_schema() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&fitout::plan_schema()).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checked_in_schema_is_the_generated_one() {
        assert_eq!(super::generated_schema().unwrap(), include_str!("../../../plan.schema.json"), "run `make schema`");
    }

    #[test]
    fn the_checked_in_reference_is_the_generated_one() {
        assert_eq!(fitout::helpers_reference(), include_str!("../../../docs/helpers.md"), "run `make schema`");
    }
}
