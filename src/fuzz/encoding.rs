//! Bytes to text and back.

use crate::format::decode;

/// Whatever the bytes are, they come back.
pub fn encoding(data: &[u8]) {
    let (text, encoding) = decode(data);
    let encoded = encoding.encode(text.into_owned());
    assert!(encoded.is_ok_and(|encoded| encoded == data), "the bytes do not come back");
    let _ = encoding.encode("aé€\u{1f600}".to_owned());
}
