//! What is known of a certificate without believing it: no signature is verified.

use super::der::{
    BIT_STRING, BMP_STRING, BOOLEAN, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, context,
};
use super::{Malformed, time};

const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// Common name, unit, organization: the first of them that the subject has is its name.
const NAMES: [&[u8]; 3] = [&[0x55, 0x04, 0x03], &[0x55, 0x04, 0x0b], &[0x55, 0x04, 0x0a]];

/// A certificate, and what is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    /// The name of its subject; empty when it has none.
    pub(crate) subject: String,
    /// Seconds since 1970.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    /// Whether it says of itself that it may sign others.
    pub(crate) is_authority: bool,
    /// Whether subject and issuer are the same: a root, or a server's own.
    pub(crate) is_self_issued: bool,
}

/// Whether bytes that are no PEM may be a certificate: they begin as one, and not as text.
pub(crate) fn looks_like_der(bytes: &[u8]) -> bool {
    matches!(bytes, [SEQUENCE, 0x81..=0x84, ..])
}

impl Certificate {
    /// Reads one certificate; nothing may stand behind it.
    pub(crate) fn read(der: &[u8]) -> Result<Self, Malformed> {
        let mut outside = Reader::new(der);
        let certificate = outside.expect(SEQUENCE)?;
        outside.end()?;
        let mut parts = certificate.inside();
        let mut signed = parts.expect(SEQUENCE)?.inside();
        parts.expect(SEQUENCE)?;
        parts.expect(BIT_STRING)?;
        parts.end()?;
        let version = signed.optional(context(0))?;
        signed.expect(INTEGER)?;
        signed.expect(SEQUENCE)?;
        let issuer = signed.expect(SEQUENCE)?;
        let mut validity = signed.expect(SEQUENCE)?.inside();
        let mut moment =
            || validity.next()?.ok_or(Malformed("it has no validity")).and_then(|moment| time::read(&moment));
        let (not_before, not_after) = (moment()?, moment()?);
        let subject = signed.expect(SEQUENCE)?;
        signed.expect(SEQUENCE)?;
        let is_self_issued = issuer.whole == subject.whole;
        let mut is_authority = None;
        while let Some(part) = signed.next()? {
            if part.tag == context(3) {
                is_authority = Some(says_authority(&part)?);
            }
        }
        Ok(Self {
            der: der.to_vec(),
            subject: name_of(&subject)?,
            not_before,
            not_after,
            // The oldest roots are of a version without extensions.
            is_authority: is_authority.unwrap_or(version.is_none() && is_self_issued),
            is_self_issued,
        })
    }
}

fn says_authority(extensions: &Element<'_>) -> Result<bool, Malformed> {
    let mut list = extensions.inside().expect(SEQUENCE)?.inside();
    while let Some(extension) = list.next()? {
        let mut parts = extension.inside();
        let kind = parts.expect(OBJECT_IDENTIFIER)?;
        parts.optional(BOOLEAN)?;
        let value = parts.expect(OCTET_STRING)?;
        if kind.content == BASIC_CONSTRAINTS {
            let authority = value.inside().expect(SEQUENCE)?.inside().optional(BOOLEAN)?;
            return Ok(authority.is_some_and(|authority| authority.content != [0]));
        }
    }
    Ok(false)
}

fn name_of(subject: &Element<'_>) -> Result<String, Malformed> {
    let mut names: [Option<String>; NAMES.len()] = Default::default();
    let mut sets = subject.inside();
    while let Some(set) = sets.optional(SET)? {
        let mut parts = set.inside();
        while let Some(part) = parts.optional(SEQUENCE)? {
            let mut pair = part.inside();
            let kind = pair.expect(OBJECT_IDENTIFIER)?;
            let value = pair.next()?;
            if let (Some(at), Some(value)) = (NAMES.iter().position(|name| *name == kind.content), value) {
                names[at] = Some(text_of(&value));
            }
        }
    }
    Ok(names.into_iter().flatten().next().unwrap_or_default())
}

fn text_of(value: &Element<'_>) -> String {
    if value.tag == BMP_STRING {
        let units = value.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        return char::decode_utf16(units).map(|character| character.unwrap_or('\u{fffd}')).collect();
    }
    String::from_utf8_lossy(value.content).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, Key, Name, Request, self_signed};
    use super::Certificate;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
            let pkcs8 = Key::generate(algorithm).unwrap();
            let key = Key::read(&pkcs8).unwrap();
            let request = Request {
                common_name: Some("a \u{e4} name"),
                names: &[Name::Dns("localhost".to_owned())],
                not_before: 1_600_000_000,
                not_after: 4_000_000_000,
            };
            let der = self_signed(&key, &request).unwrap();
            let read = Certificate::read(&der).unwrap();
            assert_eq!(
                (read.subject.as_str(), read.not_before, read.not_after),
                ("a \u{e4} name", 1_600_000_000, 4_000_000_000)
            );
            assert_eq!((read.is_authority, read.is_self_issued), (false, true));
            for cut in 0..der.len() {
                assert!(Certificate::read(&der[..cut]).is_err(), "{cut}");
            }
            assert!(Certificate::read(&[&der[..], &[0]].concat()).is_err());
            // Whatever comes of it, it does not end the program.
            for at in 0..der.len() {
                for bit in 0..8 {
                    let mut changed = der.clone();
                    changed[at] ^= 1 << bit;
                    let _ = Certificate::read(&changed);
                }
            }
            for cut in 0..pkcs8.len() {
                assert!(Key::read(&pkcs8[..cut]).is_err(), "{cut}");
            }
        }
    }
}
