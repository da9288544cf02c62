//! Numbers of bytes.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// A number of bytes: `1000`, or with a unit `64KiB`, `512MiB`, `10GiB`, `1TiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(u64);

impl Size {
    pub(crate) fn bytes(self) -> u64 {
        self.0
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
                u64::try_from(number).map(Size).map_err(|_| E::custom(WRONG))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Size, E> {
                parse(text).map(Size).ok_or_else(|| E::custom(WRONG))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Size {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+([KMGT]iB)?$" },
            ]
        })
    }
}

const WRONG: &str = "not a size\nwrite a number of bytes, or one with a unit, for instance \"512MiB\" or \"10GiB\"";

fn parse(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("1000", Some(1000)),
            ("64KiB", Some(65536)),
            ("512MiB", Some(512 << 20)),
            ("10GiB", Some(10 << 30)),
            ("1TiB", Some(1 << 40)),
            ("", None),
            ("KiB", None),
            ("10GB", None),
            ("10 GiB", None),
            ("1.5GiB", None),
            ("-1", None),
            ("99999999999TiB", None),
        ] {
            assert_eq!(parse(text), wanted, "{text}");
        }
    }
}
