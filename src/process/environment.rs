//! The variables that we were started with, and those that a program gets.

use std::collections::HashMap;
use std::ffi::{CString, OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;

/// Variables in their order. Names and values need not be UTF-8, and a name may stand twice, as in any process.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment(Vec<(OsString, OsString)>);

impl Environment {
    /// The variables of this process.
    pub(crate) fn from_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The value of the first variable with this name: where a name stands twice, `getenv` takes the first one too.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    }

    /// Sets a variable in its old position, and takes every duplicate of it away.
    pub(crate) fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let (name, mut value) = (name.into(), Some(value.into()));
        self.0.retain_mut(|(known, old)| *known != name || value.take().map(|value| *old = value).is_some());
        if let Some(value) = value {
            self.0.push((name, value));
        }
    }

    /// Takes every variable with this name away.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Takes every variable away whose name is none of those that are meant.
    pub(crate) fn retain(&mut self, is_meant: impl Fn(&OsStr) -> bool) {
        self.0.retain(|(name, _)| is_meant(name));
    }

    /// Sets and takes away many at once, as [`Self::set`] and [`Self::remove`] do: `None` takes away.
    pub(crate) fn change(&mut self, mut changes: HashMap<OsString, Option<OsString>>) {
        let mut new: Vec<OsString> =
            changes.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name.clone()).collect();
        self.0.retain_mut(|(name, old)| match changes.get_mut(name) {
            None => true,
            Some(value) => value.take().map(|value| *old = value).is_some(),
        });
        new.sort_unstable();
        self.0.extend(new.into_iter().filter_map(|name| {
            let value = changes.remove(&name)??;
            Some((name, value))
        }));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The form that `execve` takes, or the name of a variable that holds a NUL character.
    pub(super) fn to_execve(&self) -> Result<Vec<CString>, OsString> {
        self.iter()
            .map(|(name, value)| {
                let entry = [name.as_bytes(), b"=", value.as_bytes()].concat();
                CString::new(entry).map_err(|_| name.to_owned())
            })
            .collect()
    }
}

/// The names only: the values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::OsStringExt as _;

    use super::Environment;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
    }

    #[test]
    fn duplicates_are_kept_until_they_are_set() {
        let mut environment = environment(&[("A", "1"), ("B", "2"), ("A", "3"), ("with.dot-dash", "x")]);
        assert_eq!(environment.get("A"), Some(OsStr::new("1")));
        assert_eq!(environment.to_execve().unwrap().len(), 4);
        environment.set("A", "4");
        environment.set("C", "5");
        let all: Vec<_> =
            environment.iter().map(|(name, value)| format!("{}={}", name.display(), value.display())).collect();
        assert_eq!(all, ["A=4", "B=2", "with.dot-dash=x", "C=5"]);
        environment.remove("A");
        assert_eq!(environment.get("A"), None);
    }

    #[test]
    fn many_changes_at_once() {
        let mut environment = environment(&[("A", "1"), ("B", "2"), ("A", "3"), ("C", "4")]);
        let set = |value: &str| Some(OsString::from(value));
        environment.change(
            [("A", set("5")), ("B", None), ("E", set("7")), ("D", set("6")), ("X", None)]
                .map(|(k, v)| (k.into(), v))
                .into(),
        );
        let all: Vec<_> =
            environment.iter().map(|(name, value)| format!("{}={}", name.display(), value.display())).collect();
        assert_eq!(all, ["A=5", "C=4", "D=6", "E=7"]);
    }

    #[test]
    fn debug_prints_no_value_and_bytes_survive() {
        let mut environment = environment(&[("PASSWORD", "hunter2")]);
        environment.set("BYTES", OsString::from_vec(vec![0xff, 0xfe]));
        assert_eq!(format!("{environment:?}"), r#"{"PASSWORD", "BYTES"}"#);
        assert_eq!(environment.to_execve().unwrap()[1].as_bytes(), b"BYTES=\xff\xfe");
        environment.set("NUL", "a\0b");
        assert_eq!(environment.to_execve().unwrap_err(), "NUL");
    }
}
