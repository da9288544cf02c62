//! How far a connection to a server is secured.

use std::path::PathBuf;

use super::{Maker, refuse};
use crate::document::Located;
use crate::failure::Failure;
use crate::net::Tls;
use crate::spec::{AbsolutePath, TlsMode, TlsSpec};

/// How far a connection is secured, with what that needs.
#[derive(Debug, Clone)]
pub(crate) enum Encryption {
    Off,
    /// If the server has TLS; its certificate may be any, unless an authority was named.
    Preferred(Tls),
    Required(Tls),
}

/// Whom TLS trusts, and where the files for that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    pub(crate) check: Check,
    /// The file of the authorities; without one those of the system.
    pub(crate) ca: Option<PathBuf>,
    /// Our own certificate, and its private key.
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
}

/// How far the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    Nothing,
    Chain,
    ChainAndName,
}

/// What a plan or a URL says of TLS.
#[derive(Debug, Clone, Default)]
pub(super) struct TlsWish {
    pub(super) mode: Option<TlsMode>,
    /// The authorities of the system were named.
    pub(super) system: bool,
    pub(super) ca: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

impl TlsWish {
    pub(super) fn of_spec(spec: &TlsSpec) -> Self {
        let path = |file: &Option<_>| file.as_ref().map(path_of);
        Self {
            mode: Some(spec.mode()),
            system: false,
            ca: path(&spec.ca),
            certificate: path(&spec.certificate),
            key: path(&spec.key),
        }
    }

    /// Reads the files.
    pub(super) fn encryption(self, maker: Maker<'_>) -> Result<Encryption, Failure> {
        let mode = self.mode.unwrap_or(if self.system { TlsMode::VerifyFull } else { TlsMode::Prefer });
        let check = match mode {
            TlsMode::Disable => return Ok(Encryption::Off),
            TlsMode::Prefer | TlsMode::Require if self.ca.is_none() => Check::Nothing,
            TlsMode::Prefer | TlsMode::Require | TlsMode::VerifyCa => Check::Chain,
            TlsMode::VerifyFull => Check::ChainAndName,
        };
        let identity = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(refuse(maker.kind, "the certificate has no private key").hint("name its file too"));
            }
            (None, Some(_)) => {
                return Err(refuse(maker.kind, "the private key has no certificate").hint("name its file too"));
            }
        };
        let tls = (maker.tls)(&TlsFiles { check, ca: self.ca, identity })?;
        Ok(if mode == TlsMode::Prefer { Encryption::Preferred(tls) } else { Encryption::Required(tls) })
    }
}

fn path_of(path: &Located<AbsolutePath>) -> PathBuf {
    path.as_path().to_owned()
}

/// The path of an option. What stands in a URL is inside the root, as what stands in a plan.
pub(super) fn option_path(name: &str, value: &str) -> Result<PathBuf, String> {
    if !value.starts_with('/') || value.split('/').any(|part| part == "..") {
        return Err(format!("the path of `{name}` is not absolute, or holds `..`"));
    }
    Ok(PathBuf::from(value))
}
