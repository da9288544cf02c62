//! Numbers of bytes.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("B", 1),
];

/// A number of bytes: 4096, or with a unit: `512KiB`, `20MiB`, `4GiB`, `10MB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(u64);

impl Size {
    pub(crate) const fn from_gibibytes(number: u64) -> Self {
        Self(number << 30)
    }

    pub(crate) fn bytes(self) -> u64 {
        self.0
    }

    fn parse(text: &str) -> Option<u64> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = match unit {
            "" => 1,
            _ => UNITS.iter().find(|(name, _)| *name == unit)?.1,
        };
        number.parse::<u64>().ok()?.checked_mul(factor)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl Visitor<'_> for Form {
            type Value = Size;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number of bytes")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Size, E> {
                Ok(Size(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Size, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Size, E> {
                Size::parse(text).map(Size).ok_or_else(|| {
                    E::custom("not a number of bytes\nwrite a number and a unit, for instance \"20MiB\" or \"4GiB\"")
                })
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, factor)| self.0 > 0 && self.0.is_multiple_of(*factor)) {
            Some((unit, factor)) if *factor > 1 => write!(formatter, "{}{unit}", self.0 / factor),
            _ => write!(formatter, "{} bytes", self.0),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Size {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "size".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number of bytes: 4096, or with a unit: `512KiB`, `20MiB`, `4GiB`, `10MB`.",
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+([KMGT]iB|[MGT]B|kB|B)?$" }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn sizes() {
        for (text, wanted) in [
            ("0", Some((0, "0 bytes"))),
            ("100", Some((100, "100 bytes"))),
            ("100B", Some((100, "100 bytes"))),
            ("1KiB", Some((1024, "1KiB"))),
            ("2048KiB", Some((2 << 20, "2MiB"))),
            ("10MB", Some((10_000_000, "10MB"))),
            ("16TiB", Some((16 << 40, "16TiB"))),
            ("", None),
            ("KiB", None),
            ("1.5MiB", None),
            ("1 MiB", None),
            ("1mib", None),
            ("1M", None),
            ("-1", None),
            ("99999999999TiB", None),
            ("99999999999999999999", None),
        ] {
            let size = Size::parse(text).map(Size);
            assert_eq!(size.map(Size::bytes), wanted.map(|(bytes, _)| bytes), "{text}");
            assert_eq!(size.map(|size| size.to_string()).as_deref(), wanted.map(|(_, shown)| shown), "{text}");
        }
    }
}
