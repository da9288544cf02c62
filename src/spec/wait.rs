//! `wait`: targets are ready.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::http_url::{bracketed, host_and_port};
use super::{AbsolutePath, Duration, HttpUrl, MigrateSpec};
use crate::document::Located;

/// All targets are ready; they are probed side by side.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "wait"))]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitSpec {
    pub(crate) targets: Vec<Located<Wanted>>,
    /// A PEM file with the certificates of the authorities that `https://` targets are checked against, in place of the
    /// system's.
    pub(crate) ca: Option<Located<AbsolutePath>>,
    /// After this long without all targets ready the step fails with exit code 5.
    #[serde(default = "WaitSpec::default_timeout")]
    pub(crate) timeout: Duration,
    /// The first pause between two probes of a target; it doubles up to five seconds, with jitter.
    #[serde(default = "WaitSpec::default_interval")]
    pub(crate) interval: Duration,
}

impl WaitSpec {
    /// What is probed.
    pub(crate) fn probed(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter_map(|wanted| match &wanted.value {
            Wanted::Ready(target) => Some(target),
            Wanted::Migrated(_) => None,
        })
    }

    /// The databases whose migrations another run applies.
    pub(crate) fn migrated(&self) -> impl Iterator<Item = &MigrateSpec> {
        self.targets.iter().filter_map(|wanted| match &wanted.value {
            Wanted::Ready(_) => None,
            Wanted::Migrated(spec) => Some(&**spec),
        })
    }

    fn default_timeout() -> Duration {
        Duration::from_seconds(60)
    }

    fn default_interval() -> Duration {
        Duration::from_milliseconds(100)
    }
}

/// What is waited for.
#[derive(Debug, Clone)]
pub(crate) enum Wanted {
    Ready(Target),
    /// Another run has applied every migration.
    Migrated(Box<MigrateSpec>),
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Another run has applied every migration. The fields are those of the step `migrate`; nothing is changed, and the right to read the
    /// history is enough.
    migrated: Box<MigrateSpec>,
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Wanted;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a target")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Wanted, E> {
                Target::try_from(text.to_owned()).map(Wanted::Ready).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Wanted, A::Error> {
                let fields = Fields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Wanted::Migrated(fields.migrated))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Wanted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "wanted".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (target, fields) = (generator.subschema_for::<Target>(), Fields::json_schema(generator));
        schemars::json_schema!({ "anyOf": [target, fields] })
    }
}

/// Something that can be ready: `tcp://host:port`, `http://host[:port]/path`, `https://host[:port]/path`,
/// `unix:///path`, `file:///path`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) enum Target {
    /// A connection is accepted.
    Tcp { host: String, port: u16 },
    /// A GET is answered with a status from 200 to 399.
    Http(HttpUrl),
    /// A connection to the socket is accepted.
    Unix(String),
    /// The file exists.
    File(String),
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let forms =
            "targets are `tcp://host:port`, `http://host[:port]/path`, `https://...`, `unix:///path`, `file:///path`";
        let (scheme, rest) = text.split_once("://").ok_or_else(|| format!("not a target\n{forms}"))?;
        match scheme {
            "tcp" => {
                let (host, port) = host_and_port(rest.trim_end_matches('/'), None, "target")
                    .map_err(|error| format!("{error}\n{forms}"))?;
                Ok(Self::Tcp { host, port })
            }
            "http" | "https" => HttpUrl::try_from(text).map(Self::Http),
            "unix" | "file" if !rest.starts_with('/') => {
                Err(format!("the path of the target is not absolute\n{forms}"))
            }
            "unix" => Ok(Self::Unix(rest.to_owned())),
            "file" => Ok(Self::File(rest.to_owned())),
            _ => Err(format!("unknown kind of target `{scheme}://`\n{forms}")),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(formatter, "tcp://{}:{port}", bracketed(host)),
            Self::Http(url) => write!(formatter, "{url}"),
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
            ("http://web/health?x=1", Ok("http://web/health?...")),
            ("http://web:8080", Ok("http://web:8080/")),
            ("unix:///run/x.sock", Ok("unix:///run/x.sock")),
            ("file:///tmp/ready", Ok("file:///tmp/ready")),
            ("db:5432", Err("not a target")),
            ("tcp://db", Err("the target has no port")),
            ("tcp://db:0", Err("the target's port is not 1 to 65535")),
            ("tcp://db:99999", Err("the target's port is not 1 to 65535")),
            ("tcp://:5432", Err("the target has no valid host")),
            ("http://user:pw@web/", Err("the URL holds a user or a password")),
            ("http://web/a b", Err("the URL holds a space or another character that does not belong there")),
            ("https://web/", Ok("https://web/")),
            ("ftp://web/", Err("unknown kind of target `ftp://`")),
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
