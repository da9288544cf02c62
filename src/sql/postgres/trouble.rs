//! Why there is no session, in words.

use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::watched::NOT_POSTGRES;
use crate::failure::{Failure, Kind};
use crate::net::{Refusal, cause, refused};
use crate::sql::dial::Unreached;

const WAIT: &str = "put a `wait` step for it before this one";
const CLOSED: &str = "the server closed the connection";

/// Why one host gave no session.
#[derive(Debug)]
pub(super) enum Trouble {
    Unreached(Unreached),
    /// The server took the connection and says nothing.
    Silent,
    Rubbish,
    /// The server speaks no TLS, and it was asked for.
    NoTls,
    Insecure(Refusal),
    Login(Error),
    /// It is not the kind of server that was asked for, but this.
    Unsuitable(&'static str),
}

impl Trouble {
    /// What was wrong, and what may help.
    pub(super) fn words(&self) -> (String, Option<String>) {
        let (cause, hint) = match self {
            Self::Unreached(Unreached::Unknown(cause)) => {
                (format!("cannot resolve its name: {cause}"), Some("check the name of the host"))
            }
            Self::Unreached(Unreached::Failed(error)) => of_stream(error),
            Self::Silent => ("no answer in time".to_owned(), Some("is it a PostgreSQL server that listens there?")),
            Self::Rubbish => rubbish(),
            Self::NoTls => (
                "the server does not speak TLS".to_owned(),
                Some("set `ssl = on` there, or ask for less: `sslmode=prefer`, on a network that you trust"),
            ),
            Self::Insecure(refusal) => return insecure(refusal),
            Self::Login(error) => match error.as_db_error() {
                Some(answer) => of_server(answer),
                None => return of_login(error),
            },
            Self::Unsuitable(what) => (format!("it is {what}"), None),
        };
        (cause, hint.map(str::to_owned))
    }

    /// Whether another host may take us: not if this one knows us and has said no.
    pub(super) fn may_end_elsewhere(&self) -> bool {
        match self {
            Self::Login(error) => error.code().is_none_or(|code| *code == SqlState::CANNOT_CONNECT_NOW),
            _ => true,
        }
    }

    /// Who tells us that he does not want us has been reached.
    pub(super) fn kind(&self) -> Kind {
        let said = match self {
            Self::Login(error) => error.code().is_some_and(|code| *code != SqlState::CANNOT_CONNECT_NOW),
            Self::Insecure(refusal) => !refusal.transient,
            Self::NoTls | Self::Unsuitable(_) => true,
            Self::Unreached(_) | Self::Silent | Self::Rubbish => false,
        };
        if said { Kind::Database } else { Kind::Unreachable }
    }

    pub(super) fn failure(&self, label: &str) -> Failure {
        let (cause, hint) = self.words();
        Failure::new(self.kind(), format!("cannot connect to database {label}: {cause}")).maybe_hint(hint)
    }
}

type Words = (String, Option<&'static str>);

fn rubbish() -> Words {
    (NOT_POSTGRES.to_owned(), Some("check host and port"))
}

fn of_stream(error: &io::Error) -> Words {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ("connection refused".to_owned(), Some(WAIT)),
        io::ErrorKind::TimedOut => ("no answer in time".to_owned(), Some(WAIT)),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            (CLOSED.to_owned(), Some(WAIT))
        }
        io::ErrorKind::InvalidData if error.to_string() == NOT_POSTGRES => rubbish(),
        _ => (cause(error), None),
    }
}

/// Of what the server itself said. DETAIL is left out.
fn of_server(answer: &DbError) -> Words {
    let hint = match *answer.code() {
        SqlState::INVALID_PASSWORD => Some("check the user and the password"),
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            Some("check the user, and who may come from here: `pg_hba.conf`")
        }
        SqlState::INVALID_CATALOG_NAME => Some("create the database first"),
        SqlState::INSUFFICIENT_PRIVILEGE => Some("grant the user `CONNECT` on the database"),
        SqlState::CANNOT_CONNECT_NOW => Some("put a `wait` step for the database before this one"),
        SqlState::TOO_MANY_CONNECTIONS => Some("raise `max_connections`, or have others use fewer"),
        _ => None,
    };
    (format!("{} (SQLSTATE {})", answer.message(), answer.code().code()), hint)
}

fn of_login(error: &Error) -> (String, Option<String>) {
    let source = std::error::Error::source(error);
    if let Some(error) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
        if let Some(refusal) = refused(error) {
            return insecure(&refusal);
        }
        // A message that ends too early, and not the connection: that is an error of its own. TLS has one that looks like it.
        let malformed = [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidInput].contains(&error.kind());
        let malformed = malformed && !error.to_string().contains("close_notify");
        let (cause, hint) = if malformed { rubbish() } else { of_stream(error) };
        return (cause, hint.map(str::to_owned));
    }
    if error.is_closed() {
        return (CLOSED.to_owned(), Some(WAIT.to_owned()));
    }
    match source.map(ToString::to_string) {
        Some(cause) if cause == "password missing" => (
            "the server wants a password".to_owned(),
            Some("name where it is, or put it into the URL that a variable or a file holds".to_owned()),
        ),
        Some(cause) => (cause, None),
        None => (rubbish().0, rubbish().1.map(str::to_owned)),
    }
}

fn insecure(refusal: &Refusal) -> (String, Option<String>) {
    // What is said of `ca` is true for parts; in a URL it has another name.
    let hint = refusal.hint.filter(|hint| !hint.contains("http"));
    (refusal.cause.clone(), hint.map(|hint| hint.replace("`ca`", "`ca`, or in a URL `sslrootcert`")))
}
