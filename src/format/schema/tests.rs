mod hostile;
mod keywords;
mod messages;
mod references;
mod refused;

use serde_json::Value;

use super::{Finding, Schema};

/// What is wrong with an instance, as `POINTER: MESSAGE`.
fn findings(schema: &Value, instance: &Value) -> Vec<String> {
    let schema = Schema::new(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
    schema.check(instance).into_iter().map(|Finding { at, message }| format!("{at}: {message}")).collect()
}
