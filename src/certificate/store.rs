//! Trust stores as Java reads them. The same certificates and password always give the same bytes, so that a store is compared
//! by its content and written only when it has to be.

mod jks;
mod pkcs12;

use ring::digest::{SHA256, digest};

use super::Certificate;
use crate::hexadecimal::hexadecimal;

pub(crate) use jks::jks;
pub(crate) use pkcs12::pkcs12;

/// Bytes of the fingerprint that an alias ends with.
const FINGERPRINT: usize = 6;
/// Characters of the subject in an alias.
const SUBJECT: usize = 60;

/// The name of a certificate in a store: its subject, and the beginning of its SHA-256 fingerprint, so that two of one subject
/// have two names. In lower case, as Java takes no notice of it.
pub(crate) fn alias(certificate: &Certificate) -> String {
    let mut alias = String::new();
    for character in certificate.subject.chars().take(SUBJECT) {
        match character {
            'a'..='z' | '0'..='9' | '.' => alias.push(character),
            'A'..='Z' => alias.push(character.to_ascii_lowercase()),
            _ if alias.ends_with('-') || alias.is_empty() => {}
            _ => alias.push('-'),
        }
    }
    if !alias.is_empty() && !alias.ends_with('-') {
        alias.push('-');
    }
    alias + &hexadecimal(&digest(&SHA256, &certificate.der).as_ref()[..FINGERPRINT])
}

#[cfg(test)]
mod tests {
    use super::alias;
    use crate::certificate::Certificate;

    #[test]
    fn aliases_are_plain_and_differ() {
        let certificate = |subject: &str| Certificate {
            der: subject.as_bytes().to_vec(),
            subject: subject.to_owned(),
            not_before: 0,
            not_after: 0,
            is_authority: true,
            is_self_issued: true,
        };
        for (subject, beginning) in [
            ("ISRG Root X1", "isrg-root-x1-"),
            ("B\u{fc}cher & S\u{f6}hne  CA", "b-cher-s-hne-ca-"),
            ("  ca.example.org!", "ca.example.org-"),
            ("", ""),
            ("\u{4e2d}\u{56fd}", ""),
        ] {
            let alias = alias(&certificate(subject));
            assert_eq!(alias.len(), beginning.len() + 12, "{alias}");
            assert!(alias.starts_with(beginning), "{alias}");
        }
        assert_ne!(alias(&certificate("\u{4e2d}")), alias(&certificate("\u{56fd}")));
    }
}
