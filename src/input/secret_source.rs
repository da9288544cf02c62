//! A secret by where it is found: `{ from_env: NAME }` or `{ from_file: PATH }`.

use crate::failure::{Failure, Kind};
use crate::process::Environment;
use crate::root::Root;
use crate::secret::{Scrubber, Secret};
use crate::spec::SecretSource;
use crate::template::Data;

/// Reads the secret and teaches it to the scrubber. A file is read anew at each call: short-lived tokens change.
pub(crate) fn read(
    source: &SecretSource,
    data: &Data,
    environment: &Environment,
    root: &Root,
    scrubber: &Scrubber,
) -> Result<Secret<String>, Failure> {
    let (text, span) = if let Some(name) = &source.from_env {
        let undeclared = || environment.get(name).and_then(|text| text.to_str()).map(str::to_owned);
        let text = data.env_text(name).or_else(undeclared).filter(|text| !text.is_empty()).ok_or_else(|| {
            Failure::new(Kind::Input, format!("the environment variable `{}` is not set", name.value)).at(name.span)
        })?;
        (text, name.span)
    } else if let Some(path) = &source.from_file {
        let text = super::file::read_text(root, path.as_path()).map_err(|problem| {
            Failure::new(Kind::Input, format!("cannot read the secret `{}`: {problem}", path.value)).at(path.span)
        })?;
        (text, path.span)
    } else {
        return Err(Failure::new(Kind::Internal, "a secret without a source"));
    };
    if text.is_empty() {
        return Err(Failure::new(Kind::Input, "the secret is empty").at(span));
    }
    scrubber.learn(&text);
    Ok(Secret::new(text))
}
