//! Names of variables.

use std::collections::HashMap;

use super::{Name, NameIndex};

/// Which names are replaced.
#[derive(Debug, Clone)]
pub(crate) enum Allowed {
    All,
    Names(Vec<String>),
    /// Names in which the expression is found; `^` and `$` make it hold for the whole name.
    Matching(regex_lite::Regex),
}

impl Allowed {
    fn allows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Names(names) => names.iter().any(|allowed| allowed == name),
            Self::Matching(expression) => expression.is_match(name),
        }
    }
}

/// The names of a template, and for every name that was met whether it is replaced.
pub(super) struct Table<'a> {
    allowed: &'a Allowed,
    decided: HashMap<&'a str, Option<NameIndex>>,
    pub(super) names: Vec<Name>,
}

impl<'a> Table<'a> {
    pub(super) fn new(allowed: &'a Allowed) -> Self {
        Self { allowed, decided: HashMap::new(), names: Vec::new() }
    }

    /// The index of a name if it is replaced.
    pub(super) fn index(&mut self, name: &'a str, offset: usize) -> Option<NameIndex> {
        if let Some(&known) = self.decided.get(name) {
            return known;
        }
        let index = self.allowed.allows(name).then_some(self.names.len());
        if index.is_some() {
            self.names.push(Name { text: name.to_owned(), offset });
        }
        self.decided.insert(name, index);
        index
    }
}

/// The length of the name that stands there: 0 if none does.
pub(super) fn name_length(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.first().is_none_or(u8::is_ascii_digit) {
        return 0;
    }
    rest.iter().take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_').count()
}

/// The next dollar sign.
pub(super) fn find_dollar(text: &str, from: usize) -> Option<usize> {
    text.get(from..)?.find('$').map(|found| from + found)
}
