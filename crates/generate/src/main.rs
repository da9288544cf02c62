//! Writes the files that are generated from the code, or with `--check` says which of them is out of date.
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "a program for developers, outside the file layer")]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plan.schema.json");
    let Ok(schema) = generated_schema() else {
        eprintln!("error: cannot make JSON of the schema");
        return ExitCode::FAILURE;
    };
    if std::fs::read_to_string(&path).is_ok_and(|text| text == schema) {
        return ExitCode::SUCCESS;
    }
    if check {
        eprintln!("error: `plan.schema.json` is out of date\n\nhint: run `make schema`");
        return ExitCode::FAILURE;
    }
    match std::fs::write(&path, schema) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot write `plan.schema.json`: {error}");
            ExitCode::FAILURE
        }
    }
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
}
