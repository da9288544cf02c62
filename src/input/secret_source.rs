//! A secret by where it is found: `{ from_env: NAME }` or `{ from_file: PATH }`.

use super::file::read_text;
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::process::Environment;
use crate::root::Root;
use crate::secret::{Scrubber, Secret};
use crate::spec::SecretSource;
use crate::template::Data;

/// Where secrets are, and who has to know them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stores<'a> {
    pub(crate) data: &'a Data,
    pub(crate) environment: &'a Environment,
    pub(crate) root: &'a Root,
    pub(crate) scrubber: &'a Scrubber,
}

/// Reads the secret, at the place of its name, and teaches it to the scrubber. A file is read anew at each call: short-lived
/// tokens change.
pub(crate) fn read(source: &SecretSource, stores: Stores<'_>) -> Result<Located<Secret<String>>, Failure> {
    let (text, span) = match (&source.from_env, &source.from_file) {
        (Some(name), _) => (variable(name, stores).map_err(|failure| failure.at(name.span))?, name.span),
        (None, Some(path)) => {
            let text = read_text(stores.root, path.as_path()).map_err(|problem| {
                let message = format!("cannot read the secret `{}`: {problem}", path.value);
                Failure::new(Kind::Input, message).at(path.span)
            })?;
            if text.is_empty() {
                return Err(Failure::new(Kind::Input, format!("the secret `{}` is empty", path.value)).at(path.span));
            }
            (text, path.span)
        }
        (None, None) => return Err(Failure::new(Kind::Internal, "a secret without a source")),
    };
    stores.scrubber.learn(&text);
    Ok(Located::new(span, Secret::new(text)))
}

fn variable(name: &str, stores: Stores<'_>) -> Result<String, Failure> {
    let refuse = |what: &str| Failure::new(Kind::Input, format!("the environment variable `{name}` {what}"));
    // A declared variable may come from the file that `NAME_FILE` names.
    if let Some(text) = stores.data.env_text(name).filter(|text| !text.is_empty()) {
        return Ok(text);
    }
    match stores.environment.get(name).filter(|text| !text.is_empty()) {
        Some(text) => text.to_str().map(str::to_owned).ok_or_else(|| refuse("is not UTF-8")),
        None => Err(refuse("is not set")),
    }
}
