//! DER: elements of a tag, a length and a content.

use super::Malformed;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const BMP_STRING: u8 = 0x1e;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// Bytes of a length that are read: 4 GiB are more than any file here has.
const LENGTH_BYTES: usize = 4;

/// A constructed element with this number in its context: `[0] EXPLICIT`.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Elements that stand one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With its tag and length.
    pub(super) whole: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next element, whatever it is; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        const CUT: Malformed = Malformed("it ends in the middle");
        let bytes = self.0;
        let Some((&tag, rest)) = bytes.split_first() else { return Ok(None) };
        if tag & 0x1f == 0x1f {
            return Err(Malformed("it is not DER"));
        }
        let (&first, mut rest) = rest.split_first().ok_or(CUT)?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > LENGTH_BYTES {
                return Err(Malformed("it is not DER"));
            }
            let (digits, after) = rest.split_at_checked(count).ok_or(CUT)?;
            length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length).ok_or(CUT)?;
        self.0 = after;
        Ok(Some(Element { tag, content, whole: &bytes[..bytes.len() - after.len()] }))
    }

    /// The next element, which has to have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        match self.next()? {
            Some(element) if element.tag == tag => Ok(element),
            _ => Err(Malformed("it is DER, and not a certificate")),
        }
    }

    /// The next element, if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.0.first() == Some(&tag) { self.next() } else { Ok(None) }
    }

    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed("something stands behind it")) }
    }
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub(super) fn inside(&self) -> Reader<'a> {
        Reader::new(self.content)
    }
}

/// An element with this content.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|digit| **digit == 0).count()..];
    match (digits, u8::try_from(digits.len())) {
        ([], _) => bytes.push(0),
        ([one], _) if *one < 0x80 => bytes.push(*one),
        (_, Ok(count)) => {
            bytes.push(0x80 | count);
            bytes.extend_from_slice(digits);
        }
        // There are at most eight digits.
        (_, Err(_)) => {}
    }
    bytes.extend_from_slice(content);
    bytes
}

/// An element made of others.
pub(super) fn nested(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &parts.concat())
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    nested(SEQUENCE, parts)
}

/// An object identifier, whose content is given as it is encoded.
pub(super) fn identifier(encoded: &[u8]) -> Vec<u8> {
    element(OBJECT_IDENTIFIER, encoded)
}

/// Bytes as a string of bits, all of which count.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes].concat())
}

#[cfg(test)]
mod tests {
    use super::{Reader, SEQUENCE, element};

    #[test]
    fn lengths_are_written_and_read() {
        for (length, header) in [
            (0, &[0x30, 0][..]),
            (127, &[0x30, 127]),
            (128, &[0x30, 0x81, 128]),
            (255, &[0x30, 0x81, 255]),
            (256, &[0x30, 0x82, 1, 0]),
            (70_000, &[0x30, 0x83, 1, 0x11, 0x70]),
        ] {
            let bytes = element(SEQUENCE, &vec![7; length]);
            assert_eq!(&bytes[..header.len()], header);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.expect(SEQUENCE).unwrap().content.len(), length);
            assert!(reader.end().is_ok());
            for cut in [1, 2, bytes.len() - 1] {
                assert!(cut >= bytes.len() || Reader::new(&bytes[..cut]).next().is_err(), "{length} {cut}");
            }
        }
        for wrong in [&[0x30, 0x80][..], &[0x30, 0x85, 0, 0, 0, 0, 0], &[0x1f, 1, 1], &[0x30, 0x84, 255, 255, 255, 255]]
        {
            assert!(Reader::new(wrong).next().is_err(), "{wrong:?}");
        }
    }
}
