//! How urgent a process is.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// From -20, the most urgent, to 19.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nice(i32);

impl Nice {
    pub(crate) fn get(self) -> i32 {
        self.0
    }

    fn new(number: Option<i64>) -> Result<Self, &'static str> {
        let number = number.and_then(|number| i32::try_from(number).ok()).filter(|number| (-20..=19).contains(number));
        number.map(Self).ok_or("not a number from -20 to 19")
    }
}

impl<'de> Deserialize<'de> for Nice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl Visitor<'_> for Form {
            type Value = Nice;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number from -20 to 19")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Nice, E> {
                Nice::new(i64::try_from(number).ok()).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Nice, E> {
                Nice::new(Some(number)).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Nice, E> {
                Nice::new(text.parse().ok()).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Nice {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "nice".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "From -20, the most urgent, to 19.",
            "anyOf": [
                { "type": "integer", "minimum": -20, "maximum": 19 },
                { "type": "string", "pattern": "^-?[0-9]+$" }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Nice;

    #[test]
    fn numbers_outside_of_the_kernel_s_range_are_refused() {
        for (number, wanted) in [(Some(-20), Some(-20)), (Some(19), Some(19)), (Some(20), None), (Some(-21), None)] {
            assert_eq!(Nice::new(number).ok().map(Nice::get), wanted, "{number:?}");
        }
        assert!(Nice::new(Some(1 << 32)).is_err() && Nice::new(None).is_err());
    }
}
