//! How to connect to PostgreSQL. Every option means what it means to `libpq`.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Maker;
use super::encryption::{Encryption, TlsWish, option_path};
use super::parts::Parts;
use super::url::port;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::spec::TlsMode;

const PORT: u16 = 5432;

/// For each address of a server, where the URL says nothing.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The least that `libpq` waits for.
const LEAST_TIMEOUT: Duration = Duration::from_secs(2);

/// How to connect to PostgreSQL.
#[derive(Debug, Clone)]
pub(crate) struct PostgresAddress {
    /// Tried in this order.
    pub(crate) hosts: Vec<Host>,
    pub(crate) user: String,
    pub(crate) password: Option<Secret<String>>,
    pub(crate) name: String,
    pub(crate) encryption: Encryption,
    pub(crate) target: TargetSession,
    /// `None`: as long as it takes.
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) keepalive: Option<Keepalive>,
    pub(crate) application_name: Option<String>,
    /// Settings for the server, as on its command line.
    pub(crate) options: Option<String>,
    /// What messages call the database: host and name, never the user's password.
    pub(crate) label: String,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Tcp {
        name: String,
        /// Known without looking the name up.
        address: Option<IpAddr>,
        port: u16,
    },
    /// A socket, by its path in the file system as it is.
    Unix(PathBuf),
}

impl Host {
    /// The name that has to be looked up.
    pub(super) fn unresolved(&self) -> Option<&str> {
        match self {
            Self::Tcp { name, address: None, .. } => Some(name),
            Self::Tcp { .. } | Self::Unix(_) => None,
        }
    }
}

/// Which of several servers will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetSession {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// How soon a server that is gone is noticed, however long a statement may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keepalive {
    pub(crate) idle: Duration,
    pub(crate) interval: Duration,
    pub(crate) count: u32,
}

impl Keepalive {
    /// After a minute. What the kernel has by itself is a quarter of an hour and more.
    pub(crate) const MINUTE: Self = Self { idle: Duration::from_secs(30), interval: Duration::from_secs(10), count: 3 };

    /// For as long nobody needs to answer.
    pub(crate) fn patience(&self) -> Duration {
        self.idle + self.interval.saturating_mul(self.count)
    }
}

/// An address whose files for TLS are not read yet.
pub(super) struct Unsecured {
    address: PostgresAddress,
    tls: TlsWish,
}

/// What options of a URL say beside what stands before them.
#[derive(Default)]
struct Places {
    hosts: Option<String>,
    addresses: Option<String>,
    ports: Option<String>,
}

impl Unsecured {
    pub(super) fn new(parts: Parts) -> Result<Self, String> {
        let Parts { hosts, port, socket, user, password, name, mut tls, options } = parts;
        let mut address = PostgresAddress {
            hosts: Vec::new(),
            user: user.unwrap_or_default(),
            password,
            name: name.unwrap_or_default(),
            encryption: Encryption::Off,
            target: TargetSession::Any,
            connect_timeout: Some(CONNECT_TIMEOUT),
            keepalive: Some(Keepalive::MINUTE),
            application_name: None,
            options: None,
            label: String::new(),
        };
        let mut places = Places::default();
        for (name, value) in options {
            let known = address.set(&name, &value)? || places.set(&name, &value) || set_tls(&mut tls, &name, &value)?;
            if !known {
                return Err(format!("unknown option `{name}`"));
            }
        }
        check_system(&tls)?;
        address.hosts = match socket {
            Some(socket) => vec![Host::Unix(socket_path(Path::new(&socket), port))],
            None => places.hosts(hosts)?,
        };
        if address.user.is_empty() {
            return Err("it names no user".to_owned());
        }
        if address.name.is_empty() {
            address.name.clone_from(&address.user);
        }
        address.label = label(&address);
        Ok(Self { address, tls })
    }

    pub(super) fn secure(self, maker: Maker<'_>) -> Result<PostgresAddress, Failure> {
        let mut address = self.address;
        // Nobody listens on a socket of this machine: `libpq` speaks no TLS there either.
        if address.hosts.iter().any(|host| matches!(host, Host::Tcp { .. })) {
            address.encryption = self.tls.encryption(maker)?;
        }
        for host in &mut address.hosts {
            if let Host::Unix(path) = host {
                *path = maker.root.host_path(path);
            }
        }
        Ok(address)
    }
}

impl PostgresAddress {
    /// `false`: there is no such option.
    fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        let value = value.to_owned();
        match name {
            "user" => self.user = value,
            "password" => self.password = Some(Secret::new(value)),
            "dbname" => self.name = value,
            "application_name" => self.application_name = Some(value),
            "fallback_application_name" => self.application_name = self.application_name.take().or(Some(value)),
            "options" => self.options = Some(value),
            "connect_timeout" => {
                let seconds: u32 = number(name, &value)?;
                let limit = Duration::from_secs(seconds.into()).max(LEAST_TIMEOUT);
                self.connect_timeout = (seconds > 0).then_some(limit);
            }
            "target_session_attrs" => self.target = target(&value)?,
            "keepalives" => self.keepalive = self.keepalive.filter(|_| value != "0"),
            "keepalives_idle" | "keepalives_interval" | "keepalives_count" => {
                let number: u32 = number(name, &value)?;
                let seconds = Duration::from_secs(number.max(1).into());
                if let Some(keepalive) = &mut self.keepalive {
                    match name {
                        "keepalives_idle" => keepalive.idle = seconds,
                        "keepalives_interval" => keepalive.interval = seconds,
                        _ => keepalive.count = number.max(1),
                    }
                }
            }
            "channel_binding" => match value.as_str() {
                "disable" | "prefer" => {}
                "require" => return Err("`channel_binding=require` is not spoken by this version".to_owned()),
                _ => return Err(format!("`{name}` is none of `disable`, `prefer`")),
            },
            // What others know and what does not change anything here.
            "gssencmode" if ["disable", "prefer"].contains(&value.as_str()) => {}
            "sslnegotiation" if value == "postgres" => {}
            "client_encoding" if ["auto", "utf8", "utf-8"].contains(&value.to_lowercase().as_str()) => {}
            "gssencmode" | "sslnegotiation" | "client_encoding" => {
                return Err(format!("the value of `{name}` is not spoken by this version"));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Places {
    fn set(&mut self, name: &str, value: &str) -> bool {
        let field = match name {
            "host" => &mut self.hosts,
            "hostaddr" => &mut self.addresses,
            "port" => &mut self.ports,
            _ => return false,
        };
        *field = Some(value.to_owned());
        true
    }

    fn hosts(self, before: Vec<(String, Option<u16>)>) -> Result<Vec<Host>, String> {
        let list = |text: Option<String>| -> Vec<String> {
            text.map_or_else(Vec::new, |text| text.split(',').map(str::to_owned).collect())
        };
        let addresses = list(self.addresses);
        let addresses = addresses.iter().map(|text| text.parse().map_err(|_| "`hostaddr` is no address"));
        let addresses: Vec<IpAddr> = addresses.collect::<Result<_, _>>()?;
        let ports = list(self.ports).iter().map(|text| port(text)).collect::<Result<Vec<u16>, _>>()?;
        let mut hosts = match self.hosts {
            Some(hosts) => list(Some(hosts)).into_iter().map(|host| (host, None)).collect(),
            None => before,
        };
        if hosts.is_empty() {
            hosts = addresses.iter().map(|address| (address.to_string(), None)).collect();
        }
        if hosts.is_empty() {
            return Err("it names no host".to_owned());
        }
        if !addresses.is_empty() && addresses.len() != hosts.len() {
            return Err("there are not as many `hostaddr` as hosts".to_owned());
        }
        if ports.len() > 1 && ports.len() != hosts.len() {
            return Err("there are not as many ports as hosts".to_owned());
        }
        let hosts = hosts.into_iter().enumerate().map(|(index, (name, own))| {
            let port = ports.get(index).or(ports.first()).copied().or(own);
            match name.strip_prefix('/') {
                Some(_) if name.split('/').any(|part| part == "..") => {
                    Err("the path of its socket holds `..`".to_owned())
                }
                Some(_) => Ok(Host::Unix(socket_path(Path::new(&name), port))),
                None if name.is_empty() => Err("it names a host without a name".to_owned()),
                None => Ok(Host::Tcp { name, address: addresses.get(index).copied(), port: port.unwrap_or(PORT) }),
            }
        });
        hosts.collect()
    }
}

/// The socket itself, for one that is named by its directory.
fn socket_path(path: &Path, port: Option<u16>) -> PathBuf {
    let named = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".s.PGSQL."));
    if named { path.to_owned() } else { path.join(format!(".s.PGSQL.{}", port.unwrap_or(PORT))) }
}

/// `false`: there is no such option.
fn set_tls(tls: &mut TlsWish, name: &str, value: &str) -> Result<bool, String> {
    match name {
        "sslmode" => {
            tls.mode = Some(match value {
                "disable" => TlsMode::Disable,
                "prefer" => TlsMode::Prefer,
                "require" => TlsMode::Require,
                "verify-ca" => TlsMode::VerifyCa,
                "verify-full" => TlsMode::VerifyFull,
                _ => {
                    return Err(
                        "`sslmode` is none of `disable`, `prefer`, `require`, `verify-ca`, `verify-full`".to_owned()
                    );
                }
            });
        }
        "sslrootcert" if value == "system" => tls.system = true,
        "sslrootcert" => tls.ca = Some(option_path(name, value)?),
        "sslcert" => tls.certificate = Some(option_path(name, value)?),
        "sslkey" => tls.key = Some(option_path(name, value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Public authorities give everybody a certificate, so that one without its name checked would say nothing.
fn check_system(tls: &TlsWish) -> Result<(), String> {
    if tls.system && tls.mode.is_some_and(|mode| mode != TlsMode::VerifyFull) {
        return Err("`sslrootcert=system` needs `sslmode=verify-full`".to_owned());
    }
    Ok(())
}

fn target(value: &str) -> Result<TargetSession, String> {
    Ok(match value {
        "any" => TargetSession::Any,
        "read-write" => TargetSession::ReadWrite,
        "read-only" => TargetSession::ReadOnly,
        "primary" => TargetSession::Primary,
        "standby" => TargetSession::Standby,
        "prefer-standby" => TargetSession::PreferStandby,
        _ => {
            return Err("`target_session_attrs` is none of `any`, `read-write`, `read-only`, `primary`, `standby`, \
                        `prefer-standby`"
                .to_owned());
        }
    })
}

pub(super) fn number(name: &str, value: &str) -> Result<u32, String> {
    // `libpq` reads a number below 0 as 0.
    let number: i32 = value.trim().parse().map_err(|_| format!("`{name}` is no number"))?;
    Ok(u32::try_from(number).unwrap_or(0))
}

fn label(address: &PostgresAddress) -> String {
    let hosts: Vec<String> = address.hosts.iter().map(ToString::to_string).collect();
    format!("`{}` at `{}`", address.name, hosts.join(","))
}

impl std::fmt::Display for Host {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp { name, port, .. } if name.contains(':') => write!(formatter, "[{name}]:{port}"),
            Self::Tcp { name, port, .. } => write!(formatter, "{name}:{port}"),
            Self::Unix(path) => write!(formatter, "{}", path.display()),
        }
    }
}
