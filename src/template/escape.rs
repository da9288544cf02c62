//! Escaping for the target format, so that no value can break out of the place it is put into.

/// How `{{x}}` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escaper {
    None,
    /// The inside of a JSON string; numbers and booleans come out as they are.
    Json,
}

impl Escaper {
    /// The escaper for a file with this name.
    pub(crate) fn for_name(name: &str) -> Self {
        match name.rsplit_once('.') {
            Some((_, suffix)) if suffix.eq_ignore_ascii_case("json") => Self::Json,
            _ => Self::None,
        }
    }

    pub(crate) fn escape(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Json => {
                let quoted = serde_json::Value::from(text).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
        }
    }

    /// Refuses a result that is not of the format: what is published can be read.
    pub(crate) fn validate(self, text: &str) -> Result<(), serde_json::Error> {
        match self {
            Self::None => Ok(()),
            Self::Json => serde_json::from_str::<serde::de::IgnoredAny>(text).map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Escaper;

    #[test]
    fn by_suffix() {
        for (name, wanted) in [
            ("config.json", Escaper::Json),
            ("CONFIG.JSON", Escaper::Json),
            ("app.conf", Escaper::None),
            ("json", Escaper::None),
        ] {
            assert_eq!(Escaper::for_name(name), wanted, "{name}");
        }
    }

    #[test]
    fn every_character_comes_back_from_json() {
        let hostile: String = (0..=0x2ff).filter_map(char::from_u32).chain(['\u{2028}', '\u{10ffff}']).collect();
        let text = format!("{{\"x\": \"{}\"}}", Escaper::Json.escape(&hostile));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["x"], hostile);
        assert!(Escaper::Json.validate(&text).is_ok());
        assert!(Escaper::Json.validate("{\"x\": }").is_err());
    }
}
