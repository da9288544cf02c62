//! Limits of resources.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use crate::document::Located;

/// Means no limit, to the kernel too.
const UNLIMITED: u64 = u64::MAX;

/// A limit: a number, `unlimited`, or two of these as `soft:hard`. One number is for both. In the kernel's unit: bytes,
/// seconds for `cpu`, microseconds for `rttime`, or a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) soft: u64,
    pub(crate) hard: u64,
}

/// Limits of resources, as `ulimit` and `prlimit` name them.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsSpec {
    /// Bytes of address space.
    #[serde(rename = "as")]
    address_space: Option<Located<Limit>>,
    /// Bytes of a core dump.
    core: Option<Located<Limit>>,
    /// Seconds of processor time.
    cpu: Option<Located<Limit>>,
    /// Bytes of data.
    data: Option<Located<Limit>>,
    /// Bytes of a file that is written.
    fsize: Option<Located<Limit>>,
    /// Locks of files.
    locks: Option<Located<Limit>>,
    /// Bytes that are kept in memory.
    memlock: Option<Located<Limit>>,
    /// Bytes in message queues.
    msgqueue: Option<Located<Limit>>,
    /// How urgent the application may make itself: 20 minus the lowest `nice`.
    nice: Option<Located<Limit>>,
    /// Open files.
    nofile: Option<Located<Limit>>,
    /// Processes of the user.
    nproc: Option<Located<Limit>>,
    /// Bytes of resident memory; the kernel does not look at it.
    rss: Option<Located<Limit>>,
    /// Priority among real-time processes.
    rtprio: Option<Located<Limit>>,
    /// Microseconds of real-time work without a pause.
    rttime: Option<Located<Limit>>,
    /// Signals that wait to be delivered.
    sigpending: Option<Located<Limit>>,
    /// Bytes of the stack.
    stack: Option<Located<Limit>>,
}

impl LimitsSpec {
    /// The limits that are given, each with its name.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &Located<Limit>)> {
        [
            ("as", &self.address_space),
            ("core", &self.core),
            ("cpu", &self.cpu),
            ("data", &self.data),
            ("fsize", &self.fsize),
            ("locks", &self.locks),
            ("memlock", &self.memlock),
            ("msgqueue", &self.msgqueue),
            ("nice", &self.nice),
            ("nofile", &self.nofile),
            ("nproc", &self.nproc),
            ("rss", &self.rss),
            ("rtprio", &self.rtprio),
            ("rttime", &self.rttime),
            ("sigpending", &self.sigpending),
            ("stack", &self.stack),
        ]
        .into_iter()
        .filter_map(|(name, limit)| Some((name, limit.as_ref()?)))
    }
}

impl Limit {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (soft, hard) = text.split_once(':').unwrap_or((text, text));
        let wrong = "not a limit\nwrite a number, \"unlimited\", or \"soft:hard\"";
        let (soft, hard) = number(soft).zip(number(hard)).ok_or(wrong)?;
        if soft > hard {
            return Err("the soft limit is above the hard one\nwrite \"soft:hard\"");
        }
        Ok(Self { soft, hard })
    }
}

fn number(text: &str) -> Option<u64> {
    match text {
        "unlimited" => Some(UNLIMITED),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().filter(|number| *number != UNLIMITED),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl Visitor<'_> for Form {
            type Value = Limit;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number, `unlimited`, or `soft:hard`")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Limit, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Limit, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
                Limit::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Limit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "limit".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number, `unlimited`, or two of these as `soft:hard`.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^([0-9]+|unlimited)(:([0-9]+|unlimited))?$" }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, UNLIMITED};

    #[test]
    fn limits() {
        for (text, wanted) in [
            ("0", Some((0, 0))),
            ("1024:65536", Some((1024, 65536))),
            ("unlimited", Some((UNLIMITED, UNLIMITED))),
            ("1024:unlimited", Some((1024, UNLIMITED))),
            ("unlimited:1024", None),
            ("2:1", None),
            ("18446744073709551615", None),
            ("18446744073709551616", None),
            ("-1", None),
            ("1k", None),
            ("1:2:3", None),
            (":", None),
            ("", None),
        ] {
            assert_eq!(Limit::parse(text).ok().map(|limit| (limit.soft, limit.hard)), wanted, "{text}");
        }
    }
}
