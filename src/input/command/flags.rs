//! Flags among the words of a command: `--auth`, `--port 80`, `--port=80`.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;

/// A flag as a plan names it.
pub(super) struct Flag<'a> {
    name: &'a str,
    /// It is written with a `=` behind it: it has a value, in the same word.
    joined: bool,
}

impl<'a> Flag<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let name = text.strip_suffix('=');
        Self { name: name.unwrap_or(text), joined: name.is_some() }
    }

    /// Takes the flag away wherever it stands; its value too, when it has one.
    pub(super) fn remove(&self, command: &mut Vec<OsString>) {
        while let Some(found) = self.find(command, 1, self.joined) {
            command.drain(found);
        }
    }

    /// The flag is there, without a value.
    pub(super) fn add(&self, command: &mut Vec<OsString>) {
        if self.find(command, 1, false).is_none() {
            let end = end_of_flags(command);
            command.insert(end, self.name.into());
        }
    }

    /// The flag is there once, with this value: in its place and form where it stands, else at the end.
    pub(super) fn set(&self, command: &mut Vec<OsString>, value: &str) {
        let Some(first) = self.find(command, 1, true) else {
            let end = end_of_flags(command);
            command.splice(end..end, self.words(self.joined, value));
            return;
        };
        let is_joined = command[first.start] != self.name || (first.len() == 1 && self.joined);
        let words = self.words(is_joined, value);
        let behind = first.start + words.len();
        command.splice(first, words);
        while let Some(another) = self.find(command, behind, true) {
            command.drain(another);
        }
    }

    /// The flag is there once more, with this value.
    pub(super) fn append(&self, command: &mut Vec<OsString>, value: &OsStr) {
        let mut words = vec![OsString::from(self.name)];
        if self.joined {
            words[0].push("=");
            words[0].push(value);
        } else {
            words.push(value.to_owned());
        }
        let end = end_of_flags(command);
        command.splice(end..end, words);
    }

    fn words(&self, joined: bool, value: &str) -> Vec<OsString> {
        if joined { vec![format!("{}={value}", self.name).into()] } else { vec![self.name.into(), value.into()] }
    }

    /// Where the flag stands, from this word on, with its value if it may have one. A word that is a flag itself is no value.
    fn find(&self, command: &[OsString], from: usize, with_value: bool) -> Option<Range<usize>> {
        let end = end_of_flags(command);
        let at = (from..end).find(|at| {
            let behind = command[*at].as_bytes().strip_prefix(self.name.as_bytes());
            behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(b"="))
        })?;
        let has_word = with_value && command[at] == self.name && at + 1 < end && !is_flag(&command[at + 1]);
        Some(at..at + if has_word { 2 } else { 1 })
    }
}

/// `-5` is a number.
fn is_flag(word: &OsStr) -> bool {
    matches!(word.as_bytes(), [b'-', first, ..] if !first.is_ascii_digit())
}

/// Behind `--` stand no flags.
fn end_of_flags(command: &[OsString]) -> usize {
    command.iter().position(|word| word == "--").unwrap_or(command.len())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::Flag;

    #[test]
    fn flags_are_set_in_their_place_and_form() {
        for (flag, value, before, after) in [
            ("--port=", Some("80"), "s", "s --port=80"),
            ("--port", Some("80"), "s", "s --port 80"),
            ("--port", Some("80"), "s --port=1 a", "s --port=80 a"),
            ("--port=", Some("80"), "s --port 1 a", "s --port 80 a"),
            ("--port=", Some("80"), "s --port 1 a --port=2 --port -3", "s --port 80 a"),
            ("--port", Some("80"), "s --port --x", "s --port 80 --x"),
            ("--port=", Some("80"), "s --port", "s --port=80"),
            ("--port=", Some("80"), "s --ports=1 -- --port 2", "s --ports=1 --port=80 -- --port 2"),
            ("--quiet", None, "s a", "s a --quiet"),
            ("--quiet", None, "s --quiet a", "s --quiet a"),
            ("--quiet", None, "s -- a", "s --quiet -- a"),
        ] {
            let mut command: Vec<OsString> = before.split(' ').map(OsString::from).collect();
            match value {
                Some(value) => Flag::new(flag).set(&mut command, value),
                None => Flag::new(flag).add(&mut command),
            }
            let found: Vec<_> = command.iter().map(|word| word.to_str().unwrap()).collect();
            assert_eq!(found.join(" "), after, "{flag} {before}");
        }
    }

    #[test]
    fn flags_are_removed_with_their_values() {
        for (flag, before, after) in [
            ("--auth", "s --auth x --auth", "s x"),
            ("--auth", "s --auth=1 --authors -- --auth", "s --authors -- --auth"),
            ("--port=", "s --port 1 a --port=2 --port", "s a"),
            ("--port=", "s --port --x", "s --x"),
            ("--auth", "--auth", "--auth"),
        ] {
            let mut command: Vec<OsString> = before.split(' ').map(OsString::from).collect();
            Flag::new(flag).remove(&mut command);
            let found: Vec<_> = command.iter().map(|word| word.to_str().unwrap()).collect();
            assert_eq!(found.join(" "), after, "{flag} {before}");
        }
    }
}
