//! How far a server's certificate is checked.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Those whose certificates are believed.
#[derive(Debug)]
pub(crate) struct Authorities(RootCertStore);

/// How far a server's certificate is checked.
#[derive(Debug)]
pub(crate) enum Trust {
    /// It is of an authority, and for the host.
    Named(Authorities),
    /// It is of an authority, whatever name it holds.
    Issued(Authorities),
    /// It may be any: that keeps out who only listens.
    Any,
}

impl Authorities {
    /// Those of a PEM text. One that a person wrote has to be right as a whole; a bundle of the system may hold certificates that
    /// are no longer understood, and loses only those.
    pub(crate) fn parse(pem: &[u8], written: bool) -> Result<Self, String> {
        let mut authorities = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let added = match certificate {
                Ok(certificate) => authorities.add(certificate).map_err(|error| error.to_string()),
                Err(_) => Err("it is not PEM".to_owned()),
            };
            if written {
                added.map_err(|cause| format!("it holds a certificate that cannot be read: {cause}"))?;
            }
        }
        if authorities.is_empty() {
            return Err("it holds no certificate".to_owned());
        }
        Ok(Self(authorities))
    }
}

impl Trust {
    /// The library's own check with these authorities, or one of ours, which checks less.
    pub(super) fn verifier(self, provider: &CryptoProvider) -> Result<RootCertStore, Arc<dyn ServerCertVerifier>> {
        let authorities = match self {
            Self::Named(authorities) => return Ok(authorities.0),
            Self::Issued(authorities) => Some(authorities.0),
            Self::Any => None,
        };
        Err(Arc::new(Lenient { authorities, algorithms: provider.signature_verification_algorithms }))
    }
}

/// Checks the chain, or nothing, and never the name.
#[derive(Debug)]
struct Lenient {
    authorities: Option<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(authorities) = &self.authorities {
            let certificate = ParsedCertificate::try_from(certificate)?;
            let algorithms = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, authorities, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.authorities.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Whoever is in between can sign with a certificate of his own; old certificates cannot even be read for this.
        if self.authorities.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
