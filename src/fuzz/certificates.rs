//! Bundles of certificates.

use crate::certificate::{CERTIFICATE, Certificate, Key, PRIVATE_KEY, decode, encode, jks, pkcs12};

/// What is read comes back the same, and no bytes are believed.
pub fn certificates(data: &[u8]) {
    let mut certificates: Vec<Certificate> = Certificate::read(data).into_iter().collect();
    // The bytes as they are, in a block that is sound.
    let wrapped = decode(&encode(CERTIFICATE, data)).unwrap_or_default();
    assert!(wrapped.len() == 1 && wrapped.iter().all(|block| block.content == data && block.line == 1));
    if let Ok(text) = std::str::from_utf8(data) {
        let lines = text.lines().count();
        match decode(text) {
            Ok(blocks) => {
                for block in blocks {
                    assert!((1..=lines).contains(&block.line), "line {} of {lines}", block.line);
                    if block.label == PRIVATE_KEY {
                        // Fails or not, without a panic.
                        let _ = Key::read(&block.content);
                    }
                    certificates.extend(Certificate::read(&block.content));
                }
            }
            Err((line, _)) => assert!((1..=lines).contains(&line), "line {line} of {lines}"),
        }
    }
    let bundle: String = certificates.iter().map(|certificate| encode(CERTIFICATE, &certificate.der)).collect();
    let again = decode(&bundle).unwrap_or_default();
    assert!(again.iter().map(|block| &block.content).eq(certificates.iter().map(|certificate| &certificate.der)));
    if !certificates.is_empty() {
        assert_eq!(jks(&certificates, "changeit"), jks(&certificates, "changeit"));
        let store = pkcs12(&certificates[..1], "");
        assert!(Certificate::read(&store).is_err(), "a store was read as a certificate");
    }
}
