//! What ends a conversation with the server before it is done.

use std::io;

use crate::sql::dial::Unreached;

/// Why there is no answer, or none of use.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server said no.
    Refused(Answered),
    /// There is no connection.
    Unreached(Unreached),
    /// The server took the connection and says nothing.
    Silent,
    /// The connection broke.
    Broken(io::Error),
    /// What came is not of this protocol, or is more than anybody needs. Nothing that comes after it can be understood.
    Nonsense(String),
    /// What we do not do, with the remedy.
    Declined { cause: String, hint: Option<&'static str> },
}

/// An error as the server put it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) number: u16,
    /// As it came: it may hold values of rows.
    pub(super) message: String,
}

impl Trouble {
    pub(super) fn nonsense(what: impl Into<String>) -> Self {
        Self::Nonsense(what.into())
    }

    pub(super) fn declined(cause: impl Into<String>, hint: &'static str) -> Self {
        Self::Declined { cause: cause.into(), hint: Some(hint) }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}
