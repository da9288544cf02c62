//! Headers of a request, some of which are secrets.

use super::Context;
use crate::document::Table;
use crate::failure::{Failure, Kind};
use crate::input;
use crate::net::Headers;
use crate::secret::Secret;
use crate::spec::HeaderSpec;

/// The headers with their secrets. The scrubber knows every secret before anything can fail with it.
pub(super) fn headers(table: &Table<HeaderSpec>, context: &Context) -> Result<Headers, Failure> {
    let mut headers = Headers::default();
    for (name, spec) in &table.0 {
        let (value, span) = match spec {
            HeaderSpec::Text(text) => (Secret::new(text.clone()), name.span),
            HeaderSpec::Secret { source, prefix } => {
                let secret = input::read_secret(source, context.stores())?;
                let value = format!("{prefix}{}", secret.value.expose());
                context.scrubber.learn(&value);
                (Secret::new(value), secret.span)
            }
        };
        headers.add(name, &value).map_err(|cause| {
            let message = format!("cannot send the header `{}`: {cause}", name.value);
            Failure::new(Kind::Input, message).at(span)
        })?;
    }
    Ok(headers)
}
