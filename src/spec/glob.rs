//! Patterns for paths in a tree.

use serde::Deserialize;

/// `*` and `?` do not match `/`, `**` as a whole part matches any number of parts, `[a-z]` and `[!a-z]` match one character. A
/// pattern without `/` is held against the last part of a path, another against all of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String")]
pub(crate) struct Glob(String);

impl TryFrom<String> for Glob {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Err("the pattern is empty");
        }
        Ok(Self(text.trim_start_matches("./").trim_start_matches('/').to_owned()))
    }
}

impl Glob {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the path, relative to the tree, is meant.
    pub(crate) fn matches(&self, path: &str) -> bool {
        if !self.0.contains('/') {
            return part_matches(&self.0, path.rsplit('/').next().unwrap_or_default());
        }
        self.matches_whole(path)
    }

    /// The same, held against all of the path also when the pattern has no `/`.
    pub(crate) fn matches_whole(&self, path: &str) -> bool {
        reached(&self.0, path).last().is_some_and(|reached| *reached)
    }

    /// Whether the whole of something below the directory may match.
    pub(crate) fn leads_into(&self, directory: &str) -> bool {
        let reached = reached(&self.0, directory);
        let ends_open = self.0.split('/').next_back() == Some("**");
        reached.split_last().is_some_and(|(whole, parts)| parts.contains(&true) || (*whole && ends_open))
    }

    /// Whether the path, or a directory that it lies in, is meant.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.map(|end| &path[..end]).any(|path| self.matches(path))
    }

    /// Whether the text has a character that makes it a pattern.
    pub(crate) fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?', '['])
    }
}

/// Which beginnings of the pattern, in parts, match all of the path: none of it, the first part, and so on. Row by row over the
/// pattern; time is the product of both lengths.
fn reached(pattern: &str, path: &str) -> Vec<bool> {
    let path: Vec<&str> = path.split('/').collect();
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    let mut whole = vec![false];
    for part in pattern.split('/') {
        let mut next = vec![false; path.len() + 1];
        let mut seen = false;
        for (at, before) in reached.iter().enumerate() {
            seen |= before;
            if part == "**" {
                next[at] = seen;
            } else if *before && path.get(at).is_some_and(|name| part_matches(part, name)) {
                next[at + 1] = true;
            }
        }
        reached = next;
        whole.push(reached.last() == Some(&true));
    }
    whole
}

/// One part of a path. Goes back only to the last `*`, so time is the product of both lengths.
fn part_matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at + 1, here));
            at += 1;
            continue;
        }
        if let Some(next) = pattern.get(at..).and_then(|pattern| one_matches(pattern, text[here])) {
            at += next;
            here += 1;
            continue;
        }
        match star {
            Some((behind, from)) => {
                star = Some((behind, from + 1));
                at = behind;
                here = from + 1;
            }
            None => return false,
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

/// The length of what stands for one character at the beginning of the pattern, when it matches.
fn one_matches(pattern: &[char], character: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => {
            let Some(close) = pattern.iter().skip(2).position(|one| *one == ']').map(|at| at + 2) else {
                return (character == '[').then_some(1);
            };
            let inside = &pattern[1..close];
            let (inside, wanted) = match inside.first() {
                Some('!' | '^') => (&inside[1..], false),
                _ => (inside, true),
            };
            (in_class(inside, character) == wanted).then_some(close + 1)
        }
        other => (*other == character).then_some(1),
    }
}

fn in_class(mut class: &[char], character: char) -> bool {
    while let Some(first) = class.first() {
        if let [from, '-', to, ..] = class {
            if (*from..=*to).contains(&character) {
                return true;
            }
            class = &class[3..];
        } else {
            if *first == character {
                return true;
            }
            class = &class[1..];
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn paths() {
        for (pattern, path, wanted) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "sub/a.conf", true),
            ("*.conf", "a.confx", false),
            ("/*.conf", "a.conf", true),
            ("sub/*.conf", "sub/a.conf", true),
            ("sub/*.conf", "sub/deep/a.conf", false),
            ("sub/**/*.conf", "sub/deep/er/a.conf", true),
            ("sub/**/*.conf", "sub/a.conf", true),
            ("**/a", "a", true),
            ("**", "a/b/c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x", "[]x", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("é*", "éa", true),
            ("*", "", true),
        ] {
            assert_eq!(Glob::try_from(pattern.to_owned()).unwrap().matches(path), wanted, "{pattern} {path}");
        }
        assert!(Glob::try_from("node_modules".to_owned()).unwrap().covers("a/node_modules/b/c"));
        assert!(Glob::try_from(String::new()).is_err());
    }

    #[test]
    fn directories_that_are_walked() {
        for (pattern, directory, wanted) in [
            ("*.hbs", "priv", false),
            ("*/a", "priv", true),
            ("*/a", "priv/deep", false),
            ("s?b/*", "sub", true),
            ("s?b/*", "other", false),
            ("**/*.hbs", "a/b/c", true),
            ("a/**", "a/b", true),
            ("a/**", "b", false),
            ("**", "a", true),
            ("a/**/z/b", "a/x/z", true),
            ("a/**/z/b", "b/x/z", false),
        ] {
            let glob = Glob::try_from(pattern.to_owned()).unwrap();
            assert_eq!(glob.leads_into(directory), wanted, "{pattern} {directory}");
        }
        for (pattern, path, wanted) in [("*.x", "a.x", true), ("*.x", "a/a.x", false), ("**", "a/b", true)] {
            assert_eq!(Glob::try_from(pattern.to_owned()).unwrap().matches_whole(path), wanted, "{pattern} {path}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = Glob::try_from("**/".repeat(50) + &"*a".repeat(50) + "b").unwrap();
        assert!(!pattern.matches(&("a/".repeat(200) + &"a".repeat(500))));
    }
}
