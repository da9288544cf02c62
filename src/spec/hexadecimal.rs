//! Checksums of files, as they are written in a plan.

use serde::Deserialize;

/// A checksum of so many hexadecimal digits, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Hexadecimal<const DIGITS: usize>(String);

impl<const DIGITS: usize> Hexadecimal<DIGITS> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const DIGITS: usize> TryFrom<String> for Hexadecimal<DIGITS> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        let length = text.chars().count();
        let found = if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            format!("there are {length}")
        } else {
            "there are other characters".to_owned()
        };
        Err(format!("not a checksum of {DIGITS} hexadecimal digits\n{found}; only the digits belong here"))
    }
}

#[cfg(feature = "schema")]
impl<const DIGITS: usize> schemars::JsonSchema for Hexadecimal<DIGITS> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("hexadecimal{DIGITS}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": format!("^[0-9A-Fa-f]{{{DIGITS}}}$") })
    }
}

#[cfg(test)]
mod tests {
    use super::Hexadecimal;

    #[test]
    fn checksums() {
        let read = |text: &str| Hexadecimal::<4>::try_from(text.to_owned());
        assert_eq!(read("09aF").unwrap().as_str(), "09af");
        let message = "not a checksum of 4 hexadecimal digits\n";
        for (text, found) in [
            ("09a", "there are 3; only the digits belong here"),
            ("", "there are 0; only the digits belong here"),
            ("09a  file", "there are other characters; only the digits belong here"),
            ("sha256:09af", "there are other characters; only the digits belong here"),
        ] {
            assert_eq!(read(text).unwrap_err(), format!("{message}{found}"), "{text}");
        }
    }
}
