//! Targets that a URL says all about.

use std::fmt;

use super::super::http_url::{bracketed, host_and_port};

pub(super) const FORMS: &str = "targets are `tcp://host:port`, `http://host[:port]/path`, `https://...`, `unix:///path`, \
    `file:///path`, `dns://name[?type]`, `redis://[user@]host[:port]`, `rediss://...`, `postgres://user@host/name`, \
    `mysql://user@host/name`, `sqlite:///path`";

/// Bytes of the name of a host (RFC 1035), and of each of its parts.
const NAME: usize = 253;
const PART: usize = 63;

/// Something that can be ready: `tcp://host:port`, `unix:///path`, `file:///path`, `dns://name[?type]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A connection is accepted.
    Tcp { host: String, port: u16 },
    /// A connection to the socket is accepted.
    Unix(String),
    /// The file exists.
    File(String),
    /// The name has records of this kind; without one, an address.
    Dns { name: String, kind: Option<DnsKind> },
}

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DnsKind {
    A,
    Aaaa,
    Caa,
    Cname,
    Mx,
    Ns,
    Ptr,
    Soa,
    Srv,
    Txt,
}

impl DnsKind {
    const ALL: [(&'static str, Self, u16); 10] = [
        ("a", Self::A, 1),
        ("aaaa", Self::Aaaa, 28),
        ("caa", Self::Caa, 257),
        ("cname", Self::Cname, 5),
        ("mx", Self::Mx, 15),
        ("ns", Self::Ns, 2),
        ("ptr", Self::Ptr, 12),
        ("soa", Self::Soa, 6),
        ("srv", Self::Srv, 33),
        ("txt", Self::Txt, 16),
    ];

    /// The number on the wire.
    pub(crate) fn number(self) -> u16 {
        Self::ALL.iter().find(|(_, kind, _)| *kind == self).map_or(0, |(_, _, number)| *number)
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind, _)| *kind == self).map_or("", |(name, _, _)| name)
    }

    fn parse(text: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(name, _, _)| text.eq_ignore_ascii_case(name));
        found.map(|(_, kind, _)| *kind)
    }
}

impl fmt::Display for DnsKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name().to_uppercase())
    }
}

impl Target {
    /// `None` for a scheme that is none of these.
    pub(super) fn parse(scheme: &str, rest: &str) -> Option<Result<Self, String>> {
        Some(match scheme {
            "tcp" => {
                host_and_port(rest.trim_end_matches('/'), None, "target").map(|(host, port)| Self::Tcp { host, port })
            }
            "unix" | "file" if !rest.starts_with('/') => Err("the path of the target is not absolute".to_owned()),
            "unix" => Ok(Self::Unix(rest.to_owned())),
            "file" => Ok(Self::File(rest.to_owned())),
            "dns" => dns(rest),
            _ => return None,
        })
    }
}

fn dns(rest: &str) -> Result<Target, String> {
    let (name, kind) = rest.split_once('?').map_or((rest, None), |(name, kind)| (name, Some(kind)));
    let name = name.trim_end_matches('/').to_ascii_lowercase();
    let plain = name.strip_suffix('.').unwrap_or(&name);
    let is_part = |part: &str| {
        (1..=PART).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if plain.len() > NAME || !plain.split('.').all(is_part) {
        return Err("the target has no valid name".to_owned());
    }
    let kind = match kind {
        None => None,
        Some(kind) => {
            let names: Vec<&str> = DnsKind::ALL.iter().map(|(name, _, _)| *name).collect();
            let known = || format!("unknown kind of record `{kind}`: it is one of {}", names.join(", "));
            Some(DnsKind::parse(kind).ok_or_else(known)?)
        }
    };
    Ok(Target::Dns { name, kind })
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(formatter, "tcp://{}:{port}", bracketed(host)),
            Self::Unix(path) => write!(formatter, "unix://{path}"),
            Self::File(path) => write!(formatter, "file://{path}"),
            Self::Dns { name, kind: None } => write!(formatter, "dns://{name}"),
            Self::Dns { name, kind: Some(kind) } => write!(formatter, "dns://{name}?{}", kind.name()),
        }
    }
}
