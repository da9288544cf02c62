//! `account`: a user has an entry in `passwd`, and his group one in `group`.

use std::fmt;

use serde::Deserialize;

use super::AbsolutePath;
use crate::document::Located;

/// Bytes of a name that every system takes.
const NAME_LIMIT: usize = 32;

/// A number has an entry in `passwd`, and its group one in `group`. Everything else in these files stays byte for byte.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "account"))]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountSpec {
    /// The name of the user, and of his group when that has no entry yet. A number that has another name already keeps it.
    pub(crate) user: Located<AccountName>,
    /// The number of the user; without it that of the user who runs Fitout.
    pub(crate) uid: Option<Located<AccountId>>,
    /// The number of the group; without it that of the user who runs Fitout, and an entry that is there keeps its own.
    pub(crate) gid: Option<Located<AccountId>>,
    /// Without it "/", or what the entry has.
    pub(crate) home: Option<Located<AccountPath>>,
    /// Without it "/sbin/nologin", or what the entry has.
    pub(crate) shell: Option<Located<AccountPath>>,
    /// The file of users.
    #[serde(default = "AccountSpec::default_passwd")]
    pub(crate) passwd: Located<AbsolutePath>,
    /// The file of groups.
    #[serde(default = "AccountSpec::default_group")]
    pub(crate) group: Located<AbsolutePath>,
    /// When the name belongs to another number, its entry gets this one; without it that is a failure. Never the entry of
    /// number 0.
    #[serde(default)]
    pub(crate) replace: bool,
}

impl AccountSpec {
    fn default_passwd() -> Located<AbsolutePath> {
        Located { span: crate::failure::Span::default(), value: AbsolutePath::literal("/etc/passwd") }
    }

    fn default_group() -> Located<AbsolutePath> {
        Located { span: crate::failure::Span::default(), value: AbsolutePath::literal("/etc/group") }
    }
}

/// The name of a user: nothing that could end the field, the line, or mean something else in these files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct AccountName(String);

/// A home directory or a shell, which the files can hold: no `:`, and no control character.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct AccountPath(AbsolutePath);

/// The number of a user or group, below `u32::MAX`, which means "unchanged" to the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct AccountId(u32);

impl AccountName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl AccountPath {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl AccountId {
    pub(crate) fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<String> for AccountName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let sound = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if text.starts_with(first) && text.chars().all(sound) && text.len() <= NAME_LIMIT {
            return Ok(Self(text));
        }
        Err(format!(
            "not the name of a user\na letter or `_`, then letters, digits, `_`, `-` and `.`, at most {NAME_LIMIT}"
        ))
    }
}

impl TryFrom<String> for AccountPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.contains(|c: char| c == ':' || c.is_control()) {
            return Err("the path holds a `:` or a control character, which no entry can hold".to_owned());
        }
        AbsolutePath::try_from(text).map(Self)
    }
}

impl TryFrom<u32> for AccountId {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if number == u32::MAX { Err(format!("the id must be below {}", u32::MAX)) } else { Ok(Self(number)) }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for AccountId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AccountId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let number = serde_json::json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX - 1 });
        schemars::json_schema!({ "anyOf": [number, { "type": "string", "pattern": "^\\{\\{.*\\}\\}$" }] })
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountName, AccountPath};

    #[test]
    fn what_an_entry_can_hold() {
        let long = "a".repeat(33);
        for (text, sound) in [
            ("app", true),
            ("_app-1.x", true),
            ("App", true),
            ("", false),
            ("1app", false),
            ("-app", false),
            ("+app", false),
            ("a:b", false),
            ("a\nroot:x:0:0", false),
            ("a b", false),
            ("\u{e4}", false),
            (&long, false),
        ] {
            assert_eq!(AccountName::try_from(text.to_owned()).is_ok(), sound, "{text:?}");
        }
        for (text, sound) in
            [("/", true), ("/home/a b", true), ("home", false), ("/a:b", false), ("/a\nb", false), ("/a\0", false)]
        {
            assert_eq!(AccountPath::try_from(text.to_owned()).is_ok(), sound, "{text:?}");
        }
    }
}
