//! `trust`: a bundle holds these certificates.

use std::path::Path;

use serde::Deserialize;

use super::{AbsolutePath, Mode, Owner, SecretSource};
use crate::document::Located;
use crate::failure::{Failure, Kind};

/// A bundle of certificates to trust: those of the system, and more.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "trust"))]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustSpec {
    /// The bundle that is made.
    pub(crate) path: Located<AbsolutePath>,
    /// The bundle it begins with: `system`, `none`, or the path of a PEM file. Without it `system`.
    #[serde(default)]
    pub(crate) base: Located<Base>,
    /// Files, and directories with *.pem, *.crt and *.cer files, whose certificates are added. PEM or DER.
    #[serde(default)]
    pub(crate) add: Vec<Located<AbsolutePath>>,
    /// Without it by the suffix of `path`: `.p12` and `.pfx`, `.jks`, and PEM for every other one.
    pub(crate) format: Option<Located<TrustFormat>>,
    /// The password of a store of PKCS#12 or JKS; without it `changeit`, as everywhere in Java.
    pub(crate) password: Option<Located<SecretSource>>,
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode; without it the file keeps its own, and a new one gets "0644".
    pub(crate) mode: Option<Located<Mode>>,
}

/// What a bundle is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrustFormat {
    Pem,
    Pkcs12,
    Jks,
}

/// What a bundle begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) enum Base {
    /// The bundle that the system in the root trusts.
    #[default]
    System,
    None,
    File(AbsolutePath),
}

impl TryFrom<String> for Base {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "system" => Ok(Self::System),
            "none" => Ok(Self::None),
            _ => AbsolutePath::try_from(text)
                .map(Self::File)
                .map_err(|_| "not a base\nwrite `system`, `none`, or the absolute path of a PEM file".to_owned()),
        }
    }
}

impl TrustSpec {
    pub(crate) fn format(&self) -> TrustFormat {
        let suffix = Path::new(self.path.as_str()).extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match (&self.format, suffix.as_str()) {
            (Some(format), _) => format.value,
            (None, "p12" | "pfx" | "pkcs12") => TrustFormat::Pkcs12,
            (None, "jks") => TrustFormat::Jks,
            (None, _) => TrustFormat::Pem,
        }
    }

    /// What is wrong with the fields together.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let finding = |span, message: &str| Failure::new(Kind::Plan, message).at(span);
        if self.base.value == Base::None && self.add.is_empty() {
            return Err(finding(self.path.span, "`trust` needs certificates").hint("name them in `add`, or set `base`"));
        }
        match &self.password {
            Some(password) if self.format() == TrustFormat::Pem => {
                Err(finding(password.span, "a PEM bundle has no password"))
            }
            Some(password) if password.from_env.is_some() == password.from_file.is_some() => {
                Err(finding(password.span, "`password` needs `from_env` or `from_file`"))
            }
            _ => Ok(()),
        }
    }
}
