//! Lengths of time.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// A length of time. A unit is needed: `250ms`, `30s`, `5m`, `1h`, or several: `1m30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub(crate) struct Duration(std::time::Duration);

impl Duration {
    pub(crate) const fn from_seconds(seconds: u64) -> Self {
        Self(std::time::Duration::from_secs(seconds))
    }

    pub(crate) const fn from_milliseconds(milliseconds: u64) -> Self {
        Self(std::time::Duration::from_millis(milliseconds))
    }

    pub(crate) fn get(self) -> std::time::Duration {
        self.0
    }
}

const NOT_A_DURATION: &str = "not a duration\nwrite a number and a unit, for instance \"30s\", \"5m\" or \"250ms\"";

impl TryFrom<&str> for Duration {
    type Error = &'static str;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        parse(text).map(Self::from_milliseconds).ok_or(NOT_A_DURATION)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl Visitor<'_> for Form {
            type Value = Duration;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a duration")
            }

            // A number lacks its unit: quotes around it would not help.
            fn visit_u64<E: Error>(self, _: u64) -> Result<Duration, E> {
                Err(E::custom(NOT_A_DURATION))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Duration, E> {
                Err(E::custom(NOT_A_DURATION))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Duration, E> {
                Err(E::custom(NOT_A_DURATION))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
                Duration::try_from(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

fn parse(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let milliseconds = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(milliseconds)?)?;
        rest = after;
        if rest.is_empty() {
            return Some(total);
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        match milliseconds {
            0 => formatter.write_str("0s"),
            ms if ms % 3_600_000 == 0 => write!(formatter, "{}h", ms / 3_600_000),
            ms if ms % 60_000 == 0 => write!(formatter, "{}m", ms / 60_000),
            ms if ms % 1000 == 0 => write!(formatter, "{}s", ms / 1000),
            ms => write!(formatter, "{ms}ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn durations() {
        for (text, wanted) in [
            ("30s", Some("30s")),
            ("5m", Some("5m")),
            ("250ms", Some("250ms")),
            ("1m30s", Some("90s")),
            ("2h", Some("2h")),
            ("1d", Some("24h")),
            ("0s", Some("0s")),
            ("120", None),
            ("", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("5 m", None),
            ("1y", None),
            ("99999999999999999999s", None),
            ("9999999999999999999d", None),
        ] {
            let duration = Duration::try_from(text);
            assert_eq!(duration.ok().map(|duration| duration.to_string()).as_deref(), wanted, "{text}");
        }
    }
}
