//! What keeps us from a connection, as failures.

use std::io;

use super::message::words;
use super::trouble::Trouble;
use crate::failure::{Failure, Kind};
use crate::net::refused;
use crate::sql::address::{Encryption, MysqlAddress};
use crate::sql::dial::Unreached;

const ACCESS_DENIED: u16 = 1045;
const CLOSED: &str = "the server closed the connection";
const WAIT: &str = "put a `wait` step for it before this one";

/// A connection that was not made.
pub(super) fn connecting(trouble: &Trouble, address: &MysqlAddress) -> Failure {
    let (cause, hint) = match trouble {
        Trouble::Refused(answered) => (words(answered), refused_hint(answered.number, address)),
        Trouble::Unreached(Unreached::Unknown(cause)) => {
            (format!("cannot resolve its name: {cause}"), Some("check the name of the host"))
        }
        Trouble::Unreached(Unreached::Failed(error)) | Trouble::Broken(error) => of_stream(error),
        Trouble::Silent => ("no answer in time".to_owned(), Some("is it a MySQL server that listens there?")),
        Trouble::Nonsense(_) => (cause(trouble), Some("check host and port")),
        Trouble::Declined { cause, hint } => (cause.clone(), *hint),
    };
    // What is said of `ca` is true for parts; in a URL it has another name.
    let hint =
        hint.filter(|hint| !hint.contains("http")).map(|hint| hint.replace("`ca`", "`ca`, or in a URL `ssl-ca`"));
    // Who tells us that he does not want us has been reached.
    let said = matches!(trouble, Trouble::Refused(_) | Trouble::Declined { .. });
    let kind = if said { Kind::Database } else { Kind::Unreachable };
    Failure::new(kind, format!("cannot connect to database {}: {cause}", address.label)).maybe_hint(hint)
}

/// Some servers say no more of a user who needs TLS than that he has no access.
fn refused_hint(number: u16, address: &MysqlAddress) -> Option<&'static str> {
    let in_clear = matches!(address.tls, Encryption::Off) && address.socket.is_none();
    if number == ACCESS_DENIED && in_clear {
        return Some("check the user and the password, and whether the user may come without TLS");
    }
    remedy(number)
}

fn of_stream(error: &io::Error) -> (String, Option<&'static str>) {
    if let Some(refusal) = refused(error) {
        return (refusal.cause, refusal.hint);
    }
    let cause = match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => CLOSED.to_owned(),
        _ => crate::net::cause(error),
    };
    let passes = [
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::TimedOut,
        // A socket that is not there yet.
        io::ErrorKind::NotFound,
    ];
    let passes = cause == CLOSED || passes.contains(&error.kind());
    (cause, passes.then_some(WAIT))
}

/// What to do about an error of the server; statements have some of these too.
pub(super) fn remedy(number: u16) -> Option<&'static str> {
    Some(match number {
        // A file cannot be written or cannot grow, the disk is full, the table is.
        3 | 14 | 20 | 1021 | 1114 => "make room on the disk of the database",
        1040 | 1203 | 1226 => "close other connections, or raise the server's limit (`max_connections`)",
        1044 => "grant the user rights on the database, and look whether the database exists",
        1045 => "check the user and the password",
        1049 => "create the database first",
        1053 | 1927 => "the server is going down: run it again",
        1129 => "the server has shut this machine out after many failed connections: run `FLUSH HOSTS` there",
        1130 => "let the user log in from this machine: the part behind `@` in the user's name on the server",
        1142 | 1143 | 1227 | 1370 | 1410 => "grant the user that right",
        1153 => "raise the server's limit `max_allowed_packet`",
        1205 => "another session holds a lock on the table: let it end, or raise `lock_timeout`",
        1213 => "run it again",
        1251 | 1524 | 2059 => "let the user log in by `mysql_native_password` or `caching_sha2_password`",
        1290 | 1836 | 1792 => "the server, or the session, only reads: use the address of the primary server",
        1820 | 1862 => "the password has expired: set it anew",
        3159 => "let the connection use TLS: `ssl-mode=require`, or better `ssl-mode=verify-full`",
        _ => return None,
    })
}

/// Why a conversation ended.
pub(super) fn cause(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused(answered) => words(answered),
        Trouble::Broken(error) if error.kind() == io::ErrorKind::TimedOut => {
            "the server does not answer any more".to_owned()
        }
        Trouble::Broken(_) | Trouble::Unreached(_) | Trouble::Silent => "the connection was lost".to_owned(),
        Trouble::Nonsense(what) => format!("the server does not speak MySQL's protocol: {what}"),
        Trouble::Declined { cause, .. } => cause.clone(),
    }
}
