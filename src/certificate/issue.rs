//! A certificate that its own key signs.

use core::net::IpAddr;

use ring::digest::{SHA256, digest};
use ring::error::Unspecified;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::der::{
    BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, SET, UTF8_STRING, bits, context, element, identifier, nested, sequence,
};
use super::key::Key;
use super::time;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// Version 3.
const VERSION: u8 = 2;
/// The first bit of key usage: signatures. It is all that these kinds of keys can do; the other seven are unused.
const DIGITAL_SIGNATURE: [u8; 2] = [7, 0x80];
/// Tags of the names in their context.
const DNS: u8 = 0x82;
const ADDRESS: u8 = 0x87;
/// Bytes of a serial number: random, so that no two certificates of one name have the same.
const SERIAL: usize = 16;
/// Bytes of the key's identifier.
const KEY_IDENTIFIER: usize = 20;

/// A name that a certificate vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Dns(String),
    Address(IpAddr),
}

/// What a certificate is to say.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// Without it the subject is empty, and only the names count.
    pub(crate) common_name: Option<&'a str>,
    pub(crate) names: &'a [Name],
    /// Seconds since 1970.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

/// A certificate for servers and clients, and not for an authority, as DER. Fails when the operating system gives no random
/// numbers.
pub(crate) fn self_signed(key: &Key, request: &Request<'_>) -> Result<Vec<u8>, Unspecified> {
    let mut serial = [0; SERIAL];
    SystemRandom::new().fill(&mut serial)?;
    // Positive, and with as many bytes as were drawn.
    serial[0] = serial[0] & 0x7f | 0x40;
    let subject = match request.common_name {
        Some(name) => {
            let name = sequence(&[identifier(COMMON_NAME), element(UTF8_STRING, name.as_bytes())]);
            sequence(&[nested(SET, &[name])])
        }
        None => sequence(&[]),
    };
    let public = key.public();
    let signed = sequence(&[
        nested(context(0), &[element(INTEGER, &[VERSION])]),
        element(INTEGER, &serial),
        key.signature_algorithm(),
        subject.clone(),
        sequence(&[time::write(request.not_before), time::write(request.not_after)]),
        subject,
        public.clone(),
        nested(context(3), &[sequence(&extensions(request, &public))]),
    ]);
    let signature = key.sign(&signed)?;
    Ok(sequence(&[signed, key.signature_algorithm(), bits(&signature)]))
}

fn extensions(request: &Request<'_>, public: &[u8]) -> Vec<Vec<u8>> {
    let names: Vec<Vec<u8>> = request
        .names
        .iter()
        .map(|name| match name {
            Name::Dns(name) => element(DNS, name.as_bytes()),
            Name::Address(IpAddr::V4(address)) => element(ADDRESS, &address.octets()),
            Name::Address(IpAddr::V6(address)) => element(ADDRESS, &address.octets()),
        })
        .collect();
    let hash = digest(&SHA256, public);
    let key_identifier = element(OCTET_STRING, &hash.as_ref()[..KEY_IDENTIFIER]);
    vec![
        extension(BASIC_CONSTRAINTS, true, &sequence(&[])),
        extension(KEY_USAGE, true, &element(BIT_STRING, &DIGITAL_SIGNATURE)),
        extension(EXTENDED_KEY_USAGE, false, &sequence(&[identifier(SERVER), identifier(CLIENT)])),
        extension(SUBJECT_KEY_IDENTIFIER, false, &key_identifier),
        // With an empty subject nobody may pass it over.
        extension(SUBJECT_ALTERNATIVE_NAME, request.common_name.is_none(), &sequence(&names)),
    ]
}

fn extension(kind: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { element(BOOLEAN, &[0xff]) } else { Vec::new() };
    sequence(&[identifier(kind), critical, element(OCTET_STRING, value)])
}
