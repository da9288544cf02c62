//! Files of values.

use std::path::Path;

use super::fields::{check_finding, lines};
use crate::input::parse_values;
use crate::spec::Format;

const FORMATS: [Format; 7] =
    [Format::Json, Format::Yaml, Format::Toml, Format::Ini, Format::Properties, Format::Env, Format::Downward];

/// The first line begins with the number of the format. What is wrong has its place in the text; of a secret text nothing is
/// told.
pub fn values(data: &[u8]) {
    let Some(([first], text)) = lines::<1>(data) else { return };
    let Some(format) = FORMATS.get(usize::from(first.bytes().next().unwrap_or_default() % 16)) else { return };
    let Err(failure) = parse_values(*format, Path::new("values"), text, false) else { return };
    check_finding(&failure);
    assert!(!failure.to_string().contains('\n'), "more than one line: {failure}");
    let secret = parse_values(*format, Path::new("values"), text, true);
    let told = secret.err().map(|failure| (failure.to_string(), failure.details().hint.clone()));
    assert!(
        told.is_some_and(|(message, hint)| message.len() < 80 && hint.is_none()),
        "something of a secret text is told"
    );
}
