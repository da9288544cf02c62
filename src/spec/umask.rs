//! Permission bits that new files do not get.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// A umask, or what becomes of a certain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Umask {
    Always(u32),
    /// Whoever started the container with another one meant it.
    When {
        present: u32,
        then: u32,
    },
}

impl Umask {
    /// The umask to set where this one is in force; nothing where that one stays.
    pub(crate) fn instead_of(self, present: u32) -> Option<u32> {
        match self {
            Self::Always(wanted) => Some(wanted),
            Self::When { present: wanted, then } => (wanted == present).then_some(then),
        }
    }

    /// `0077`, or `0022=0077`.
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text.split_once('=') {
            None => bits(text).map(Self::Always),
            Some((present, then)) => Ok(Self::When { present: bits(present)?, then: bits(then)? }),
        }
    }
}

fn bits(text: &str) -> Result<u32, &'static str> {
    let octal = (3..=4).contains(&text.len()) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    match u32::from_str_radix(text, 8) {
        Ok(bits) if octal && bits <= 0o777 => Ok(bits),
        _ => Err("not a umask\nwrite three or four octal digits in quotes, for instance \"0077\""),
    }
}

impl<'de> Deserialize<'de> for Umask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Umask;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("octal digits in quotes, or one umask with what becomes of it")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Umask, E> {
                Umask::parse(text).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Umask, A::Error> {
                let forms = "expected one umask with what becomes of it\nwrite { \"0022\": \"0077\" }";
                let (present, then) = map.next_entry::<String, String>()?.ok_or_else(|| A::Error::custom(forms))?;
                if map.next_key::<String>()?.is_some() {
                    return Err(A::Error::custom(forms));
                }
                Umask::parse(&format!("{present}={then}")).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Umask {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "umask".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let digits = "^0?[0-7]{3}$";
        schemars::json_schema!({
            "description": "Octal digits in quotes, or one umask with what becomes of it: `{ \"0022\": \"0077\" }`.",
            "anyOf": [
                { "type": "string", "pattern": digits },
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "propertyNames": { "pattern": digits },
                    "additionalProperties": { "type": "string", "pattern": digits }
                }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Umask;

    #[test]
    fn umasks() {
        for (text, wanted) in [
            ("0077", Some(Umask::Always(0o077))),
            ("022", Some(Umask::Always(0o022))),
            ("0022=0077", Some(Umask::When { present: 0o022, then: 0o077 })),
            ("0022=", None),
            ("=0077", None),
            ("0888", None),
            ("1022", None),
            ("22", None),
            ("", None),
        ] {
            assert_eq!(Umask::parse(text).ok(), wanted, "{text}");
        }
        let becomes = Umask::When { present: 0o022, then: 0o077 };
        assert_eq!([becomes.instead_of(0o022), becomes.instead_of(0o027)], [Some(0o077), None]);
        assert_eq!(Umask::Always(0).instead_of(0o022), Some(0));
    }
}
