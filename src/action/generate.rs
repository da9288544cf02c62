//! `generate`: a secret exists, made once.

mod certificate;
mod text;

use std::path::Path;

use self::certificate::Issue;
use super::{Change, Context, Difference, Outcome, Perform, Sign, exclusive, ownership};
use crate::certificate::{self as x509, Algorithm, Key};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Error, FileKind, Metadata, shown};
use crate::spec::{GenerateSpec, KeyAlgorithm, Recipe};

/// The mode of a new secret when the plan gives none.
const MODE: u32 = 0o600;

/// What is in the place of a secret.
enum State {
    Missing,
    Present(Metadata),
}

/// What was done about a file that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It is not there.
    Missing,
    Right,
    Mended,
}

impl Perform for GenerateSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let recipe = Recipe::new(self)?;
        if let Some(issue) = Issue::of(self, &recipe) {
            return issue.observe(context);
        }
        let attributes = ownership::attributes(self.owner.as_ref(), self.mode.as_ref(), context)?;
        let state = look(self, self.path.as_path(), context)?;
        let difference = state.difference(self.path.as_str(), &description(&recipe), attributes, MODE);
        Ok(Change::new(difference.into_iter().collect(), ()))
    }

    fn apply(&self, _: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        let recipe = Recipe::new(self)?;
        if let Some(issue) = Issue::of(self, &recipe) {
            return issue.apply(context);
        }
        let path = self.path.as_path();
        let attributes = ownership::attributes(self.owner.as_ref(), self.mode.as_ref(), context)?;
        let _lock = exclusive::lock(path, context).map_err(|failure| failure.at(self.path.span))?;
        match look(self, path, context)?.mend(self, path, attributes, context)? {
            Found::Missing => {}
            mended => return Ok(mended.outcome()),
        }
        let text = make(&recipe, context)?;
        if write(self, path, &text, attributes, MODE, context)? {
            Ok(Outcome::changed(format!("made a {}", description(&recipe))))
        } else {
            Ok(Found::Right.outcome())
        }
    }
}

impl GenerateSpec {
    /// The directory that holds the secret: left-overs of killed runs lie there.
    pub(crate) fn target_directory(&self) -> &Path {
        self.path.as_path().parent().unwrap_or_else(|| Path::new("/"))
    }
}

/// What is new, without its value: `new password, 32 characters`.
fn description(recipe: &Recipe) -> String {
    match recipe {
        Recipe::Password { length, .. } => format!("new password, {length} characters"),
        Recipe::Hex(length) => format!("new secret, {length} bytes in hexadecimal digits"),
        Recipe::Base64(length) => format!("new secret, {length} bytes in Base64"),
        Recipe::Uuid => "new UUID".to_owned(),
        Recipe::Key(KeyAlgorithm::Ed25519) => "new key, Ed25519".to_owned(),
        Recipe::Key(KeyAlgorithm::P256) => "new key, P-256".to_owned(),
        Recipe::Certificate { .. } => "new certificate".to_owned(),
    }
}

/// The content of the file: text without a newline at its end, or PEM.
fn make(recipe: &Recipe, context: &Context) -> Result<String, Failure> {
    let made = match recipe {
        Recipe::Password { characters, length } => text::password(characters, *length),
        Recipe::Hex(length) => text::hex(*length),
        Recipe::Base64(length) => text::base64(*length),
        Recipe::Uuid => text::uuid(),
        Recipe::Key(kind) | Recipe::Certificate { algorithm: kind, .. } => {
            let key = Key::generate(algorithm(*kind)).map_err(|_| no_random_numbers())?;
            return Ok(x509::encode(x509::PRIVATE_KEY, &key));
        }
    };
    let text = made.map_err(|_| no_random_numbers())?;
    context.scrubber.learn(&text);
    Ok(text)
}

fn algorithm(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::Ed25519 => Algorithm::Ed25519,
        KeyAlgorithm::P256 => Algorithm::P256,
    }
}

fn no_random_numbers() -> Failure {
    Failure::new(Kind::Step, "cannot generate: the operating system gives no random numbers")
}

/// Writes a new file. No when another run was faster, whose file is kept.
fn write(
    spec: &GenerateSpec,
    path: &Path,
    text: &str,
    attributes: Attributes,
    mode: u32,
    context: &Context,
) -> Result<bool, Failure> {
    let attributes = Attributes { mode: attributes.mode.or(Some(mode)), ..attributes };
    let written = context.root.write_new(path, text.as_bytes(), attributes);
    written.map_err(|error| error.cannot("write", shown(path)).at(spec.path.span))
}

/// What is at the path. An empty file is refused: it is no secret, and another program may be about to fill it.
fn look(spec: &GenerateSpec, path: &Path, context: &Context) -> Result<State, Failure> {
    let refuse = |what: String| {
        Failure::new(Kind::FileSystem, format!("cannot generate `{}`: {what}", shown(path))).at(spec.path.span)
    };
    let cannot = |error: Error| error.cannot("generate", shown(path)).at(spec.path.span);
    match context.root.metadata(path).map_err(cannot)? {
        None => Ok(State::Missing),
        Some(metadata) if metadata.kind != FileKind::File => Err(refuse(format!("it is {}", metadata.kind))),
        Some(metadata) if metadata.size == 0 => {
            let hint = "nothing of ours leaves an empty file: find out who made it, and remove it";
            Err(refuse("an empty file is in its place".to_owned()).hint(hint))
        }
        Some(metadata) => Ok(State::Present(metadata)),
    }
}

impl State {
    /// How the world differs: a new file, or an owner and mode that are wished and not there.
    fn difference(&self, path: &str, new: &str, attributes: Attributes, mode: u32) -> Option<Difference> {
        match self {
            Self::Missing => {
                let attributes = Attributes { mode: attributes.mode.or(Some(mode)), ..attributes };
                let description = ownership::description(FileKind::File, attributes);
                let detail = format!("{new}{}", description.strip_prefix("file").unwrap_or_default());
                Some(Difference::new(Sign::Create, path, detail))
            }
            Self::Present(metadata) => {
                let detail = ownership::differences(metadata, attributes)?;
                Some(Difference::new(Sign::Modify, path, detail))
            }
        }
    }

    /// Makes owner and mode of what is there as wished.
    fn mend(
        &self,
        spec: &GenerateSpec,
        path: &Path,
        attributes: Attributes,
        context: &Context,
    ) -> Result<Found, Failure> {
        let Self::Present(metadata) = self else { return Ok(Found::Missing) };
        if attributes.missing_in(metadata).is_empty() {
            return Ok(Found::Right);
        }
        let set = context.root.set_attributes(path, attributes);
        set.map_err(|error| error.cannot("set owner and mode of", shown(path)).at(spec.path.span))?;
        Ok(Found::Mended)
    }
}

impl Found {
    fn outcome(self) -> Outcome {
        match self {
            Self::Mended => Outcome::changed("kept, owner or mode mended"),
            Self::Missing | Self::Right => Outcome::unchanged("made by another run meanwhile"),
        }
    }
}
