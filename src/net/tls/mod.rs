//! TLS 1.2 and 1.3 as a client. Whom to trust is given: the program brings no certificates of its own.

mod identity;
mod refusal;
mod trust;

use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(crate) use identity::Identity;
pub(crate) use refusal::Refusal;
pub(crate) use trust::{Authorities, Trust};

/// How a server is checked. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Checks the server as far as `trust` says, and shows the certificate of `identity` to one that asks for it.
    pub(crate) fn with(trust: Trust, identity: Option<Identity>) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = trust.verifier(&provider);
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = match verifier {
            Ok(authorities) => builder.with_root_certificates(authorities),
            Err(verifier) => builder.dangerous().with_custom_certificate_verifier(verifier),
        };
        let config = match identity {
            Some(identity) => identity.attach(builder)?,
            None => builder.with_no_client_auth(),
        };
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
        connector.connect(name, stream).await.map_err(|error| refusal::refusal(&error))
    }
}

/// Why TLS has ended a connection that was secure, if that is what ended it: a server that refuses a certificate of ours says
/// so only when the first bytes are read.
pub(crate) fn refused(error: &io::Error) -> Option<Refusal> {
    let inner = error.get_ref()?;
    inner.is::<rustls::Error>().then(|| refusal::refusal(error))
}
