//! `SQLite`: triggers.

use super::scanner::TokenKind;

/// The body of a trigger ends with `; END`, as `SQLite`'s own shell sees it.
#[derive(Default)]
pub(super) struct Trigger {
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Explain,
    Create,
    Temporary,
    /// Any other statement.
    Other,
    Body,
    Semicolon,
    End,
}

impl Trigger {
    pub(super) fn push(&mut self, kind: TokenKind, word: &str) {
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
        self.state = match self.state {
            State::Start if is("EXPLAIN") => State::Explain,
            State::Explain if is("QUERY") || is("PLAN") => State::Explain,
            State::Start | State::Explain if is("CREATE") => State::Create,
            State::Create if is("TEMP") || is("TEMPORARY") => State::Temporary,
            State::Create | State::Temporary if is("TRIGGER") => State::Body,
            State::Body | State::Semicolon | State::End if kind == TokenKind::Symbol(';') => State::Semicolon,
            State::Semicolon if is("END") => State::End,
            State::Body | State::Semicolon | State::End => State::Body,
            _ => State::Other,
        };
    }

    pub(super) fn is_closed(&self) -> bool {
        !matches!(self.state, State::Body | State::Semicolon)
    }
}
