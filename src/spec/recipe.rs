//! The fields of `generate` together: what exactly is made.

use core::time::Duration;

use super::{AbsolutePath, Alphabet, GenerateKind, GenerateSpec, KeyAlgorithm};
use crate::failure::{Failure, Kind, Span};

/// Characters of a password, and bytes of the other texts, when the plan gives none.
const LENGTH: u32 = 32;
/// More helps nobody, and no program takes it.
const LENGTH_LIMIT: u32 = 4096;
/// Bits of chance below which a secret can be guessed.
const BITS: f64 = 64.0;
/// Each character is drawn by one byte.
const ALPHABET_LIMIT: usize = 256;
/// Characters of a common name that the standard allows.
const COMMON_NAME_LIMIT: usize = 64;

/// How long a certificate is valid when the plan does not say, and the longest time.
const DEFAULT_VALIDITY: Duration = Duration::from_hours(365 * 24);
const VALIDITY_LIMIT: Duration = Duration::from_hours(36_500 * 24);

/// What is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipe {
    Password { characters: Vec<char>, length: usize },
    Hex(usize),
    Base64(usize),
    Uuid,
    Key(KeyAlgorithm),
    Certificate { algorithm: KeyAlgorithm, key_path: AbsolutePath, valid_for: Duration },
}

impl Recipe {
    /// Fails with the first thing that is wrong with the fields together.
    pub(crate) fn new(spec: &GenerateSpec) -> Result<Self, Failure> {
        refuse_fields_of_other_kinds(spec)?;
        let algorithm = spec.algorithm.as_ref().map_or(KeyAlgorithm::P256, |algorithm| algorithm.value);
        match spec.kind.value {
            GenerateKind::Password => {
                let characters = characters(spec)?;
                #[expect(clippy::cast_precision_loss, reason = "at most 256")]
                let bits = (characters.len() as f64).log2();
                let length = length(spec, bits)?;
                Ok(Self::Password { characters, length })
            }
            GenerateKind::Hex => length(spec, 8.0).map(Self::Hex),
            GenerateKind::Base64 => length(spec, 8.0).map(Self::Base64),
            GenerateKind::Uuid => Ok(Self::Uuid),
            GenerateKind::Key => Ok(Self::Key(algorithm)),
            GenerateKind::Certificate => certificate(spec, algorithm),
        }
    }
}

fn finding(span: Span, message: impl Into<String>) -> Failure {
    Failure::new(Kind::Plan, message).at(span)
}

fn refuse_fields_of_other_kinds(spec: &GenerateSpec) -> Result<(), Failure> {
    use GenerateKind::{Base64, Certificate, Hex, Key, Password};
    fn span<T>(field: Option<&crate::document::Located<T>>) -> Option<Span> {
        field.map(|field| field.span)
    }
    let fields: [(&str, Option<Span>, &[GenerateKind]); 10] = [
        ("length", span(spec.length.as_ref()), &[Password, Hex, Base64]),
        ("alphabet", span(spec.alphabet.as_ref()), &[Password]),
        ("characters", span(spec.characters.as_ref()), &[Password]),
        ("algorithm", span(spec.algorithm.as_ref()), &[Key, Certificate]),
        ("names", span(spec.names.first()), &[Certificate]),
        ("common_name", span(spec.common_name.as_ref()), &[Certificate]),
        ("valid_for", span(spec.valid_for.as_ref()), &[Certificate]),
        ("renew_before", span(spec.renew_before.as_ref()), &[Certificate]),
        ("key_path", span(spec.key_path.as_ref()), &[Certificate]),
        ("key_mode", span(spec.key_mode.as_ref()), &[Certificate]),
    ];
    for (name, span, kinds) in fields {
        if let Some(span) = span
            && !kinds.contains(&spec.kind.value)
        {
            return Err(finding(span, format!("`{name}` has no meaning for this kind")));
        }
    }
    Ok(())
}

fn characters(spec: &GenerateSpec) -> Result<Vec<char>, Failure> {
    let Some(own) = &spec.characters else {
        let alphabet = spec.alphabet.as_ref().map_or(Alphabet::Alphanumeric, |alphabet| alphabet.value);
        return Ok(alphabet.characters().chars().collect());
    };
    if let Some(alphabet) = &spec.alphabet {
        let message = "`generate` has both `alphabet` and `characters`";
        return Err(finding(alphabet.span, message).hint("remove one of them"));
    }
    let characters: Vec<char> = own.chars().collect();
    if let Some(blank) = characters.iter().find(|character| character.is_whitespace() || character.is_control()) {
        let message = format!("the characters hold {blank:?}, which is lost when the file is read");
        return Err(finding(own.span, message));
    }
    let mut sorted = characters.clone();
    sorted.sort_unstable();
    if let Some(twice) = sorted.array_windows().find_map(|[one, next]| (one == next).then_some(one)) {
        let message = format!("the character `{twice}` stands twice, and would come twice as often");
        return Err(finding(own.span, message));
    }
    if !(2..=ALPHABET_LIMIT).contains(&characters.len()) {
        let message = format!("a password needs 2 to {ALPHABET_LIMIT} different characters to choose from");
        return Err(finding(own.span, message));
    }
    Ok(characters)
}

/// The length, if that many pieces of so many bits each cannot be guessed.
fn length(spec: &GenerateSpec, bits: f64) -> Result<usize, Failure> {
    let length = spec.length.as_ref().map_or(LENGTH, |length| length.value);
    let span = spec.length.as_ref().map_or(spec.kind.span, |length| length.span);
    if length > LENGTH_LIMIT {
        return Err(finding(span, format!("the length must be at most {LENGTH_LIMIT}")));
    }
    if f64::from(length) * bits < BITS {
        let least = (1..=LENGTH_LIMIT).find(|length| f64::from(*length) * bits >= BITS).unwrap_or(LENGTH_LIMIT);
        let message = format!("a secret of length {length} can be guessed: it has less than {BITS} random bits");
        return Err(finding(span, message).hint(format!("with these characters the least length is {least}")));
    }
    Ok(length as usize)
}

fn certificate(spec: &GenerateSpec, algorithm: KeyAlgorithm) -> Result<Recipe, Failure> {
    if spec.names.is_empty() {
        let hint = "for instance `names: [localhost, 127.0.0.1]`";
        return Err(finding(spec.kind.span, "a certificate needs `names`").hint(hint));
    }
    if let Some(name) = &spec.common_name
        && (!(1..=COMMON_NAME_LIMIT).contains(&name.chars().count()) || name.chars().any(char::is_control))
    {
        let message =
            format!("a common name has 1 to {COMMON_NAME_LIMIT} characters, none of them a control character");
        return Err(finding(name.span, message));
    }
    let valid = spec.valid_for.as_ref().map_or_else(|| DEFAULT_VALIDITY, |valid| valid.get());
    let span = spec.valid_for.as_ref().map_or(spec.kind.span, |valid| valid.span);
    if !(Duration::from_secs(1)..=VALIDITY_LIMIT).contains(&valid) {
        return Err(finding(span, "a certificate is valid for 1s to 36500d"));
    }
    if let Some(renew) = &spec.renew_before
        && renew.get() >= valid
    {
        let message = "the certificate would be renewed at every start: `renew_before` is as long as `valid_for`";
        return Err(finding(renew.span, message));
    }
    let (key_path, span) = match &spec.key_path {
        Some(path) => (path.value.clone(), path.span),
        None => (spec.path.with_suffix("key"), spec.path.span),
    };
    if key_path == spec.path.value {
        return Err(finding(span, "the certificate and its key have the same path").hint("set `key_path`"));
    }
    Ok(Recipe::Certificate { algorithm, key_path, valid_for: valid })
}
