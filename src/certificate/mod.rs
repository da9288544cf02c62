//! X.509 certificates, their keys, and the files that hold them. No files are touched here.
//!
//! DER is read and written by hand: what is needed of it is a page, and every byte that is read may be hostile.

mod der;
mod issue;
mod key;
mod pem;
mod store;
mod time;
mod x509;

pub(crate) use issue::{Name, Request, self_signed};
pub(crate) use key::{Algorithm, Key};
pub(crate) use pem::{CERTIFICATE, PRIVATE_KEY, decode, encode};
pub(crate) use store::{jks, pkcs12};
pub(crate) use time::date;
pub(crate) use x509::{Certificate, looks_like_der};

/// What is wrong with bytes that should be a certificate or a key: `it ends in the middle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) &'static str);
