//! Signals by name.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::failure::did_you_mean;

/// Each at the place of its number, from 1: those of Linux on all machines that we are built for.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
];

/// The first and the last real-time signal, as programs of glibc count them.
const REAL_TIME: (i32, i32) = (34, 64);

/// A signal: `TERM`, `SIGTERM`, `15`, `RTMIN+3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Signal(i32);

impl Signal {
    pub(crate) const TERM: Self = Self(15);
    pub(crate) const INT: Self = Self(2);

    pub(crate) fn number(self) -> i32 {
        self.0
    }

    /// The signal with this number, if there is one.
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        (1..=REAL_TIME.1).contains(&number).then_some(Self(number))
    }

    fn parse(text: &str) -> Option<Self> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::from_number(text.parse().ok()?);
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some(place) = NAMES.iter().position(|known| *known == name) {
            return Self::from_number(i32::try_from(place).ok()? + 1);
        }
        let real_time = match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
            (Some(behind), _) => REAL_TIME.0.checked_add(offset(behind, '+')?),
            (_, Some(behind)) => REAL_TIME.1.checked_sub(offset(behind, '-')?),
            _ => None,
        };
        real_time.filter(|number| (REAL_TIME.0..=REAL_TIME.1).contains(number)).map(Self)
    }
}

fn offset(text: &str, sign: char) -> Option<i32> {
    if text.is_empty() { Some(0) } else { text.strip_prefix(sign)?.parse().ok().filter(|number| *number >= 0) }
}

impl TryFrom<String> for Signal {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| {
            let name = text.to_ascii_uppercase();
            let near = did_you_mean(name.strip_prefix("SIG").unwrap_or(&name), NAMES);
            format!("not a signal\n{}", near.unwrap_or_else(|| "for instance TERM, QUIT or RTMIN+3".to_owned()))
        })
    }
}

/// What becomes of signals: `{ TERM: QUIT, HUP: none }`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rewrites(pub(crate) Vec<(Signal, Option<Signal>)>);

impl<'de> Deserialize<'de> for Rewrites {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Rewrites;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a mapping from signals to signals")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rewrites, A::Error> {
                let mut rewrites = Vec::new();
                while let Some((from, to)) = map.next_entry::<String, String>()? {
                    let to = if to == "none" { None } else { Some(Signal::try_from(to).map_err(A::Error::custom)?) };
                    rewrites.push((Signal::try_from(from).map_err(A::Error::custom)?, to));
                }
                Ok(Rewrites(rewrites))
            }
        }

        deserializer.deserialize_map(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Rewrites {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "rewrites".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        std::collections::BTreeMap::<String, String>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::Signal;

    #[test]
    fn signals_by_name_and_number() {
        for (text, wanted) in [
            ("TERM", Some(15)),
            ("SIGTERM", Some(15)),
            ("sighup", Some(1)),
            ("SYS", Some(31)),
            ("9", Some(9)),
            ("64", Some(64)),
            ("RTMIN", Some(34)),
            ("SIGRTMIN+3", Some(37)),
            ("RTMAX-1", Some(63)),
            ("RTMIN+31", None),
            ("RTMAX-31", None),
            ("RTMIN+-1", None),
            ("0", None),
            ("65", None),
            ("", None),
            ("SIG", None),
            ("TERMINATE", None),
        ] {
            assert_eq!(Signal::parse(text).map(Signal::number), wanted, "{text}");
        }
    }
}
