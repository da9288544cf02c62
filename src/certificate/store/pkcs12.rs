//! PKCS#12 with trusted certificates, as Java 8u301, 11.0.12 and later read it.
//!
//! The certificates are not encrypted. They are public, and so is nearly every password of such a store; readers need no old
//! cipher. The checksum with the password is there, as Java wants one where a password is given.

use ring::digest::{Context, SHA256, digest};
use ring::hmac;

use super::alias;
use crate::certificate::Certificate;
use crate::certificate::der::{
    BMP_STRING, INTEGER, NULL, OCTET_STRING, SET, context, element, identifier, nested, sequence,
};

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const CERTIFICATE_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x03];
const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
const FRIENDLY_NAME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
/// Oracle's mark, without which Java does not trust the certificate: 2.16.840.1.113894.746875.1.1.
const TRUSTED_KEY_USAGE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 0x01, 0x01];
const ANY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
const SHA256_NAME: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];

const VERSION: u8 = 3;
/// What Java itself uses.
const ITERATIONS: u16 = 10_000;
const SALT: usize = 20;
/// Bytes that SHA-256 takes at once.
const BLOCK: usize = 64;
/// What the key is derived for: a checksum.
const FOR_CHECKSUM: u8 = 3;

/// A store of these certificates.
pub(crate) fn pkcs12(certificates: &[Certificate], password: &str) -> Vec<u8> {
    let bags: Vec<Vec<u8>> = certificates.iter().map(bag).collect();
    let content = sequence(&[data(&sequence(&bags))]);
    // Not random, so that the next run makes the same store; no other content has it.
    let hash = digest(&SHA256, &[b"salt", &content[..]].concat());
    let salt = &hash.as_ref()[..SALT];
    let checksum = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &derive(password, salt)), &content);
    let algorithm = sequence(&[identifier(SHA256_NAME), element(NULL, &[])]);
    let protection = sequence(&[
        sequence(&[algorithm, element(OCTET_STRING, checksum.as_ref())]),
        element(OCTET_STRING, salt),
        element(INTEGER, &ITERATIONS.to_be_bytes()),
    ]);
    sequence(&[element(INTEGER, &[VERSION]), data(&content), protection])
}

/// Content that is not encrypted.
fn data(content: &[u8]) -> Vec<u8> {
    sequence(&[identifier(DATA), nested(context(0), &[element(OCTET_STRING, content)])])
}

fn bag(certificate: &Certificate) -> Vec<u8> {
    let value =
        sequence(&[identifier(X509_CERTIFICATE), nested(context(0), &[element(OCTET_STRING, &certificate.der)])]);
    let name = element(BMP_STRING, &utf16(&alias(certificate)));
    let mut attributes = [
        sequence(&[identifier(FRIENDLY_NAME), nested(SET, &[name])]),
        sequence(&[identifier(TRUSTED_KEY_USAGE), nested(SET, &[identifier(ANY_USAGE)])]),
    ];
    // A set of DER is sorted.
    attributes.sort();
    sequence(&[identifier(CERTIFICATE_BAG), nested(context(0), &[value]), nested(SET, &attributes)])
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The key of the checksum: RFC 7292, appendix B, for as many bytes as the hash gives at once.
fn derive(password: &str, salt: &[u8]) -> Vec<u8> {
    let password = [utf16(password), vec![0, 0]].concat();
    let mut hash = Context::new(&SHA256);
    hash.update(&[FOR_CHECKSUM; BLOCK]);
    hash.update(&repeated(salt));
    hash.update(&repeated(&password));
    let mut key = hash.finish();
    for _ in 1..ITERATIONS {
        key = digest(&SHA256, key.as_ref());
    }
    key.as_ref().to_vec()
}

/// The bytes over and over, until whole blocks are full.
fn repeated(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().cycle().take(bytes.len().div_ceil(BLOCK) * BLOCK).collect()
}
