//! The kinds of failure and their exit codes, which are a contract with everyone who calls the program.

/// What went wrong, as coarsely as a caller can act upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A step failed for a reason that has no code of its own.
    Step,
    /// The command line is wrong.
    Usage,
    /// The plan or a template is invalid; `check` finds the same.
    Plan,
    /// An input is missing or malformed: environment, value file, secret.
    Input,
    /// Waiting took longer than allowed.
    Timeout,
    /// The file system refused.
    FileSystem,
    /// A database refused a statement or a login.
    Database,
    /// Another runner kept the lock of a database for too long.
    Lock,
    /// What a database has and what the files say do not fit.
    Drift,
    /// A statement was begun, and whether it was done nobody can tell but a person.
    InDoubt,
    /// A database cannot be reached, or was lost.
    Unreachable,
    /// Something between here and the database, or its kind, makes the work unsafe.
    Pooler,
    /// A fault of ours.
    Internal,
    /// The application exists and cannot be executed.
    NotExecutable,
    /// The application does not exist.
    NotFound,
    /// A signal with this number ended the run.
    Interrupted(i32),
}

impl Kind {
    /// The exit code of the process.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Step => 1,
            Self::Usage => 2,
            Self::Plan => 3,
            Self::Input => 4,
            Self::Timeout => 5,
            Self::FileSystem => 6,
            Self::Database | Self::Lock | Self::Drift | Self::InDoubt | Self::Unreachable | Self::Pooler => 7,
            Self::Internal => 70,
            Self::NotExecutable => 126,
            Self::NotFound => 127,
            Self::Interrupted(signal) => 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
        }
    }

    /// The name of the kind in the termination message and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Usage => "usage",
            Self::Plan => "plan",
            Self::Input => "input",
            Self::Timeout => "timeout",
            Self::FileSystem => "file-system",
            Self::Database => "failed",
            Self::Lock => "lock",
            Self::Drift => "drift",
            Self::InDoubt => "in-doubt",
            Self::Unreachable => "unreachable",
            Self::Pooler => "pooler",
            Self::Internal => "internal",
            Self::NotExecutable => "not-executable",
            Self::NotFound => "not-found",
            Self::Interrupted(_) => "interrupted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn codes_are_the_contract() {
        for (kind, code) in [
            (Kind::Step, 1),
            (Kind::Usage, 2),
            (Kind::Plan, 3),
            (Kind::Input, 4),
            (Kind::Timeout, 5),
            (Kind::FileSystem, 6),
            (Kind::Database, 7),
            (Kind::Lock, 7),
            (Kind::Drift, 7),
            (Kind::InDoubt, 7),
            (Kind::Unreachable, 7),
            (Kind::Pooler, 7),
            (Kind::Internal, 70),
            (Kind::NotExecutable, 126),
            (Kind::NotFound, 127),
            (Kind::Interrupted(15), 143),
            (Kind::Interrupted(2), 130),
        ] {
            assert_eq!(kind.code(), code, "{kind:?}");
        }
    }
}
