//! Java's own old format: every Java reads it, and hardly anything else does.

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

use super::alias;
use crate::certificate::Certificate;

const MAGIC: u32 = 0xfeed_feed;
const VERSION: u32 = 2;
const TRUSTED_CERTIFICATE: u32 = 2;
const TYPE: &str = "X.509";
/// What Java puts behind the password.
const PEPPER: &[u8] = b"Mighty Aphrodite";

/// A store of these certificates. The checksum with the password is all the protection that the format has.
pub(crate) fn jks(certificates: &[Certificate], password: &str) -> Vec<u8> {
    let mut store = Vec::new();
    let count = u32::try_from(certificates.len()).unwrap_or(u32::MAX);
    for number in [MAGIC, VERSION, count] {
        store.extend(number.to_be_bytes());
    }
    for certificate in certificates {
        store.extend(TRUSTED_CERTIFICATE.to_be_bytes());
        text(&mut store, &alias(certificate));
        // The moment of the entry, in milliseconds: not that of the run, so that the next one makes the same store.
        store.extend((certificate.not_before * 1000).to_be_bytes());
        text(&mut store, TYPE);
        store.extend(u32::try_from(certificate.der.len()).unwrap_or(u32::MAX).to_be_bytes());
        store.extend_from_slice(&certificate.der);
    }
    let mut checksum = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for unit in password.encode_utf16() {
        checksum.update(&unit.to_be_bytes());
    }
    checksum.update(PEPPER);
    checksum.update(&store);
    store.extend_from_slice(checksum.finish().as_ref());
    store
}

/// A short text of plain ASCII with its length before it.
fn text(store: &mut Vec<u8>, text: &str) {
    store.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    store.extend_from_slice(text.as_bytes());
}
