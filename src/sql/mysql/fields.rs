//! The fields that messages are made of. Reading never trusts a length: what is not there is `None`.

/// Announces a value of NULL where a length would stand.
const NULL: u8 = 0xfb;
/// Lengths below this are one byte.
const SHORT: u64 = 0xfb;

/// What is left of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Bytes(&'a [u8]),
}

impl<'a> Fields<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of up to eight bytes, the lowest first.
    pub(super) fn number(&mut self, bytes: usize) -> Option<u64> {
        Some(self.bytes(bytes)?.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    pub(super) fn short(&mut self) -> Option<u16> {
        u16::try_from(self.number(2)?).ok()
    }

    /// A number whose first byte says how long it is.
    pub(super) fn length(&mut self) -> Option<u64> {
        match self.byte()? {
            byte if u64::from(byte) < SHORT => Some(u64::from(byte)),
            0xfc => self.number(2),
            0xfd => self.number(3),
            0xfe => self.number(8),
            _ => None,
        }
    }

    /// A value of a row.
    pub(super) fn value(&mut self) -> Option<Value<'a>> {
        if self.0.first() == Some(&NULL) {
            self.byte()?;
            return Some(Value::Null);
        }
        let length = usize::try_from(self.length()?).ok()?;
        self.bytes(length).map(Value::Bytes)
    }

    /// Bytes up to a zero, which is taken too. The last field of a message may lack it.
    pub(super) fn terminated(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == 0);
        let (text, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest.get(1..).unwrap_or_default();
        text
    }
}

/// Writes a number so that [`Fields::length`] reads it.
pub(super) fn put_length(message: &mut Vec<u8>, number: usize) {
    let number = number as u64;
    let (first, bytes) = match number {
        0..SHORT => (None, 1),
        SHORT..0x1_0000 => (Some(0xfc), 2),
        0x1_0000..0x100_0000 => (Some(0xfd), 3),
        _ => (Some(0xfe), 8),
    };
    message.extend(first);
    message.extend(number.to_le_bytes().iter().take(bytes));
}

/// Writes bytes with their length before them.
pub(super) fn put_value(message: &mut Vec<u8>, value: &[u8]) {
    put_length(message, value.len());
    message.extend(value);
}

#[cfg(test)]
mod tests {
    use super::{Fields, Value, put_length, put_value};

    #[test]
    fn lengths_are_read_as_they_are_written() {
        for (number, first, bytes) in [
            (0, 0, 1),
            (250, 250, 1),
            (251, 0xfc, 3),
            (0xffff, 0xfc, 3),
            (0x1_0000, 0xfd, 4),
            (0xff_ffff, 0xfd, 4),
            (0x100_0000, 0xfe, 9),
            (usize::MAX, 0xfe, 9),
        ] {
            let mut message = Vec::new();
            put_length(&mut message, number);
            assert_eq!((message[0], message.len()), (first, bytes), "{number}");
            let mut fields = Fields(&message);
            assert_eq!(fields.length(), Some(number as u64));
            assert!(fields.0.is_empty());
        }
    }

    #[test]
    fn values_are_never_longer_than_the_message() {
        for (message, wanted) in [
            (&b"\x03abcd"[..], Some(Value::Bytes(b"abc"))),
            (b"\x00", Some(Value::Bytes(b""))),
            (b"\xfb", Some(Value::Null)),
            (b"", None),
            (b"\x03ab", None),
            (b"\xfc\x03", None),
            (b"\xfc\x03\x00abc", Some(Value::Bytes(b"abc"))),
            (b"\xfd\xff\xff\xffabc", None),
            (b"\xfe\xff\xff\xff\xff\xff\xff\xff\xffabc", None),
            (b"\xffabc", None),
        ] {
            assert_eq!(Fields(message).value(), wanted, "{message:x?}");
        }
        let mut message = Vec::new();
        put_value(&mut message, &[7; 300]);
        assert_eq!(Fields(&message).value(), Some(Value::Bytes(&[7; 300])));
    }

    #[test]
    fn texts_end_at_a_zero_or_with_the_message() {
        let mut fields = Fields(b"ab\0\0cd");
        assert_eq!((fields.terminated(), fields.terminated(), fields.terminated()), (&b"ab"[..], &b""[..], &b"cd"[..]));
        assert_eq!((fields.terminated(), fields.byte(), fields.number(4)), (&b""[..], None, None));
        assert_eq!(Fields(&[1, 2, 0xff]).number(3), Some(0xff_0201));
    }
}
