//! `generate`: a secret exists, made once.

use core::net::IpAddr;
use std::fmt;

use serde::Deserialize;

use super::{AbsolutePath, Duration, Mode, Owner};
use crate::document::Located;

/// Bytes of a DNS name, and of one of its parts.
const NAME_LIMIT: usize = 253;
const LABEL_LIMIT: usize = 63;

/// A secret exists: made once, of random numbers of the operating system, and kept from then on.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "generate"))]
#[serde(deny_unknown_fields)]
pub(crate) struct GenerateSpec {
    pub(crate) kind: Located<GenerateKind>,
    pub(crate) path: Located<AbsolutePath>,
    /// Characters of a password; bytes of `hex` and `base64` before they are written as text. Without it 32.
    pub(crate) length: Option<Located<u32>>,
    /// The characters of a password.
    pub(crate) alphabet: Option<Located<Alphabet>>,
    /// Characters of a password of your own choice, in place of `alphabet`.
    pub(crate) characters: Option<Located<String>>,
    /// The algorithm of a key, also that of a certificate. Without it P-256.
    pub(crate) algorithm: Option<Located<KeyAlgorithm>>,
    /// The names and addresses that a certificate is for.
    #[serde(default)]
    pub(crate) names: Vec<Located<SubjectName>>,
    /// The subject of a certificate; without it the first of `names`.
    pub(crate) common_name: Option<Located<String>>,
    /// How long a certificate is valid; without it `365d`.
    pub(crate) valid_for: Option<Located<Duration>>,
    /// Make a new certificate, with the same key, when the old one ends within this time; without it never.
    pub(crate) renew_before: Option<Located<Duration>>,
    /// The file of a certificate's key; without it `path` with the suffix `.key`.
    pub(crate) key_path: Option<Located<AbsolutePath>>,
    /// Mode of a certificate's key; without it "0600".
    pub(crate) key_mode: Option<Located<Mode>>,
    /// Owner of the file, and of a certificate's key.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode; without it a new file gets "0600", a new certificate "0644", and an existing one keeps its own.
    pub(crate) mode: Option<Located<Mode>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum GenerateKind {
    Password,
    Hex,
    Base64,
    Uuid,
    Key,
    Certificate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Alphabet {
    /// A to Z, a to z, 0 to 9.
    Alphanumeric,
    /// A to Z, a to z.
    Letters,
    /// 0 to 9.
    Digits,
    /// Letters, digits, `-` and `_`.
    UrlSafe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyAlgorithm {
    Ed25519,
    P256,
}

/// A DNS name, also with `*` as its first part, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) enum SubjectName {
    Dns(String),
    Address(IpAddr),
}

impl Alphabet {
    pub(crate) fn characters(self) -> String {
        let letters = || ('A'..='Z').chain('a'..='z');
        match self {
            Self::Alphanumeric => letters().chain('0'..='9').collect(),
            Self::Letters => letters().collect(),
            Self::Digits => ('0'..='9').collect(),
            Self::UrlSafe => letters().chain('0'..='9').chain(['-', '_']).collect(),
        }
    }
}

impl TryFrom<String> for SubjectName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let label = |label: &str| {
            (1..=LABEL_LIMIT).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let plain = text.strip_prefix("*.").unwrap_or(&text);
        // What ends with a number is an address, and this is none.
        let is_number = plain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if text.len() <= NAME_LIMIT && plain.split('.').all(label) && !is_number {
            return Ok(Self::Dns(text));
        }
        Err("not a name or address\nfor instance `db`, `*.example.org`, `127.0.0.1` or `::1`, without port".to_owned())
    }
}

impl fmt::Display for SubjectName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => formatter.write_str(name),
            Self::Address(address) => write!(formatter, "{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SubjectName;

    #[test]
    fn names() {
        for (text, wanted) in [
            ("localhost", "dns"),
            ("db-0.db.default.svc.cluster.local", "dns"),
            ("*.example.org", "dns"),
            ("_srv.example.org", "dns"),
            ("127.0.0.1", "address"),
            ("::1", "address"),
            ("", ""),
            ("*", ""),
            ("a..b", ""),
            ("a.*.b", ""),
            ("-a", ""),
            ("a b", ""),
            ("db:5432", ""),
            ("[::1]", ""),
            ("127.0.0.1/8", ""),
            ("1.2.3.400", ""),
            ("b\u{fc}cher.example", ""),
            ("a\n", ""),
        ] {
            let kind = match SubjectName::try_from(text.to_owned()) {
                Ok(SubjectName::Dns(_)) => "dns",
                Ok(SubjectName::Address(_)) => "address",
                Err(_) => "",
            };
            assert_eq!(kind, wanted, "{text}");
        }
    }
}
