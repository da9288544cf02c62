//! How to connect to MySQL or MariaDB.

use std::path::PathBuf;
use std::time::Duration;

use super::Maker;
use super::encryption::{Encryption, TlsWish, option_path};
use super::parts::Parts;
use super::postgres::number;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::spec::TlsMode;

const PORT: u16 = 3306;

/// For each address of a server, where the URL says nothing.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How to connect to MySQL or MariaDB.
#[derive(Debug, Clone)]
pub(crate) struct MysqlAddress {
    /// Empty with a socket.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// A socket, by its path in the file system as it is. There is no TLS on it.
    pub(crate) socket: Option<PathBuf>,
    pub(crate) user: String,
    pub(crate) password: Option<Secret<String>>,
    pub(crate) name: String,
    pub(crate) tls: Encryption,
    /// `None`: as long as it takes.
    pub(crate) connect_timeout: Option<Duration>,
    /// What messages call the database: host and name, never the user's password.
    pub(crate) label: String,
}

/// An address whose files for TLS are not read yet.
pub(super) struct Unsecured {
    address: MysqlAddress,
    tls: TlsWish,
}

impl Unsecured {
    pub(super) fn new(parts: Parts) -> Result<Self, String> {
        let Parts { hosts, mut socket, user, password, name, mut tls, options, .. } = parts;
        let mut connect_timeout = Some(CONNECT_TIMEOUT);
        for (name, value) in options {
            match name.replace('_', "-").as_str() {
                "ssl-mode" => tls.mode = Some(mode(&value)?),
                "ssl-ca" => tls.ca = Some(option_path(&name, &value)?),
                "ssl-cert" => tls.certificate = Some(option_path(&name, &value)?),
                "ssl-key" => tls.key = Some(option_path(&name, &value)?),
                "socket" => socket = option_path(&name, &value).map(|_| Some(value))?,
                "connect-timeout" => {
                    let seconds = number(&name, &value)?;
                    connect_timeout = (seconds > 0).then(|| Duration::from_secs(seconds.into()));
                }
                "charset" if value == "utf8mb4" => {}
                "charset" => return Err("its `charset` is not `utf8mb4`, which is what files are sent in".to_owned()),
                _ => return Err(format!("unknown option `{name}`")),
            }
        }
        // As for the clients of MySQL: who names an authority wants it to be looked at.
        if tls.ca.is_some() && tls.mode.is_none() {
            tls.mode = Some(TlsMode::VerifyCa);
        }
        if hosts.len() > 1 {
            return Err("it names more than one host".to_owned());
        }
        let (host, port) = hosts.into_iter().next().unwrap_or_default();
        if host.is_empty() && socket.is_none() {
            return Err("it names no host".to_owned());
        }
        let user = user.ok_or("it names no user")?;
        let name = name.ok_or("it names no database")?;
        let port = port.unwrap_or(PORT);
        let place = match &socket {
            Some(path) => path.clone(),
            None if host.contains(':') => format!("[{host}]:{port}"),
            None => format!("{host}:{port}"),
        };
        let label = format!("`{name}` at `{place}`");
        let socket = socket.map(PathBuf::from);
        let tls_off = Encryption::Off;
        let address = MysqlAddress { host, port, socket, user, password, name, tls: tls_off, connect_timeout, label };
        Ok(Self { address, tls })
    }

    pub(super) fn secure(self, maker: Maker<'_>) -> Result<MysqlAddress, Failure> {
        let mut address = self.address;
        match &mut address.socket {
            Some(path) => *path = maker.root.host_path(path),
            None => address.tls = self.tls.encryption(maker)?,
        }
        Ok(address)
    }
}

/// By MySQL's names, or by those that other databases have.
fn mode(value: &str) -> Result<TlsMode, String> {
    Ok(match value.to_lowercase().replace('_', "-").as_str() {
        "disabled" | "disable" => TlsMode::Disable,
        "preferred" | "prefer" => TlsMode::Prefer,
        "required" | "require" => TlsMode::Require,
        "verify-ca" => TlsMode::VerifyCa,
        "verify-identity" | "verify-full" => TlsMode::VerifyFull,
        _ => {
            return Err(
                "`ssl-mode` is none of `DISABLED`, `PREFERRED`, `REQUIRED`, `VERIFY_CA`, `VERIFY_IDENTITY`".to_owned()
            );
        }
    })
}
