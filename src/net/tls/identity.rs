//! The certificate that we show to a server.

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder};

/// A certificate with what leads to its authority, and its private key. Has no `Debug`.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Of two PEM texts. An error says nothing of what is in them.
    pub(crate) fn parse(certificate: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(|_| "the file of the certificate is not PEM".to_owned())?;
        if chain.is_empty() {
            return Err("the file of the certificate holds none".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            let encrypted = key.windows(9).any(|words| words == b"ENCRYPTED");
            let what = if encrypted { "holds one that is encrypted" } else { "holds none" };
            format!("the file of the private key {what}")
        })?;
        Ok(Self { chain, key })
    }

    pub(super) fn attach(self, builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> Result<ClientConfig, String> {
        builder.with_client_auth_cert(self.chain, self.key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => "the private key is not that of the certificate".to_owned(),
            other => format!("the certificate cannot be used: {other}"),
        })
    }
}
