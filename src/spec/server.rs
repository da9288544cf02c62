//! A database server in parts, which need no percent signs, and its TLS.

use std::fmt;

use serde::Deserialize;

use super::{AbsolutePath, Port, SecretSource};
use crate::document::Located;

/// A database server in parts. Everything means what it means to the clients of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerSpec {
    pub(crate) driver: ServerDriver,
    /// A host, or several behind each other: `one,two`.
    pub(crate) host: Option<Located<String>>,
    pub(crate) port: Option<Located<Port>>,
    pub(crate) socket: Option<Located<AbsolutePath>>,
    pub(crate) user: Located<String>,
    pub(crate) password: Option<Located<SecretSource>>,
    pub(crate) name: Option<Located<String>>,
    pub(crate) tls: Option<Located<TlsSpec>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerDriver {
    Postgres,
    Mysql,
}

impl fmt::Display for ServerSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.driver {
            ServerDriver::Postgres => "postgres",
            ServerDriver::Mysql => "mysql",
        };
        let host = self.host.as_ref().map(|host| host.value.clone()).unwrap_or_default();
        let port = self.port.as_ref().map(|port| format!(":{}", port.value.get())).unwrap_or_default();
        let name = self.name.as_ref().map(|name| format!("/{}", name.value)).unwrap_or_default();
        write!(formatter, "{scheme}://{}@{host}{port}{name}", self.user.value)?;
        self.socket.as_ref().map_or(Ok(()), |socket| write!(formatter, " at {}", socket.as_str()))
    }
}

/// How far a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS if the server has it. Its certificate may be any.
    Prefer,
    /// TLS. The server's certificate may be any, unless `ca` is there.
    Require,
    /// The server's certificate is of an authority that is trusted.
    VerifyCa,
    /// The same, and it is for the host.
    VerifyFull,
}

/// TLS to a database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "databaseTls"))]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsSpec {
    /// Without it `prefer`, or `verify-full` if `ca` is there.
    pub(crate) mode: Option<TlsMode>,
    /// The certificates of the authorities that are trusted, a PEM file; without it those of the system.
    pub(crate) ca: Option<Located<AbsolutePath>>,
    /// The certificate to show to the server, a PEM file.
    pub(crate) certificate: Option<Located<AbsolutePath>>,
    /// The private key of that certificate, a PEM file.
    pub(crate) key: Option<Located<AbsolutePath>>,
}

impl TlsSpec {
    pub(super) fn check(&self) -> Result<(), String> {
        match (&self.certificate, &self.key) {
            (Some(_), None) => return Err("`certificate` needs `key`\nname the file with its private key".to_owned()),
            (None, Some(_)) => return Err("`key` needs `certificate`\nname the file with its certificate".to_owned()),
            _ => {}
        }
        let unread =
            [("ca", &self.ca), ("certificate", &self.certificate)].into_iter().find(|(_, file)| file.is_some());
        match (self.mode, unread) {
            (Some(TlsMode::Disable), Some((name, _))) => {
                Err(format!("`{name}` has no meaning with `mode: disable`\nremove one of them"))
            }
            (Some(TlsMode::Prefer), Some(("ca", _))) => {
                Err("`ca` has no meaning with `mode: prefer`\nwrite `mode: verify-full`, or remove `ca`".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The mode that is meant. Who names an authority wants the server checked.
    pub(crate) fn mode(&self) -> TlsMode {
        self.mode.unwrap_or(if self.ca.is_some() { TlsMode::VerifyFull } else { TlsMode::Prefer })
    }
}
