//! User and group of a file.

use std::fmt;

use serde::Deserialize;

/// A user or group: a number, or a name that is looked up in `passwd` or `group` under the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Id {
    Number(u32),
    Name(String),
}

/// `user:group`, `user`, or `:group`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Owner {
    pub(crate) user: Option<Id>,
    pub(crate) group: Option<Id>,
}

impl Id {
    /// Numbers stop below `u32::MAX`, which means "unchanged" to the kernel; a number that is too large is an error, never
    /// a smaller one.
    fn parse(text: &str) -> Result<Self, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return match text.parse::<u32>() {
                Ok(number) if number != u32::MAX => Ok(Self::Number(number)),
                _ => Err(format!("the id must be below {}", u32::MAX)),
            };
        }
        let sound = |c: char| c.is_ascii_alphanumeric() || "_-.$@".contains(c);
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        if text.starts_with(first) && text.chars().all(sound) && text.len() <= 32 {
            return Ok(Self::Name(text.to_owned()));
        }
        Err("not a user or group".to_owned())
    }
}

impl TryFrom<String> for Owner {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let remedy = "write \"1000:1000\", \"1000\", \":1000\", or names, in quotes";
        let (user, group) = text.split_once(':').map_or((text.as_str(), None), |(user, group)| (user, Some(group)));
        let parse = |part: &str| Id::parse(part).map_err(|error| format!("{error}\n{remedy}"));
        let owner = Self {
            user: if user.is_empty() { None } else { Some(parse(user)?) },
            group: group.filter(|group| !group.is_empty()).map(parse).transpose()?,
        };
        if group == Some("") && owner.user.is_some() {
            return Err(format!("names no group after the colon\n{remedy}"));
        }
        if owner.user.is_none() && owner.group.is_none() {
            return Err(format!("names neither a user nor a group\n{remedy}"));
        }
        Ok(owner)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(formatter, "{user}")?;
        }
        if let Some(group) = &self.group {
            write!(formatter, ":{group}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;

    #[test]
    fn owners() {
        for (text, wanted) in [
            ("1000:1000", Some("1000:1000")),
            ("1000", Some("1000")),
            (":1000", Some(":1000")),
            ("postgres:postgres", Some("postgres:postgres")),
            ("www-data", Some("www-data")),
            ("0:root", Some("0:root")),
            ("", None),
            (":", None),
            ("a:", None),
            ("a:b:c", None),
            ("4294967296", None),
            ("4294967295", None),
            ("1000:4294967296", None),
            ("-1", None),
            ("a b", None),
            ("../x", None),
        ] {
            let owner = Owner::try_from(text.to_owned());
            assert_eq!(owner.ok().map(|owner| owner.to_string()).as_deref(), wanted, "{text}");
        }
    }
}
