//! `wait`: targets are ready.

use serde::Deserialize;

use super::Duration;
use crate::document::Located;

/// All targets are ready; they are probed side by side.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "wait"))]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitSpec {
    pub(crate) targets: Vec<Located<Target>>,
    /// After this long without all targets ready the step fails with exit code 5.
    #[serde(default = "WaitSpec::default_timeout")]
    pub(crate) timeout: Duration,
    /// The first pause between two probes of a target; it doubles up to five seconds, with jitter.
    #[serde(default = "WaitSpec::default_interval")]
    pub(crate) interval: Duration,
}

impl WaitSpec {
    fn default_timeout() -> Duration {
        Duration::from_seconds(60)
    }

    fn default_interval() -> Duration {
        Duration::from_milliseconds(100)
    }
}

/// Something that can be ready: `tcp://host:port`, `http://host[:port]/path`, `unix:///path`, `file:///path`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) enum Target {
    /// A connection is accepted.
    Tcp { host: String, port: u16 },
    /// A GET is answered with a status from 200 to 399.
    Http { host: String, port: u16, path: String },
    /// A connection to the socket is accepted.
    Unix(String),
    /// The file exists.
    File(String),
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let forms = "targets are `tcp://host:port`, `http://host[:port]/path`, `unix:///path`, `file:///path`";
        let (scheme, rest) = text.split_once("://").ok_or_else(|| format!("not a target\n{forms}"))?;
        match scheme {
            "tcp" => {
                let (host, port) =
                    host_and_port(rest.trim_end_matches('/'), None).map_err(|error| format!("{error}\n{forms}"))?;
                Ok(Self::Tcp { host, port })
            }
            "http" => {
                let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
                if authority.contains('@') {
                    return Err("a target cannot hold a user or password".to_owned());
                }
                let (host, port) = host_and_port(authority, Some(80)).map_err(|error| format!("{error}\n{forms}"))?;
                let path = path.split('#').next().unwrap_or_default();
                let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
                if path.chars().any(|c| c.is_control() || c == ' ') {
                    return Err("the path of the target holds a space or a control character".to_owned());
                }
                Ok(Self::Http { host, port, path })
            }
            "unix" | "file" if !rest.starts_with('/') => {
                Err(format!("the path of the target is not absolute\n{forms}"))
            }
            "unix" => Ok(Self::Unix(rest.to_owned())),
            "file" => Ok(Self::File(rest.to_owned())),
            _ => Err(format!("unknown kind of target `{scheme}://`\n{forms}")),
        }
    }
}

/// `host:port`, `[v6]:port`, or the host alone where there is a default.
fn host_and_port(authority: &str, default: Option<u16>) -> Result<(String, u16), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or("the target's address has no closing bracket")?;
            (host, after.strip_prefix(':'))
        }
        None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || host.contains([' ', '/', '@']) || (host.contains(':') && !authority.starts_with('[')) {
        return Err("the target has no valid host".to_owned());
    }
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or("the target's port is not 1 to 65535")?,
        None => default.ok_or("the target has no port")?,
    };
    Ok((host.to_owned(), port))
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bracketed = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        match self {
            Self::Tcp { host, port } => write!(formatter, "tcp://{}:{port}", bracketed(host)),
            Self::Http { host, port, path } => write!(formatter, "http://{}:{port}{path}", bracketed(host)),
            Self::Unix(path) => write!(formatter, "unix://{path}"),
            Self::File(path) => write!(formatter, "file://{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn targets() {
        for (text, wanted) in [
            ("tcp://db:5432", Ok("tcp://db:5432")),
            ("tcp://[::1]:5432", Ok("tcp://[::1]:5432")),
            ("http://web/health?x=1", Ok("http://web:80/health?x=1")),
            ("http://web:8080", Ok("http://web:8080/")),
            ("unix:///run/x.sock", Ok("unix:///run/x.sock")),
            ("file:///tmp/ready", Ok("file:///tmp/ready")),
            ("db:5432", Err("not a target")),
            ("tcp://db", Err("the target has no port")),
            ("tcp://db:0", Err("the target's port is not 1 to 65535")),
            ("tcp://db:99999", Err("the target's port is not 1 to 65535")),
            ("tcp://:5432", Err("the target has no valid host")),
            ("http://user:pw@web/", Err("a target cannot hold a user or password")),
            ("http://web/a b", Err("the path of the target holds a space or a control character")),
            ("https://web/", Err("unknown kind of target `https://`")),
            ("unix://run/x.sock", Err("the path of the target is not absolute")),
            ("", Err("not a target")),
        ] {
            let target = Target::try_from(text.to_owned()).map(|target| target.to_string());
            let wanted = wanted.map(str::to_owned).map_err(str::to_owned);
            let target = target.map_err(|error| error.lines().next().unwrap().to_owned());
            assert_eq!(target, wanted, "{text}");
        }
    }
}
