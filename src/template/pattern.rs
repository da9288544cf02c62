//! Names with `*`, which stands for any characters, also for none.

/// A pattern for names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the whole name matches. Each piece is looked for once, from left to right, so the time is bounded.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let mut pieces = self.0.split('*');
        let first = pieces.next().unwrap_or_default();
        let Some(mut rest) = name.strip_prefix(first) else { return false };
        let Some(last) = pieces.next_back() else { return rest.is_empty() };
        for piece in pieces {
            let Some((_, behind)) = rest.split_once(piece) else { return false };
            rest = behind;
        }
        rest.ends_with(last)
    }

    /// Whether a name that begins with `prefix` could match.
    pub(crate) fn may_begin_with(&self, prefix: &str) -> bool {
        let (fixed, star) = self.0.split_once('*').map_or((self.0.as_str(), false), |(fixed, _)| (fixed, true));
        fixed.starts_with(prefix) || star && prefix.starts_with(fixed)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns() {
        for (pattern, name, wanted) in [
            ("GF_*", "GF_X", true),
            ("GF_*", "GF_", true),
            ("GF_*", "XGF_X", false),
            ("GF_*__FILE", "GF_X__FILE", true),
            ("GF_*__FILE", "GF__FILE", false),
            ("GF_*__FILE", "GF_X_FILE", false),
            ("*", "", true),
            ("*", "anything", true),
            ("*_A_*_B", "x_A_y_B", true),
            ("*_A_*_B", "x_A_B", false),
            ("a*ab", "ab", false),
            ("**", "x", true),
            ("X", "X", true),
            ("X", "XY", false),
            ("Ä*", "Äb", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), wanted, "{pattern} {name}");
        }
        let hostile = Pattern::new("a*".repeat(10_000) + "b");
        assert!(!hostile.matches(&"a".repeat(100_000)));
        for (pattern, prefix, wanted) in
            [("GF_*", "GF_X_", true), ("GF_*", "G", true), ("PW", "P", true), ("PW", "PWX", false), ("A*", "B", false)]
        {
            assert_eq!(Pattern::new(pattern).may_begin_with(prefix), wanted, "{pattern} {prefix}");
        }
    }
}
