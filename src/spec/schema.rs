//! The JSON Schema of the plan, for editors. Development only: the program embeds the file that is made of it.

use serde_json::{Value, json};

use super::PlanSpec;

/// Definitions whose fields are read before there is any data, and so cannot be templates.
const WITHOUT_TEMPLATES: [&str; 3] = ["inputs", "variable", "values"];

/// The schema of the whole plan.
pub(crate) fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<PlanSpec>().to_value();
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        for (name, definition) in definitions {
            if !WITHOUT_TEMPLATES.contains(&name.as_str()) {
                allow_templates(definition);
            }
        }
    }
    schema
}

/// A string that is one `{{...}}` may stand for a value of any type.
fn allow_templates(definition: &mut Value) {
    let Some(properties) = definition.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for property in properties.values_mut() {
        let types = match property.get("type") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(several)) => several.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
            _ => continue,
        };
        if types.iter().any(|one| ["boolean", "integer", "number", "array"].contains(&one.as_str())) {
            let described = property.get("description").cloned();
            let typed = property.take();
            *property = json!({ "anyOf": [typed, { "type": "string", "pattern": "^\\{\\{.*\\}\\}$" }] });
            if let Some(text) = described {
                property["description"] = text;
            }
        }
    }
}
