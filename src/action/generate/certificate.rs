//! `generate` of a certificate: its key first, then what that key signs.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Found, State, look, no_random_numbers};
use crate::action::{Change, Context, Difference, Outcome, Sign, exclusive, ownership};
use crate::certificate::{self, Algorithm, Certificate, Key, Name, Request};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, shown};
use crate::spec::{AbsolutePath, GenerateSpec, Recipe, SubjectName};

/// Bytes of a file with a certificate or a key.
const SIZE_LIMIT: u64 = 1024 * 1024;
/// The mode of a new certificate, which is no secret, and of a new key.
const MODE: u32 = 0o644;
const KEY_MODE: u32 = 0o600;
/// Seconds that clocks may differ: a certificate is valid a little before it was made.
const SKEW: i64 = 3600;
/// Characters of a common name that the standard allows.
const COMMON_NAME_LIMIT: usize = 64;

/// A certificate as it is wished.
pub(super) struct Issue<'a> {
    pub(super) spec: &'a GenerateSpec,
    pub(super) algorithm: Algorithm,
    pub(super) key_path: &'a AbsolutePath,
    /// Seconds.
    pub(super) valid_for: i64,
}

/// What has to be made, and the attributes of both files.
struct Look {
    key: State,
    certificate: State,
    ends: Option<i64>,
}

impl<'a> Issue<'a> {
    /// `None` for everything but a certificate.
    pub(super) fn of(spec: &'a GenerateSpec, recipe: &'a Recipe) -> Option<Self> {
        let Recipe::Certificate { algorithm, key_path, valid_for } = recipe else { return None };
        let valid_for = i64::try_from(valid_for.as_secs()).unwrap_or(i64::MAX);
        Some(Self { spec, algorithm: super::algorithm(*algorithm), key_path, valid_for })
    }

    fn attributes(&self, context: &Context) -> Result<(Attributes, Attributes), Failure> {
        let spec = self.spec;
        let certificate = ownership::attributes(spec.owner.as_ref(), spec.mode.as_ref(), context)?;
        let key = Attributes { mode: spec.key_mode.as_ref().map(|mode| mode.bits()), ..certificate };
        Ok((key, certificate))
    }

    fn look(&self, context: &Context) -> Result<Look, Failure> {
        let path = self.spec.path.as_path();
        let key = look(self.spec, self.key_path.as_path(), context)?;
        let certificate = look(self.spec, path, context)?;
        if matches!((&key, &certificate), (State::Missing, State::Present(_))) {
            let message = format!("cannot generate `{}`: the certificate is there, and its key is not", self.key_path);
            let hint = format!("name the key's file in `key_path`, or remove `{}`", shown(path));
            return Err(Failure::new(Kind::Step, message).at(self.spec.path.span).hint(hint));
        }
        let ends = match (&self.spec.renew_before, &certificate) {
            (Some(before), State::Present(_)) => {
                let ends = self.end(context)?;
                let before = i64::try_from(before.get().as_secs()).unwrap_or(i64::MAX);
                Some(ends).filter(|ends| ends.saturating_sub(now()) <= before)
            }
            _ => None,
        };
        Ok(Look { key, certificate, ends })
    }

    /// When the certificate that is there ends.
    fn end(&self, context: &Context) -> Result<i64, Failure> {
        let path = self.spec.path.as_path();
        let content = self.read(path, context)?;
        let text = String::from_utf8_lossy(&content);
        let blocks = certificate::decode(&text).map_err(|(_, problem)| self.unusable(path, problem))?;
        let first = blocks.into_iter().find(|block| block.label == certificate::CERTIFICATE);
        let der = first.map(|block| block.content).unwrap_or_default();
        Certificate::read(&der).map(|read| read.not_after).map_err(|problem| self.unusable(path, problem))
    }

    pub(super) fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let found = self.look(context)?;
        let (key, certificate) = self.attributes(context)?;
        let mut differences = Vec::new();
        differences.extend(found.key.difference(self.key_path.as_str(), "new key", key, KEY_MODE));
        let mut difference =
            found.certificate.difference(self.spec.path.as_str(), "new certificate", certificate, MODE);
        if let Some(ends) = found.ends {
            let detail = format!("new certificate with the same key, the old one ends on {}", certificate::date(ends));
            difference = Some(Difference::new(Sign::Modify, self.spec.path.as_str(), detail));
        }
        differences.extend(difference);
        Ok(Change::new(differences, ()))
    }

    pub(super) fn apply(&self, context: &Context) -> Result<Outcome, Failures> {
        let path = self.spec.path.as_path();
        let key_path = self.key_path.as_path();
        let _lock = exclusive::lock(path, context)?;
        let found = self.look(context)?;
        let (key_attributes, attributes) = self.attributes(context)?;
        let mut made = Vec::new();
        // A left-over of a killed run may be a second name of the key.
        let _ = context.root.sweep(key_path.parent().unwrap_or(key_path));
        let key = found.key.mend(self.spec, key_path, key_attributes, context)?;
        if key == Found::Missing {
            let key = Key::generate(self.algorithm).map_err(|_| no_random_numbers())?;
            let text = certificate::encode(certificate::PRIVATE_KEY, &key);
            if super::write(self.spec, key_path, &text, key_attributes, KEY_MODE, context)? {
                made.push("key");
            }
        }
        let certificate = found.certificate.mend(self.spec, path, attributes, context)?;
        if certificate == Found::Missing || found.ends.is_some() {
            let text = self.issue(context)?;
            let cannot = |error: crate::root::Error| error.cannot("write", shown(path)).at(self.spec.path.span);
            if found.ends.is_some() {
                context.root.write(path, text.as_bytes(), attributes).map_err(cannot)?;
                made.push("certificate");
            } else if super::write(self.spec, path, &text, attributes, MODE, context)? {
                made.push("certificate");
            }
        }
        Ok(match made.as_slice() {
            [] if key == Found::Mended => key.outcome(),
            [] => certificate.outcome(),
            made => Outcome::changed(format!("made {}", made.join(" and "))),
        })
    }

    /// The certificate that the key signs which is there by now, whoever made it.
    fn issue(&self, context: &Context) -> Result<String, Failure> {
        let path = self.key_path.as_path();
        let content = self.read(path, context)?;
        let text = String::from_utf8_lossy(&content);
        let blocks = certificate::decode(&text).map_err(|(_, problem)| self.unusable(path, problem))?;
        let pkcs8 = blocks.into_iter().find(|block| block.label == certificate::PRIVATE_KEY);
        let key = Key::read(&pkcs8.map(|block| block.content).unwrap_or_default())
            .map_err(|problem| self.unusable(path, problem))?;
        let names: Vec<Name> = self.spec.names.iter().map(|name| self::name(&name.value)).collect();
        let first = match &self.spec.names[..] {
            [first, ..] => first.value.to_string(),
            [] => String::new(),
        };
        let common_name = self.spec.common_name.as_ref().map_or(first.as_str(), |name| name.as_str());
        let now = now();
        let request = Request {
            common_name: Some(common_name).filter(|name| name.chars().count() <= COMMON_NAME_LIMIT),
            names: &names,
            not_before: now - SKEW,
            not_after: now + self.valid_for,
        };
        let der = certificate::self_signed(&key, &request).map_err(|_| no_random_numbers())?;
        Ok(certificate::encode(certificate::CERTIFICATE, &der))
    }

    fn read(&self, path: &Path, context: &Context) -> Result<Vec<u8>, Failure> {
        let read = context.root.read(path, SIZE_LIMIT);
        read.map_err(|error| error.cannot("read", shown(path)).at(self.spec.path.span))
    }

    fn unusable(&self, path: &Path, problem: certificate::Malformed) -> Failure {
        let message = format!("cannot use `{}`: {problem}", shown(path));
        Failure::new(Kind::Step, message).at(self.spec.path.span)
    }
}

fn name(name: &SubjectName) -> Name {
    match name {
        SubjectName::Dns(name) => Name::Dns(name.clone()),
        SubjectName::Address(address) => Name::Address(*address),
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
