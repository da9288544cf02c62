//! TLS 1.2 and 1.3 as a client. Whom to trust is given: the program brings no certificates of its own.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::stream::cause;

/// How a server is checked. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

/// Why there is no secure connection.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) cause: String,
    pub(crate) hint: Option<&'static str>,
    /// Another try may end otherwise: the connection broke.
    pub(crate) transient: bool,
}

impl Tls {
    /// Trusts the authorities of a PEM text. One that a person wrote has to be right as a whole; a bundle of the system may hold
    /// certificates that are no longer understood, and loses only those.
    pub(crate) fn new(pem: &[u8], written: bool) -> Result<Self, String> {
        let mut authorities = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let added = match certificate {
                Ok(certificate) => authorities.add(certificate).map_err(|error| words(&error)),
                Err(_) => Err("it is not PEM".to_owned()),
            };
            if written {
                added.map_err(|cause| format!("it holds a certificate that cannot be read: {cause}"))?;
            }
        }
        if authorities.is_empty() {
            return Err("it holds no certificate".to_owned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| words(&error))?
            .with_root_certificates(authorities)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// Makes a connection secure. `host` is the name, or the address, that the server's certificate has to be for.
    pub(crate) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        host: &str,
        stream: S,
    ) -> Result<TlsStream<S>, Refusal> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Refusal {
            cause: format!("`{host}` is no name that a certificate can hold"),
            hint: None,
            transient: false,
        })?;
        let connector = TlsConnector::from(Arc::clone(&self.0));
        connector.connect(name, stream).await.map_err(|error| refusal(&error))
    }
}

/// What an error of the stream means.
fn refusal(error: &io::Error) -> Refusal {
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
        other => (words(other), None),
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

fn words(error: &Error) -> String {
    error.to_string()
}
