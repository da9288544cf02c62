//! Why there is no secure connection, in words.

use std::io;

use rustls::{CertificateError, Error};

use crate::net::stream::cause;

/// Why there is no secure connection.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) cause: String,
    pub(crate) hint: Option<&'static str>,
    /// Another try may end otherwise: the connection broke.
    pub(crate) transient: bool,
}

/// What an error of the stream means.
pub(super) fn refusal(error: &io::Error) -> Refusal {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let Some(inner) = inner else {
        let cause = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the connection was closed while TLS began".to_owned(),
            _ => cause(error),
        };
        return Refusal { cause, hint: None, transient: true };
    };
    let (cause, hint) = match inner {
        Error::InvalidCertificate(error) => judge(error),
        Error::InvalidMessage(_) => {
            ("the answer is not TLS".to_owned(), Some("does the server speak `http://` there?"))
        }
        Error::AlertReceived(alert) => (format!("the server refused the connection: {alert:?}"), None),
        other => (other.to_string(), None),
    };
    Refusal { cause, hint, transient: false }
}

fn judge(error: &CertificateError) -> (String, Option<&'static str>) {
    let words = match error {
        CertificateError::UnknownIssuer => {
            let hint = "name the authority's certificate, a PEM file, with `ca`";
            return ("the server's certificate is of an authority that is not trusted".to_owned(), Some(hint));
        }
        CertificateError::NotValidForName => "the server's certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<String> = presented.iter().map(|name| format!("`{}`", plain_name(name))).collect();
            let expected = expected.to_str();
            match names.as_slice() {
                [] => format!("the server's certificate holds no name, and not `{expected}`"),
                names => format!("the server's certificate is for {}, and not for `{expected}`", names.join(", ")),
            }
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let hint = "renew it, or look at the clock of this machine";
            return ("the server's certificate has expired".to_owned(), Some(hint));
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let hint = "look at the clock of this machine";
            return ("the server's certificate is not valid yet".to_owned(), Some(hint));
        }
        CertificateError::BadSignature => {
            let hint = "was the authority made anew? name its present certificate, a PEM file, with `ca`";
            return ("the signature of the server's certificate is wrong".to_owned(), Some(hint));
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server's certificate is that of an authority, and not of a server".to_owned()
        }
        other => format!("the server's certificate is refused: {other}"),
    };
    (words, None)
}

/// `DnsName("host")` as `host`.
fn plain_name(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}
