//! Permission bits.

use std::fmt;

use serde::Deserialize;

/// Permission bits with setuid, setgid and sticky: 0 to 0o7777. Written as a string of octal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Mode(u32);

impl Mode {
    #[cfg(test)]
    pub(crate) const fn new(bits: u32) -> Self {
        Self(bits & 0o7777)
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// The same for a directory: whoever may read it may also enter it.
    pub(crate) fn for_directory(self) -> Self {
        Self(self.0 | ((self.0 & 0o444) >> 2))
    }
}

impl TryFrom<String> for Mode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let octal = (3..=5).contains(&text.len()) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
        match u32::from_str_radix(&text, 8) {
            Ok(bits) if octal && bits <= 0o7777 => Ok(Self(bits)),
            _ => Err("not a mode\nwrite three or four octal digits in quotes, for instance \"0640\"".to_owned()),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04o}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Mode;

    #[test]
    fn modes() {
        for (text, wanted) in [
            ("0640", Some(0o640)),
            ("640", Some(0o640)),
            ("2750", Some(0o2750)),
            ("02750", Some(0o2750)),
            ("0", None),
            ("", None),
            ("0o640", None),
            ("0888", None),
            ("+644", None),
            ("10000", None),
            ("77777", None),
            ("u=rw", None),
        ] {
            assert_eq!(Mode::try_from(text.to_owned()).ok().map(Mode::bits), wanted, "{text}");
        }
        assert_eq!(Mode::new(0o640).for_directory(), Mode::new(0o750));
        assert_eq!(Mode::new(0o600).for_directory(), Mode::new(0o700));
    }
}
