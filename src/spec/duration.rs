//! Lengths of time.

use std::fmt;

use serde::Deserialize;

/// A length of time. A unit is needed: `250ms`, `30s`, `5m`, `1h`, or several: `1m30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
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

impl TryFrom<String> for Duration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse(&text).map(|milliseconds| Self(std::time::Duration::from_millis(milliseconds))).ok_or_else(|| {
            "not a duration\nwrite a number and a unit, for instance \"30s\", \"5m\" or \"250ms\"".to_owned()
        })
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
            let duration = Duration::try_from(text.to_owned());
            assert_eq!(duration.ok().map(|duration| duration.to_string()).as_deref(), wanted, "{text}");
        }
    }
}
